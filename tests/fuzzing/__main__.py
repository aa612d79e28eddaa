"""`make fuzz`: many damaged inputs in parallel; the exit status is 1 if one crashed."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sagin.machine import count_cores

from fuzzing.runner import SEED, format_tally, merge_tallies, run_part, save_falls


def main() -> int:
    """Try the inputs and print the table."""
    parser = argparse.ArgumentParser(prog="fuzzing", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="inputs, all targets together")
    parser.add_argument("--seed", type=int, default=SEED, help="of the inputs")
    parser.add_argument("--workers", type=int, default=count_cores(), help="processes")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"), help="where falls are kept")
    asked = parser.parse_args()
    start = time.monotonic()
    parts = [(asked.count, asked.seed, number, asked.workers) for number in range(asked.workers)]
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        tally = merge_tallies(list(pool.map(run_part, parts)))
    save_falls(tally.falls, asked.out)
    seconds = time.monotonic() - start
    sys.stdout.write(
        f"{format_tally(tally)}\n\nseed {asked.seed}, {seconds:.0f} s, {asked.workers} workers; "
        f"slowest input {tally.slowest_s:.2f} s, peak memory {tally.peak_mb:.0f} MB\n"
    )
    return int(bool(tally.falls))


if __name__ == "__main__":
    sys.exit(main())
