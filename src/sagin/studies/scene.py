"""A network in space and time as a file for the page: positions and links."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Float

from sagin.errors import StoreError
from sagin.files import write_atomically
from sagin.inputs import escape_text, read_bytes

SUFFIX = ".scene.json"
NETWORK_FILE = f"network{SUFFIX}"
"""File that commands write into the folder of a run."""

MAX_POSITIONS = 20_000
"""Largest number of points times times of a scene, so that a page with several scenes stays small;
a larger network has fewer times.
"""

FAR_M = 10_000.0
"""Distance from the origin beyond which, as for satellites, a position is rounded to 1 m rather
than to 0.1 m.
"""

PointKind = Literal["H", "L", "C", "user", "BS", "GBS", "UAV", "relay", "fixed UAV", "LEO"]
Position = tuple[float, float, float]
Link = tuple[int, int]


@dataclass(frozen=True)
class ScenePoint:
    """A user or a node."""

    name: str
    kind: PointKind


@dataclass(frozen=True)
class Scene:
    """Points at times; x, y and z in m, z up, the area is the square from 0 to `side_m`."""

    title: str
    times_s: tuple[float, ...]
    """Times, s, in increasing order."""
    side_m: float
    points: tuple[ScenePoint, ...]
    places_m: tuple[tuple[Position | None, ...], ...]
    """Position of each point at each time; None while it is absent: a user who takes no part, or a
    satellite that is not in view.
    """
    links: tuple[tuple[Link, ...], ...]
    """At each time, indices into `points`: user and node, or relay and satellite."""
    note: str = ""
    origin_deg: tuple[float, float] | None = None
    """Latitude and longitude of the area's centre; None without a location."""
    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True, "allow_inf_nan": False}


def limit_times(times: int, points: int) -> int:
    """Return the largest number of times of a scene with this number of points.

    >>> limit_times(50, 35), limit_times(50, 5000), limit_times(50, 100_000)
    (50, 4, 1)
    """
    return min(times, max(MAX_POSITIONS // max(points, 1), 1))


def round_positions(
    positions: Float[np.ndarray, "times points 3"],
) -> tuple[tuple[Position | None, ...], ...]:
    """Round positions, m, to the resolution of a scene; NaN for an absent point.

    >>> round_positions(np.array([[[1.26, 2.0, 0.0], [1.26, 2.0, 200000.4], [np.nan, 0.0, 0.0]]]))
    (((1.3, 2, 0), (1, 2, 200000), None),)
    """
    return tuple(
        tuple(_round_position(position) for position in row)
        for row in np.asarray(positions, float).tolist()
    )


def _round_position(position: Sequence[float]) -> Position | None:
    if any(math.isnan(coordinate) for coordinate in position):
        return None
    digits = 0 if max(map(abs, position)) > FAR_M else 1
    # whole numbers are shorter without their .0
    x, y, z = (
        int(coordinate) if coordinate.is_integer() else coordinate
        for coordinate in (round(coordinate, digits) for coordinate in position)
    )
    return x, y, z


def write_scene(scene: Scene, path: Path) -> Path:
    """Write a scene into a file and return its path."""
    plain = {**vars(scene), "points": [vars(point) for point in scene.points]}
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_atomically(path, text.encode())
    return path


def read_scene(path: Path) -> Scene:
    """Return the scene in a file.

    Raises:
        StoreError: the file cannot be read or is damaged; the message has one line.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        scene = TypeAdapter(Scene).validate_json(read_bytes(path, StoreError))
    except ValidationError as error:
        first = error.errors()[0]
        field = escape_text(".".join(map(str, first["loc"])) or "the file")
        reason = escape_text(first["msg"], 200)
        raise StoreError(f"{path}: damaged: {field}: {reason}") from None
    fault = _find_fault(scene)
    if fault:
        raise StoreError(f"{path}: damaged: {fault}")
    return scene


def _find_fault(scene: Scene) -> str:
    """Return how the parts of a scene disagree; empty if they agree."""
    times, points = len(scene.times_s), len(scene.points)
    if not times or any(
        later <= earlier for earlier, later in zip(scene.times_s, scene.times_s[1:], strict=False)
    ):
        return "times_s: do not rise, or there are none"
    if scene.side_m <= 0:
        return f"side_m: {scene.side_m:g}, not above 0"
    for name, rows in (("places_m", scene.places_m), ("links", scene.links)):
        if len(rows) != times:
            return f"{name}: of {len(rows)} times, not {times}"
    if any(len(row) != points for row in scene.places_m):
        return f"places_m: not of {points} points at each time"
    for positions, links in zip(scene.places_m, scene.links, strict=True):
        for link in links:
            if not all(0 <= end < points and positions[end] is not None for end in link):
                return f"links: {list(link)} joins points that are absent"
    return ""


def find_scenes(folder: Path) -> dict[str, str]:
    """Return the scenes of a folder and its saved runs: path without suffix, and title.

    The title of a run's scene begins with the name of its folder; a damaged one is "network".
    """
    titles = {}
    for path in (*sorted(folder.glob(f"*{SUFFIX}")), *sorted(folder.glob(f"runs/*/*{SUFFIX}"))):
        try:
            title = read_scene(path).title
        except StoreError:
            title = "network"
        run = f"{path.parent.name}: " if path.parent != folder else ""
        titles[path.relative_to(folder).as_posix().removesuffix(SUFFIX)] = f"{run}{title}"
    return titles
