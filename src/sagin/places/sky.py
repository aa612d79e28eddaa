"""Satellites over a location, from a file or a Walker constellation: in view and serving."""

import functools
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from sagin.orbits.constellation import Walker, constellation
from sagin.orbits.elements import ElementSet
from sagin.orbits.ephemeris import find_lost, look_chunks
from sagin.orbits.files import read_elements
from sagin.orbits.passes import serving
from sagin.orbits.site import Site, to_datetime64
from sagin.places.settings import CityOrbit, OrbitSource
from sagin.types import Float, Int

LOOK_AHEAD = 1800.0
"""Time after the last one in which the longest remaining visibility is computed, s; passes at 1000
km last a quarter of an hour.
"""


class Visible(NamedTuple):
    """The satellites that are ever in view at some times."""

    elements: tuple[ElementSet, ...]
    elevation_rad: Float[np.ndarray, "satellites times"]
    """Elevation; NaN if the elements are not valid."""
    slant_range_m: Float[np.ndarray, "satellites times"]


class Overhead(NamedTuple):
    """The satellites that serve a location, one per beam, on a time grid."""

    names: tuple[str, ...]
    satellite: Int[np.ndarray, "beams times"]
    """Index in `names`, −1 if none is in view."""
    range_km: Float[np.ndarray, "beams times"]
    """Slant range, infinite if none is in view."""
    elevation_deg: Float[np.ndarray, "beams times"]
    """Elevation; 90 if none is in view."""
    satellites: int
    """Number of satellites."""
    lost: int
    """Number of excluded satellites: decayed, or with elements that are too old."""

    def count_handovers(self, first: int, last: int) -> int:
        """Count the changes of the beams' satellites between two times."""
        part = self.satellite[:, first : last + 1]
        return int(np.count_nonzero((part[:, 1:] != part[:, :-1]) & (part[:, :-1] >= 0)))


def to_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; without an offset it is UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_steps(seconds: Float[np.ndarray, "times"]) -> np.ndarray:
    """Return seconds as NumPy's differences of times, to the microsecond."""
    return np.round(seconds * 1e6).astype("timedelta64[us]")


def load_elements(orbit: OrbitSource, altitude_km: float, start: datetime) -> list[ElementSet]:
    """Load the element sets of a file, or those of a Walker constellation at a time.

    Raises:
        ElementsError: the file cannot be read; the message has one line.
        InputError: the constellation is impossible; the message has one line.
    """
    if orbit.elements is not None:
        return read_elements(orbit.elements)
    walker = Walker(
        altitude_km, orbit.inclination_deg, orbit.planes, orbit.per_plane, orbit.phasing
    )
    return constellation(walker, start)


def look_up(
    elements: Sequence[ElementSet],
    site: Site,
    start: datetime,
    seconds: Float[np.ndarray, "times"],
    least_rad: float,
) -> Visible:
    """Find the satellites that are ever in view at some times after a start, s."""
    times = to_datetime64(start) + to_steps(seconds)
    seen: list[ElementSet] = []
    heights, ranges = [np.zeros((0, len(times)))], [np.zeros((0, len(times)))]
    for part, look in look_chunks(elements, site, times):
        high = np.any(np.where(look.valid, look.elevation_rad, -np.inf) >= least_rad, axis=1)
        seen += [element for element, is_high in zip(elements[part], high, strict=True) if is_high]
        heights.append(np.where(look.valid, look.elevation_rad, np.nan)[high])
        ranges.append(look.slant_range_m[high])
    return Visible(tuple(seen), np.concatenate(heights), np.concatenate(ranges))


@functools.lru_cache(maxsize=4)
def follow_satellites(
    orbit: CityOrbit,
    altitude_km: float,
    place_deg: tuple[float, float],
    start: datetime,
    grid: tuple[int, int, float],
) -> Overhead:
    """Find the satellites that serve a location over time.

    Each beam is served by `orbits.passes.serving` among the satellites that no earlier beam uses.
    With one beam this is that rule itself; with the rule `highest`, beam b has the b-th highest
    satellite.

    Args:
        orbit: satellites, rule and minimum elevation.
        altitude_km: altitude of a Walker constellation.
        place_deg: latitude and longitude.
        start: first time.
        grid: number of beams, number of times, and s between two times.
    """
    beams, times, step = grid
    ahead = math.ceil(LOOK_AHEAD / step) if orbit.handover == "longest" else 0
    elements = load_elements(orbit, altitude_km, to_utc(start))
    least = math.radians(orbit.least_elevation_deg)
    seconds = step * np.arange(times + ahead)
    seen = look_up(elements, Site(*place_deg), start, seconds, least)
    elevation, columns = seen.elevation_rad.copy(), np.arange(times)
    server = np.full((beams, times), -1)
    for beam in range(beams):
        choice = serving(elevation, least, orbit.handover)
        server[beam] = choice[:times]
        busy = np.flatnonzero(choice >= 0)
        elevation[choice[busy], busy] = np.nan
    served = server >= 0
    if not len(seen.elements):
        ranges, heights = np.full(server.shape, np.inf), np.full(server.shape, 90.0)
    else:
        ranges = np.where(served, seen.slant_range_m[server, columns] / 1e3, np.inf)
        heights = np.where(served, np.rad2deg(seen.elevation_rad[server, columns]), 90.0)
    names = tuple(element.name for element in seen.elements)
    lost = int(find_lost(elements, to_datetime64(start) + to_steps(seconds)).sum())
    return Overhead(names, server, ranges, heights, len(elements), lost)
