"""How each program here is told what to do, and how it says what it took."""

import json
import sys
import time

BATCH, SETTLE = 32, 50
"""Mini-batch of all learners here, and updates before the clock starts."""


def arguments() -> tuple[list, int, int]:
    """Return sizes (observation and action of either layer; none for simple_spread), iterations and
    threads, as told by arguments.
    """
    return json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def now() -> tuple[float, float]:
    """Return wall and CPU time."""
    return time.perf_counter(), time.process_time()


def tell(
    iterations: int, started: tuple[float, float], ended: tuple[float, float] | None = None
) -> None:
    """Print iterations a second and a CPU second since then."""
    print(
        *(iterations / (late - early) for late, early in zip(ended or now(), started, strict=True))
    )
