"""A network over time on the page, in plan and in space: how its kinds of points look, and what the
page draws it from.
"""

import html
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import StoreError
from sagin.report.page_figures import SYMBOLS, data_block, links
from sagin.report.plots import COLOURS
from sagin.studies.scene import SUFFIX, Scene, read_scene

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
LABELS = {
    "H": "users of slice H",
    "L": "users of slice L",
    "C": "users of slice C",
    "user": "users",
}
NODES = {"BS", "GBS", "UAV", "relay", "LEO"}


def scene(folder: Path, place: str, name: str, title: str) -> str:
    """Return the network of NAME.scene.json as HTML, with a link to the file; a damaged one is said
    to be.
    """
    path = folder / place / f"{name}{SUFFIX}"
    try:
        data = data_block(plain(read_scene(path), title))
    except StoreError:
        return f"<p>{html.escape(title)}: {html.escape(path.name)} is missing or damaged; the run has to be made again.</p>"
    caption = f"<figcaption>{html.escape(title)} ({links(folder, place, name, (SUFFIX[1:],))}). <span></span></figcaption>"
    return f'<figure class="scene wide">{data}<noscript><p>Moving pictures need JavaScript.</p></noscript>{caption}</figure>'


def plain(found: Scene, title: str) -> dict[str, Any]:
    """Return a scene as the page's script draws it."""
    kinds = {point.kind: LOOKS[point.kind] for point in found.points}
    return {
        "title": title,
        "times": found.times_s,
        "side": found.side_m,
        "points": [[point.name, point.kind] for point in found.points],
        "kinds": {
            kind: {
                "colour": look.colour,
                "symbol": SYMBOLS[look.marker],
                "solid": look.solid,
                "dash": look.dash,
                "label": LABELS.get(kind, kind),
                "node": kind in NODES,
            }
            for kind, look in kinds.items()
        },
        "places": found.places_m,
        "links": found.links,
        "note": found.note,
    }
