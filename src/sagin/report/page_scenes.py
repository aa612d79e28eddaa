"""A network over time on the page, in plan and in space."""

import html
from pathlib import Path
from typing import Any

from sagin.errors import StoreError
from sagin.report.animation import list_lines
from sagin.report.looks import NODES, POINTS, SYMBOLS
from sagin.report.packing import pack_text
from sagin.report.page_figures import data_block, list_links
from sagin.studies.scene import SUFFIX, Scene, read_scene

SECONDS = 0.5
"""Duration of each time of a network in a moving picture."""


def render_scene(folder: Path, subfolder: str, name: str, title: str) -> str:
    """Return the network of NAME.scene.json as HTML, or one sentence if it is damaged."""
    path, text = folder / subfolder / f"{name}{SUFFIX}", html.escape(title)
    try:
        data = data_block(describe_scene(read_scene(path), title))
    except StoreError:
        file = html.escape(path.name)
        return f"<p>{text}: {file} is missing or damaged; the run has to be made again.</p>"
    files = list_links(folder, subfolder, name, (SUFFIX[1:],))
    return (
        f'<figure class="scene wide">{data}'
        "<noscript><p>Moving pictures need JavaScript.</p></noscript>"
        f"<figcaption>{text} ({files}). <span></span></figcaption></figure>"
    )


def render_moving(scene: Scene, text: str) -> str:
    """Return a network over time as a moving picture, which the page's script decompresses."""
    picture = pack_text("\n".join(list_lines(scene, SECONDS)))
    return (
        f'<figure class="moving"><script type="text/plain">{picture}</script>'
        "<noscript><p>Moving pictures need JavaScript.</p></noscript>"
        f"<figcaption>{html.escape(text)}</figcaption></figure>"
    )


def describe_scene(scene: Scene, title: str) -> dict[str, Any]:
    """Return a scene as the page's script draws it."""
    kinds = {}
    for kind in dict.fromkeys(point.kind for point in scene.points):
        look = POINTS[kind]
        kinds[kind] = {
            "colour": look.colour,
            "symbol": SYMBOLS[look.marker],
            "solid": look.solid,
            "dash": look.dash,
            "label": look.label or kind,
            "node": kind in NODES,
        }
    return {
        "title": title,
        "times": scene.times_s,
        "side": scene.side_m,
        "points": [[point.name, point.kind] for point in scene.points],
        "kinds": kinds,
        "places": scene.places_m,
        "links": scene.links,
        "note": scene.note,
    }
