"""Cost of the adapters: slots per second of the paper's scenario through Gymnasium, Gymnasium's
vector interface, and PettingZoo.
"""

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.figures import Figure, Row
from benchmarks.measure import run_function

WHAT = ("gymnasium", "vector-16", "vector-256", "pettingzoo")


def time_adapter(what: str, seconds: float) -> list[float]:
    """Return the slots per CPU second of three runs."""
    play, copies = (_begin_pettingzoo(), 1) if what == "pettingzoo" else _begin_gymnasium(what)
    for _ in range(3):
        play()
    rates = []
    for _ in range(3):
        slots, started = 0, time.process_time()
        while time.process_time() - started < seconds:
            play()
            slots += copies
        rates.append(slots / (time.process_time() - started))
    return rates


def _begin_pettingzoo() -> Callable[[], None]:
    from sagin.interop.gymnasium import make_slicing_game
    from sagin.interop.pettingzoo import Parallel

    rng, adapter = np.random.default_rng(0), Parallel(make_slicing_game())
    adapter.reset(seed=0)
    shapes = {agent: adapter.action_space(agent).shape for agent in adapter.agents}

    def play() -> None:
        if not adapter.agents:
            adapter.reset()
        for _ in adapter.game.stages:
            adapter.step({agent: rng.random(size, np.float32) for agent, size in shapes.items()})

    return play


def _begin_gymnasium(what: str) -> tuple[Callable[[], None], int]:
    from sagin.interop.gymnasium import make_slicing_system, make_slicing_systems

    rng = np.random.default_rng(0)
    copies = int(what.removeprefix("vector-")) if what.startswith("vector") else 1
    system = make_slicing_systems(copies) if copies > 1 else make_slicing_system()
    system.reset(seed=0)
    shape = system.action_space.shape

    def play() -> None:
        done = system.step(rng.random(shape, np.float32))
        if copies == 1 and (done[2] or done[3]):
            system.reset()

    return play, copies


def rows(quick: bool = False) -> Iterator[Row]:
    """Yield the rate of each adapter."""
    if not (importlib.util.find_spec("gymnasium") and importlib.util.find_spec("pettingzoo")):
        yield "adapters", "", "not measured: the extra `rl` is not installed"
        return
    for what in WHAT[:1] if quick else WHAT:
        rates = run_function(time_adapter, what, 0.1 if quick else 1.5, cores=1).value
        note = f"{min(rates):.0f} to {max(rates):.0f}"
        name = f"through {what}, random actions, observations made and checked, one core"
        yield Figure(name, statistics.median(rates), "slots/s", note=note)
