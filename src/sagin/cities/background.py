"""Streets and coasts below a city's map, from GeoJSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputError
from sagin.places.sites import locate, read_features
from sagin.types import Float

DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How deep lines lie in the coordinates of a shape."""


def read_lines(
    path: Path, origin_deg: tuple[float, float], side_m: float
) -> list[Float[np.ndarray, "points 2"]]:
    """Read lines and the edges of polygons, m from the south-west corner of a square.

    Raises:
        InputError: no GeoJSON, or no line in it, in one line.
    """
    lines = []
    for shape, _ in read_features(path):
        depth = DEPTH.get(str(shape.get("type")))
        try:
            for line in [] if depth is None else _walk(shape["coordinates"], depth):
                longitude, latitude = np.array([point[:2] for point in line], float).T
                lines.append(locate(latitude, longitude, origin_deg) + side_m / 2.0)
        except (TypeError, ValueError, IndexError, KeyError):
            raise InputError(f"{path}: coordinates that are no lines") from None
    if not lines:
        raise InputError(f"{path}: no line or polygon (allowed: GeoJSON of streets or coasts)")
    return lines


def _walk(part: Any, depth: int) -> Iterator[Any]:
    """Yield the lines at a depth of nested coordinates."""
    if depth == 0:
        yield part
        return
    for inner in part:
        yield from _walk(inner, depth - 1)
