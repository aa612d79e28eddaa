"""Arguments of each program in this package, and the line that reports its speed."""

import json
import sys
import time

BATCH, SETTLE = 32, 50
"""Mini-batch of all learners here, and number of updates before the clock starts."""


def arguments() -> tuple[list, int, int]:
    """Read the command line: sizes (observation and action of each layer; none for simple_spread),
    iterations and threads.
    """
    return json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def now() -> tuple[float, float]:
    """Return the wall time and the CPU time."""
    return time.perf_counter(), time.process_time()


def tell(
    iterations: int, started: tuple[float, float], ended: tuple[float, float] | None = None
) -> None:
    """Print the iterations per second of wall time and of CPU time."""
    print(
        *(iterations / (late - early) for late, early in zip(ended or now(), started, strict=True))
    )
