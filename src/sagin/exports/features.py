"""A network's scene as features on the Earth: nodes, users by cell, links and loads."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np

from sagin.errors import InputError
from sagin.geometry.geodetic import from_earth_fixed, from_local, to_earth_fixed, to_local
from sagin.studies.scene import FAR_M, Scene
from sagin.types import Float

Aggregation = Literal["grid", "h3", "none"]
AGGREGATIONS: tuple[str, ...] = get_args(Aggregation)
USER_KINDS = ("user", "H", "L", "C")
CELLS_ACROSS = 10
"""Smallest number of cells along the area's side."""
H3_EDGE_M = 1_281_256.0
"""Mean edge of a hexagon of H3's resolution 0, m; each further resolution divides it by √7."""

Coordinate = tuple[float, float, float]
"""Longitude and latitude, degrees, and height above ground or, for a satellite, the ellipsoid, m.
"""


@dataclass(frozen=True)
class Feature:
    """A point, line or polygon on the Earth with its properties."""

    kind: str
    """Kind, such as GBS, users or link; files show features by kind."""
    name: str
    shape: Literal["Point", "LineString", "Polygon"]
    coordinates: tuple[Coordinate, ...]
    """One for a point; a polygon's ring runs counter-clockwise and ends where it begins."""
    properties: dict[str, Any] = field(default_factory=dict)


def to_geodetic(
    local_m: Float[np.ndarray, "points 3"], origin_deg: tuple[float, float]
) -> list[Coordinate]:
    """Return longitude, latitude and height of points east, north and up of an origin.

    Up to FAR_M the height is measured from the ground at the origin; beyond, as for satellites,
    from the ellipsoid.

    >>> to_geodetic(np.array([[0.0, 0.0, 30.0]]), (60.0, 10.0))
    [(10.0, 60.0, 30.0)]
    """
    latitude, longitude = (math.radians(angle) for angle in origin_deg)
    phi, lam, height = from_earth_fixed(from_local(local_m, latitude, longitude))
    is_far = np.abs(local_m).max(axis=1) > FAR_M
    heights = np.where(is_far, height, local_m[:, 2])
    degrees = zip(np.rad2deg(lam), np.rad2deg(phi), heights, strict=True)
    return [(round(float(x), 7), round(float(y), 7), round(float(z), 2)) for x, y, z in degrees]


def list_features(scene: Scene, aggregation: Aggregation = "grid", time: int = 0) -> list[Feature]:
    """List the features of a scene at one of its times.

    Users are cells with numbers of present and served users, unless `aggregation` is none.

    Raises:
        InputError: the scene has no location, or the package h3 is missing.
    """
    origin = check_origin(scene.origin_deg)
    places = [position or (math.nan,) * 3 for position in scene.places_m[time]]
    half = scene.side_m / 2.0
    local = np.array(places, float).reshape(-1, 3) - [half, half, 0.0]
    users = [
        row
        for row, point in enumerate(scene.points)
        if point.kind in USER_KINDS and not np.isnan(local[row, 0])
    ]
    server = dict(scene.links[time])
    return [
        *_list_nodes(scene, local, server, origin),
        *_list_users(scene, local, users, server, aggregation, origin),
        *_list_links(scene, local, scene.links[time], aggregation, origin),
    ]


def check_aggregation(users: str) -> None:
    """Raise InputError for an unknown form of users, with the allowed ones."""
    if users not in AGGREGATIONS:
        raise InputError(f"--users {users!r} (allowed: {', '.join(AGGREGATIONS)})")


def check_origin(origin_deg: tuple[float, float] | None) -> tuple[float, float]:
    """Return the location of a scene.

    Raises:
        InputError: there is none; the message has one line.
    """
    if origin_deg is None:
        raise InputError(
            "the scenario has no place on the Earth "
            "(allowed: with sites.file, satellite.source = walker or elements, or [location])"
        )
    return origin_deg


def _list_nodes(
    scene: Scene, local: np.ndarray, server: dict[int, int], origin_deg: tuple[float, float]
) -> list[Feature]:
    """List all points except users, with the number of users that each serves."""
    rows = [
        row
        for row, point in enumerate(scene.points)
        if point.kind not in USER_KINDS and not np.isnan(local[row, 0])
    ]
    loads = Counter(node for user, node in server.items() if scene.points[user].kind in USER_KINDS)
    return [
        Feature(
            scene.points[row].kind,
            scene.points[row].name,
            "Point",
            (position,),
            {"load": loads[row]},
        )
        for row, position in zip(rows, to_geodetic(local[rows], origin_deg), strict=True)
    ]


def _list_users(
    scene: Scene,
    local: np.ndarray,
    users: list[int],
    server: dict[int, int],
    aggregation: Aggregation,
    origin_deg: tuple[float, float],
) -> list[Feature]:
    """List users as cells or, without aggregation, as points."""
    places = to_geodetic(local[users], origin_deg)
    if aggregation == "none":
        return [
            Feature(
                "user",
                scene.points[row].name,
                "Point",
                (position,),
                {
                    "slice": scene.points[row].kind,
                    "served_by": scene.points[server[row]].name if row in server else None,
                },
            )
            for row, position in zip(users, places, strict=True)
        ]
    if aggregation == "grid":
        cells = _group_by_grid(scene.side_m, local[users], origin_deg)
    else:
        cells = _group_by_hexagon(scene.side_m, places)
    features = []
    for name, (ring, members) in sorted(cells.items()):
        served = sum(users[member] in server for member in members)
        counts = {"users": len(members), "served": served, "unserved": len(members) - served}
        features.append(Feature("users", name, "Polygon", ring, counts))
    return features


Cells = dict[str, tuple[tuple[Coordinate, ...], list[int]]]
"""By name, the ring of a cell and the indices of its users."""


def _group_by_grid(side_m: float, local: np.ndarray, origin_deg: tuple[float, float]) -> Cells:
    """Group users by squares along east and north, of 1, 2 or 5 times a power of ten metres."""
    most = side_m / CELLS_ACROSS
    decade = 10.0 ** math.floor(math.log10(most))
    side = decade * max(step for step in (1, 2, 5) if step * decade <= most)
    cells: Cells = {}
    for user, (column, row) in enumerate(np.floor(local[:, :2] / side).astype(int).tolist()):
        name = f"{side:g} m: {column} {row}"
        if name not in cells:
            corners = side * (np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) + [column, row])
            ring = to_geodetic(np.pad(corners, ((0, 0), (0, 1))), origin_deg)
            cells[name] = tuple(ring), []
        cells[name][1].append(user)
    return cells


def _group_by_hexagon(side_m: float, places: Sequence[Coordinate]) -> Cells:
    """Group users by hexagons of Uber's H3, of an edge of at most a CELLS_ACROSS-th of the side."""
    try:
        h3 = import_module("h3")
    except ImportError:
        raise InputError("--users h3: needs the package h3: pip install 'sagin[geo]'") from None
    most = side_m / CELLS_ACROSS
    resolution = math.ceil(math.log(max(H3_EDGE_M / most, 1.0), math.sqrt(7.0)))
    cells: Cells = {}
    for user, (longitude, latitude, _) in enumerate(places):
        name = h3.latlng_to_cell(latitude, longitude, min(resolution, 15))
        if name not in cells:
            corners = [(float(x), float(y), 0.0) for y, x in h3.cell_to_boundary(name)]
            cells[name] = (*corners, corners[0]), []
        cells[name][1].append(user)
    return cells


def _list_links(
    scene: Scene,
    local: np.ndarray,
    links: Iterable[tuple[int, int]],
    aggregation: Aggregation,
    origin_deg: tuple[float, float],
) -> list[Feature]:
    """List links between nodes and, without aggregation, those of users."""
    features = []
    for ends in links:
        points = [scene.points[end] for end in ends]
        if points[0].kind in USER_KINDS and aggregation != "none":
            continue
        names = {"from": points[0].name, "to": points[1].name}
        line = tuple(to_geodetic(local[list(ends)], origin_deg))
        kind = "access link" if points[0].kind in USER_KINDS else "backhaul link"
        features.append(Feature(kind, " to ".join(names.values()), "LineString", line, names))
    return features


def list_sites(
    sites: Iterable[Any], origin_deg: tuple[float, float], radius_m: float
) -> list[Feature]:
    """List cell sites within a radius, m; each is the centroid of measurements, not a tower.

    Args:
        sites: with `cell`, `longitude_deg`, `latitude_deg`, `range` and `samples`.
        origin_deg: latitude and longitude of the centre.
        radius_m: radius in the tangent plane of the centre.
    """
    sites = list(sites)
    angles = [
        np.deg2rad([getattr(site, name) for site in sites])
        for name in ("latitude_deg", "longitude_deg")
    ]
    centre = (math.radians(angle) for angle in origin_deg)
    local = to_local(to_earth_fixed(*angles), *centre)
    inside = np.flatnonzero(np.hypot(local[:, 0], local[:, 1]) <= radius_m)
    return [
        Feature(
            "cell site",
            f"cell {sites[row].cell}",
            "Point",
            ((sites[row].longitude_deg, sites[row].latitude_deg, 0.0),),
            {
                "samples": sites[row].samples,
                "range_m": sites[row].range,
                "position": "centroid of measurements",
            },
        )
        for row in inside.tolist()
    ]


def make_disc(origin_deg: tuple[float, float], radius_m: float, name: str) -> Feature:
    """Return the disc around a place as a polygon of 72 corners.

    >>> make_disc((60.0, 10.0), 500.0, "cell").shape
    'Polygon'
    """
    turn = np.linspace(0.0, 2.0 * np.pi, 73)
    ring = np.column_stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)]) * radius_m
    places = to_geodetic(ring, origin_deg)
    return Feature("area", name, "Polygon", (*places[:-1], places[0]), {"radius_m": radius_m})
