"""Nodes of one type, which share a band, in the form that the bounds need.

Gains are upper bounds, and interference is a lower bound, over all possible UAV positions.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.slicing import links, uavs
from sagin.slicing.allocation import node_limits, node_powers, quotas
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array


class Band(NamedTuple):
    """The I nodes of one type."""

    nodes: np.ndarray
    """Indices among all nodes."""
    terrestrial: bool
    power: float
    """Power of one node, W."""
    gain: np.ndarray
    """(users, I, subcarriers): largest gain over the noise in a subcarrier, 1/W."""
    cross: np.ndarray
    """(users, I, subcarriers): smallest ratio of the gain from the band's *other* node to `gain`,
    if there are two nodes; otherwise 0.
    """
    distance: np.ndarray
    """(users, I): minimum distance, m."""
    cells: np.ndarray | None
    """(users, I, cells): largest path gain with the UAV in a cell of the area, over the largest
    path gain anywhere; None: positions are fixed.
    """


Values = Any
"""Arrays of JAX during the measurement, of NumPy float64 afterwards."""


class Measures(NamedTuple):
    """Links of a slot for all users, before any decision."""

    noise: Values
    """Noise power, W."""
    band: Values
    """Bandwidth of a subcarrier, Hz."""
    threshold: Values
    """SINR from which a user is covered."""
    power: Values
    """Power of each node, W."""
    limit: Values
    """Largest number of users of each node."""
    quota: Values
    """Largest number of users of each slice and layer."""
    base: tuple[Values, Values]
    """Gains (users, M, subcarriers) and distances (users, M), m."""
    satellite: tuple[Values, Values]
    """Gains (users, O) and distances (users, O), m."""
    fixed: tuple[Values, Values] | None
    """Gains (users, V, subcarriers) and distances (users, V), m, of UAVs with fixed positions."""
    fading: Values
    """(users, V, subcarriers): fading of UAVs with free positions."""
    path: Values
    """(users, distances): path gain of UAVs at the requested distances."""
    nearest: Values
    """Minimum distance of a UAV from a user, m."""


@jax.jit
def measure_links(scenario: Scenario, state: State, distance: Array | np.ndarray) -> Measures:
    """Measure the links of a slot, with UAV path gains at the distances (users, distances), m."""
    # fixed UAVs have known gains, (users, uavs, subcarriers), and distances
    settings, places = scenario.uavs, state.user_positions
    fixed = None
    if settings.placement == "fixed":
        spots = uavs.fixed_positions(scenario)
        fixed = (
            links.uav_gains(scenario, state, spots),
            links.uav_distance(scenario, places, spots),
        )
    return Measures(
        noise=jnp.asarray(links.noise_power(scenario)),
        band=jnp.asarray(links.subcarrier_band(scenario), float),
        threshold=links.from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float)),
        power=node_powers(scenario),
        limit=node_limits(scenario),
        quota=quotas(scenario, state),
        base=(links.base_gains(scenario, state), links.base_distance(scenario, places)),
        satellite=(links.satellite_gains(scenario), links.satellite_distance(scenario)),
        fixed=fixed,
        fading=links.uav_fading(scenario, state.uav_draws),
        path=links.uav_gain_at(scenario, jnp.asarray(distance, float)),
        nearest=jnp.maximum(jnp.asarray(settings.altitude_m, float), 1.0),
    )


def measure_slot(scenario: Scenario, state: State, cells: int) -> Measures:
    """Measure the links of a slot as arrays of float64.

    UAV path gains are computed at the nearest possible point, at the farthest point of the area,
    and in each cell. `cells` is the number of cells along a side of the area for UAVs with free
    positions.
    """
    positions = np.asarray(state.user_positions, float)
    # a UAV is right above a user at best, above the farthest corner at worst
    side, height = float(scenario.area.side_m), float(scenario.uavs.altitude_m)
    nearest = np.full(len(positions), max(height, 1.0))
    farthest = np.sqrt((np.maximum(positions, side - positions) ** 2).sum(axis=1) + nearest**2)
    distance = np.column_stack([nearest, farthest, _to_cells(positions, side, cells, height)])
    measures = measure_links(scenario, state, distance)
    return jax.tree.map(lambda values: np.asarray(values, float), measures)


def build_bands(scenario: Scenario, measures: Measures, users: np.ndarray) -> list[Band]:
    """Build the bands that have nodes, for the given user indices.

    A gain is the simulator's own, in float64. For a UAV with a free position, the gain is computed
    directly above the user (or at the nearest point of the cell), and its interference at the
    farthest corner: no position in the area has more gain or less interference. Spacing and speed
    are ignored, which can only raise a bound.
    """
    # gains over the noise, (users, nodes, subcarriers)
    size = sizes(scenario)
    base, distance = measures.base[0][users] / measures.noise, measures.base[1][users]
    satellite = measures.satellite[0][users] / measures.noise
    satellite = np.broadcast_to(satellite[..., None], (*satellite.shape, size.N))
    high = measures.satellite[1][users]
    number = np.split(np.arange(size.M + size.V + size.O), [size.M, size.M + size.V])
    # one band per kind of node: base stations, UAVs, satellites
    total = [float(measures.power[nodes[0]]) if len(nodes) else 0.0 for nodes in number]
    bands = [
        Band(number[0], True, total[0], base, _cross(base, base), distance, None),
        _of_uavs(measures, users)._replace(nodes=number[1], power=total[1]),
        Band(number[2], False, total[2], satellite, _cross(satellite, satellite), high, None),
    ]
    return [band for band in bands if len(band.nodes)]


def _cross(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return the smallest gain of the other of two nodes over the largest gain of this node.

    The shape is (users, I, subcarriers); the result is 0 unless there are two nodes.
    """
    if most.shape[1] != 2:
        return np.zeros_like(most)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(most > 0, least[:, ::-1] / most, 0.0)


def _of_uavs(measures: Measures, users: np.ndarray) -> Band:
    """Return the UAVs' band; the caller sets nodes and power."""
    nodes = np.zeros(0, int)
    if measures.fixed is not None:
        gain, distance = measures.fixed[0][users] / measures.noise, measures.fixed[1][users]
        return Band(nodes, False, 0.0, gain, _cross(gain, gain), distance, None)
    # free UAVs: the fading is known, the path gain lies between best and worst
    fading, path = measures.fading[users], measures.path[users]
    count = fading.shape[1]
    best, worst = path[:, :1], path[:, 1:2]
    most, least = (far[..., None] * fading / measures.noise for far in (best, worst))
    # a gain too small for a float is 0 in every cell
    share = np.divide(path[:, 2:], best, out=np.ones_like(path[:, 2:]), where=best > 0.0)
    return Band(
        nodes,
        False,
        0.0,
        most,
        _cross(least, most),
        np.broadcast_to(measures.nearest, (len(users), count)),
        np.broadcast_to(share[:, None], (len(users), count, share.shape[1])),
    )


def _to_cells(positions: np.ndarray, side: float, cells: int, height: float) -> np.ndarray:
    """Return each user's minimum distance to a UAV in each cell of the area, m.

    The shape is (users, cells²), and the distance is at least 1 m.
    """
    # distance from each user to each strip of the grid, 0 inside, (users, 2, cells)
    edges = np.linspace(0.0, side, cells + 1)
    off = np.maximum(
        np.maximum(edges[:-1] - positions[..., None], positions[..., None] - edges[1:]), 0.0
    )
    square = off[:, 0, :, None] ** 2 + off[:, 1, None, :] ** 2
    return np.sqrt(np.maximum(square.reshape(len(positions), -1) + height**2, 1.0))
