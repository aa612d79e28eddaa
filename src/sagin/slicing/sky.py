"""A slot of users on the Earth under a constellation; satellites out of sight are no candidates."""

from typing import NamedTuple

import numpy as np

from sagin.constants import SPEED_OF_LIGHT
from sagin.geometry.sight import list_sights
from sagin.slicing import links
from sagin.slicing.scenario import Scenario
from sagin.types import Float, Int
from sagin.units import from_db

PART = 1 << 18
"""Users that are drawn and computed together: the same on any number of machines."""


class Constellation(NamedTuple):
    """Satellites at one time."""

    positions: Float[np.ndarray, "satellites 3"]
    """Earth-fixed positions, m."""
    mask_deg: float = 10.0
    """Minimum elevation of a satellite that serves or interferes, 0 to below 90 degrees."""


class Region(NamedTuple):
    """Region of the users, uniform by area between parallels and meridians."""

    south_deg: float = -90.0
    north_deg: float = 90.0
    west_deg: float = -180.0
    east_deg: float = 180.0


WORLD = Region()
"""The whole Earth."""


class Ground(NamedTuple):
    """Users of one part."""

    latitude_rad: Float[np.ndarray, " users"]
    longitude_rad: Float[np.ndarray, " users"]
    subcarrier: Int[np.ndarray, " users"]
    """Requested subcarrier, at random, since satellites do not fade."""
    tiebreak: Float[np.ndarray, " users"]
    """The order in which balancing disconnects, the largest first."""
    arrivals: Int[np.ndarray, " users"]
    """Packets of users of slice L."""


class SkyClaim(NamedTuple):
    """The satellite that each user claims: the nearest one in sight."""

    node: Int[np.ndarray, " users"]
    """Nearest satellite in sight; −1: none is in sight."""
    distance: Float[np.ndarray, " users"]
    """m; 0 if none is in sight."""
    in_sight: Int[np.ndarray, " users"]
    """Number of satellites in sight."""


def draw_ground(
    seed: int, part: int, users: int, scenario: Scenario, region: Region = WORLD
) -> Ground:
    """Draw the users of a part, at most PART; they depend on seed and part alone."""
    # the numbers of a part do not depend on the number of requested users
    generator = np.random.default_rng([seed, part])
    numbers = generator.random((4, PART))[:, :users]
    ends = np.sin(np.deg2rad([region.south_deg, region.north_deg]))
    west, east = np.deg2rad([region.west_deg, region.east_deg])
    subcarriers = scenario.radio.subcarriers
    arrivals = generator.poisson(scenario.traffic.packets_per_slot, PART)[:users]
    return Ground(
        # uniform on the sphere: latitude by the sine
        np.arcsin(np.clip(ends[0] + (ends[1] - ends[0]) * numbers[0], -1.0, 1.0)),
        west + (east - west) * numbers[1],
        np.minimum((numbers[2] * subcarriers).astype(np.int32), subcarriers - 1),
        numbers[3].astype(np.float32),
        arrivals,
    )


def claim_satellites(ground: Ground, sky: Constellation) -> SkyClaim:
    """Return each user's nearest satellite in sight."""
    users = len(ground.latitude_rad)
    claim = SkyClaim(np.full(users, -1, np.int32), np.zeros(users), np.zeros(users, np.int32))
    # users and satellites near each other only, cell by cell
    for sight in _list_sights(ground, sky):
        if not len(sight.satellite):
            continue
        square = np.where(sight.visible, sight.square, np.inf)
        nearest = np.argmin(square, axis=1)
        least = square[np.arange(len(nearest)), nearest]
        found = np.isfinite(least)
        # no satellite for users without one in sight
        claim.node[sight.users] = np.where(found, sight.satellite[nearest], -1)
        claim.distance[sight.users] = np.sqrt(np.where(found, least, 0.0))
        claim.in_sight[sight.users] = np.sum(sight.visible, axis=1)
    return claim


def count_cells(
    node: Int[np.ndarray, " users"],
    subcarrier: Int[np.ndarray, " users"],
    shape: tuple[int, int],
) -> Int[np.ndarray, "satellites subcarriers"]:
    """Return how many users each satellite serves on each subcarrier; node −1: not served."""
    cell = node[node >= 0].astype(np.int64) * shape[1] + subcarrier[node >= 0]
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)


def compute_sky_sinr(
    ground: Ground,
    node: Int[np.ndarray, " users"],
    cells: Int[np.ndarray, "satellites subcarriers"],
    sky: Constellation,
    scenario: Scenario,
) -> Float[np.ndarray, " users"]:
    """Compute the SINR (9) of each served user, 0 for the others.

    I_k = Σ_(o in sight) P_(o,n)·g_(k,o), n the user's subcarrier, P_(o,n) the power of o's other
    users on it, g = (c/(4π f_c))²·d^−α (8) at the true distance. A satellite divides its power
    evenly. No user's own power is added and subtracted again.

    Args:
        ground: users of a part.
        node: serving satellite, −1 if none, shape (users,).
        cells: `count_cells` of all parts.
        sky: the constellation.
        scenario: power, exponent, carrier, band and noise.
    """
    satellites = scenario.satellites
    reference = (SPEED_OF_LIGHT / (4.0 * np.pi * satellites.carrier_ghz * 1e9)) ** 2
    load = np.sum(cells, axis=1)
    each = float(from_db(satellites.power_dbw)) / np.maximum(load, 1)
    powers, noise = (cells * each[:, None]).astype(np.float32), links.noise_power(scenario)
    noise = np.float32(noise)
    sinr = np.zeros(len(node), np.float32)
    for sight in _list_sights(ground, sky):
        row = np.flatnonzero(node[sight.users] >= 0)
        if not len(row):
            continue
        user = sight.users[row]
        own, channel = node[user], ground.subcarrier[user]
        # single precision, as in the other slots, is several times as fast
        fall = np.log(sight.square[row].astype(np.float32)) * np.float32(-0.5 * satellites.exponent)
        gain = np.where(sight.visible[row], np.float32(reference) * np.exp(fall), np.float32(0.0))
        column, rows = np.searchsorted(sight.satellite, own), np.arange(len(row))
        signal = each[own] * gain[rows, column]
        same = signal * (cells[own, channel] - 1)
        gain[rows, column] = 0.0
        others = (gain @ powers[sight.satellite])[rows, channel]
        sinr[user] = signal / (same + others + noise)
    return sinr


def _list_sights(ground: Ground, sky: Constellation):
    mask = float(np.deg2rad(sky.mask_deg))
    return list_sights(ground.latitude_rad, ground.longitude_rad, sky.positions, mask)
