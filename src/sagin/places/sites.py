"""Base stations of a location: cell sites from a file in any of three forms, or in a scenario.

OpenCelliD's positions are centroids of measurements, not towers.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.errors import SitesError
from sagin.geometry.geodetic import to_earth_fixed, to_local
from sagin.inputs import describe_message, parse_number, parse_whole, quote, read_text
from sagin.places.dump import (
    COUNTS,
    NEEDED,
    PLAIN,
    SiteFilter,
    check_operators,
    cut_dump,
    find_types,
    select_sites,
)
from sagin.places.records import RANGES
from sagin.places.settings import SiteChoice
from sagin.types import Float

GEOJSON = (".geojson", ".json")

READ = (*COUNTS, "azimuth")
"""Numbers that a point may have as properties."""


class PlacedSites(NamedTuple):
    """Sites within an area."""

    latitude_deg: Float[np.ndarray, "sites"]
    longitude_deg: Float[np.ndarray, "sites"]
    samples: np.ndarray
    """Number of measurements of a site; 1 if unknown."""
    azimuth_deg: Float[np.ndarray, "sites"] | None = None
    """Direction of its antenna, clockwise from north; None if the file has none."""


def locate(
    latitude_deg: Any, longitude_deg: Any, origin_deg: tuple[float, float]
) -> Float[np.ndarray, "points 2"]:
    """Return points east and north of an origin in its tangent plane (WGS-84), m.

    >>> (locate([60.0, 60.001], [10.0, 10.0], (60.0, 10.0)).round(0) + 0.0).tolist()
    [[0.0, 0.0], [0.0, 111.0]]
    """
    places = to_earth_fixed(np.deg2rad(latitude_deg), np.deg2rad(longitude_deg))
    return to_local(places, *(math.radians(angle) for angle in origin_deg))[:, :2]


def load_sites(
    choice: SiteChoice, origin_deg: tuple[float, float], side_m: float
) -> tuple[PlacedSites, Float[np.ndarray, "sites 2"]]:
    """Load the sites in a square, and their positions, m from its south-west corner.

    Args:
        choice: sites from a file or positions.
        origin_deg: latitude and longitude of the square's centre.
        side_m: side of the square, m.

    Raises:
        SitesError: a file cannot be read, or the square has no site; the message has one line.
    """
    radius = side_m / math.sqrt(2.0)
    if choice.file is None:
        latitude, longitude = np.array(choice.positions_deg, float).reshape(-1, 2).T
        sites = PlacedSites(latitude, longitude, np.ones(len(latitude), int))
    else:
        condition = SiteFilter(
            *origin_deg,
            radius,
            choice.radios,
            check_operators(choice.operators),
            choice.least_samples,
            choice.spacing_m,
        )
        path = Path(choice.file)
        if is_geojson(path):
            frame = select_sites(read_points(path), condition, path)
        else:
            frame = cut_dump(path, condition)
        names = [name for name in ("lat", "lon", "samples", "azimuth") if name in frame.columns]
        sites = PlacedSites(*(frame[name].to_numpy() for name in names))
    places = locate(sites.latitude_deg, sites.longitude_deg, origin_deg) + side_m / 2.0
    inside = np.all((places >= 0.0) & (places <= side_m), axis=1)
    rows = np.flatnonzero(inside)[: choice.count]
    if not len(rows) or (choice.file is None and not inside.all()):
        name = choice.file or "sites.positions_deg"
        square = f"the square of {side_m:g} m around {origin_deg[0]:g}, {origin_deg[1]:g}"
        text = "no site is in" if not len(rows) else f"site {np.argmin(inside) + 1} is not in"
        raise SitesError(f"{name}: {text} {square}")
    kept = {name: column[rows] for name, column in sites._asdict().items() if column is not None}
    return PlacedSites(**kept), places[rows]


def list_cells(
    choice: SiteChoice, sites: PlacedSites, places: Float[np.ndarray, "sites 2"]
) -> tuple[tuple[tuple[float, float], ...], tuple[float, ...]]:
    """List the positions of the sites' cells, m, and their directions, degrees, or None.

    With `azimuths_deg` each site has one cell per direction, otherwise the direction of its own
    column.

    Raises:
        SitesError: both file and scenario give directions; the message has one line.
    """
    angles = [] if sites.azimuth_deg is None else sites.azimuth_deg.tolist()
    spots = [(x, y) for x, y in np.round(places, 1).tolist()]
    if choice.azimuths_deg and angles:
        raise SitesError(
            f"{choice.file}: column 'azimuth' (allowed: none together with azimuths_deg)"
        )
    if choice.azimuths_deg:
        sectors = choice.azimuths_deg
        return tuple(spot for spot in spots for _ in sectors), sectors * len(spots)
    return tuple(spots), tuple(angles)


def is_geojson(path: Path | str) -> bool:
    """Return whether a file name is that of GeoJSON, which may be compressed by gzip.

    >>> is_geojson("a.GeoJSON"), is_geojson("a.json.gz"), is_geojson("a.csv")
    (True, True, False)
    """
    return str(path).lower().removesuffix(".gz").endswith(GEOJSON)


def read_points(path: Path) -> Any:
    """Read the points of a GeoJSON file as a frame in OpenCelliD's columns.

    Raises:
        SitesError: the file is no GeoJSON, or has no point; the message has one line.
    """
    import polars as pl

    rows = []
    for number, (shape, properties) in enumerate(read_features(path), start=1):
        if shape.get("type") != "Point":
            continue
        place = read_position(shape.get("coordinates"), path)
        radio = properties.get("radio")
        rows.append(
            dict(zip(("lon", "lat"), place, strict=True))
            | {name: _read_property(properties, name, f"{path}: feature {number}") for name in READ}
            | {"radio": radio if isinstance(radio, str) else ""}
        )
    if not rows:
        raise SitesError(f"{path}: no point; at least 1 is needed")
    lacking = [row for row in rows if row["azimuth"] is None]
    if lacking and len(lacking) < len(rows):
        raise SitesError(
            f"{path}: only some points have the property 'azimuth' (allowed: all or none)"
        )
    names = NEEDED if lacking else (*NEEDED, "azimuth")
    return pl.DataFrame(rows, schema=find_types((*NEEDED, "azimuth"))).select(names)


def _read_property(properties: dict[str, Any], name: str, location: str) -> float | None:
    """Return a number of a point, or its default."""
    value, (low, high) = properties.get(name), RANGES[name]
    if value is None:
        return PLAIN.get(name)
    number = parse_whole(value) if name in COUNTS else parse_number(value)
    if number is None or not low <= number <= high:
        kind = "a whole number" if name in COUNTS else "a number"
        raise SitesError(
            f"{location}: property '{name}': {quote(value)} is not allowed "
            f"(allowed: {kind} from {low:g} to {high:g})"
        )
    return number


def read_features(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Read the features of a GeoJSON file as geometries and properties.

    Raises:
        SitesError: the file is no GeoJSON; the message has one line.
    """
    text = read_text(path, SitesError)
    try:
        content = json.loads(text)
        if isinstance(content, str) or (isinstance(content, dict) and "type" not in content):
            raise SitesError(f"{path}: {describe_message(text)}")
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
        parts = [(feature["geometry"] or {}, feature["properties"] or {}) for feature in features]
        if all(isinstance(part, dict) for pair in parts for part in pair):
            return parts
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, SitesError):
            raise
    raise SitesError(f"{path}: not GeoJSON: a FeatureCollection is needed")


def read_position(coordinates: Any, path: Path) -> tuple[float, float]:
    """Return longitude and latitude of a GeoJSON position, degrees.

    Raises:
        SitesError: it is no position; the message has one line.
    """
    pair = coordinates[:2] if isinstance(coordinates, list) else []
    # text is no number in GeoJSON
    numbers = [None if isinstance(part, str) else parse_number(part) for part in pair]
    limits = RANGES["lon"][1], RANGES["lat"][1]
    inside = [number for number in numbers if number is not None]
    if len(inside) != 2 or any(
        abs(number) > limit for number, limit in zip(inside, limits, strict=True)
    ):
        raise SitesError(
            f"{path}: position {quote(coordinates)} (allowed: longitude, latitude in degrees)"
        )
    return inside[0], inside[1]
