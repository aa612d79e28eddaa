"""The dynamic programme compared with plain enumeration and with the simulator."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.planning.exact import find_optimum, list_places
from sagin.planning.exact_tables import list_choices
from sagin.planning.goals import build_goal, weigh_terms
from sagin.slicing import step
from sagin.slicing.allocation import Allocation, carry_out, node_powers
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import build_scenario, sizes

BASE = ("base_stations.capacity=10",)
TINY = (
    *BASE,
    "users.high_throughput=1",
    "users.low_delay=1",
    "users.wide_coverage=1",
    "radio.subcarriers=2",
    "uavs.count=0",
)
TWO = "base_stations.positions_m=[[200,300],[700,800]]"
FIXED = (
    "base_stations.positions_m=[]",
    "uavs.count=2",
    "uavs.placement=fixed",
    "uavs.positions_m=[[250,250],[750,600]]",
)


@jax.jit
def values_of(scenario, state, plans):
    return jax.vmap(lambda plan: normalise_terms(scenario, carry_out(scenario, state, plan).kpis))(
        plans
    )


def slot(seed, *overrides):
    scenario = build_scenario("small", overrides)
    return scenario, step.reset(jax.random.key(seed), scenario)


def by_enumeration(scenario, state, wanted, units):
    """The best of all allocations on the power grid, with given UAV places, all put through the
    simulator.
    """
    size = sizes(scenario)
    nodes = size.M + size.V + size.O
    option = [(-1, -1, 0), *itertools.product(range(nodes), range(size.N), range(1, units + 1))]
    every = np.array(list(itertools.product(option, repeat=size.K)))
    spent = np.stack(
        [np.where(every[..., 0] == node, every[..., 2], 0).sum(axis=1) for node in range(nodes)],
        axis=1,
    )
    every = every[np.all(spent <= units, axis=1)]
    power = every[..., 2] * np.append(np.asarray(node_powers(scenario)), 0.0)[every[..., 0]] / units
    places = np.broadcast_to(list_places(scenario, 1)[0], (len(every), size.V, 2))
    plans = Allocation(
        *(
            jnp.asarray(x)
            for x in (
                every[..., 0],
                every[..., 1],
                power.astype(np.float32),
                places.astype(np.float32),
            )
        )
    )
    return float(np.asarray(weigh_terms(wanted, values_of(scenario, state, plans))).max())


@pytest.mark.parametrize("weights", [(1, 1, 1), (1, 0, 0), (0.2, 3, 0.5)])
@pytest.mark.parametrize(
    "overrides",
    [
        (*TINY, "satellites.count=0", TWO),
        (*TINY, "users.high_throughput=2", "radio.subcarriers=1"),
        (*TINY, *FIXED, "satellites.count=0", "radio.subcarriers=1"),
        (*TINY, "satellites.count=0", TWO, "radio.interference=other-nodes", "radio.subcarriers=1"),
        (*TINY, "radio.interference=none", "radio.subcarriers=1"),
        (
            *TINY,
            "radio.subcarriers=1",
            "objectives.coverage_threshold_db=-7",
            "users.wide_coverage=2",
            "users.low_delay=0",
        ),
    ],
)
def test_it_is_the_best_of_all(overrides, weights):
    scenario, state = slot(1, *overrides)
    found = find_optimum(scenario, state, build_goal(weights), units=2)
    assert found.worth == pytest.approx(
        by_enumeration(scenario, state, build_goal(weights), 2), rel=1e-5
    )


@pytest.mark.parametrize("respect", [False, True])
@pytest.mark.parametrize("rule", ["priority", "uniform", "none"])
def test_the_simulator_confirms_it(rule, respect):
    scenario, state = slot(2, *BASE, f"balancing.rule={rule}", "base_stations.capacity=3")
    found = find_optimum(scenario, state, build_goal(), respect_priority=respect)
    plan = jax.tree.map(jnp.asarray, found.allocation)
    assert find_violations(scenario, state, plan, respect_priority=respect) == []
    made = weigh_terms(
        build_goal(), normalise_terms(scenario, carry_out(scenario, state, plan).kpis)
    )
    assert float(made) == pytest.approx(found.worth, rel=1e-5)
    assert found.worth <= find_optimum(scenario, state, build_goal()).worth + 1e-9


def test_a_finer_power_grid_is_no_worse():
    scenario, state = slot(3, *BASE, "radio.subcarriers=1", "satellites.count=0")
    values = [find_optimum(scenario, state, build_goal(), units=units).worth for units in (1, 2, 4)]
    assert values == sorted(values)


def test_users_who_take_no_part_are_not_served():
    scenario, state = slot(4, *BASE)
    few = state._replace(active=jnp.array([True, False, True, False, False, False]))
    found = find_optimum(scenario, few, build_goal())
    assert np.flatnonzero(found.allocation.node >= 0).tolist() == [0, 2]


def test_numbers_of_choices():
    # of Q units, k users get at least one each: Σ_k C(users, k)·C(Q, k)
    assert len(list_choices(6, 1, 3).served) == 1 + 6 * 3 + 15 * 3 + 20
    assert np.all(list_choices(3, 2, 2).units.sum(axis=1) <= 4)


def test_what_is_too_much_is_refused():
    with pytest.raises(InputError, match="30 users"):
        find_optimum(
            build_scenario("paper"),
            step.reset(jax.random.key(0), build_scenario("paper")),
            build_goal(),
        )
    scenario, state = slot(0)
    with pytest.raises(InputError, match="capacity of 2"):
        find_optimum(scenario, state, build_goal())
    with pytest.raises(InputError, match="grid = 1"):
        list_places(build_scenario("small", ("uavs.count=2",)), 1)
