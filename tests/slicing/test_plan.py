"""The planner: feasible in every scenario, never worse by a further round, reproducible, and equal
to the simulator.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.errors import InputError
from sagin.planning import planner as planning
from sagin.planning.anytime import improve_plan
from sagin.planning.goals import build_goal
from sagin.planning.network import build_slot, penalise
from sagin.planning.planner import make_plan, make_plans, plan_in_order, trace_front
from sagin.planning.rounds import Effort, Task, draft_places
from sagin.planning.starts import KINDS, begin_start
from sagin.policies.planner import build_planner_policy
from sagin.policies.table import POLICIES
from sagin.slicing import evaluation, step
from sagin.slicing.allocation import to_actions
from sagin.slicing.feasibility import find_violations
from sagin.slicing.scenario import build_scenario

SMALL = build_scenario("small")
KEY = jax.random.key(0)


def state_of(scenario, seed=0, counts=None):
    """A first slot."""
    return step.reset(jax.random.key(seed), scenario, counts)


def rises(history):
    """Whether a history never falls."""
    return bool(np.all(np.diff(np.asarray(history)) >= 0.0))


@given(
    seed=st.integers(0, 2**30),
    counts=st.tuples(*[st.integers(0, 2)] * 3),
    capacity=st.sampled_from([0, 1, 1.5, 2, 9]),
    respect=st.booleans(),
)
@settings(max_examples=12)
def test_plans_are_feasible_and_rounds_never_lose(seed, counts, capacity, respect):
    scenario = build_scenario("small", (f"base_stations.capacity={capacity}",))
    state = state_of(scenario, seed, np.asarray(counts))
    found = make_plan(scenario, state, key=jax.random.key(seed), respect_priority=respect)
    assert find_violations(scenario, state, found.allocation, respect_priority=respect) == []
    assert rises(found.history)
    assert float(found.worth) == pytest.approx(float(found.history[-1]), rel=1e-4, abs=1e-5)
    assert np.all(np.isfinite(found.terms))


SHAPES = {
    "no UAVs": ("uavs.count=0",),
    "no stations": ("base_stations.positions_m=[]",),
    "no satellites": ("satellites.count=0", "satellites.capacity=1"),
    "only slice L": ("users.high_throughput=0", "users.wide_coverage=0"),
    "uniform, full UAVs": ("balancing.rule=uniform", "uavs.capacity=1", "satellites.capacity=1"),
    "unbalanced, three slow UAVs": (
        "balancing.rule=none",
        "uavs.count=3",
        "uavs.spacing_m=300",
        "uavs.speed_m_s=100.0",
        "uavs.positions_m=[]",
    ),
    "fixed UAVs": ("uavs.placement=fixed",),
    "orthogonal users": ("radio.interference=other-nodes", "radio.subcarriers=1", "uavs.count=2"),
    "undisturbed": ("radio.interference=none", "radio.subcarriers=1"),
    "nothing": ("uavs.count=0", "satellites.count=0", "base_stations.positions_m=[]"),
}


SOON = ("nothing", "unbalanced, three slow UAVs")
"""Shapes that every run tries; each compiles for half a minute of one core's time."""


@pytest.mark.parametrize(
    "name",
    [name if name in SOON else pytest.param(name, marks=pytest.mark.slow) for name in SHAPES],
)
def test_plans_of_every_shape_are_feasible(name):
    scenario = build_scenario("small", SHAPES[name])
    for seed in range(3):
        state = state_of(scenario, seed)
        found = make_plan(scenario, state, restarts=1)
        assert find_violations(scenario, state, found.allocation, respect_priority=True) == []
        assert rises(found.history)
        assert np.all(np.isfinite(found.terms))
        assert float(found.worth) == pytest.approx(float(found.history[-1]), rel=1e-4, abs=1e-5)


def test_a_plan_comes_to_what_the_simulator_makes_of_its_actions():
    scenario, state = SMALL, state_of(SMALL)
    found = make_plan(scenario, state)
    made = jax.jit(step.step)(KEY, scenario, state, to_actions(scenario, found.allocation))[1]
    np.testing.assert_allclose(made.kpis.throughput, found.kpis.throughput, rtol=1e-5)
    np.testing.assert_allclose(made.kpis.delay, found.kpis.delay, rtol=1e-5)
    assert float(made.kpis.coverage) == float(found.kpis.coverage)
    assert made.kpis.load_base.tolist() == found.kpis.load_base.tolist()
    assert find_violations(scenario, state, found.allocation, respect_priority=True) == []
    assert float(found.worth) > 2.4  # greedy reaches about 1.9


def test_a_plan_is_no_worse_than_its_starts():
    state, wanted = state_of(SMALL, 3), build_goal()
    task = Task(SMALL, state, build_slot(SMALL, state), wanted)
    found = make_plan(SMALL, state, wanted, key=KEY, restarts=len(KINDS))

    @jax.jit
    @jax.vmap
    def drafts(key, kind):
        begun = begin_start(key, SMALL, state, task.slot, wanted, kind=kind, respect_priority=True)
        return draft_places(task, *begun)

    kinds = jnp.arange(len(KINDS))
    firsts = drafts(jax.random.split(jax.random.split(KEY)[0], len(KINDS)), kinds)
    for row in range(len(KINDS)):
        first = jax.tree.map(lambda rows, row=row: rows[row], firsts)
        assert find_violations(SMALL, state, first.allocation, respect_priority=True) == []
        assert float(first.score) <= float(found.worth) + 1e-5


@pytest.mark.slow
def test_equal_keys_give_equal_plans_alone_and_in_a_batch():
    states = jax.vmap(lambda key: step.reset(key, SMALL))(jax.random.split(KEY, 3))
    together = make_plans(SMALL, states, build_goal((1, 1, 0)), key=KEY)
    keys = jax.random.split(KEY, 3)
    for row in range(3):
        state = jax.tree.map(lambda x, row=row: x[row], states)
        alone, again = (
            make_plan(SMALL, state, build_goal((1, 1, 0)), key=keys[row]) for _ in range(2)
        )
        assert jax.tree.all(jax.tree.map(lambda a, b: bool(jnp.array_equal(a, b)), alone, again))
        np.testing.assert_allclose(together.worth[row], alone.worth, rtol=1e-4)


@pytest.mark.slow
def test_a_batch_maps_over_goals_and_slots():
    states = jax.vmap(lambda key: step.reset(key, SMALL))(jax.random.split(KEY, 2))
    goals = build_goal(np.asarray([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    method = planning.Search(effort=Effort(rounds=1, sweeps=2))
    many = jax.vmap(
        lambda key, state, wanted: planning.search_plan(key, SMALL, state, wanted, None, method)
    )
    found = many(jax.random.split(KEY, 2), states, goals)
    assert found.worth.shape == (2,)
    assert found.terms[0, 0] > 0.0
    assert float(found.worth[1]) == float(found.terms[1, 2])


def test_least_values_are_kept_and_shortfalls_named():
    state = state_of(SMALL, 1)
    free = make_plan(SMALL, state, build_goal((0, 1, 0)))
    held = make_plan(SMALL, state, build_goal((0, 1, 0), (0.1, -np.inf, 1.0)))
    assert float(held.shortfall) == 0.0
    assert float(held.terms[0]) >= 0.1
    assert float(held.terms[2]) >= 1.0
    assert float(held.worth) <= float(free.worth) + 1e-3
    assert float(make_plan(SMALL, state, build_goal(least=(100.0, 0.0, 0.0))).shortfall) > 90.0


@pytest.mark.slow
def test_lexicographic_order_keeps_what_was_reached():
    state = state_of(SMALL, 2)
    throughput = make_plan(SMALL, state, build_goal((1, 0, 0))).terms[0]
    found = plan_in_order(SMALL, state)
    assert float(found.terms[0]) >= float(throughput) - 1e-3
    assert find_violations(SMALL, state, found.allocation, respect_priority=True) == []
    assert float(plan_in_order(SMALL, state, ("C",)).terms[2]) == 1.0
    with pytest.raises(InputError, match="no slice"):
        plan_in_order(SMALL, state, ())


@pytest.mark.slow
def test_a_front_has_the_best_of_its_plans_at_each_weight():
    weights = np.asarray([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], float)
    found = trace_front(SMALL, state_of(SMALL, 4), weights)
    reached = weights @ np.asarray(found.terms).T
    assert np.all(reached.argmax(axis=1) >= 0)
    np.testing.assert_allclose(np.diag(reached), reached.max(axis=1), rtol=1e-6)
    np.testing.assert_allclose(np.diag(reached), found.worth, rtol=1e-5)


@pytest.mark.slow
def test_known_plans_and_more_time_only_help():
    state = state_of(SMALL, 5)
    first = make_plan(SMALL, state, restarts=1)
    better = make_plan(SMALL, state, restarts=1, known=first.allocation, key=jax.random.key(9))
    assert float(better.worth) >= float(first.worth) - 1e-5
    plans = list(improve_plan(SMALL, state, seconds=1.0))
    values = [float(penalise(build_goal(), one.terms)) for one in plans]
    assert values == sorted(values)


@pytest.mark.slow
def test_the_policy_carries_plans_out_slot_by_slot():
    policy = build_planner_policy()
    kpis = jax.jit(lambda key: evaluation.evaluate(key, SMALL, policy, 2))(KEY)
    state = evaluation.begin_run(KEY, SMALL)
    alone = make_plan(SMALL, state, key=jax.random.fold_in(jax.random.key(0), 0))
    assert float(kpis.throughput[0]) == pytest.approx(float(alone.kpis.throughput), rel=1e-3)
    assert float(kpis.coverage[0]) == pytest.approx(float(alone.kpis.coverage))
    assert policy.name not in POLICIES
