"""Nodes of one type, which share a band, as a bound sees them: most gains and least interference
over all places where UAVs may be.
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
    apart = np.asarray(links.base_distance(scenario, state.user_positions), float)[users]
    above = np.asarray(links.satellite_gains(scenario), float)[users] / noise
    above = np.broadcast_to(above[..., None], (*above.shape, size.N))
    high = np.asarray(links.satellite_distance(scenario), float)[users]
    ends = np.cumsum([0, size.M, size.V, size.O])
    number = [np.arange(*ends[i : i + 2]) for i in range(3)]
    total = [float(power[one[0]]) if len(one) else 0.0 for one in number]
    found = [
        Band(number[0], True, total[0], base, _cross(base, base), apart, None),
        _of_uavs(scenario, state, users, cells)._replace(nodes=number[1], power=total[1]),
        Band(number[2], False, total[2], above, _cross(above, above), high, None),
    ]
    return [band for band in found if len(band.nodes)]


def _cross(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return the least gain of the other of two nodes over the own most gain, (users, I,
    subcarriers); 0 unless there are two.
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
        apart = np.asarray(links.uav_distance(scenario, state.user_positions, places), float)[users]
        return Band(np.zeros(0, int), False, 0.0, gain, _cross(gain, gain), apart, None)
    fading = np.asarray(links.uav_fading(scenario, state.uav_draws), float)[users]
    where, side = np.asarray(state.user_positions, float)[users], float(scenario.area.side_m)
    nearest = np.full(len(where), max(settings.altitude_m, 1.0))
    farthest = np.sqrt((np.maximum(where, side - where) ** 2).sum(axis=1) + nearest**2)
    best, worst = _path(scenario, nearest), _path(scenario, farthest)
    most, least = best[:, None, None] * fading / noise, worst[:, None, None] * fading / noise
    share = _path(scenario, _to_cells(where, side, cells, settings.altitude_m)) / best[:, None]
    count = fading.shape[1]
    return Band(
        np.zeros(0, int),
        False,
        0.0,
        most,
        _cross(least, most),
        np.broadcast_to(nearest[:, None], (len(where), count)),
        np.broadcast_to(share[:, None], (len(where), count, share.shape[1])),
    )


def _path(scenario: Scenario, distance: np.ndarray) -> np.ndarray:
    """Return h_0·d^−α relative to h_0·1 m, by the simulator's formula; gains fall with distance as
    α ≥ 0.
    """
    settings = scenario.uavs
    return np.asarray(
        links.power_law(
            jnp.asarray(distance), settings.exponent, links.from_db(settings.reference_gain_db)
        ),
        float,
    )


def _to_cells(where: np.ndarray, side: float, cells: int, height: float) -> np.ndarray:
    """Return the least distance of each user to a UAV in each of cells² squares of the area,
    (users, cells²), m, not below 1 m.
    """
    edges = np.linspace(0.0, side, cells + 1)
    off = np.maximum(np.maximum(edges[:-1] - where[..., None], where[..., None] - edges[1:]), 0.0)
    square = off[:, 0, :, None] ** 2 + off[:, 1, None, :] ** 2
    return np.sqrt(np.maximum(square.reshape(len(where), -1) + height**2, 1.0))
