"""SGP4 for a constellation of Starlink's size, seen from one site over one day in steps of a
minute.
"""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.figures import Figure
from benchmarks.measure import run_function


def time_looks(planes: int, epochs: int) -> float:
    """Return the CPU seconds to compute the elevations of planes × 33 satellites over a site."""
    from sagin.orbits import Site, Walker, constellation, look_chunks, time_grid

    epoch = datetime(2024, 10, 7, tzinfo=UTC)
    shell = Walker(550.0, 53.0, planes=planes, per_plane=33, phasing=1)
    elements = constellation(shell, epoch)
    started = time.process_time()
    times = time_grid(epoch, (epochs - 1) * 60.0, 60.0)
    looks = look_chunks(elements, Site(59.91, 10.75), times)
    visible = sum(int((seen.elevation_rad > 0.1745).sum()) for _, seen in looks)
    assert visible > 0
    return time.process_time() - started


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the time and the peak memory."""
    planes, epochs = (3, 200) if quick else (139, 1440)
    runs = [run_function(time_looks, planes, epochs, cores=1) for _ in range(1 if quick else 3)]
    what = f"{33 * planes} satellites × {epochs} epochs, elevation over a site, one core"
    yield Figure(what, statistics.median(run.value for run in runs), "CPU s", "3.2 s, sgp4 alone")
    peak = max(run.peak_mib for run in runs)
    yield Figure(f"the same, memory, {33 * planes} satellites", peak, "MiB", scales=False)
