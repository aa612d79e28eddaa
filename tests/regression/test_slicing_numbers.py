"""The slicing system's numbers: policies under every balancing rule, both layers at once, planner,
bounds and exact search, of fixed keys.
"""

import jax
import jax.numpy as jnp
import pytest

from regression.golden import compare_numbers
from sagin.planning import exact
from sagin.planning.certificates import bounds
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plans
from sagin.policies.table import POLICIES
from sagin.slicing.actions import draw_actions
from sagin.slicing.evaluation import begin_run, evaluate
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import build_scenario, number_choices
from sagin.slicing.step import reset, step_together

SEEDS, SLOTS = 2, 5
KPIS = ("throughput", "delay", "coverage", "offloaded", "unserved", "collided")
TESTED = ("random", "round-robin", "nearest-random", "nearest-greedy", "greedy")
TABLE = [name for name in POLICIES if name in TESTED]


def summarise(kpis):
    """Return each indicator's mean over the slots of a seed."""
    return {name: jnp.mean(getattr(kpis, name), axis=-1) for name in KPIS}


@jax.jit
def play_policy(scenario, place, users):
    """Return the means of one of the tested policies; all rules share the program."""
    rows = [POLICIES[name] for name in TABLE]

    def episode(key):
        return evaluate(key, scenario, switch_policies(rows, place), SLOTS, jnp.full(3, users))

    return summarise(jax.vmap(episode)(jax.random.split(jax.random.key(7), SEEDS)))


@pytest.mark.parametrize("rule", ["priority", "uniform", "none"])
def test_policies(rule):
    scenario = number_choices(
        build_scenario("paper", (f"balancing.rule={rule}",)), "balancing.rule"
    )
    numbers = {
        f"{name}, {users}: {kpi}": value
        for place, name in enumerate(TABLE)
        for users in (8, 10)
        for kpi, value in play_policy(scenario, place, users).items()
    }
    compare_numbers("slicing", f"policies, {rule}", numbers)


def test_layers_at_once():
    numbers = {}
    for collision in ("terrestrial-first", "drop"):
        scenario = build_scenario("paper", (f"game.collision={collision}",))

        @jax.jit
        def run(key, scenario=scenario):
            state = reset(key, scenario)
            result = step_together(key, scenario, state, draw_actions(key, scenario))[1]
            return result.rewards, result.kpis

        rewards, kpis = jax.vmap(run)(jax.random.split(jax.random.key(8), SEEDS))
        numbers[f"{collision}: rewards"] = rewards
        numbers |= {f"{collision}: {name}": getattr(kpis, name) for name in KPIS}
    compare_numbers("slicing", "layers at once", numbers)


@pytest.mark.parametrize(
    "respect_priority",
    [pytest.param(True, id="priority"), pytest.param(False, id="free", marks=pytest.mark.slow)],
)
def test_planner(respect_priority):
    scenario = build_scenario("paper")
    keys = jax.random.split(jax.random.key(9), 2)
    states = jax.vmap(lambda key: begin_run(key, scenario))(keys)
    plans = make_plans(scenario, states, respect_priority=respect_priority, restarts=2)
    numbers = {"terms": plans.terms, "node": plans.allocation.node, "history": plans.history}
    compare_numbers("slicing", f"planner, {respect_priority}", numbers)


def test_bounds_and_exact_search():
    scenario = build_scenario("small", ("users.low_delay=1", "users.wide_coverage=1"))
    state = reset(jax.random.key(10), scenario)
    bound = bounds.bound_worth(scenario, state, build_goal())
    best = exact.find_optimum(scenario, state, build_goal(), units=2, grid=2)
    numbers = {"bound": bound, "exact": best.worth, "node": best.allocation.node}
    compare_numbers("slicing", "bound and exact search", numbers)
