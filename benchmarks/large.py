"""Time and memory of slots of large networks, and their growth with the number of users."""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.measure import run_function


def time_network(users: int, bases: int, uavs: int, satellites: int) -> tuple[float, float]:
    """Return the CPU seconds of one slot of a ground network, with and without compilation."""
    import jax

    from sagin.slicing.large import Counts, large_slot
    from sagin.slicing.scenario import build_scenario

    # base stations as dense as the paper's two on 9 km²
    wide = build_scenario("paper", (f"area.side_m={3000.0 * (bases / 2) ** 0.5}",))
    counts = Counts(users - 2 * (users // 3), users // 3, users // 3, bases, uavs, satellites)
    times = []
    for seed in range(3):
        started = time.process_time()
        jax.block_until_ready(large_slot(jax.random.key(seed), wide, counts))
        times.append(time.process_time() - started)
    return times[0], min(times[1:])


def time_sky(users: int, planes: int, per_plane: int) -> float:
    """Return the CPU seconds of a slot of users all over the Earth under a satellite shell."""
    from datetime import UTC, datetime

    from sagin.orbits import Walker, constellation, earth_fixed, time_grid
    from sagin.slicing.scenario import build_scenario
    from sagin.slicing.sky import Constellation
    from sagin.slicing.sky_slot import SkySettings, play_sky_slot

    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    shell = constellation(Walker(550.0, 53.0, planes, per_plane, 1), epoch)
    positions = earth_fixed(shell, time_grid(epoch, 0.0, 60.0)).position.reshape(-1, 3)
    scenario = build_scenario("paper", ("satellites.capacity=200", "satellites.exponent=2"))
    counts = (users - 2 * (users // 3), users // 3, users // 3)
    started = time.process_time()
    play_sky_slot(scenario, SkySettings(0, counts, Constellation(positions)))
    return time.process_time() - started


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the times and memory of a ground network and of a network under satellites."""
    for users in (3000,) if quick else (100_000, 200_000, 1_000_000):
        done = run_function(time_network, users, 1000, 100, 50, cores=1)
        what = f"{users:,} users, 1000 base stations, 100 UAVs, 50 satellites".replace(",", " ", 1)
        first, again = done.value
        note = f"{first:.2f} with compilation"
        yield Figure(f"{what}, compiled, one core", again, "CPU s", note=note)
        yield Figure(f"{what}, memory", done.peak_mib, "MiB", scales=False)
    for users in (1000,) if quick else (100_000, 1_000_000):
        done = run_function(time_sky, users, 10 if quick else 100, 100, cores=1)
        what = f"{users} users under {1000 if quick else 10000} satellites, sight tested"
        target = "20 s" if users == 1_000_000 else ""
        yield Figure(f"{what}, all of it, one core", done.value, "CPU s", target)
        yield Figure(f"{what}, memory", done.peak_mib, "MiB", "4 GB", scales=False)
