"""Satellites from element files or a generated Walker constellation: which one serves each drop,
and from how far.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.orbits.constellation import Walker, constellation
from sagin.orbits.elements import ElementSet
from sagin.orbits.ephemeris import look_chunks
from sagin.orbits.files import read_elements
from sagin.orbits.passes import handovers, passes
from sagin.orbits.passes import serving as choose
from sagin.orbits.site import Site, to_datetime64
from sagin.relaying.sampling import Serving
from sagin.relaying.scenario import Scenario, start_time
from sagin.types import Float, Int

STEP = 10.0
"""s between the times at which a serving satellite is chosen; a satellite moves by some 70 km."""

LOOK_AHEAD = 1800.0
"""s beyond the last time in which the longest remaining visibility is looked for; passes at 1000 km
last a quarter of an hour.
"""

MOST_SEARCHED = 1000
"""Satellites among which the nearest pass is searched when none is in view."""


class Track(NamedTuple):
    """The satellites that serve a run's drops."""

    serving: Serving
    """Slant range, m, infinite where no satellite is in view, and whether one is, [drops]."""
    seconds: Float[np.ndarray, " drops"]
    """Times of the drops after the scenario's time, s."""
    satellite: Int[np.ndarray, " drops"]
    """Place in `seen` of each drop's satellite, −1 where none is in view."""
    seen: tuple[ElementSet, ...]
    """Satellites in view during `orbit.duration_s`, and in the look-ahead after it, whatever the
    number of drops.
    """
    chosen: Int[np.ndarray, " grid"]
    """Place in `seen` of the satellite that serves at each time of the grid, −1 where none is in
    view.
    """
    handovers: int
    """How often the serving satellite changes for another one during `orbit.duration_s`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the satellites in `seen`."""
        return tuple(one.name for one in self.seen)


def element_sets(scenario: Scenario) -> list[ElementSet]:
    """Return the scenario's element sets: those of its file, or a Walker constellation at its time;
    ElementsError or InputError with one line.
    """
    orbit = scenario.orbit
    if scenario.satellite.source == "elements":
        return read_elements(str(orbit.elements))
    walker = Walker(
        scenario.satellite.altitude_km,
        orbit.inclination_deg,
        orbit.planes,
        orbit.per_plane,
        orbit.phasing,
    )
    return constellation(walker, start_time(scenario))


def site_of(scenario: Scenario) -> Site:
    """Return the place of the GBS on the Earth."""
    return Site(scenario.orbit.latitude_deg, _wrapped(scenario.orbit.longitude_deg), 0.0)


def track(scenario: Scenario, drops: int, elements: list[ElementSet] | None = None) -> Track:
    """Return which satellite serves each drop, of the times on a grid of 10 s over
    `orbit.duration_s` from `orbit.time`.

    Who serves is chosen on the whole grid, so it doesn't depend on the number of drops; the drops'
    times are spread evenly over the grid. A run's statistics are conditional on this one track:
    drops are independent in users and fading only, and a standard error says nothing of other
    times, places or constellations.

    Raises InputError with one line if no satellite is in view at any time of the grid.
    """
    elements = element_sets(scenario) if elements is None else elements
    orbit, start = scenario.orbit, start_time(scenario)
    site = site_of(scenario)
    count = int(orbit.duration_s // STEP) + 1
    grid = STEP * np.arange(
        count + (math.ceil(LOOK_AHEAD / STEP) if orbit.handover == "longest" else 0)
    )
    least = math.radians(scenario.satellite.least_elevation_deg)
    seen, elevation, reach = _seen(
        elements, site, to_datetime64(start) + _microseconds(grid), least
    )
    chosen = choose(elevation, least, orbit.handover)[:count]
    if not np.any(chosen >= 0):
        raise InputError(_nobody(scenario, elements, site, start))
    range_ = np.where(chosen >= 0, reach[chosen, np.arange(count)], np.inf)
    place = np.arange(drops) * count // drops
    serving = Serving(jnp.asarray(range_[place], float), jnp.asarray(chosen[place] >= 0))
    return Track(serving, grid[place], chosen[place], seen, chosen, handovers(chosen))


def _seen(
    elements: list[ElementSet], site: Site, times: np.ndarray, least: float
) -> tuple[
    tuple[ElementSet, ...],
    Float[np.ndarray, "satellites times"],
    Float[np.ndarray, "satellites times"],
]:
    """Return elements, elevation, rad, and slant range, m, of the satellites that are in view at
    any of the times.
    """
    kept: list[ElementSet] = []
    heights, ranges = [np.zeros((0, len(times)))], [np.zeros((0, len(times)))]
    for part, found in look_chunks(elements, site, times):
        high = np.any(np.where(found.valid, found.elevation_rad, -np.inf) >= least, axis=1)
        kept += [element for element, above in zip(elements[part], high, strict=True) if above]
        heights.append(np.where(found.valid, found.elevation_rad, np.nan)[high])
        ranges.append(found.slant_range_m[high])
    return tuple(kept), np.concatenate(heights), np.concatenate(ranges)


def _microseconds(seconds: np.ndarray) -> np.ndarray:
    return np.round(seconds * 1e6).astype("timedelta64[us]")


def _wrapped(longitude_deg: float) -> float:
    return (longitude_deg + 180.0) % 360.0 - 180.0


def _nobody(scenario: Scenario, elements: list[ElementSet], site: Site, start: datetime) -> str:
    orbit, least = scenario.orbit, scenario.satellite.least_elevation_deg
    place = f"{orbit.latitude_deg:g}°, {orbit.longitude_deg:g}° in the {orbit.duration_s:g} s from {start:%Y-%m-%dT%H:%M:%SZ}"
    text = f"no satellite of {len(elements)} is above {least:g}° at {place}"
    if len(elements) > MOST_SEARCHED:
        return text
    near = passes(elements, site, start - timedelta(days=1), 2 * 86400.0, least)
    if not near:
        return f"{text}, nor within a day of it"
    nearest = min(near, key=lambda one: abs((one.culmination - start).total_seconds()))
    return f"{text}; the nearest pass is {nearest.name}'s, from {nearest.rise:%Y-%m-%dT%H:%M:%SZ} to {nearest.set:%Y-%m-%dT%H:%M:%SZ}"


def at_place(scenario: Scenario, latitude_deg: float, longitude_deg: float) -> Scenario:
    """Return the scenario with the GBS elsewhere on the Earth."""
    return replace(
        scenario,
        orbit=replace(scenario.orbit, latitude_deg=latitude_deg, longitude_deg=longitude_deg),
    )
