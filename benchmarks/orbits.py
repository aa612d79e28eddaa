"""SGP4 over a constellation of the size of Starlink's, one site, one day in minutes."""

from benchmarks.measure import run_python

CODE = """
import time
from datetime import UTC, datetime
from sagin.orbits import Site, Walker, constellation, look_chunks, time_grid
epoch = datetime(2024, 10, 7, tzinfo=UTC)
elements = constellation(Walker(550.0, 53.0, planes=139, per_plane=33, phasing=1), epoch)
started = time.perf_counter()
times = time_grid(epoch, 1439 * 60.0, 60.0)
looks = look_chunks(elements, Site(59.91, 10.75), times)
visible = sum(int((seen.elevation_rad > 0.1745).sum()) for _, seen in looks)
print(time.perf_counter() - started)
"""


def rows():
    """Yield (what, target, measured)."""
    runs = [run_python("-c", CODE, cores=1) for _ in range(3)]
    seconds = sorted(float(run.output) for run in runs)
    peak = max(run.peak_mib for run in runs)
    yield (
        "4587 satellites × 1440 epochs, elevation over a site, one core",
        "under 20 s",
        f"{seconds[1]:.1f} s ({seconds[0]:.1f} to {seconds[2]:.1f}), {peak:.0f} MiB",
    )
