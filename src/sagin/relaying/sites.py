"""Base station and users from a cell-site file in OpenCelliD's columns."""

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sagin.errors import InputNotice, SitesError
from sagin.geometry.geodetic import surface_distance, to_earth_fixed, to_local
from sagin.inputs import (
    check_width,
    describe_message,
    find_columns,
    read_lines,
    split_rows,
)
from sagin.parameters import list_fields
from sagin.places.records import COLUMNS, NAMES, is_record, parse_cell
from sagin.relaying.middle import find_middle, list_outliers
from sagin.relaying.nodes import Users
from sagin.relaying.sampling import Layout
from sagin.relaying.satellites import move_scenario
from sagin.relaying.scenario import Scenario
from sagin.types import Float

NUMBERS = {
    "cell": (0, 2**63 - 1),
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "range": (0.0, 1e6),
    "samples": (0, 10**12),
}
"""Columns that are read, with their allowed ranges; OpenCelliD's other columns are optional."""

CHUNK = 2**16
"""Number of rows converted at a time."""


class CellSite(NamedTuple):
    """One row of a cell-site file."""

    cell: int
    """Cell identity; unique only together with radio, network and area."""
    longitude_deg: float
    latitude_deg: float
    range: float
    """Estimated reach, m."""
    samples: int
    """Number of measurements behind the row."""


class CellSites(NamedTuple):
    """The rows of a cell-site file as columns, 40 bytes a row; see `CellSite`."""

    cell: np.ndarray
    longitude_deg: Float[np.ndarray, " sites"]
    latitude_deg: Float[np.ndarray, " sites"]
    range: Float[np.ndarray, " sites"]
    samples: np.ndarray

    def list_rows(self) -> list[CellSite]:
        """List all rows."""
        return [CellSite(*row) for row in zip(*(column.tolist() for column in self), strict=True)]

    def row(self, index: int) -> CellSite:
        """Return one row."""
        cell, longitude, latitude, reach, samples = (column[index].item() for column in self)
        return CellSite(cell, longitude, latitude, reach, samples)


class SiteScenario(NamedTuple):
    """A scenario on real ground."""

    scenario: Scenario
    """The scenario, with the number of users, cell radius and location that follow from the sites.
    """
    layout: Layout
    """The sites in the cell, as positions where users gather."""
    base: CellSite
    """The site that is the GBS."""


def read_sites(path: Path | str) -> CellSites:
    """Read the rows of a cell-site table in OpenCelliD's columns, row by row.

    The heading may be missing, in capitals, or in Mozilla's names. Cells are separated by commas,
    semicolons, tabs or vertical bars.

    Raises:
        SitesError: one line names file, line, column, value and the allowed values.
    """
    lines = read_lines(path, SitesError)
    rows = split_rows(lines, str(path), SitesError)
    # the heading, or a first row of data without one
    if rows is None:
        raise SitesError(f"{path}: no site; at least 1 row is needed")
    first, rows_left = rows.first, rows.following
    places = find_columns(first, NAMES, f"{path}: line {rows.line}", SitesError)
    if len(places) == 0 and is_record(first):
        # a country's table may lack the last columns
        places = find_columns(COLUMNS[: len(first)], NAMES, "", SitesError)
        rows_left = rows.replay()
    missing = [name for name in NUMBERS if name not in places]
    if missing:
        raise SitesError(_describe_heading(str(path), rows.line, first, missing[0], lines))
    # chunks of rows as columns of numbers
    columns = [places[name] for name in NUMBERS]
    chunks = list(_read_chunks(rows_left, columns, len(first), str(path)))
    if not chunks:
        raise SitesError(f"{path}: no site; at least 1 row is needed")
    return CellSites(*(np.concatenate(columns) for columns in zip(*chunks, strict=True)))


def _describe_heading(
    path: str, line: int, cells: Sequence[str], missing: str, lines: Iterator[str]
) -> str:
    """Return one line that says why a first row is not the heading of a site table."""
    if len(cells) == 1:
        return f"{path}: {describe_message(' '.join([*cells, *islice(lines, 50)]))}"
    return f"{path}: line {line}: column '{missing}' is missing; needed: {', '.join(NUMBERS)}"


def _read_chunks(
    rows: Iterable[tuple[int, list[str]]], places: Sequence[int], width: int, path: str
) -> Iterator[list[np.ndarray]]:
    """Yield the columns of chunks of rows, in the order of `NUMBERS`."""
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        for line, row in chunk:
            if len(row) != width:
                check_width(row, width, f"{path}: line {line}", SitesError)
        yield [
            _read_column(name, [(line, row[column]) for line, row in chunk], path)
            for name, column in zip(NUMBERS, places, strict=True)
        ]


def _read_column(name: str, cells: list[tuple[int, str]], path: str) -> np.ndarray:
    """Return a column as checked numbers."""
    limits = NUMBERS[name]
    numbers = [parse_cell(name, cell, f"{path}: line {line}", limits) for line, cell in cells]
    return np.array(numbers, np.int64 if isinstance(limits[1], int) else np.float64)


def locate_sites(sites: CellSites, centre: CellSite) -> Float[np.ndarray, "sites 2"]:
    """Locate sites east and north of one of them, m, in its tangent plane (WGS-84)."""
    latitude, longitude = np.deg2rad(sites.latitude_deg), np.deg2rad(sites.longitude_deg)
    origin = math.radians(centre.latitude_deg), math.radians(centre.longitude_deg)
    return to_local(to_earth_fixed(latitude, longitude), *origin)[:, :2]


def pick_base(scenario: Scenario, sites: CellSites) -> CellSite:
    """Pick the site that becomes the GBS: the nearest to a point, or a given cell."""
    settings = scenario.sites
    if settings.pick == "cell":
        # several rows of one cell: the one of most measurements
        matches = np.flatnonzero(sites.cell == settings.cell)
        if not len(matches):
            example = f"the file has {len(sites.cell)} others, such as {sites.cell[0]}"
            raise SitesError(f"{settings.file}: no site with cell {settings.cell}; {example}")
        return sites.row(int(matches[np.argmax(sites.samples[matches])]))
    # distances from the chosen centre, m
    latitude, longitude = np.deg2rad(sites.latitude_deg), np.deg2rad(sites.longitude_deg)
    centre = (
        np.deg2rad((scenario.orbit.latitude_deg, scenario.orbit.longitude_deg))
        if settings.pick == "orbit"
        else find_middle(latitude, longitude)
    )
    distance = surface_distance(latitude, longitude, *centre)
    if settings.pick == "centre":
        _tell_outliers(str(settings.file), sites, distance)
    return sites.row(int(np.argmin(distance)))


def _tell_outliers(path: str, sites: CellSites, distance: Float[np.ndarray, " sites"]) -> None:
    """Warn about sites far from all others."""
    far = list_outliers(distance)
    if len(far):
        worst = far[np.argmax(distance[far])]
        position = f"{sites.latitude_deg[worst]:g}°, {sites.longitude_deg[worst]:g}°"
        text = (
            f"{path}: {len(far)} of {len(distance)} sites lie far from the others, such as "
            f"cell {sites.cell[worst]} at {position}, {distance[worst] / 1e3:.0f} km from "
            "their centre; they do not move the centre"
        )
        warnings.warn(text, InputNotice, stacklevel=2)


def pick_further(
    places: Float[np.ndarray, "sites 2"], count: int, spacing_m: float
) -> tuple[tuple[float, float], ...]:
    """Pick further sites, the nearest to the GBS at (0, 0) first, with a minimum spacing.

    >>> pick_further(np.array([[50.0, 0.0], [0.0, 300.0], [250.0, 0.0]]), 2, 200.0)
    ((250.0, 0.0), (0.0, 300.0))
    """
    picked = [(0.0, 0.0)]
    for spot in places[np.argsort(np.hypot(*places.T), kind="stable")].round(1).tolist():
        if len(picked) <= count and all(math.dist(spot, other) >= spacing_m for other in picked):
            picked.append((spot[0], spot[1]))
    return tuple(picked[1:])


def apply_sites(scenario: Scenario, sites: CellSites) -> SiteScenario:
    """Apply cell sites to a scenario: its base station, its users, and where they gather.

    The picked site is the GBS, at the origin. The cell's radius is the scenario's, or the site's
    range. There are density·π·radius² users. The share `users.hotspot_share` of them is within
    `sites.scatter_m` of the sites in the cell, by their weights; the others are uniform in the
    cell.
    """
    settings, base = scenario.sites, pick_base(scenario, sites)
    radius = scenario.base.cell_radius_m if settings.reach == "cell" else base.range
    if not radius > 1.0:
        reason = "not allowed with sites.reach = range (allowed: more than 1 m)"
        raise SitesError(f"{settings.file}: cell {base.cell}: range {radius:g} m is {reason}")
    # as many users as the density puts into the reach
    users = max(round(settings.density_per_km2 * math.pi * (radius / 1e3) ** 2), 1)
    most = next(parameter.high for name, parameter, _ in list_fields(Users) if name == "count")
    if users > (most or math.inf):
        area = f"{settings.density_per_km2:g} users/km² within {radius:g} m"
        raise SitesError(f"{settings.file}: {area} are {users} users (allowed: at most {most:g})")
    # users gather about the sites within the reach, by their weights
    places = locate_sites(sites, base)
    inside = np.hypot(*places.T) <= radius
    counts = sites.samples if settings.weight == "samples" else np.ones_like(sites.samples)
    weights = counts[inside].astype(float)
    layout = Layout(
        places[inside].astype(np.float32),
        (weights if weights.sum() > 0 else np.ones_like(weights)).astype(np.float32),
    )
    further = pick_further(places[inside], settings.base_stations - 1, settings.spacing_m)
    moved = move_scenario(scenario, base.latitude_deg, base.longitude_deg)
    return SiteScenario(
        scenario=replace(
            moved,
            users=replace(moved.users, count=users, hotspot_radius_m=settings.scatter_m),
            base=replace(moved.base, cell_radius_m=radius, positions_m=further),
        ),
        layout=layout,
        base=base,
    )
