"""Base station and users from a cell-site file in OpenCelliD's columns."""

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sagin.errors import SitesError
from sagin.geometry.geodetic import surface_distance, to_earth_fixed, to_local
from sagin.parameters import list_fields
from sagin.relaying.nodes import Users
from sagin.relaying.sampling import Layout
from sagin.relaying.satellites import move_scenario
from sagin.relaying.scenario import Scenario
from sagin.types import Float

NUMBERS = {
    "cell": (0.0, 2.0**63),
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "range": (0.0, 1e6),
    "samples": (0.0, 1e12),
}
"""Columns that are read, with their allowed ranges; OpenCelliD's other columns may be missing."""


class CellSite(NamedTuple):
    """One row of a cell-site file."""

    cell: int
    """Cell identity; unique only together with radio, network and area."""
    longitude_deg: float
    latitude_deg: float
    range: float
    """Estimated reach, m."""
    samples: int
    """Measurements that the row rests on."""


class SiteScenario(NamedTuple):
    """A scenario on real ground."""

    scenario: Scenario
    """With the number of users, the cell's radius and the place that follow from the sites."""
    layout: Layout
    """The sites in the cell, as places where users gather."""
    base: CellSite
    """The site that is the GBS."""


def read_sites(path: Path | str) -> list[CellSite]:
    """Read the rows of a cell-site CSV file in OpenCelliD's columns.

    Raises:
        SitesError: one line that names file, line, column, value and what is allowed.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NUMBERS if name not in (reader.fieldnames or [])]
            if missing:
                needed = ", ".join(NUMBERS)
                raise SitesError(
                    f"{path}: line 1: column '{missing[0]}' is missing; needed: {needed}"
                )
            sites = [_read_row(row, f"{path}: line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 comma-separated text"
        raise SitesError(f"{path}: cannot be read: {reason}") from None
    if not sites:
        raise SitesError(f"{path}: no site; at least 1 row is needed")
    return sites


def _read_row(row: dict[str, str | None], source: str) -> CellSite:
    numbers = {}
    for name, (low, high) in NUMBERS.items():
        text = row[name]
        try:
            numbers[name] = float(text or "")
        except ValueError:
            numbers[name] = math.nan
        if not low <= numbers[name] <= high:
            allowed = f"a number from {low:g} to {high:g}"
            raise SitesError(
                f"{source}: column '{name}': {text!r} is not allowed (allowed: {allowed})"
            )
    return CellSite(
        int(numbers["cell"]),
        numbers["lon"],
        numbers["lat"],
        numbers["range"],
        int(numbers["samples"]),
    )


def locate_sites(sites: list[CellSite], centre: CellSite) -> Float[np.ndarray, "sites 2"]:
    """Locate sites east and north of one of them, m, in its tangent plane (WGS-84)."""
    latitude, longitude = (
        np.deg2rad([site.latitude_deg for site in sites]),
        np.deg2rad([site.longitude_deg for site in sites]),
    )
    origin = math.radians(centre.latitude_deg), math.radians(centre.longitude_deg)
    return to_local(to_earth_fixed(latitude, longitude), *origin)[:, :2]


def pick_base(scenario: Scenario, sites: list[CellSite]) -> CellSite:
    """Pick the site that becomes the GBS: nearest to a point, or of a given cell."""
    settings = scenario.sites
    if settings.pick == "cell":
        matches = [site for site in sites if site.cell == settings.cell]
        if not matches:
            example = f"the file has {len(sites)} others, such as {sites[0].cell}"
            raise SitesError(f"{settings.file}: no site with cell {settings.cell}; {example}")
        return max(matches, key=lambda site: site.samples)
    latitude, longitude = (
        np.array([site.latitude_deg for site in sites]),
        np.array([site.longitude_deg for site in sites]),
    )
    centre = (
        (scenario.orbit.latitude_deg, scenario.orbit.longitude_deg)
        if settings.pick == "orbit"
        else (latitude.mean(), longitude.mean())
    )
    distance = surface_distance(np.deg2rad(latitude), np.deg2rad(longitude), *np.deg2rad(centre))
    return sites[int(np.argmin(distance))]


def apply_sites(scenario: Scenario, sites: list[CellSite]) -> SiteScenario:
    """Apply cell sites to a scenario: its base station, its users, and where they gather.

    The picked site is the GBS, at the origin; the cell's radius is the scenario's, or the site's
    range; there are density·π·radius² users. The share `users.hotspot_share` of them stands within
    `sites.scatter_m` of the sites in the cell, by their weights; the others are uniform in the
    cell.
    """
    settings, base = scenario.sites, pick_base(scenario, sites)
    radius = scenario.base.cell_radius_m if settings.reach == "cell" else base.range
    if not radius > 1.0:
        reason = "not allowed with sites.reach = range (allowed: more than 1 m)"
        raise SitesError(f"{settings.file}: cell {base.cell}: range {radius:g} m is {reason}")
    users = max(round(settings.density_per_km2 * math.pi * (radius / 1e3) ** 2), 1)
    most = next(parameter.high for name, parameter, _ in list_fields(Users) if name == "count")
    if users > (most or math.inf):
        area = f"{settings.density_per_km2:g} users/km² within {radius:g} m"
        raise SitesError(f"{settings.file}: {area} are {users} users (allowed: at most {most:g})")
    places = locate_sites(sites, base)
    inside = np.hypot(*places.T) <= radius
    weights = np.array(
        [site.samples if settings.weight == "samples" else 1 for site in sites], dtype=float
    )[inside]
    layout = Layout(
        places[inside].astype(np.float32),
        (weights if weights.sum() > 0 else np.ones_like(weights)).astype(np.float32),
    )
    moved = move_scenario(scenario, base.latitude_deg, base.longitude_deg)
    return SiteScenario(
        scenario=replace(
            moved,
            users=replace(moved.users, count=users, hotspot_radius_m=settings.scatter_m),
            base=replace(moved.base, cell_radius_m=radius),
        ),
        layout=layout,
        base=base,
    )
