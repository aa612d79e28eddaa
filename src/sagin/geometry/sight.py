"""Satellites in sight of many positions on the Earth, computed in blocks of positions."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sagin.constants import WGS84_SEMI_MINOR
from sagin.geometry.geodetic import Real, local_axes, to_earth_fixed
from sagin.types import Bool, Float, Int
from sagin.units import Numbers, as_float64

CELL_RAD = np.deg2rad(5.0)
"""Height of a cell of neighbouring positions, and its width in the middle."""
MOST_PLACES = 512
"""Positions of a cell compared with its satellites at once, so that the arrays fit a cache."""
TILT_RAD = np.deg2rad(0.2)
"""Largest angle between the vertical and the direction to the Earth's centre."""


ROUNDING = 1e-12
"""Tolerance of a cosine; a superfluous candidate costs nothing, as each pair is tested."""


class Sight(NamedTuple):
    """A block of neighbouring positions and the satellites that any of them may see."""

    users: Int[np.ndarray, " block"]
    """Numbers of the places, where users are."""
    satellite: Int[np.ndarray, " candidates"]
    """Numbers of the satellites."""
    square: Float[np.ndarray, "block candidates"]
    """Squared distance d², m²."""
    visible: Bool[np.ndarray, "block candidates"]
    """Whether the elevation is at least the mask."""


def list_sights(
    latitude_rad: Numbers, longitude_rad: Numbers, satellites: Numbers, mask_rad: float
) -> Iterator[Sight]:
    """Yield blocks of all positions with the satellites near them, with sight tested pair by pair.

    A satellite with geocentric radius R is above elevation ε at a position with radius r only
    within the central angle arccos(r/R·cos ε) − ε. A block's candidates are the satellites that are
    this near to any of its positions. The time is positions × satellites in sight; the memory is
    MOST_PLACES × candidates.

    Args:
        latitude_rad: geodetic, rad, [places]; on the ellipsoid.
        longitude_rad: rad, [places].
        satellites: Earth-fixed positions, m, [satellites, 3].
        mask_rad: ε, minimum elevation, in [0, π/2), rad.
    """
    latitude, longitude = as_float64(latitude_rad), as_float64(longitude_rad)
    satellites = as_float64(satellites)
    radius = np.linalg.norm(satellites, axis=1)
    reach = np.arccos(WGS84_SEMI_MINOR / radius * np.cos(mask_rad)) - mask_rad + TILT_RAD
    towards, near, side = satellites / radius[:, None], np.cos(reach), np.sin(reach)
    for users in _group_places(latitude, longitude):
        position = to_earth_fixed(latitude[users], longitude[users])
        up = local_axes(latitude[users], longitude[users])[:, 2]
        direction = position / np.linalg.norm(position, axis=1, keepdims=True)
        middle = np.mean(direction, axis=0)
        middle /= np.linalg.norm(middle)
        wide = np.arccos(np.clip(np.min(direction @ middle), -1.0, 1.0))
        # cos(angle to the middle) ≥ cos(reach + wide), without an arc cosine per satellite
        least = near * np.cos(wide) - side * np.sin(wide) - ROUNDING
        candidates = np.flatnonzero(towards @ middle >= least)
        yield Sight(users, candidates, *_test(position, up, satellites[candidates], mask_rad))


def _group_places(latitude: Real, longitude: Real) -> Iterator[Int[np.ndarray, " block"]]:
    """Yield the places of each cell, at most MOST_PLACES at a time."""
    band = np.floor((latitude + np.pi / 2.0) / CELL_RAD)
    columns = np.maximum(
        np.ceil(2.0 * np.pi * np.cos((band + 0.5) * CELL_RAD - np.pi / 2.0) / CELL_RAD), 1.0
    )
    column = np.floor(np.mod(longitude, 2.0 * np.pi) / (2.0 * np.pi) * columns)
    cell = (band * np.ceil(2.0 * np.pi / CELL_RAD + 1.0) + column).astype(int)
    order = np.argsort(cell, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
        for start in range(0, len(places), MOST_PLACES):
            yield places[start : start + MOST_PLACES]


def _test(
    position: Float[np.ndarray, "block 3"],
    up: Float[np.ndarray, "block 3"],
    satellites: Float[np.ndarray, "candidates 3"],
    mask_rad: float,
) -> tuple[Float[np.ndarray, "block candidates"], Bool[np.ndarray, "block candidates"]]:
    """Return d² and whether sin(elevation) = (s − u)·up/d is at least the mask's."""
    square = np.sum(np.square(satellites), axis=1) - 2.0 * (position @ satellites.T)
    square += np.sum(np.square(position), axis=1)[:, None]
    height = up @ satellites.T - np.sum(position * up, axis=1)[:, None]
    visible = (height >= 0.0) & (np.square(height) >= np.sin(mask_rad) ** 2 * square)
    return square, visible
