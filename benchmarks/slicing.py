"""Slots a second of the slicing paper's scenario under a random policy, in compiled loops of one
environment or many.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import run_function

BATCHES = (1, 16, 256, 4096)
SLOTS = 16_384


def time_slots(batch: int, slots: int, runs: int = 5) -> list[float]:
    """Return CPU seconds per slot of so many environments, of each run."""
    import jax
    import jax.numpy as jnp

    from sagin.slicing.actions import draw_actions
    from sagin.slicing.evaluation import map_runs
    from sagin.slicing.scenario import build_scenario
    from sagin.slicing.step import reset, step

    paper = build_scenario("paper")

    def play(state, key):
        one, two = jax.random.split(key)
        state, found = step(two, paper, state, draw_actions(one, paper))
        kpis = found.kpis
        return state, (found.rewards, kpis.throughput, kpis.delay, kpis.coverage)

    def run(key):
        first, rest = jax.random.split(key)
        kept = jax.lax.scan(play, reset(first, paper), jax.random.split(rest, slots))
        return jax.tree.map(jnp.sum, kept)

    go = jax.jit(lambda key: map_runs(run, jax.random.split(key, batch)))
    return [seconds / (batch * slots) for seconds in time_runs(go, runs)]


def time_draws(slots: int, runs: int = 3) -> list[float]:
    """Return CPU seconds per slot of nothing but its random numbers."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from sagin.slicing.actions import AGENTS
    from sagin.slicing.draws import uniforms, user_rows
    from sagin.slicing.scenario import build_scenario, sizes

    paper = build_scenario("paper")
    users, size = user_rows(paper), sizes(paper)
    # channels, an arrival, an order and two numbers of a direction; both layers' actions
    columns = size.M * size.N + 2 * size.V * size.N + 4
    choices = size.M + size.V + size.O + 2 * size.N + 2

    def draw(kept, key):
        one, two = jax.random.split(key)
        state, actions = uniforms(two, users, columns), np.arange(size.K + AGENTS)
        return (jnp.maximum(kept[0], state), kept[1] + uniforms(one, actions, choices)), ()

    start = jnp.zeros((size.K, columns)), jnp.zeros((size.K + AGENTS, choices))
    go = jax.jit(lambda key: jax.lax.scan(draw, start, jax.random.split(key, slots))[0])
    return [seconds / slots for seconds in time_runs(go, runs)]


def time_runs(go: Callable[[Any], Any], runs: int) -> list[float]:
    """Return the CPU seconds of a compiled function of a key, over runs after an uncounted one."""
    import jax

    jax.block_until_ready(go(jax.random.key(0)))
    times = []
    for seed in range(1, runs + 1):
        started = time.process_time()
        jax.block_until_ready(go(jax.random.key(seed)))
        times.append(time.process_time() - started)
    return times


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the rates at all batch sizes on one core, and the bound that random numbers set."""
    slots = 256 if quick else SLOTS
    for batch in (1,) if quick else BATCHES:
        times = run_function(time_slots, batch, max(slots // batch, 16), cores=1).value
        rates = sorted(1.0 / seconds for seconds in times)
        yield Figure(
            f"slots, {batch} environment{'s' * (batch > 1)}, one core",
            statistics.median(rates),
            "slots/s",
            "100 000" if batch == 1 else "as one",
            f"{rates[0]:.0f} to {rates[-1]:.0f}",
        )
    bound = 1.0 / statistics.median(run_function(time_draws, slots, cores=1).value)
    yield Figure("a slot's random numbers and nothing else, one core", bound, "slots/s")


def single() -> float:
    """Return the CPU seconds of a slot of one environment on one core."""
    return min(run_function(time_slots, 1, SLOTS, 3, cores=1).value)


def ratio(name: str, pairs: list[tuple[float, float]]) -> Figure:
    """Return the figure of another program, from seconds of a step of ours and of its, in turn."""
    times = statistics.median(theirs / ours for ours, theirs in pairs)
    rate = statistics.median(1.0 / theirs for _, theirs in pairs)
    note = f"one environment of sagin is {times:.0f} times as fast"
    return Figure(f"{name}, one core", rate, "steps/s", note=note)
