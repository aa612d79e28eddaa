"""The slicing system's numbers: policies under every balancing rule, both layers at once, planner,
bounds and exact search, of fixed keys.
"""

import jax
import jax.numpy as jnp
import pytest

from regression.golden import compare_numbers
from sagin.slicing import bounds, exact
from sagin.slicing.actions import uniform
from sagin.slicing.evaluate import evaluate, start
from sagin.slicing.goal import goal
from sagin.slicing.plan import plan_batch
from sagin.slicing.policies import POLICIES, one_of
from sagin.slicing.scenario import named
from sagin.slicing.step import reset, step_together

SEEDS, SLOTS = 2, 5
KPIS = ("throughput", "delay", "coverage", "offloaded", "unserved", "collided")
TABLE = [name for name in POLICIES if name in ("random", "round-robin", "nearest-random", "nearest-greedy", "greedy")]  # fmt: skip


def summarise(kpis):
    """Return each indicator's mean over the slots of a seed."""
    return {name: jnp.mean(getattr(kpis, name), axis=-1) for name in KPIS}


@pytest.mark.parametrize("rule", ["priority", "uniform", "none"])
def test_policies(rule):
    scenario = named("paper", (f"balancing.rule={rule}",))
    rows = [POLICIES[name] for name in TABLE]

    @jax.jit
    def run(place, users):
        def episode(key):
            return evaluate(key, scenario, one_of(rows, place), SLOTS, jnp.full(3, users))

        return summarise(jax.vmap(episode)(jax.random.split(jax.random.key(7), SEEDS)))

    numbers = {
        f"{name}, {users}: {kpi}": value
        for place, name in enumerate(TABLE)
        for users in (8, 10)
        for kpi, value in run(place, users).items()
    }
    compare_numbers("slicing", f"policies, {rule}", numbers)


def test_layers_at_once():
    numbers = {}
    for collision in ("terrestrial-first", "drop"):
        scenario = named("paper", (f"game.collision={collision}",))

        @jax.jit
        def run(key, scenario=scenario):
            state = reset(key, scenario)
            result = step_together(key, scenario, state, uniform(key, scenario))[1]
            return result.rewards, result.kpis

        rewards, kpis = jax.vmap(run)(jax.random.split(jax.random.key(8), SEEDS))
        numbers[f"{collision}: rewards"] = rewards
        numbers |= {f"{collision}: {name}": getattr(kpis, name) for name in KPIS}
    compare_numbers("slicing", "layers at once", numbers)


@pytest.mark.parametrize("respect_priority", [True, False], ids=["priority", "free"])
def test_planner(respect_priority):
    scenario = named("paper")
    keys = jax.random.split(jax.random.key(9), 2)
    states = jax.vmap(lambda key: start(key, scenario))(keys)
    plans = plan_batch(scenario, states, respect_priority=respect_priority, restarts=2)
    numbers = {"terms": plans.terms, "node": plans.allocation.node, "history": plans.history}
    compare_numbers("slicing", f"planner, {respect_priority}", numbers)


def test_bounds_and_exact_search():
    scenario = named("small", ("users.low_delay=1", "users.wide_coverage=1"))
    state = reset(jax.random.key(10), scenario)
    bound = bounds.worth_bound(scenario, state, goal())
    best = exact.exact(scenario, state, goal(), units=2, grid=2)
    numbers = {"bound": bound, "exact": best.worth, "node": best.allocation.node}
    compare_numbers("slicing", "bound and exact search", numbers)
