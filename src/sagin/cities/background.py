"""Streets and coasts in the background of a city's map, from GeoJSON."""

from pathlib import Path

import numpy as np

from sagin.errors import InputError
from sagin.places.density import locate_line, walk_lines
from sagin.places.sites import read_features
from sagin.types import Float

DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""Nesting depth of lines in the coordinates of a shape."""


def read_lines(
    path: Path, origin_deg: tuple[float, float], side_m: float
) -> list[Float[np.ndarray, "points 2"]]:
    """Read lines and the edges of polygons, m from the south-west corner of a square.

    Raises:
        InputError: the file is no GeoJSON, or has no line; the message has one line.
    """
    lines = []
    for shape, _ in read_features(path):
        depth = DEPTH.get(str(shape.get("type")))
        if depth is not None:
            lines += [
                locate_line(line, path, origin_deg, side_m)
                for line in walk_lines(shape.get("coordinates"), depth, path)
            ]
    if not lines:
        raise InputError(f"{path}: no line or polygon (allowed: GeoJSON of streets or coasts)")
    return lines
