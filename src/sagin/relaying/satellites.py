"""Satellites from element files or a generated Walker constellation; the serving satellites."""

import math
import warnings
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError, InputNotice
from sagin.orbits.elements import ElementSet
from sagin.orbits.ephemeris import describe_lost, find_lost
from sagin.orbits.passes import handovers, passes
from sagin.orbits.passes import serving as choose
from sagin.orbits.site import Site, to_datetime64
from sagin.places import sky
from sagin.places.sky import LOOK_AHEAD, to_steps
from sagin.relaying.sampling import Serving
from sagin.relaying.scenario import Scenario, parse_start_time
from sagin.types import Float, Int

STEP = 10.0
"""Time step of the choice of the serving satellite, s; a satellite moves by about 70 km."""

SEARCH_LIMIT = 1000
"""Largest number of satellites searched for the nearest pass if none is in view."""


CLOCK = "%Y-%m-%dT%H:%M:%SZ"


class Track(NamedTuple):
    """The satellites that serve a run's drops."""

    serving: Serving
    """Slant range, m, infinite if no satellite is in view, and whether one is, shape (drops,)."""
    seconds: Float[np.ndarray, " drops"]
    """Times of the drops after the scenario's time, s."""
    satellite: Int[np.ndarray, " drops"]
    """Index in `seen` of each drop's satellite, −1 if none is in view."""
    seen: tuple[ElementSet, ...]
    """Satellites in view during `orbit.duration_s` and the look-ahead after it, whatever the number
    of drops.
    """
    server: Int[np.ndarray, " grid"]
    """Index in `seen` of the serving satellite at each time of the grid, −1 if none is in view."""
    handovers: int
    """Number of changes of the serving satellite during `orbit.duration_s`."""
    satellites: int
    """Number of satellites in the elements."""
    lost: int
    """Number of excluded satellites, which have decayed or whose elements are too old."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the satellites in `seen`."""
        return tuple(element.name for element in self.seen)


def load_elements(scenario: Scenario) -> list[ElementSet]:
    """Load the scenario's element sets: those of its file, or a Walker constellation at its time.

    Raises:
        ElementsError: the file cannot be read; the message has one line.
        InputError: the constellation is impossible; the message has one line.
    """
    orbit = scenario.orbit
    source = orbit if scenario.satellite.source == "elements" else replace(orbit, elements=None)
    altitude = scenario.satellite.altitude_km
    return sky.load_elements(source, altitude, parse_start_time(scenario))


def build_site(scenario: Scenario) -> Site:
    """Build the site of the GBS on the Earth."""
    return Site(scenario.orbit.latitude_deg, _wrap_longitude(scenario.orbit.longitude_deg), 0.0)


def track_satellites(
    scenario: Scenario, drops: int, elements: list[ElementSet] | None = None
) -> Track:
    """Find the serving satellite of each drop, at times on a grid of 10 s over `orbit.duration_s`.

    The serving satellite is chosen on the whole grid, so it does not depend on the number of drops;
    the drops' times are spread evenly over the grid. A run's statistics are conditional on this one
    track: drops are independent only in users and fading, and a standard error does not include the
    variation over other times, places or constellations.

    Args:
        scenario: the scenario.
        drops: number of drops.
        elements: element sets; None loads the scenario's.

    Raises:
        InputError: no satellite is in view at any time of the grid; the message has one line.
    """
    elements = load_elements(scenario) if elements is None else elements
    orbit, start = scenario.orbit, parse_start_time(scenario)
    site = build_site(scenario)
    count = int(orbit.duration_s // STEP) + 1
    grid = STEP * np.arange(
        count + (math.ceil(LOOK_AHEAD / STEP) if orbit.handover == "longest" else 0)
    )
    least = math.radians(scenario.satellite.least_elevation_deg)
    seen, elevation, reach = look_up(scenario, elements, grid)
    lost = int(find_lost(elements, to_datetime64(start) + to_steps(grid)).sum())
    server = choose(elevation, least, orbit.handover)[:count]
    if not np.any(server >= 0):
        notes = describe_lost(lost, len(elements))
        text = _describe_empty_sky(scenario, elements, site, start)
        raise InputError(f"{text}; {notes}" if notes else text)
    if lost:
        warnings.warn(describe_lost(lost, len(elements)), InputNotice, stacklevel=2)
    # drops are spread evenly over the grid
    slant_range = np.where(server >= 0, reach[server, np.arange(count)], np.inf)
    step = np.arange(drops) * count // drops
    serving = Serving(jnp.asarray(slant_range[step], float), jnp.asarray(server[step] >= 0))
    changes = handovers(server)
    return Track(serving, grid[step], server[step], seen, server, changes, len(elements), lost)


def look_up(
    scenario: Scenario, elements: list[ElementSet], seconds: Float[np.ndarray, " times"]
) -> sky.Visible:
    """Find the satellites that are ever in view at some times after the scenario's time, s."""
    least = math.radians(scenario.satellite.least_elevation_deg)
    return sky.look_up(elements, build_site(scenario), parse_start_time(scenario), seconds, least)


def _wrap_longitude(longitude_deg: float) -> float:
    return (longitude_deg + 180.0) % 360.0 - 180.0


def _describe_empty_sky(
    scenario: Scenario, elements: list[ElementSet], site: Site, start: datetime
) -> str:
    orbit, least = scenario.orbit, scenario.satellite.least_elevation_deg
    site_text = f"{orbit.latitude_deg:g}°, {orbit.longitude_deg:g}°"
    time_text = f"in the {orbit.duration_s:g} s from {start:{CLOCK}}"
    text = f"no satellite of {len(elements)} is above {least:g}° at {site_text} {time_text}"
    if len(elements) > SEARCH_LIMIT:
        return text
    near = passes(elements, site, start - timedelta(days=1), 2 * 86400.0, least)
    if not near:
        return f"{text}, nor within a day of it"
    nearest = min(near, key=lambda flight: abs((flight.culmination - start).total_seconds()))
    times = f"from {nearest.rise:{CLOCK}} to {nearest.set:{CLOCK}}"
    return f"{text}; the nearest pass is {nearest.name}'s, {times}"


def move_scenario(scenario: Scenario, latitude_deg: float, longitude_deg: float) -> Scenario:
    """Move the GBS of a scenario to another place on the Earth."""
    return replace(
        scenario,
        orbit=replace(scenario.orbit, latitude_deg=latitude_deg, longitude_deg=longitude_deg),
    )
