"""Goals, quotas and violations with known values; allocations executed as the simulator's step
does.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.planning.goals import build_goal, sum_shortfall, weigh_terms
from sagin.policies.table import POLICIES
from sagin.slicing import step
from sagin.slicing.allocation import (
    Allocation,
    allocation_of,
    carry_out,
    node_limits,
    node_powers,
    quotas,
    to_actions,
)
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import build_scenario, sizes
from sagin.slicing.state import Kpis

SCENARIO = build_scenario(
    "paper", ("base_stations.capacity=4", "uavs.capacity=5", "uavs.spacing_m=500")
)
reset, run = jax.jit(step.reset), jax.jit(step.step)
carried = jax.jit(
    lambda scenario, state, allocation: (
        carry_out(scenario, state, allocation),
        to_actions(scenario, allocation),
    )
)


def feasible(scenario, seed, state):
    """A random allocation within loads and totals, by plain counting."""
    rng, size = np.random.default_rng(seed), sizes(scenario)
    limits, totals = (
        np.asarray(node_limits(scenario)),
        np.asarray(node_powers(scenario)),
    )
    node, load = np.full(size.K, -1), np.zeros(len(limits))
    for user in rng.permutation(np.flatnonzero(state.active)):
        place = rng.integers(-1, len(limits))
        if place >= 0 and load[place] < limits[place]:
            node[user], load[place] = place, load[place] + 1
    subcarrier = np.where(node >= 0, rng.integers(0, size.N, size.K), -1)
    power = np.where(
        node >= 0, totals[node] / np.maximum(load, 1)[node] * rng.uniform(0.1, 1.0, size.K), 0.0
    )
    return Allocation(
        *(jnp.asarray(x) for x in (node, subcarrier, power)),
        jnp.asarray([[300.0, 400.0], [2000.0, 100.0]]),
    )


@given(seed=st.integers(0, 2**30), counts=st.tuples(*[st.integers(0, 10)] * 3))
@settings(max_examples=15)
def test_carrying_out_is_the_simulators_step_and_serves_as_asked(seed, counts):
    state = reset(jax.random.key(seed), SCENARIO, np.asarray(counts))
    allocation = feasible(SCENARIO, seed, state)
    assert find_violations(SCENARIO, state, allocation) == []
    found, actions = carried(SCENARIO, state, allocation)
    same = run(jax.random.key(0), SCENARIO, state, actions)[1]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7), found, same)
    first, second = found.terrestrial, found.non_terrestrial
    node = np.where(first.served, first.node, np.where(second.served, second.node + 2, -1))
    assert np.array_equal(node, allocation.node)
    assert np.array_equal(np.maximum(first.subcarrier, second.subcarrier), allocation.subcarrier)
    np.testing.assert_allclose(first.power + second.power, allocation.power, rtol=1e-5)
    np.testing.assert_allclose(found.uav_positions, allocation.uav_positions, rtol=1e-5)


def test_each_violation_is_named():
    state = reset(jax.random.key(0), SCENARIO, np.asarray([10, 10, 9]))
    good = feasible(SCENARIO, 0, state)
    node, subcarrier = np.asarray(good.node), np.asarray(good.subcarrier)

    def broken(**changed):
        return " ".join(
            find_violations(
                SCENARIO,
                state,
                good._replace(**{name: jnp.asarray(x) for name, x in changed.items()}),
            )
        )

    assert "user 29: served, but takes no part" in broken(
        node=np.where(np.arange(30) == 29, 4, node), subcarrier=subcarrier * 0
    )
    assert "node 0: 30 users, 4 at most" in broken(node=node * 0, subcarrier=subcarrier * 0)
    assert "W of 10 W" in broken(power=good.power * 100)
    assert "below 0" in broken(power=-good.power - 1.0)
    assert "subcarrier 10" in broken(subcarrier=subcarrier * 0 + 10)
    assert "m apart, 500 m at least" in broken(uav_positions=np.full((2, 2), 700.0))
    assert "outside" in broken(uav_positions=np.asarray([[-5.0, 0.0], [900.0, 900.0]]))
    fixed = build_scenario("paper-fixed-uavs")
    assert find_violations(fixed, state, good) == ["UAVs: moved, but fixed"]
    slow = build_scenario("paper", ("uavs.speed_m_s=20.0",))
    assert any(
        "flown in a slot, 2 m at most" in line for line in find_violations(slow, state, good)
    )


def test_violated_quotas_are_named():
    scenario = build_scenario("paper")
    state = reset(jax.random.key(0), scenario)
    node = jnp.concatenate([jnp.full(20, 4), jnp.zeros(10, int)])
    allocation = Allocation(node, jnp.zeros(30, int), jnp.zeros(30), state.uav_positions)
    assert find_violations(scenario, state, allocation) == []
    found = find_violations(scenario, state, allocation, respect_priority=True)
    assert found == [
        "priority: base stations serve 10 of C, 0 at most",
        "priority: UAVs and satellites serve 10 of H, 0 at most",
        "priority: UAVs and satellites serve 10 of L, 0 at most",
    ]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((), [[10, 0], [10, 0], [0, 10]]),
        (("base_stations.capacity=7.5",), [[10, 0], [6, 4], [0, 10]]),
        (("base_stations.capacity=0",), [[0, 10], [0, 10], [0, 10]]),
        (("base_stations.capacity=100",), [[10, 0], [10, 0], [10, 0]]),
        (("balancing.rule=none",), [[10, 0], [10, 0], [10, 0]]),
        (("balancing.rule=uniform",), [[20, 10], [0, 0], [0, 0]]),
        (("base_stations.positions_m=[]",), [[0, 10], [0, 10], [0, 10]]),
        (("base_stations.positions_m=[]", "balancing.rule=none"), [[0, 10], [0, 10], [0, 10]]),
    ],
)
def test_quotas_by_hand(overrides, expected):
    scenario = build_scenario("paper", overrides)
    assert quotas(scenario, reset(jax.random.key(0), scenario)).tolist() == expected


def test_terms_are_sums_over_users_and_nothing_of_nobody():
    scenario = build_scenario("paper")
    zeros = jnp.zeros(2)
    kpis = Kpis(
        jnp.asarray([250e6, 0.0]),
        jnp.asarray([0.02, 0.1]),
        jnp.zeros((2, 30)),
        jnp.asarray([0.5, 0.0]),
        *[zeros] * 12,
    )
    found = normalise_terms(scenario, kpis)
    np.testing.assert_allclose(found, [[0.5, 0.8, 0.5], [0.0, 0.0, 0.0]], rtol=1e-6)
    wanted = build_goal((1.0, 2.0, 0.0), (0.6, -np.inf, 1.0))
    np.testing.assert_allclose(weigh_terms(wanted, found), [2.1, 0.0], rtol=1e-6)
    np.testing.assert_allclose(sum_shortfall(wanted, found), [0.6, 1.6], rtol=1e-6)
    assert build_goal(np.ones((4, 3))).least.shape == (4, 3)


def test_any_policys_slot_is_an_allocation_that_can_be_judged():
    scenario = build_scenario("small")
    key = jax.random.key(3)
    state = begin_run(key, scenario)
    result = play_slot(key, scenario, POLICIES["greedy"], state)[1]
    allocation = allocation_of(scenario, result)
    assert find_violations(scenario, state, allocation) == []
    again = carry_out(scenario, state, allocation)
    np.testing.assert_allclose(again.kpis.throughput, result.kpis.throughput, rtol=1e-4)
    broken = allocation._replace(power=allocation.power * 3.0)
    assert any("W of" in line for line in find_violations(scenario, state, broken))
