"""What the adapters cost: slots a second of the paper's scenario through Gymnasium, its vector
form, and PettingZoo.
"""

import importlib.util
import statistics
from collections.abc import Iterator

from benchmarks.measure import run_python

CODE = """
import sys, time
import jax, numpy as np
what, seconds = sys.argv[1], float(sys.argv[2])
rng = np.random.default_rng(0)
if what == "pettingzoo":
    from sagin.interop.pettingzoo import Parallel
    from sagin.interop.gymnasium import make_slicing_game
    made = Parallel(make_slicing_game())
    made.reset(seed=0)
    stages = len(made.game.stages)
    shapes = {agent: made.action_space(agent).shape for agent in made.agents}
    def slot():
        if not made.agents:
            made.reset()
        for _ in range(stages):
            made.step({agent: rng.random(shape, np.float32) for agent, shape in shapes.items()})
    copies = 1
else:
    from sagin.interop.gymnasium import make_slicing_system, make_slicing_systems
    copies = int(what.removeprefix("vector-")) if what.startswith("vector") else 1
    made = make_slicing_systems(copies) if what.startswith("vector") else make_slicing_system()
    made.reset(seed=0)
    shape = made.action_space.shape
    def slot():
        done = made.step(rng.random(shape, np.float32))
        if copies == 1 and (done[2] or done[3]):
            made.reset()
for _ in range(3):
    slot()
for _ in range(3):
    slots, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        slot()
        slots += copies
    print((time.perf_counter() - started) / slots)
"""
WHAT = ("gymnasium", "vector-16", "vector-256", "pettingzoo")


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (what, target, measured)."""
    if not (importlib.util.find_spec("gymnasium") and importlib.util.find_spec("pettingzoo")):
        yield "adapters", "", "not measured: the extra `rl` is not installed"
        return
    for what in WHAT:
        rates = sorted(
            1.0 / float(line)
            for line in run_python("-c", CODE, what, "1.5", cores=1).output.split()
        )
        name = f"slots/s through {what}, random actions, observations made and checked, one core"
        yield name, "", f"{statistics.median(rates):.0f} ({rates[0]:.0f} to {rates[-1]:.0f})"
