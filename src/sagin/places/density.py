"""Density of users: weighted points of sites, of a table, or of areas with a density."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputError
from sagin.inputs import parse_number, quote
from sagin.places.columns import need_columns, read_columns
from sagin.places.settings import Density
from sagin.places.sites import PlacedSites, is_geojson, locate, read_features, read_position
from sagin.types import Bool, Float

CELLS = 64
"""Number of squares along a side into which areas of a density are cut."""

MOST_DENSITY = 1e12
"""Largest density or weight."""

Rows = Float[np.ndarray, "points 4"]


class Spots:
    """Weighted discs of users: x and y, m, weight, and radius, m."""

    def __init__(self, rows: Any) -> None:
        """Store the rows.

        Raises:
            ValueError: a row does not have four finite numbers, or weights are negative or all 0.
        """
        self.rows = np.array(rows, float).reshape(-1, 4)
        weights = self.rows[:, 2]
        if not (np.isfinite(self.rows).all() and (weights >= 0).all() and weights.sum() > 0):
            raise ValueError("rows of x, y, weight, radius with weights of at least 0 are needed")
        self._bytes = self.rows.tobytes()

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spots) and self._bytes == other._bytes

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic accept and write rows of numbers."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls(value),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value.rows.tolist() if isinstance(value, cls) else value
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """State in the JSON Schema that a file has rows of four numbers."""
        row = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
        return {"type": "array", "items": row}


def load_spots(
    density: Density,
    sites: tuple[PlacedSites, Float[np.ndarray, "sites 2"]] | None,
    origin_deg: tuple[float, float],
    side_m: float,
) -> Spots | None:
    """Load the discs of users in a square, or None if users are uniform.

    Args:
        density: weights or a file.
        sites: the sites in the square, and their positions, m.
        origin_deg: latitude and longitude of the square's centre.
        side_m: side of the square, m.

    Raises:
        InputError: a file cannot be read, or the square has no users; the message has one line.
    """
    if density.file is None and density.weights == "uniform":
        return None
    if density.file is None:
        assert sites is not None
        placed, places = sites
        weights = placed.samples if density.weights == "samples" else np.ones(len(places))
        rows = np.column_stack([places, weights, np.full(len(places), density.scatter_m)])
    elif is_geojson(density.file):
        rows = _cut_areas(Path(density.file), origin_deg, side_m)
    else:
        rows = _read_points(density, origin_deg, side_m)
    inside = np.all((rows[:, :2] >= 0.0) & (rows[:, :2] <= side_m), axis=1)
    if not rows[inside, 2].sum() > 0:
        centre = f"{origin_deg[0]:g}, {origin_deg[1]:g}"
        source = density.file or f"density.weights = {density.weights}"
        raise InputError(f"{source}: nobody is in the square of {side_m:g} m around {centre}")
    return Spots(rows[inside])


def _read_points(density: Density, origin_deg: tuple[float, float], side_m: float) -> Rows:
    """Read weighted points of a table."""
    path = str(density.file)
    names = {"lat": ("latitude",), "lon": ("longitude", "lng"), "weight": ("density", "users")}
    ranges = {"lat": (-90.0, 90.0), "lon": (-180.0, 180.0), "weight": (0.0, MOST_DENSITY)}
    table = read_columns(path, names, ranges)
    need_columns(path, table, *names)
    places = locate(table["lat"], table["lon"], origin_deg) + side_m / 2.0
    return np.column_stack([places, table["weight"], np.full(len(places), density.scatter_m)])


def locate_line(
    line: Any, path: Path, origin_deg: tuple[float, float], side_m: float
) -> Float[np.ndarray, "points 2"]:
    """Return a GeoJSON line or ring as points from a square's south-west corner, m.

    Raises:
        InputError: it contains an invalid position; the message has one line.
    """
    if not isinstance(line, list) or not line:
        raise InputError(f"{path}: {quote(line)} is no line (allowed: a list of positions)")
    longitudes, latitudes = zip(*(read_position(place, path) for place in line), strict=True)
    return locate(latitudes, longitudes, origin_deg) + side_m / 2.0


def walk_lines(part: Any, depth: int, path: Path) -> Iterator[Any]:
    """Yield the lines at a depth of nested GeoJSON coordinates."""
    if depth == 0:
        yield part
        return
    if not isinstance(part, list):
        raise InputError(f"{path}: coordinates {quote(part)} (allowed: lists of positions)")
    for inner in part:
        yield from walk_lines(inner, depth - 1, path)


def _cut_areas(path: Path, origin_deg: tuple[float, float], side_m: float) -> Rows:
    """Cut the areas of a GeoJSON file into squares of their density; overlapping areas add up."""
    ticks = (np.arange(CELLS) + 0.5) / CELLS * side_m
    centres = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    weights = np.zeros(len(centres))
    for shape, properties in read_features(path):
        depth = {"Polygon": 1, "MultiPolygon": 2}.get(str(shape.get("type")))
        if depth is None:
            continue
        density = parse_number(properties.get("density"))
        if density is None or not 0 <= density <= MOST_DENSITY:
            value = quote(properties.get("density"))
            raise InputError(f"{path}: property density {value} (allowed: 0 to {MOST_DENSITY:g})")
        rings = [
            locate_line(ring, path, origin_deg, side_m)
            for ring in walk_lines(shape.get("coordinates"), depth, path)
        ]
        weights += density * find_inside(centres, rings)
    # a disc of the square's area
    radius = side_m / CELLS / np.sqrt(np.pi)
    return np.column_stack([centres, weights, np.full(len(centres), radius)])


def find_inside(
    points: Float[np.ndarray, "points 2"], rings: Sequence[Float[np.ndarray, "_ 2"]]
) -> Bool[np.ndarray, "points"]:
    """Return the mask of points inside rings, without holes, by the parity of ray crossings.

    >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    >>> find_inside(np.array([[1.0, 1.0], [3.0, 1.0]]), [square]).tolist()
    [True, False]
    """
    inside = np.zeros(len(points), bool)
    x, y = points.T
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            meets = (y0 > y) != (y1 > y)
            inside ^= meets & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside
