"""What is wanted of a slot, how an allocation of users, powers and UAV positions fares by it in the
simulator, and what it violates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.geometry.distance import distance
from sagin.geometry.spacing import minimum_distance
from sagin.slicing import uavs
from sagin.slicing.actions import AGENTS
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import (
    Actions,
    Kpis,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import non_terrestrial, outcome, terrestrial
from sagin.types import Array, ArrayLike, Float, Int
from sagin.units import from_db

SLICES = "HLC"
ROUNDING = 1e-5
"""Relative excess of a power, and in sides of the area of a distance, that single precision
explains.
"""


class Goal(NamedTuple):
    """What is wanted of the three terms, of slices H, L and C (`terms`)."""

    weights: Float[Array, "*goals 3"]
    """w ≥ 0."""
    least: Float[Array, "*goals 3"]
    """ε-constraints: values that the terms are to reach; −inf: none."""


class Allocation(NamedTuple):
    """Who is served where, on what subcarrier, at what power, and where the UAVs are."""

    node: Int[Array, "*slots users"]
    """Base stations, then UAVs, then satellites; −1: none."""
    subcarrier: Int[Array, "*slots users"]
    """−1: none."""
    power: Float[Array, "*slots users"]
    """p, W; 0 if not served."""
    uav_positions: Float[Array, "*slots uavs 2"]
    """m."""


def goal(
    weights: ArrayLike | Sequence[float] = (1.0, 1.0, 1.0),
    least: ArrayLike | Sequence[float] | None = None,
) -> Goal:
    """Return a goal from weights and least values of the three terms; the default asks for their
    plain sum.

    >>> goal((1, 0, 0)).least.tolist()
    [-inf, -inf, -inf]
    """
    weights = jnp.asarray(weights, float)
    return Goal(
        weights,
        jnp.full(weights.shape, -jnp.inf)
        if least is None
        else jnp.broadcast_to(jnp.asarray(least, float), weights.shape),
    )


def terms(scenario: Scenario, kpis: Kpis) -> Float[Array, "*slots 3"]:
    """Return the three slices' terms, normalised as rewards are: throughput over its reference, 1 −
    D/β, coverage; over all users.

    Each is a sum over the slice's users, 0 for who isn't served: R/reference, (1 − D/β)/K_L, [SINR
    > γ_th]/K_C.
    """
    settings = scenario.objectives
    throughput = kpis.throughput / (jnp.asarray(settings.throughput_reference_mbps, float) * 1e6)
    return jnp.stack(
        [throughput, 1.0 - kpis.delay / settings.delay_limit_s, kpis.coverage], axis=-1
    )


def worth(wanted: Goal, found: Float[Array, "*slots 3"]) -> Float[Array, "*slots"]:
    """Return w·terms.

    >>> float(worth(goal((2, 1, 0)), jnp.array([1.0, 0.5, 0.7])))
    2.5
    """
    return jnp.sum(wanted.weights * found, axis=-1)


def shortfall(wanted: Goal, found: Float[Array, "*slots 3"]) -> Float[Array, "*slots"]:
    """Return by how much the terms miss their least values, Σ max(0, least − term).

    >>> float(shortfall(goal(least=(1.0, 0.25, 0.5)), jnp.array([0.5, 0.5, 0.25])))
    0.75
    """
    return jnp.sum(jnp.maximum(wanted.least - found, 0.0), axis=-1)


def node_powers(scenario: Scenario) -> Float[Array, " nodes"]:
    """Return the total power of each base station, UAV and satellite, W."""
    size, (base, uav, satellite) = (
        sizes(scenario),
        (scenario.base_stations, scenario.uavs, scenario.satellites),
    )
    parts = zip(
        (size.M, size.V, size.O), (base.power_dbw, uav.power_dbw, satellite.power_dbw), strict=True
    )
    return jnp.concatenate(
        [jnp.full(count, from_db(jnp.asarray(power, float))) for count, power in parts]
    )


def node_limits(scenario: Scenario) -> Float[Array, " nodes"]:
    """Return how many users each node may serve; inf: any number. Balancing keeps the users whose
    rank is below C_th, so it rounds up.
    """
    size = sizes(scenario)
    free = scenario.balancing.rule == "none"
    given = (scenario.base_stations.capacity, scenario.uavs.capacity, scenario.satellites.capacity)
    parts = zip((size.M, size.V, size.O), given, strict=True)
    return jnp.concatenate(
        [
            jnp.full(
                n, jnp.inf if free or most is None else jnp.ceil(jnp.asarray(most, float)), float
            )
            for n, most in parts
        ]
    )


def quotas(scenario: Scenario, state: State) -> Int[Array, "3 2"]:
    """Return how many users of slices H, L, C the terrestrial and the non-terrestrial layer serve
    at most where priority is respected.

    Base stations have room for Q = min(their capacities' sum, users); rule `priority` fills it with
    slice H, then L, then C, and whom it has no room for is the other layer's. Rule `none` leaves
    everybody to the base stations, if there are any. With rule `uniform` anybody
    may fill the room: the first row then holds the numbers for all slices together, the others are
    0.
    """
    size, rule = sizes(scenario), scenario.balancing.rule
    users = jnp.sum(
        jax.nn.one_hot(slice_of(scenario), 3, dtype=int) * state.active[:, None], axis=0
    )
    room = jnp.minimum(jnp.sum(node_limits(scenario)[: size.M]), jnp.sum(users)).astype(users.dtype)
    if rule == "uniform":
        users = jnp.zeros(3, users.dtype).at[0].set(jnp.sum(users))
    before = jnp.cumsum(users) - users
    here = jnp.clip(room - before, 0, users)
    return jnp.stack([here, users - here], axis=1)


def actions_of(scenario: Scenario, allocation: Allocation) -> Actions:
    """Return the actions of both layers that an allocation is; step by step they come to the same."""
    size = sizes(scenario)
    node, subcarrier = allocation.node, jax.nn.one_hot(allocation.subcarrier, size.N)
    total = node_powers(scenario)
    share = jnp.sum(
        jax.nn.one_hot(node, total.shape[0]) * (allocation.power[:, None] / total), axis=1
    )
    share = jnp.clip(share, 0.0, 1.0)
    places = jnp.broadcast_to(allocation.uav_positions / scenario.area.side_m, (AGENTS, size.V, 2))
    first = TerrestrialAction(jax.nn.one_hot(node, size.M), subcarrier, share)
    second = NonTerrestrialAction(
        places, jax.nn.one_hot(node - size.M, size.V + size.O), subcarrier, share
    )
    return Actions(first, second)


def carry_out(scenario: Scenario, state: State, allocation: Allocation) -> Outcome:
    """Return what an allocation comes to in the simulator, by `actions_of`; the state is not
    advanced.
    """
    actions = actions_of(scenario, allocation)
    first = terrestrial(scenario, state, actions.terrestrial)
    second, positions = non_terrestrial(scenario, state, first, actions.non_terrestrial)
    return outcome(scenario, state, first, second, positions)


def violations(
    scenario: Scenario, state: State, allocation: Allocation, *, respect_priority: bool = False
) -> list[str]:
    """Return what the allocation of one slot breaks, in plain words; nothing if it is feasible. For
    the edge, outside compiled code.

    respect_priority: whether `quotas` hold too.
    """
    plan = jax.tree.map(np.asarray, allocation)
    return [
        *_of_users(scenario, state, plan),
        *_of_nodes(scenario, plan),
        *_of_places(scenario, state, plan.uav_positions),
    ] + (_of_quotas(scenario, state, plan) if respect_priority else [])


def _of_users(scenario: Scenario, state: State, plan: Allocation) -> list[str]:
    size, found = sizes(scenario), []
    served, nodes = plan.node >= 0, size.M + size.V + size.O
    wrong = (served != (plan.subcarrier >= 0)) | (plan.node >= nodes) | (plan.subcarrier >= size.N)
    found += [
        f"user {i}: node {plan.node[i]} and subcarrier {plan.subcarrier[i]}, of {nodes} and {size.N}"
        for i in np.flatnonzero(wrong)
    ]
    found += [
        f"user {user}: served, but takes no part"
        for user in np.flatnonzero(served & ~np.asarray(state.active))
    ]
    found += [
        f"user {user}: power {plan.power[user]:g} W below 0"
        for user in np.flatnonzero(~(plan.power >= 0))
    ]
    return found + [
        f"user {user}: power {plan.power[user]:g} W unserved"
        for user in np.flatnonzero(~served & (plan.power > 0))
    ]


def _of_nodes(scenario: Scenario, plan: Allocation) -> list[str]:
    found = []
    for node, (total, limit) in enumerate(
        zip(node_powers(scenario).tolist(), node_limits(scenario).tolist(), strict=True)
    ):
        here = plan.node == node
        load, power = int(here.sum()), float(plan.power[here].sum(dtype=float))
        found += (
            [f"node {node}: {power:g} W of {total:g} W"] if power > total * (1 + ROUNDING) else []
        )
        found += [f"node {node}: {load} users, {limit:g} at most"] if load > limit else []
    return found


def _of_places(scenario: Scenario, state: State, places: np.ndarray) -> list[str]:
    settings, side = scenario.uavs, float(scenario.area.side_m)
    slack, found = ROUNDING * side, []
    if settings.placement == "fixed":
        moved = np.abs(places - np.asarray(uavs.fixed(scenario))).max(initial=0.0) > slack
        return ["UAVs: moved, but fixed"] if moved else []
    if np.any((places < -slack) | (places > side + slack)):
        found.append(f"UAVs: outside of 0 to {side:g} m")
    apart = float(minimum_distance(jnp.asarray(places)))
    if apart < settings.spacing_m - slack:
        found.append(f"UAVs: {apart:g} m apart, {settings.spacing_m:g} m at least")
    if settings.speed_m_s is not None:
        far = float(np.max(distance(jnp.asarray(places), state.uav_positions), initial=0.0))
        reach = settings.speed_m_s * scenario.traffic.slot_s
        found += (
            [f"UAVs: {far:g} m flown in a slot, {reach:g} m at most"] if far > reach + slack else []
        )
    return found


def _of_quotas(scenario: Scenario, state: State, plan: Allocation) -> list[str]:
    most, place = np.asarray(quotas(scenario, state)), slice_of(scenario)
    names = SLICES
    if scenario.balancing.rule == "uniform":
        place, names = np.zeros_like(place), ("all slices",)
    layers = (
        ("base stations", (plan.node >= 0) & (plan.node < sizes(scenario).M)),
        ("UAVs and satellites", plan.node >= sizes(scenario).M),
    )
    found = []
    for column, (words, here) in enumerate(layers):
        for row, name in enumerate(names):
            load = int(np.sum(here & (place == row)))
            found += (
                [f"priority: {words} serve {load} of {name}, {most[row, column]} at most"]
                if load > most[row, column]
                else []
            )
    return found
