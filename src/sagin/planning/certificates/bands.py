"""Nodes of one type, which share a band, as a bound sees them.

Gains are the most, interference the least, over all places where UAVs may be.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.slicing import links, uavs
from sagin.slicing.allocation import node_powers
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State


class Band(NamedTuple):
    """The I nodes of one type."""

    nodes: np.ndarray
    """Their numbers among all nodes."""
    terrestrial: bool
    power: float
    """P of one, W."""
    gain: np.ndarray
    """(users, I, subcarriers): most gain over the noise in a subcarrier, 1/W."""
    cross: np.ndarray
    """(users, I, subcarriers): least ratio of the gain from the band's *other* node to `gain`, if
    there are two nodes; else 0.
    """
    distance: np.ndarray
    """(users, I): least distance, m."""
    cells: np.ndarray | None
    """(users, I, cells): most path gain with the UAV in a cell of the area, over the most path gain
    anywhere; None: places are given.
    """


def build_bands(scenario: Scenario, state: State, users: np.ndarray, cells: int) -> list[Band]:
    """Return the bands that have nodes, for some of the users, by number.

    cells: along a side of the area, where UAVs decide their places. A gain is the simulator's own,
    in float64; that of a UAV which decides is taken straight above the user (or at the nearest
    point of the cell), and the interference from it at the farthest corner: no place in the area
    has more gain or less interference. Spacing and speed are left out, which can only raise a
    bound.
    """
    size, noise = sizes(scenario), float(links.noise_power(scenario))
    power = np.asarray(node_powers(scenario), float)
    base = np.asarray(links.base_gains(scenario, state), float)[users] / noise
    distance = np.asarray(links.base_distance(scenario, state.user_positions), float)[users]
    satellite_gain = np.asarray(links.satellite_gains(scenario), float)[users] / noise
    satellite_gain = np.broadcast_to(satellite_gain[..., None], (*satellite_gain.shape, size.N))
    high = np.asarray(links.satellite_distance(scenario), float)[users]
    ends = np.cumsum([0, size.M, size.V, size.O])
    number = [np.arange(*ends[i : i + 2]) for i in range(3)]
    total = [float(power[nodes[0]]) if len(nodes) else 0.0 for nodes in number]
    bands = [
        Band(number[0], True, total[0], base, _cross(base, base), distance, None),
        _of_uavs(scenario, state, users, cells)._replace(nodes=number[1], power=total[1]),
        Band(
            number[2],
            False,
            total[2],
            satellite_gain,
            _cross(satellite_gain, satellite_gain),
            high,
            None,
        ),
    ]
    return [band for band in bands if len(band.nodes)]


def _cross(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return the least gain of the other of two nodes over the most gain of this one.

    (users, I, subcarriers); 0 unless there are two nodes.
    """
    if most.shape[1] != 2:
        return np.zeros_like(most)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(most > 0, least[:, ::-1] / most, 0.0)


def _of_uavs(scenario: Scenario, state: State, users: np.ndarray, cells: int) -> Band:
    """Return the UAVs' band; the caller sets nodes and power."""
    settings, noise = scenario.uavs, float(links.noise_power(scenario))
    if settings.placement == "fixed":
        places = uavs.fixed_positions(scenario)
        gain = np.asarray(links.uav_gains(scenario, state, places), float)[users] / noise
        distance = np.asarray(links.uav_distance(scenario, state.user_positions, places), float)[
            users
        ]
        return Band(np.zeros(0, int), False, 0.0, gain, _cross(gain, gain), distance, None)
    fading = np.asarray(links.uav_fading(scenario, state.uav_draws), float)[users]
    positions, side = np.asarray(state.user_positions, float)[users], float(scenario.area.side_m)
    nearest = np.full(len(positions), max(settings.altitude_m, 1.0))
    farthest = np.sqrt((np.maximum(positions, side - positions) ** 2).sum(axis=1) + nearest**2)
    best, worst = _path(scenario, nearest), _path(scenario, farthest)
    most, least = best[:, None, None] * fading / noise, worst[:, None, None] * fading / noise
    share = _path(scenario, _to_cells(positions, side, cells, settings.altitude_m)) / best[:, None]
    count = fading.shape[1]
    return Band(
        np.zeros(0, int),
        False,
        0.0,
        most,
        _cross(least, most),
        np.broadcast_to(nearest[:, None], (len(positions), count)),
        np.broadcast_to(share[:, None], (len(positions), count, share.shape[1])),
    )


def _path(scenario: Scenario, distance: np.ndarray) -> np.ndarray:
    """Return h_0·d^−α relative to h_0·1 m, by the simulator's formula.

    Gains fall with distance as α ≥ 0.
    """
    settings = scenario.uavs
    return np.asarray(
        links.power_law(
            jnp.asarray(distance), settings.exponent, links.from_db(settings.reference_gain_db)
        ),
        float,
    )


def _to_cells(positions: np.ndarray, side: float, cells: int, height: float) -> np.ndarray:
    """Return each user's least distance to a UAV in each cell of the area, m.

    (users, cells²), not below 1 m.
    """
    edges = np.linspace(0.0, side, cells + 1)
    off = np.maximum(
        np.maximum(edges[:-1] - positions[..., None], positions[..., None] - edges[1:]), 0.0
    )
    square = off[:, 0, :, None] ** 2 + off[:, 1, None, :] ** 2
    return np.sqrt(np.maximum(square.reshape(len(positions), -1) + height**2, 1.0))
