"""The exact optimum of small slots: an oracle for planners and bounds.

It is exact over association, subcarriers, grids of powers and grids of positions.
"""

import itertools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.planning.exact_tables import (
    ExactBand,
    Worth,
    combine_bands,
    solve_band,
    trace_choices,
)
from sagin.planning.goals import Goal
from sagin.slicing import links, uavs
from sagin.slicing.allocation import Allocation, node_limits, node_powers, quotas
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import Scenario, check_reuse, sizes, slice_of
from sagin.slicing.state import State

MOST_USERS = 8
"""Largest number of users who take part: the cost grows as 3^users."""


class Optimum(NamedTuple):
    """The best allocation and its worth, w·terms."""

    allocation: Allocation
    worth: float


def find_optimum(
    scenario: Scenario,
    state: State,
    goal: Goal,
    *,
    units: int = 3,
    grid: int = 3,
    respect_priority: bool = False,
) -> Optimum:
    """Return the best allocation with powers in multiples of 1/Q and UAVs on a grid.

    Powers are shares of a node's total; UAVs are at the centres of the grid's squares. The search
    is an exhaustive dynamic programme. The terms are sums over users, bands do not interfere, and
    only the remaining users and units couple the subcarriers of a band. On each subcarrier, every
    choice of nodes and units is evaluated with its SINR (2), (6), (9) and the simulator's formulas.
    Capacities below Q are refused: a served user has at least one unit, so greater capacities
    cannot bind. Minimum values of the goal are ignored.

    Args:
        units: Q, units of power per node.
        grid: number of squares along a side of the area.
        respect_priority: whether the quotas of the priority hold.
    """
    users = np.flatnonzero(np.asarray(state.active))
    limits = np.asarray(node_limits(scenario))
    if len(users) > MOST_USERS:
        raise InputError(
            f"exact: {len(users)} users is not allowed (allowed: at most {MOST_USERS})"
        )
    if np.any(limits < units):
        raise InputError(
            f"exact: a capacity of {limits.min():g} users is not allowed (allowed: at least "
            f"units = {units})"
        )
    places = list_places(scenario, grid)
    worth_of = Worth(scenario, state, users, np.asarray(goal.weights, float))
    solved = [solve_band(worth_of, band, units) for band in _bands(scenario, state, users, places)]
    allowed = _list_allowed_sets(scenario, state, users, respect_priority)
    value, spot, sets = combine_bands(solved, allowed, len(users), sizes(scenario).M)
    node, subcarrier = np.full(sizes(scenario).K, -1), np.full(sizes(scenario).K, -1)
    power = np.zeros(sizes(scenario).K)
    for table, members in zip(solved, sets, strict=True):
        for channel, row in trace_choices(table, worth_of, members, spot, units):
            linked = table.choices.node[row] >= 0
            node[users[linked]] = table.band.first + table.choices.node[row][linked]
            subcarrier[users[linked]] = channel
            power[users[linked]] = table.choices.units[row][linked] * table.band.power / units
    plan = (node, subcarrier, power.astype(np.float32), places[spot].astype(np.float32))
    return Optimum(Allocation(*(jnp.asarray(part) for part in plan)), value)


def list_places(scenario: Scenario, grid: int) -> np.ndarray:
    """List the candidate UAV positions, (places, UAVs, 2), m.

    They are all choices of grid centres that are far enough apart, or the fixed positions.
    """
    count, side = sizes(scenario).V, float(scenario.area.side_m)
    if scenario.uavs.placement == "fixed" or count == 0:
        return np.asarray(uavs.fixed_positions(scenario), float).reshape(1, -1, 2)[:, :count]
    centre = (np.arange(grid) + 0.5) * side / grid
    points = np.stack(np.meshgrid(centre, centre, indexing="ij"), axis=-1).reshape(-1, 2)
    grids = points[list(itertools.product(range(len(points)), repeat=count))]
    distances = (
        np.sqrt(((grids[:, :, None] - grids[:, None]) ** 2).sum(axis=-1))
        + np.eye(count) * side * 2.0
    )
    grids = grids[distances.min(axis=(1, 2)) >= scenario.uavs.spacing_m]
    if not len(grids):
        raise InputError(
            f"exact: grid = {grid} (allowed: a grid on which {count} UAVs are uavs.spacing_m apart)"
        )
    return grids


def _bands(
    scenario: Scenario, state: State, users: np.ndarray, places: np.ndarray
) -> list[ExactBand]:
    check_reuse(scenario, "exact")
    size, noise, power = (
        sizes(scenario),
        float(links.noise_power(scenario)),
        np.asarray(node_powers(scenario), float),
    )
    satellite_gain = np.repeat(
        np.asarray(links.satellite_gains(scenario))[..., None], size.N, axis=2
    )
    high = links.satellite_distance(scenario)
    flying = [
        (
            links.uav_gains(scenario, state, spots),
            links.uav_distance(scenario, state.user_positions, spots),
        )
        for spots in jnp.asarray(places)
    ]
    ground = [
        (links.base_gains(scenario, state), links.base_distance(scenario, state.user_positions))
    ]
    firsts = (0, size.M, size.M + size.V)
    bands = []
    for first, count, pairs in zip(
        firsts, (size.M, size.V, size.O), (ground, flying, [(satellite_gain, high)]), strict=True
    ):
        if count:
            gain, distance = (
                np.stack([np.asarray(spots, float)[users] for spots in axis])
                for axis in zip(*pairs, strict=True)
            )
            bands.append(ExactBand(first, float(power[first]), gain / noise, distance))
    return bands


def _list_allowed_sets(
    scenario: Scenario, state: State, users: np.ndarray, respect: bool
) -> np.ndarray:
    """Return the allowed sets of users of base stations (first row) and other nodes, (2, sets)."""
    sets = np.arange(2 ** len(users))
    if not respect:
        return np.ones((2, len(sets)), bool)
    most = np.asarray(quotas(scenario, state))
    slices = (
        np.zeros(len(users), int)
        if ignores_slices(scenario.balancing.rule)
        else slice_of(scenario)[users]
    )
    member = (sets[:, None] >> np.arange(len(users))) & 1
    counts = np.stack([(member * (slices == row)).sum(axis=1) for row in range(3)], axis=1)
    return np.stack([np.all(counts <= most[:, layer], axis=1) for layer in range(2)])
