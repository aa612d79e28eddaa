"""Points of a figure per minute against the number of workers of the local engine, and the time
until all workers have compiled their programs.
"""

import tempfile
import time
from pathlib import Path

CELLS, DROPS = 12, 1000


def measured(workers: int) -> tuple[float, float]:
    """Return the seconds until every worker has finished one cell, and the cells per minute after
    that.
    """
    from sagin.papers.relaying.figures import FIGURES
    from sagin.papers.relaying.run import MAKE, Profile, list_points
    from sagin.relaying.scenario import build_scenario
    from sagin.studies.collection import fill
    from sagin.studies.engine import build_engine
    from sagin.studies.store import Store

    scenario = build_scenario("paper")
    points = [
        list_points(FIGURES[0], scenario, Profile(DROPS, seed))[-1]
        for seed in range(workers + CELLS)
    ]
    engine = build_engine("local", workers)
    with tempfile.TemporaryDirectory() as folder:
        times = [time.perf_counter()]
        try:
            for part in (points[:workers], points[workers:]):
                fill(Store(Path(folder)), part, MAKE, lambda _: None, engine=engine)
                times.append(time.perf_counter())
        finally:
            engine.stop()
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
