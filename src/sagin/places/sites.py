"""Base stations of a place: cell sites of a file in any of three forms, or written in a scenario.

OpenCelliD's positions are centroids of measurements, not towers.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.errors import SitesError
from sagin.geometry.geodetic import to_earth_fixed, to_local
from sagin.inputs import parse_number, quote, read_text
from sagin.places.dump import SiteFilter, check_operators, cut_dump, select_sites
from sagin.places.settings import SiteChoice
from sagin.types import Float

GEOJSON = (".geojson", ".json")


class PlacedSites(NamedTuple):
    """Sites within an area."""

    latitude_deg: Float[np.ndarray, "sites"]
    longitude_deg: Float[np.ndarray, "sites"]
    samples: np.ndarray
    """Measurements that a site rests on; 1 where none are told."""
    azimuth_deg: Float[np.ndarray, "sites"] | None = None
    """Where its antenna points, clockwise from north; None where the file tells none."""


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
    """Load the sites in a square, and where each stands, m from its south-west corner.

    Args:
        choice: which sites, of a file or of positions.
        origin_deg: latitude and longitude of the square's centre.
        side_m: its side, m.

    Raises:
        SitesError: a file that cannot be read, or no site in the square, in one line.
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
        if path.suffix in GEOJSON:
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
    """List where the cells of sites stand, m, and where each points, degrees; or nowhere.

    With `azimuths_deg` each site has a cell for each direction, else that of its own column.

    Raises:
        SitesError: directions of a file beside those of the scenario, in one line.
    """
    angles = [] if sites.azimuth_deg is None else sites.azimuth_deg.tolist()
    spots = [(x, y) for x, y in np.round(places, 1).tolist()]
    if choice.azimuths_deg and angles:
        raise SitesError(f"{choice.file}: column 'azimuth' (allowed: none beside azimuths_deg)")
    if choice.azimuths_deg:
        sectors = choice.azimuths_deg
        return tuple(spot for spot in spots for _ in sectors), sectors * len(spots)
    return tuple(spots), tuple(angles)


def read_points(path: Path) -> Any:
    """Read the points of a GeoJSON file as a frame in OpenCelliD's columns.

    Raises:
        SitesError: no GeoJSON, or no point in it, in one line.
    """
    import polars as pl

    rows, angles = [], []
    for shape, properties in read_features(path):
        if shape.get("type") != "Point":
            continue
        longitude, latitude = _read_position(shape.get("coordinates"), path)
        samples, reach = (
            properties.get(name, least) for name, least in (("samples", 1), ("range", 0))
        )
        whole = [properties.get(name, 0) for name in ("mcc", "net", "area", "cell")]
        radio = str(properties.get("radio", ""))
        rows.append((radio, *whole, longitude, latitude, reach, samples))
        angles.append(parse_number(str(properties.get("azimuth", ""))))
    if not rows:
        raise SitesError(f"{path}: no point; at least 1 is needed")
    names = ("radio", "mcc", "net", "area", "cell", "lon", "lat", "range", "samples")
    try:
        frame = pl.DataFrame(rows, schema=list(names), orient="row", strict=True)
        return frame if None in angles else frame.with_columns(pl.Series("azimuth", angles))
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise SitesError(f"{path}: properties: {str(error).splitlines()[0]}") from None


def read_features(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Read the features of a GeoJSON file as geometries and properties.

    Raises:
        SitesError: it is no GeoJSON, in one line.
    """
    try:
        content = json.loads(read_text(path, SitesError))
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
        return [(feature["geometry"] or {}, feature["properties"] or {}) for feature in features]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, SitesError):
            raise
        raise SitesError(f"{path}: not GeoJSON: a FeatureCollection is needed") from None


def _read_position(coordinates: Any, path: Path) -> tuple[float, float]:
    """Return longitude and latitude of a GeoJSON position, degrees."""
    numbers = [parse_number(part) for part in coordinates[:2]] if coordinates else []
    for number, bound in zip(numbers, (180.0, 90.0), strict=False):
        if number is None or abs(number) > bound:
            raise SitesError(
                f"{path}: position {quote(coordinates)} (allowed: longitude, latitude)"
            )
    if len(numbers) != 2:
        raise SitesError(f"{path}: position {quote(coordinates)} (allowed: longitude, latitude)")
    longitude, latitude = numbers
    assert longitude is not None
    assert latitude is not None
    return longitude, latitude
