"""A network in space and time as a file: where users and nodes are at some times, and who serves
whom. The page draws it.
"""

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

ENDING = ".scene.json"
NETWORK = f"network{ENDING}"
"""What commands write into the folder of a run."""

MOST_PLACES = 20_000
"""Points times times that a scene may hold, so that a page with several stays light; beyond it
there are fewer times.
"""

FAR = 10_000.0
"""m; beyond this, where satellites are, places are rounded to 1 m, else to 0.1 m."""

Kind = Literal["H", "L", "C", "user", "BS", "GBS", "UAV", "relay", "LEO"]
Place = tuple[float, float, float]
Link = tuple[int, int]


@dataclass(frozen=True)
class Point:
    """A user or a node."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Scene:
    """Points at times; x, y and z in m, z up, the area is the square from 0 to `side_m`."""

    title: str
    times_s: tuple[float, ...]
    """Rising."""
    side_m: float
    points: tuple[Point, ...]
    places_m: tuple[tuple[Place | None, ...], ...]
    """Of each point at each time; None while it isn't there: a user who takes no part, a satellite
    that is not in view.
    """
    links: tuple[tuple[Link, ...], ...]
    """At each time, places in `points`: user and node, or relay and satellite."""
    note: str = ""
    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True, "allow_inf_nan": False}


def times_within(times: int, points: int) -> int:
    """Return how many of so many times a scene of so many points may have.

    >>> times_within(50, 35), times_within(50, 5000), times_within(50, 100_000)
    (50, 4, 1)
    """
    return min(times, max(MOST_PLACES // max(points, 1), 1))


def rounded(places: Float[np.ndarray, "times points 3"]) -> tuple[tuple[Place | None, ...], ...]:
    """Return places, m, as a scene holds them; NaN for a point that isn't there.

    >>> rounded(np.array([[[1.26, 2.0, 0.0], [1.26, 2.0, 200000.4], [np.nan, 0.0, 0.0]]]))
    (((1.3, 2, 0), (1, 2, 200000), None),)
    """
    return tuple(
        tuple(_place(place) for place in row) for row in np.asarray(places, float).tolist()
    )


def _place(place: Sequence[float]) -> Place | None:
    if any(math.isnan(number) for number in place):
        return None
    digits = 0 if max(map(abs, place)) > FAR else 1
    # whole numbers are shorter without their .0
    x, y, z = (
        int(number) if number.is_integer() else number
        for number in (round(number, digits) for number in place)
    )
    return x, y, z


def write(scene: Scene, path: Path) -> Path:
    """Write a scene into a file and return its path."""
    plain = {**vars(scene), "points": [vars(point) for point in scene.points]}
    write_atomically(
        path, json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    )
    return path


def read(path: Path) -> Scene:
    """Return the scene in a file; StoreError with one line if it can't be read or is damaged."""
    from pydantic import TypeAdapter, ValidationError

    try:
        scene = TypeAdapter(Scene).validate_json(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path}: can't be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise StoreError(f"{path}: damaged: {where}: {first['msg']}") from None
    wrong = _disagreement(scene)
    if wrong:
        raise StoreError(f"{path}: damaged: {wrong}")
    return scene


def _disagreement(scene: Scene) -> str:
    """Return in what the parts of a scene don't fit together; empty if they do."""
    times, points = len(scene.times_s), len(scene.points)
    if not times or any(
        after <= before for before, after in zip(scene.times_s, scene.times_s[1:], strict=False)
    ):
        return "times_s: don't rise, or there are none"
    if scene.side_m <= 0:
        return f"side_m: {scene.side_m:g}, not above 0"
    for name, rows in (("places_m", scene.places_m), ("links", scene.links)):
        if len(rows) != times:
            return f"{name}: of {len(rows)} times, not {times}"
    if any(len(row) != points for row in scene.places_m):
        return f"places_m: not of {points} points at each time"
    for places, links in zip(scene.places_m, scene.links, strict=True):
        for link in links:
            if not all(0 <= end < points and places[end] is not None for end in link):
                return f"links: {list(link)} joins points that aren't there"
    return ""


def found(folder: Path) -> dict[str, str]:
    """Return the scenes in a folder and in its sub-folders of saved runs: path without ending,
    relative to the folder, and title.

    Those of runs are told apart by their folders' names; a damaged one is "network".
    """
    titles = {}
    for path in (*sorted(folder.glob(f"*{ENDING}")), *sorted(folder.glob(f"runs/*/*{ENDING}"))):
        try:
            title = read(path).title
        except StoreError:
            title = "network"
        run = f"{path.parent.name}: " if path.parent != folder else ""
        titles[path.relative_to(folder).as_posix().removesuffix(ENDING)] = f"{run}{title}"
    return titles
