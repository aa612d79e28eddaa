"""A network over time on the page, in plan and in space: what a scene's file has to hold, and how its kinds of points look."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from sagin.report.page_figures import SYMBOLS, data_block, links
from sagin.report.plots import COLOURS, MARKERS

ENDING = "scene.json"
USER = "#404040"
"""Users are of one colour, as on the map, and their slices told apart by markers."""


class Seen(NamedTuple):
    """How a kind of point and its links look."""

    colour: str
    marker: str
    solid: str
    """Plotly's symbol in space, drawn from a font: one of those that every font has."""
    dash: str = "solid"


LOOKS = {
    "H": Seen(USER, "o", "circle"),
    "L": Seen(USER, "s", "square"),
    "C": Seen(USER, "^", "diamond"),
    "user": Seen(USER, "o", "circle"),
    "BS": Seen(COLOURS[0], "P", "square"),
    "GBS": Seen(COLOURS[0], "P", "square"),
    "UAV": Seen(COLOURS[1], "X", "diamond", "dash"),
    "relay": Seen(COLOURS[1], "X", "diamond", "dash"),
    "LEO": Seen(COLOURS[2], "*", "circle", "dot"),
}
"""As on the map of a slot."""
LABELS = {"H": "users of slice H", "L": "users of slice L", "C": "users of slice C", "user": "users"}
NODES = {"BS", "GBS", "UAV", "relay", "LEO"}
OTHERS = (3, 4, 5, 7)
"""Colours and markers of kinds that aren't known."""


def scene(folder: Path, place: str, name: str, title: str) -> str:
    """Return the network of NAME.scene.json as HTML, with a link to the file; a damaged one is said to be."""
    path = folder / place / f"{name}.{ENDING}"
    try:
        data = data_block(checked(path.read_bytes(), title))
    except (OSError, ValueError, RecursionError):
        return f"<p>{html.escape(title)}: {html.escape(path.name)} is missing or damaged; the run has to be made again.</p>"
    caption = f"<figcaption>{html.escape(title)} ({links(folder, place, name, (ENDING,))}). <span></span></figcaption>"
    return f'<figure class="scene wide">{data}<noscript><p>Moving pictures need JavaScript.</p></noscript>{caption}</figure>'


def checked(text: bytes, title: str) -> dict[str, Any]:
    """Return a scene as the page's script draws it, places to 0.1 m; ValueError if it isn't one."""
    from pydantic import Field, FiniteFloat, TypeAdapter

    @dataclass
    class Point:
        name: str
        kind: str

    @dataclass
    class Scene:
        times_s: Annotated[list[FiniteFloat], Field(min_length=1)]
        side_m: Annotated[FiniteFloat, Field(gt=0)]
        points: list[Point]
        places_m: list[list[tuple[FiniteFloat, FiniteFloat, FiniteFloat] | None]]
        links: list[list[tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]]]
        note: str = ""

    found = TypeAdapter(Scene).validate_json(text)
    size = len(found.points)
    _fits(len(found.places_m) == len(found.links) == len(found.times_s), "times_s, places_m and links differ in length")
    _fits(all(len(places) == size for places in found.places_m), "places_m has another number of points")
    _fits(all(end < size for pairs in found.links for pair in pairs for end in pair), "links names a point that isn't there")
    serving = NODES | {found.points[node].kind for pairs in found.links for _, node in pairs}
    kinds = {
        kind: {**seen, "label": LABELS.get(kind, kind), "node": kind in serving}
        for kind, seen in _looks([point.kind for point in found.points]).items()
    }
    places = [[None if place is None else [round(value, 1) for value in place] for place in places] for places in found.places_m]
    return {
        "title": title,
        "times": found.times_s,
        "side": found.side_m,
        "points": [[point.name, point.kind] for point in found.points],
        "kinds": kinds,
        "places": places,
        "links": found.links,
        "note": found.note,
    }


def _fits(right: bool, fault: str) -> None:
    if not right:
        raise ValueError(fault)


def _looks(kinds: list[str]) -> dict[str, dict[str, Any]]:
    names = list(dict.fromkeys(kinds))
    others = [name for name in names if name not in LOOKS]
    free = {name: OTHERS[number % len(OTHERS)] for number, name in enumerate(others)}
    seen = {name: LOOKS[name] if name in LOOKS else Seen(COLOURS[free[name]], MARKERS[free[name]], "circle") for name in names}
    return {name: {"colour": one.colour, "symbol": SYMBOLS[one.marker], "solid": one.solid, "dash": one.dash} for name, one in seen.items()}
