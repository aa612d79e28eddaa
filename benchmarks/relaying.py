"""Monte Carlo simulation of the relaying system: the time of all frameworks over many drops, and
its growth with the numbers of users and relays.
"""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.measure import run_function

CASES = ((50, 1), (200, 1), (800, 1), (200, 0), (200, 2), (200, 8))


def time_drops(users: int, relays: int, drops: int) -> float:
    """Return the CPU seconds per drop, without compilation."""
    import jax

    from sagin.relaying import build_scenario, simulate

    scenario = build_scenario("paper", (f"users.count={users}", f"relay.count={relays}"))
    times = []
    for seed in range(4):
        started = time.process_time()
        jax.block_until_ready(simulate(jax.random.key(seed), scenario, drops))
        times.append(time.process_time() - started)
    return min(times[1:]) / drops


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the time per drop for several numbers of users and relays."""
    for users, relays in CASES[:1] if quick else CASES:
        done = run_function(time_drops, users, relays, 100 if quick else 2000, cores=1)
        what = f"a drop of {users} users, {relays} relays, all frameworks, one core"
        target = "≤ 70" if (users, relays) == (200, 1) else ""
        yield Figure(what, 1e6 * done.value, "CPU µs", target)
