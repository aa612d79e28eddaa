"""Describe the constraints that an allocation of a slot violates."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.geometry.distance import distance
from sagin.geometry.spacing import minimum_distance
from sagin.slicing import uavs
from sagin.slicing.allocation import Allocation, node_limits, node_powers, quotas
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import SLICES, Scenario, sizes, slice_of
from sagin.slicing.state import (
    State,
)

ROUNDING = 1e-5
"""Relative excess of a power, and excess of a distance in units of the area's side, that single
precision explains.
"""


def find_violations(
    scenario: Scenario, state: State, allocation: Allocation, *, respect_priority: bool = False
) -> list[str]:
    """Return the violations of one slot's allocation as text; empty if it is feasible.

    This function is for use outside compiled code.

    Args:
        scenario: slicing scenario.
        state: state at the start of the slot.
        allocation: node, subcarrier and power of each user, and the UAVs' positions.
        respect_priority: whether the quotas of the priority (`quotas`) must hold as well.
    """
    plan = jax.tree.map(np.asarray, allocation)
    return [
        *_of_users(scenario, state, plan),
        *_of_nodes(scenario, plan),
        *_of_places(scenario, state, plan.uav_positions),
    ] + (_of_quotas(scenario, state, plan) if respect_priority else [])


def _of_users(scenario: Scenario, state: State, plan: Allocation) -> list[str]:
    size, violations = sizes(scenario), []
    # node and subcarrier go together and are in range
    served, nodes = plan.node >= 0, size.M + size.V + size.O
    wrong = (served != (plan.subcarrier >= 0)) | (plan.node >= nodes) | (plan.subcarrier >= size.N)
    violations += [
        f"user {i}: node {plan.node[i]} and subcarrier {plan.subcarrier[i]}, of {nodes} and "
        f"{size.N}"
        for i in np.flatnonzero(wrong)
    ]
    violations += [
        f"user {user}: served, but takes no part"
        for user in np.flatnonzero(served & ~np.asarray(state.active))
    ]
    violations += [
        f"user {user}: power {plan.power[user]:g} W below 0"
        for user in np.flatnonzero(~(plan.power >= 0))
    ]
    return violations + [
        f"user {user}: power {plan.power[user]:g} W unserved"
        for user in np.flatnonzero(~served & (plan.power > 0))
    ]


def _of_nodes(scenario: Scenario, plan: Allocation) -> list[str]:
    violations = []
    for node, (total, limit) in enumerate(
        zip(node_powers(scenario).tolist(), node_limits(scenario).tolist(), strict=True)
    ):
        # load and power of each node, in double precision
        mask = plan.node == node
        load, power = int(mask.sum()), float(plan.power[mask].sum(dtype=float))
        violations += (
            [f"node {node}: {power:g} W of {total:g} W"] if power > total * (1 + ROUNDING) else []
        )
        violations += [f"node {node}: {load} users, {limit:g} at most"] if load > limit else []
    return violations


def _of_places(scenario: Scenario, state: State, places: np.ndarray) -> list[str]:
    settings, side = scenario.uavs, float(scenario.area.side_m)
    slack, violations = ROUNDING * side, []
    if settings.placement == "fixed":
        moved = np.abs(places - np.asarray(uavs.fixed_positions(scenario))).max(initial=0.0) > slack
        return ["UAVs: moved, but fixed"] if moved else []
    # inside the area, apart from each other, within reach
    if np.any((places < -slack) | (places > side + slack)):
        violations.append(f"UAVs: outside of 0 to {side:g} m")
    nearest = float(minimum_distance(jnp.asarray(places)))
    if nearest < settings.spacing_m - slack:
        violations.append(f"UAVs: {nearest:g} m apart, {settings.spacing_m:g} m at least")
    if settings.speed_m_s is not None:
        far = float(np.max(distance(jnp.asarray(places), state.uav_positions), initial=0.0))
        reach = settings.speed_m_s * scenario.traffic.slot_s
        violations += (
            [f"UAVs: {far:g} m flown in a slot, {reach:g} m at most"] if far > reach + slack else []
        )
    return violations


def _of_quotas(scenario: Scenario, state: State, plan: Allocation) -> list[str]:
    most, slices = np.asarray(quotas(scenario, state)), slice_of(scenario)
    names = SLICES
    if ignores_slices(scenario.balancing.rule):
        slices, names = np.zeros_like(slices), ("all slices",)
    layers = (
        ("base stations", (plan.node >= 0) & (plan.node < sizes(scenario).M)),
        ("UAVs and satellites", plan.node >= sizes(scenario).M),
    )
    violations = []
    # served users of each slice in each layer
    for column, (words, mask) in enumerate(layers):
        for row, name in enumerate(names):
            load = int(np.sum(mask & (slices == row)))
            violations += (
                [f"priority: {words} serve {load} of {name}, {most[row, column]} at most"]
                if load > most[row, column]
                else []
            )
    return violations
