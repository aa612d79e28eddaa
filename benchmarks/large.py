"""A slot of a large network: time, memory, and how they grow with the users."""

import csv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import run_python

RESULTS = Path(__file__).parents[1] / "results" / "slicing"

CODE = """
import sys, time
import jax
from sagin.slicing.large import Counts, large_slot
from sagin.slicing.scenario import build_scenario
users, bases, uavs, satellites = map(int, sys.argv[1:])
# base stations as dense as the paper's two on 9 km²
wide = build_scenario("paper", (f"area.side_m={3000.0 * (bases / 2) ** 0.5}",))
counts = Counts(users - 2 * (users // 3), users // 3, users // 3, bases, uavs, satellites)
def run(seed):
    started = time.perf_counter()
    jax.block_until_ready(large_slot(jax.random.key(seed), wide, counts))
    return time.perf_counter() - started
first = run(0)
started = time.process_time()
again = min(run(seed) for seed in (1, 2))
print(first, again, (time.process_time() - started) / 2)
"""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (what, target, measured), and write the cost against users as table and figure."""
    done = run_python("-c", CODE, "100000", "1000", "100", "50", cores=2)
    first, again, cpu = map(float, done.output.split())
    what = "one slot: 100 000 users, 1000 base stations, 100 UAVs, 50 satellites, 2 cores"
    yield (
        what,
        "under 5 s, 4 GB",
        f"{first:.2f} s with compilation of {first - again:.2f} s, {again:.2f} s again "
        f"({cpu:.2f} CPU seconds); {done.peak_mib:.0f} MiB",
    )
    table = []
    for users in (12_500, 25_000, 50_000, 100_000, 200_000):
        done = run_python("-c", CODE, str(users), "1000", "100", "50", cores=2)
        table.append((users, *map(float, done.output.split()), done.peak_mib))
        yield (
            f"{users} users, compiled",
            "",
            f"{table[-1][2]:.2f} s ({table[-1][3]:.2f} CPU seconds), {done.peak_mib:.0f} MiB",
        )
    _write(table)


def _write(table: list[tuple[float, ...]]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    RESULTS.mkdir(parents=True, exist_ok=True)
    with open(RESULTS / "large.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["users", "first run, s", "compiled, s", "compiled, CPU s", "peak memory, MiB"]
        )
        writer.writerows(
            [f"{number:.4g}" if number < 1e4 else f"{number:.0f}" for number in row]
            for row in table
        )
    with matplotlib.rc_context({"font.size": 8, "svg.hashsalt": "sagin", "svg.fonttype": "none"}):
        canvas, axes = pyplot.subplots(figsize=(3.5, 2.6), layout="constrained")
        users, seconds = [row[0] for row in table], [row[3] for row in table]
        axes.plot(users, seconds, "o", label="measured")
        slope = sum(a * b for a, b in zip(users, seconds, strict=True)) / sum(a * a for a in users)
        axes.plot(
            [0, users[-1]], [0, slope * users[-1]], "--", label=f"{slope * 1e6:.0f} µs a user"
        )
        axes.set(
            xlabel="users", ylabel="a slot, compiled, CPU seconds", xlim=(0, None), ylim=(0, None)
        )
        axes.grid(alpha=0.3)
        axes.legend()
        canvas.savefig(RESULTS / "large.svg", metadata={"Date": None})
        pyplot.close(canvas)
