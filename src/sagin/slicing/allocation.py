"""An allocation of a slot: each user's node, subcarrier and power, its limits, and its outcome."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.slicing.actions import AGENTS
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import (
    Actions,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import act_non_terrestrial, act_terrestrial, assess_slot
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db


class Allocation(NamedTuple):
    """Node, subcarrier and power of each user, and the UAVs' positions."""

    node: Int[Array, "*slots users"]
    """Base stations, then UAVs, then satellites; −1: none."""
    subcarrier: Int[Array, "*slots users"]
    """Subcarrier of each user; −1: none."""
    power: Float[Array, "*slots users"]
    """p, W; 0 if not served."""
    uav_positions: Float[Array, "*slots uavs 2"]
    """Positions of the UAVs, m."""


def node_powers(scenario: Scenario) -> Float[Array, " nodes"]:
    """Return the total power of each base station, UAV and satellite, W."""
    size, (base, uav, satellite) = (
        sizes(scenario),
        (scenario.base_stations, scenario.uavs, scenario.satellites),
    )
    # one value per kind, repeated for its nodes
    parts = zip(
        (size.M, size.V, size.O), (base.power_dbw, uav.power_dbw, satellite.power_dbw), strict=True
    )
    return jnp.concatenate(
        [jnp.full(count, from_db(jnp.asarray(power, float))) for count, power in parts]
    )


def node_limits(scenario: Scenario) -> Float[Array, " nodes"]:
    """Return how many users each node may serve; inf: no limit.

    Balancing keeps the users whose rank is below C_th, so the limit is rounded up.
    """
    size = sizes(scenario)
    free = scenario.balancing.rule == "none"
    capacities = (
        scenario.base_stations.capacity,
        scenario.uavs.capacity,
        scenario.satellites.capacity,
    )
    numbers = [jnp.inf if most is None else most for most in capacities]
    # capacities of each node type; none without balancing
    parts = zip((size.M, size.V, size.O), numbers, strict=True)
    return jnp.concatenate(
        [
            jnp.full(n, jnp.where(free, jnp.inf, jnp.ceil(jnp.asarray(most, float))), float)
            for n, most in parts
        ]
    )


def quotas(scenario: Scenario, state: State) -> Int[Array, "3 2"]:
    """Return the largest number of users of each slice and layer that respects the priority."""
    return count_quotas(scenario, state.active)


def count_quotas(scenario: Scenario, active: Bool[Array, " users"]) -> Int[Array, "3 2"]:
    """Return `quotas` for the users who take part.

    Rows are slices H, L, C; columns are the terrestrial and the non-terrestrial layer.

    Base stations have room for Q = min(sum of their capacities, users). Rule `priority` fills this
    room with slice H, then L, then C; the other layer serves the remaining users. With rule `none`
    the base stations serve all users, if there are base stations. With rule `uniform` any users may
    fill the room: the first row then holds the numbers for all slices together, and the other rows
    are 0.
    """
    size, rule = sizes(scenario), scenario.balancing.rule
    # users of each slice who take part
    users = jnp.sum(jax.nn.one_hot(slice_of(scenario), 3, dtype=int) * active[:, None], axis=0)
    # the base stations' room is filled by H, then L, then C
    room = jnp.minimum(jnp.sum(node_limits(scenario)[: size.M]), jnp.sum(users)).astype(users.dtype)
    users = jnp.where(
        ignores_slices(rule), jnp.sum(users) * jnp.array([1, 0, 0], users.dtype), users
    )
    before = jnp.cumsum(users) - users
    terrestrial = jnp.clip(room - before, 0, users)
    return jnp.stack([terrestrial, users - terrestrial], axis=1)


def to_actions(scenario: Scenario, allocation: Allocation) -> Actions:
    """Return the actions of both layers that carry out an allocation."""
    size = sizes(scenario)
    node, subcarrier = allocation.node, jax.nn.one_hot(allocation.subcarrier, size.N)
    total = node_powers(scenario)
    # power as a share of the node's total
    share = jnp.sum(
        jax.nn.one_hot(node, total.shape[0]) * (allocation.power[:, None] / total), axis=1
    )
    share = jnp.clip(share, 0.0, 1.0)
    # every agent proposes the same UAV positions
    places = jnp.broadcast_to(allocation.uav_positions / scenario.area.side_m, (AGENTS, size.V, 2))
    first = TerrestrialAction(jax.nn.one_hot(node, size.M), subcarrier, share)
    second = NonTerrestrialAction(
        places, jax.nn.one_hot(node - size.M, size.V + size.O), subcarrier, share
    )
    return Actions(first, second)


def carry_out(scenario: Scenario, state: State, allocation: Allocation) -> Outcome:
    """Return the simulator's outcome of an allocation; the state is not advanced."""
    actions = to_actions(scenario, allocation)
    first = act_terrestrial(scenario, state, actions.terrestrial)
    second, positions = act_non_terrestrial(scenario, state, first, actions.non_terrestrial)
    return assess_slot(scenario, state, first, second, positions)


def allocation_of(scenario: Scenario, result: Outcome) -> Allocation:
    """Return the allocation of a slot under any policy, for `find_violations`."""
    first, second = result.terrestrial, result.non_terrestrial
    # nodes of the second layer are numbered after base stations
    second_node = jnp.where(second.served, second.node + sizes(scenario).M, -1)
    return Allocation(
        node=jnp.where(first.served, first.node, second_node),
        subcarrier=jnp.where(first.served, first.subcarrier, second.subcarrier),
        power=first.power + second.power,
        uav_positions=result.uav_positions,
    )
