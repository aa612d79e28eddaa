"""Monte Carlo of the relaying system: all frameworks over 10 000 drops, and how the cost grows with
users and relays.
"""

from benchmarks.measure import run_python, summarise_times

CODE = """
import sys, time, jax
from sagin.relaying import build_scenario, simulate
users, relays, drops = map(int, sys.argv[1:])
scenario = build_scenario("paper", (f"users.count={users}", f"relay.count={relays}"))
def run(seed):
    started = time.perf_counter()
    jax.block_until_ready(simulate(jax.random.key(seed), scenario, drops))
    return time.perf_counter() - started
print(run(0), run(1))
"""


def rows():
    """Yield (what, target, measured)."""
    done = [run_python("-c", CODE, "200", "1", "10000", cores=2) for _ in range(3)]
    wall = summarise_times([run.seconds for run in done])
    peak = max(run.peak_mib for run in done)
    yield (
        "10 000 drops of 200 users, all frameworks, whole process with compilation, 2 cores",
        "under 10 s, under 2 GB",
        f"{wall}, {peak:.0f} MiB",
    )
    for users, relays in (
        (50, 1),
        (100, 1),
        (200, 1),
        (400, 1),
        (800, 1),
        (200, 0),
        (200, 2),
        (200, 4),
        (200, 8),
    ):
        again = float(
            run_python("-c", CODE, str(users), str(relays), "2000", cores=2).output.split()[1]
        )
        yield (
            f"a drop of {users} users, {relays} relays, compiled",
            "",
            f"{again / 2000 * 1e6:.0f} µs",
        )
