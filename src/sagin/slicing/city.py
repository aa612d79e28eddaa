"""Convert a slicing scenario with a location: sites, users, hours and satellites become fields."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from sagin.errors import InputNotice
from sagin.links.row import USER_HEIGHT_M, Reach, list_row_rules
from sagin.orbits.ephemeris import describe_lost
from sagin.parameters import Rule
from sagin.places.density import load_spots
from sagin.places.profile import list_local_hours, read_shares
from sagin.places.settings import Density, Location, SiteChoice, list_orbit_rules
from sagin.places.sites import is_geojson, list_cells, load_sites
from sagin.places.sky import Overhead, follow_satellites
from sagin.slicing.satellite_sky import SatelliteSky
from sagin.slicing.sections import BaseStations, Satellites, Uavs

HOUR_S = 3600.0
MINUTE_S = 60.0


class DaySky(NamedTuple):
    """The satellites over a location in each minute of a day."""

    overhead: Overhead

    def find(self, minute: int) -> SatelliteSky:
        """Return the position of each serving satellite."""
        return read_sky(self.overhead, minute)

    def count_handovers(self, hour: int) -> int:
        """Count the handovers of an hour."""
        return self.overhead.count_handovers(60 * hour, 60 * (hour + 1))


def find_origin(scenario: Any) -> tuple[float, float] | None:
    """Return latitude and longitude of the area's centre; None without a location."""
    location = scenario.location
    if location is None:
        return None
    return float(location.latitude_deg), float(location.longitude_deg)


def place_scenario(scenario: Any) -> Any:
    """Return a scenario whose location sections are converted to its ordinary fields.

    Base stations are placed at the sites, m east and north of the square's south-west corner, and
    users in the density's discs. Users by the hour become the schedule K_s(t), with one step per
    hour. Satellites have their positions at the location's start time.

    Raises:
        InputError: a file cannot be read, or the square is empty; the message has one line.
    """
    location, origin, side = scenario.location, find_origin(scenario), float(scenario.area.side_m)
    assert origin is not None
    changes: dict[str, Any] = {"location": replace(location, placed=True)}
    sites = None
    # sites become base stations, m from the south-west corner
    if scenario.sites is not None:
        sites = load_sites(scenario.sites, origin, side)
        cells, angles = list_cells(scenario.sites, *sites)
        changes["base_stations"] = replace(
            scenario.base_stations, positions_m=cells, azimuths_deg=angles
        )
    if scenario.density is not None:
        spots = load_spots(scenario.density, sites, origin, side)
        changes["area"] = replace(scenario.area, spots=spots)
    # hours become steps of the schedule, users per slice
    if has_profile(location):
        numbers = count_users(scenario).T.tolist()
        names = [entry.name for entry in fields(scenario.users)]
        parts = {name: tuple(steps) for name, steps in zip(names, numbers, strict=True)}
        slots = max(round(HOUR_S / scenario.traffic.slot_s), 1)
        changes["schedule"] = replace(scenario.schedule, **parts, step_slots=slots)
    # satellites of the first hour; others follow per hour
    if scenario.orbit is not None:
        overhead = _follow(scenario, origin, 1, 10.0)
        if overhead.lost:
            text = describe_lost(overhead.lost, overhead.satellites)
            warnings.warn(text, InputNotice, stacklevel=2)
        changes["satellites"] = replace(scenario.satellites, sky=read_sky(overhead, 0))
    return replace(scenario, **changes)


def has_profile(location: Location) -> bool:
    """Return whether a location's number of users depends on the hour."""
    return location.profile != "constant" or location.profile_file is not None


def count_users(scenario: Any) -> np.ndarray:
    """Return the users of H, L and C in each of the 24 hours from the location's start, (24, 3)."""
    shares = read_shares(scenario.location)[list_local_hours(scenario.location)]
    most = [getattr(scenario.users, entry.name) for entry in fields(scenario.users)]
    return np.rint(shares * np.array(most)).astype(int)


def follow_day(scenario: Any, hours: int = 24) -> DaySky | None:
    """Follow the satellites of a scenario's orbit minute by minute; None without an orbit."""
    origin = find_origin(scenario)
    if scenario.orbit is None or origin is None:
        return None
    return DaySky(_follow(scenario, origin, round(hours * HOUR_S / MINUTE_S) + 1, MINUTE_S))


def read_sky(overhead: Overhead, time: int) -> SatelliteSky:
    """Return the position of each serving satellite at one of the times."""
    ranges = overhead.range_km[:, time]
    return SatelliteSky(
        ranges_km=tuple(np.where(np.isfinite(ranges), np.round(ranges, 3), 0.0).tolist()),
        elevations_deg=tuple(np.round(overhead.elevation_deg[:, time], 3).tolist()),
    )


def _follow(scenario: Any, origin: tuple[float, float], times: int, step: float) -> Overhead:
    satellites, start = scenario.satellites, scenario.location.start
    grid = satellites.count, times, step
    return follow_satellites(scenario.orbit, satellites.altitude_km, origin, start, grid)


def find_hour(location: Location, hour: int) -> str:
    """Return the clock time of an hour after a location's start, such as 19 h.

    >>> find_hour(Location(), 19)
    '19 h'
    """
    return f"{(location.start + timedelta(hours=hour)).hour} h"


def list_place_rules(scenario: Any) -> Iterator[Rule]:
    """Yield the rules of the location sections of a scenario, and of its link models."""
    location = scenario.location
    if location is None:
        for name in ("sites", "density", "orbit", "costs"):
            part = getattr(scenario, name)
            yield name, "a section", "only with a section [location]", part is not None
    else:
        yield from _list_location_rules(scenario, location)
    yield from _list_link_rules(scenario)


def _list_location_rules(scenario: Any, location: Location) -> Iterator[Rule]:
    for name in ("latitude_deg", "longitude_deg"):
        value = getattr(location, name)
        yield f"location.{name}", value, "the area's centre, degrees", value is None
    both = location.profile != "constant" and location.profile_file is not None
    yield "location.profile", location.profile, "constant together with location.profile_file", both
    if scenario.sites is not None:
        yield from _list_site_rules(scenario.sites)
    if scenario.density is not None:
        yield from _list_density_rules(scenario.density, scenario.sites)
    if scenario.orbit is not None:
        yield from list_orbit_rules(scenario.orbit, "orbit")
        count = scenario.satellites.count
        yield "satellites.count", count, "at least 1, the satellites that serve at once", count < 1
    if not location.placed:
        yield from _list_conflict_rules(scenario, location)


def _list_conflict_rules(scenario: Any, location: Location) -> Iterator[Rule]:
    """Yield the rules that fields which the location decides are not set as well."""
    plain = BaseStations()
    for name in ("positions_m", "azimuths_deg"):
        value = getattr(scenario.base_stations, name)
        is_set = scenario.sites is not None and value != getattr(plain, name)
        yield f"base_stations.{name}", value, "no value together with [sites]", is_set
    yield (
        "area.spots",
        "rows",
        "no value together with [density]",
        scenario.density is not None and scenario.area.spots is not None,
    )
    yield (
        "satellites.sky",
        "a section",
        "none together with [orbit]",
        scenario.orbit is not None and scenario.satellites.sky is not None,
    )
    steps = [getattr(scenario.schedule, entry.name) for entry in fields(scenario.users)]
    yield (
        "schedule",
        "steps",
        "none together with a profile of the location",
        has_profile(location) and any(numbers is not None for numbers in steps),
    )


def _list_site_rules(sites: SiteChoice) -> Iterator[Rule]:
    written, plain = bool(sites.positions_deg), SiteChoice()
    one = written != (sites.file is not None)
    yield "sites.file", sites.file, "a file, or sites.positions_deg, not both", not one
    for name in ("radios", "operators", "least_samples", "spacing_m"):
        value = getattr(sites, name)
        unused = written and value != getattr(plain, name)
        yield f"sites.{name}", value, "no value together with sites.positions_deg", unused


def _list_density_rules(density: Density, sites: SiteChoice | None) -> Iterator[Rule]:
    weights, has_file = density.weights, density.file is not None
    yield (
        "density.weights",
        weights,
        "uniform together with density.file",
        has_file and weights != "uniform",
    )
    yield (
        "density.weights",
        weights,
        "uniform, or a section [sites]",
        (weights != "uniform" and sites is None),
    )
    yield (
        "density.weights",
        weights,
        "'sites', because sites.positions_deg has no samples",
        (weights == "samples" and sites is not None and sites.file is None),
    )
    is_area = has_file and is_geojson(str(density.file))
    unused = (is_area or (not has_file and weights == "uniform")) and (
        density.scatter_m != Density().scatter_m
    )
    yield "density.scatter_m", density.scatter_m, "no value without points", unused


def _list_link_rules(scenario: Any) -> Iterator[Rule]:
    """Yield the rules of link models, of fields that they make idle, and of the sky's numbers."""
    for name, disabled in (
        ("base_stations", ("exponent", "reference_gain_db")),
        ("uavs", ("exponent", "reference_gain_db")),
        ("satellites", ("exponent", "carrier_ghz")),
    ):
        part = getattr(scenario, name)
        plain: Any = {"base_stations": BaseStations, "uavs": Uavs, "satellites": Satellites}[name]()
        for field in disabled:
            value = getattr(part, field)
            unused = part.link is not None and value != getattr(plain, field)
            yield f"{name}.{field}", value, f"no value together with {name}.link", unused
        points = part.link is not None and part.link.pointing == "azimuth"
        if name == "base_stations":
            yield from _list_sector_rules(scenario, points)
        else:
            allowed = "user or down; azimuth is for base stations"
            yield f"{name}.link.pointing", "azimuth", allowed, points
        yield from list_row_rules(part.link, f"{name}.link", _list_reaches(scenario, name))
    sky, count = scenario.satellites.sky, scenario.satellites.count
    for name in () if sky is None else ("ranges_km", "elevations_deg"):
        numbers = getattr(sky, name)
        wrong = len(numbers) != count
        yield f"satellites.sky.{name}", numbers, f"{count} numbers, as satellites.count", wrong


def _list_sector_rules(scenario: Any, is_aimed: bool) -> Iterator[Rule]:
    """Yield the rules that each pointed base station has a direction, and the others have none."""
    angles, count = scenario.base_stations.azimuths_deg, len(scenario.base_stations.positions_m)
    sites, name = scenario.sites, "base_stations.azimuths_deg"
    is_open = scenario.location is not None and not scenario.location.placed and sites is not None
    allowed = f"{count} directions, as many as base stations, with link.pointing = azimuth"
    yield name, angles, allowed, is_aimed and not is_open and len(angles) != count
    allowed = "none without base_stations.link.pointing = azimuth"
    yield name, angles, allowed, bool(angles) and not is_aimed
    if sites is not None:
        yield (
            "sites.azimuths_deg",
            sites.azimuths_deg,
            allowed,
            (bool(sites.azimuths_deg) and not is_aimed),
        )


def _list_reaches(scenario: Any, name: str) -> list[Reach]:
    """List the extreme paths between which all links of a node type lie."""
    if name == "base_stations":
        return [Reach(1.0, 0.0, USER_HEIGHT_M)]
    if name == "uavs":
        height, width = scenario.uavs.altitude_m, math.sqrt(2.0) * scenario.area.side_m
        low = math.degrees(math.atan2(height, width))
        return [Reach(math.hypot(height, width), low, height), Reach(height, 90.0, height)]
    satellites = scenario.satellites
    height, sky = satellites.altitude_km * 1e3, satellites.sky
    if sky is None:
        return [] if scenario.orbit is not None else [Reach(height, 90.0, height)]
    pairs = zip(sky.ranges_km, sky.elevations_deg, strict=False)
    return [Reach(reach * 1e3, elevation, height) for reach, elevation in pairs if reach > 0]
