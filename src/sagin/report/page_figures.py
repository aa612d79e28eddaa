"""A drawn figure on the page: its data for the script, and its drawing where there is no data or no
script.
"""

import base64
import html
import json
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sagin.errors import StoreError
from sagin.report.plots import Look, Panel, Series, look, read_csv

WIDE = 300.0
"""Width of a drawing, pt, beyond which it is shown across the page."""
MANY = 40
"""Points of a line from which on it is a curve: drawn without markers, its axis not from 0, every
other one dashed.
"""
SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "*": "star",
    "p": "pentagon",
    "": "",
}
"""Plotly's names of matplotlib's markers."""
LIMIT = Look("#000000", "", True)


def data_block(data: Any) -> str:
    """Return data as an element that the page's script reads and nothing in it can leave."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    # json gives ASCII, so that U+2028 and U+2029 are escaped already
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json">{text}</script>'


def links(folder: Path, place: str, name: str, endings: tuple[str, ...]) -> str:
    """Return links to the files NAME.ENDING that there are, relative to the page."""
    at = "" if place == "." else f"{place}/"
    there = [ending for ending in endings if (folder / place / f"{name}.{ending}").exists()]
    return ", ".join(
        f'<a href="{quote(f"{at}{name}.{ending}")}">{ending.rpartition(".")[2].upper()}</a>'
        for ending in there
    )


def figure(folder: Path, place: str, name: str, title: str) -> str:
    """Return a drawn figure as HTML: interactive where NAME.csv holds its data, else as NAME.svg,
    with links to its files.
    """
    drawing = (folder / place / f"{name}.svg").read_bytes()
    shown = html.escape(title)
    image = (
        f'<img alt="{shown}" src="data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}">'
    )
    caption = f"<figcaption>{shown} ({links(folder, place, name, ('png', 'svg', 'pdf', 'csv'))})</figcaption>"
    width = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', drawing)
    wide = " wide" if width is not None and float(width[1]) > WIDE else ""
    try:
        data = data_block(lines(folder / place / f"{name}.csv", title))
    except StoreError:
        return f'<figure class="drawn{wide}">{image}{caption}</figure>'
    return f'<figure class="plot{wide}">{data}<noscript>{image}</noscript>{caption}</figure>'


def lines(path: Path, title: str) -> dict[str, Any]:
    """Return the data of a figure as the page's script draws it; StoreError if there is none."""
    data = read_csv(path)
    curve = max((len(line.x) for panel in data.panels for line in panel.series), default=0) > MANY
    panels = [{"title": panel.title, "lines": _lines(panel, curve)} for panel in data.panels]
    # panels of a line each have units of their own
    together = any(len(panel.series) > 1 for panel in data.panels)
    return {
        "title": title,
        "x": data.x_label,
        "y": data.y_label,
        "curve": curve,
        "together": together,
        "panels": panels,
    }


def _lines(panel: Panel, curve: bool) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(panel.series):
        seen = look(number, line.method)
        found.append(
            _line(line, seen._replace(marker="", dashed=number % 2 == 1) if curve else seen)
        )
    x = sorted({x for line in panel.series for x in line.x})
    none = [None] * len(x)
    limits = [
        {
            "name": one.label,
            "x": x,
            "y": [one.value] * len(x),
            "low": none,
            "high": none,
            **_seen(LIMIT),
        }
        for one in panel.limits
    ]
    return found + limits


def _line(line: Series, seen: Look) -> dict[str, Any]:
    y, low, high = ([_number(value) for value in values] for values in zip(*line.y, strict=True))
    return {"name": line.method, "x": list(line.x), "y": y, "low": low, "high": high, **_seen(seen)}


def _seen(seen: Look) -> dict[str, str]:
    return {
        "colour": seen.colour,
        "symbol": SYMBOLS[seen.marker],
        "dash": "dash" if seen.dashed else "solid",
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
