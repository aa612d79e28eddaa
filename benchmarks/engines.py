"""Points of a figure a minute against workers of the local engine, and what it takes until they are
all compiled and under way.
"""

import tempfile
import time
from pathlib import Path

CELLS, DROPS = 12, 1000
MAKE = "sagin.experiments.relaying_run.make"


def measured(workers: int) -> tuple[float, float]:
    """Return the seconds until every worker has done one cell, and the cells a minute of those
    after that.
    """
    from sagin.experiments import engines
    from sagin.experiments.relaying import FIGURES, Profile
    from sagin.experiments.relaying_run import task, work
    from sagin.experiments.store import Store
    from sagin.relaying.scenario import build_scenario

    tasks = [
        task(FIGURES[0], 200.0, build_scenario("paper"), Profile(DROPS, seed))
        for seed in range(workers + CELLS)
    ]
    crew = engines.InTurn() if workers == 1 else engines.engine("local", workers)
    with tempfile.TemporaryDirectory() as folder:
        times = [time.perf_counter()]
        try:
            for part in (tasks[:workers], tasks[workers:]):
                engines.fill(Store(Path(folder)), part, MAKE, work, lambda _: None, engine=crew)
                times.append(time.perf_counter())
        finally:
            crew.stop()
    return times[1] - times[0], 60 * CELLS / (times[2] - times[1])


def rows():
    """Yield (what, target, measured)."""
    from sagin.machine import count_cores

    for workers in (count for count in (1, 2, 4, 8, 16) if count <= count_cores()):
        begun, rate = measured(workers)
        setting = "in turn in one process, on all cores" if workers == 1 else f"{workers} workers"
        yield (
            f"points of figure 2, {DROPS} drops each, {setting}",
            "",
            f"{rate:.1f} a minute; {begun:.1f} s until the first of each worker",
        )
