"""Speed of a GPU, if JAX finds one, in wall time: slots, relaying drops, plans, and several
seeds of a training run side by side.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figures import Figure, Row

BATCHES = (1_000, 10_000, 100_000, 1_000_000)
SLOTS = 32
DROPS = (1_000, 10_000, 100_000)
PLANS = (64, 1024)
SEEDS = (1, 8, 64, 512)
ITERATIONS = 50


def time_calls(go: Callable[[Any], Any], runs: int = 3) -> tuple[float, float]:
    """Time a function of a random key: return the seconds of its first call and the median of later
    calls.
    """
    import jax

    def once(seed: int) -> float:
        started = time.perf_counter()
        jax.block_until_ready(go(jax.random.key(seed)))
        return time.perf_counter() - started

    return once(0), statistics.median(once(seed) for seed in range(1, runs + 1))


def make_slots(batch: int) -> Callable[[Any], Any]:
    """Return a function that simulates SLOTS slots of `batch` environments under random actions."""
    import jax
    import jax.numpy as jnp

    from sagin.slicing.actions import draw_actions
    from sagin.slicing.evaluation import map_runs
    from sagin.slicing.scenario import build_scenario
    from sagin.slicing.step import reset, step

    paper = build_scenario("paper")

    def play(state: Any, key: Any) -> tuple[Any, Any]:
        one, two = jax.random.split(key)
        state, found = step(two, paper, state, draw_actions(one, paper))
        return state, (found.rewards, found.kpis.throughput)

    def run(key: Any) -> Any:
        first, rest = jax.random.split(key)
        kept = jax.lax.scan(play, reset(first, paper), jax.random.split(rest, SLOTS))
        return jax.tree.map(jnp.sum, kept)

    return jax.jit(lambda key: map_runs(run, jax.random.split(key, batch)))


def make_drops(drops: int) -> Callable[[Any], Any]:
    """Return a function that simulates drops of 200 users and one relay in all frameworks."""
    from sagin.relaying import build_scenario, simulate

    paper = build_scenario("paper")
    return lambda key: simulate(key, paper, drops)


def make_planning(batch: int) -> Callable[[Any], Any]:
    """Return a function that plans `batch` slots of the paper's scenario on the free track."""
    import jax

    from sagin.planning.planner import make_plans
    from sagin.slicing import build_scenario, reset

    paper = build_scenario("paper")
    draw = jax.jit(jax.vmap(lambda key: reset(key, paper)))
    return lambda key: make_plans(paper, draw(jax.random.split(key, batch)), respect_priority=False)


def make_training(seeds: int) -> Callable[[Any], Any]:
    """Return a function that trains seeds of two-layer MADDPG side by side for ITERATIONS."""
    import jax

    from sagin.learning.learners import LEARNERS
    from sagin.learning.settings import make_settings
    from sagin.slicing.game import SlicingGame
    from sagin.slicing.scenario import build_scenario

    game, learner = SlicingGame(build_scenario("paper")), LEARNERS["maddpg"]
    settings = make_settings(("maddpg.warm_up=32", "maddpg.discount=0.0"))

    def run(key: Any) -> Any:
        state = learner.start(key, game, settings)

        def iterate(state: Any, _: None) -> tuple[Any, None]:
            return learner.iterate(game, settings, state)[0], None

        return jax.lax.scan(iterate, state, length=ITERATIONS)[0]

    return jax.jit(lambda key: jax.vmap(run)(jax.random.split(key, seeds)))


CASES: tuple[tuple[str, str, Callable[[int], Callable[[Any], Any]], tuple[int, ...], int], ...] = (
    ("slots, {} environments", "slots/s", make_slots, BATCHES, SLOTS),
    ("relaying, {} drops of 200 users, all frameworks", "drops/s", make_drops, DROPS, 1),
    ("two-layer MADDPG, γ = 0, {} seeds", "iterations/s", make_training, SEEDS, ITERATIONS),
    ("plans of a slot, K_s = 10, free, {} at once", "plans/s", make_planning, PLANS, 1),
)
"""Name, unit, builder of the function for a size, sizes, and steps per call of each case."""


def rows(quick: bool = False) -> Iterator[Row]:
    """Yield the rate for each size on the first device; without a GPU, yield rows only if quick."""
    import jax

    device = jax.devices()[0]
    if device.platform == "cpu" and not quick:
        yield "on a GPU", "", "not measured: JAX finds none"
        return
    for name, unit, make, sizes, steps in CASES:
        for size in (2,) if quick else sizes:
            first, later = time_calls(make(size), 1 if quick else 3)
            note = f"{device.device_kind}; first call, with compilation, {first:.1f} s"
            rate = size * steps / later
            what = name.format(f"{size:,}".replace(",", " "))
            yield Figure(what, rate, unit, "", note, scales=False)
