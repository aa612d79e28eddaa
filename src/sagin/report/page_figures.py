"""A drawn figure on the page: its data for the script, or otherwise its drawing."""

import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sagin.errors import StoreError
from sagin.inputs import read_bytes
from sagin.report.canvas import ENDINGS
from sagin.report.figure_data import Panel, read_csv
from sagin.report.figures import has_curves, is_wide, list_looks
from sagin.report.looks import LIMIT_LOOK, SYMBOLS, Look
from sagin.report.packing import pack_text

LONG_DATA = 20_000
"""Number of characters of a figure's data above which the page holds them compressed."""
WIDE_PT = 300.0
"""Width of a drawing above which it spans the page."""


def data_block(data: Any) -> str:
    """Return data as an element for the page's script, escaped so that it cannot end the element.

    Long data are compressed.
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    # json gives ASCII, so that U+2028 and U+2029 are escaped already
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    if len(text) > LONG_DATA:
        return f'<script type="text/plain" class="packed">{pack_text(text)}</script>'
    return f'<script type="application/json">{text}</script>'


def list_links(folder: Path, subfolder: str, name: str, endings: Sequence[str]) -> str:
    """Return links to the existing files NAME.ENDING, relative to the page."""
    prefix = "" if subfolder == "." else f"{subfolder}/"
    return ", ".join(
        f'<a href="{quote(f"{prefix}{name}.{ending}")}">{ending.rpartition(".")[2].upper()}</a>'
        for ending in endings
        if (folder / subfolder / f"{name}.{ending}").exists()
    )


def render_figure(
    folder: Path,
    subfolder: str,
    name: str,
    title: str,
    looks: Mapping[str, Look],
    check: str = "",
    *,
    is_open: bool = True,
) -> str:
    """Return a drawn figure as HTML with links to its files.

    It is interactive if NAME.csv holds its data, otherwise NAME.svg is shown. `check` is a sentence
    that compares its numbers with this machine's. Without scripts the drawing is shown, or linked
    if a click has to open the figure.
    """
    drawing = read_bytes(folder / subfolder / f"{name}.svg", StoreError)
    text = html.escape(title)
    image = f'<img alt="{text}" src="data:image/svg+xml,{_shorten(drawing)}">'
    files = list_links(folder, subfolder, name, (*ENDINGS, "csv"))
    remark = f'<br><span class="check">{html.escape(check)}</span>' if check else ""
    caption = f"<figcaption>{text} ({files}){remark}</figcaption>"
    width = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', drawing)
    wide = " wide" if width is not None and float(width[1]) > WIDE_PT else ""
    try:
        data = data_block(read_lines(folder / subfolder / f"{name}.csv", title, looks))
    except StoreError:
        if not is_open:
            image = f'<script type="text/plain">{pack_text(drawing.decode())}</script>'
        return f'<figure class="drawn{wide}">{image}{caption}</figure>'
    still = image if is_open else "<p>The drawing is the file below.</p>"
    return f'<figure class="plot{wide}">{data}<noscript>{still}</noscript>{caption}</figure>'


def _shorten(drawing: bytes) -> str:
    """Return an SVG drawing for a data address, shortened.

    Coordinates are rounded to a tenth of a point, head and metadata are removed, and characters
    that are valid in an address stay unencoded.
    """
    bare = re.sub(
        rb"^.*?(?=<svg)|<metadata>.*?</metadata>|<!--.*?-->", b"", drawing, flags=re.DOTALL
    )
    rounded = re.sub(rb"(\d\.\d)\d+", rb"\1", bare)
    spaced = re.sub(rb"(?<=>)\s+(?=<)", b"", re.sub(rb"\s*\n\s*", b" ", rounded))
    # names of groups that nothing refers to, and a list of fonts in every text
    plain = re.sub(rb'(<g) id="[A-Za-z0-9_.]+"', rb"\1", spaced)
    plain = re.sub(rb"'DejaVu Sans'[^;\"]*", b"sans-serif", plain)
    # double quotes are three letters in an address
    if not re.search(rb"<[^>]*'[^>]*>", plain):
        plain = plain.replace(b'"', b"'")
    return quote(plain, safe=" ,;:/?@!$*()=+<>'{}[]|^")


def read_lines(path: Path, title: str, looks: Mapping[str, Look]) -> dict[str, Any]:
    """Return the data of a figure as the page's script draws it; StoreError if there is none."""
    content = read_csv(path)
    curves = has_curves(content.panels)
    # panels of a line each have units of their own
    together = any(len(panel.series) > 1 for panel in content.panels)
    panels = [
        {
            "title": panel.title,
            "lines": _list_lines(panel, looks, content.panels if together else [panel]),
        }
        for panel in content.panels
    ]
    return {
        "title": title,
        "x": content.x_label,
        "y": content.y_label,
        "curve": curves,
        "together": together,
        "panels": panels,
    }


def _list_lines(
    panel: Panel, looks: Mapping[str, Look], group: Sequence[Panel]
) -> list[dict[str, Any]]:
    """Return the lines of a panel, which shares its y axis with a group of panels."""
    lines = []
    for line, look in zip(panel.series, list_looks(panel, looks, has_curves(group)), strict=True):
        y, low, high = (list(map(_replace_infinite, part)) for part in zip(*line.y, strict=True))
        lines.append(
            {"name": line.label, "x": list(line.x), "y": y, "low": low, "high": high}
            | {"limit": look == LIMIT_LOOK, "wide": is_wide(line, group)}
            | _describe_look(look)
        )
    x = sorted({x for line in panel.series for x in line.x})
    none = [None] * len(x)
    for limit in panel.limits:
        level = [limit.value] * len(x)
        lines.append(
            {"name": limit.label, "x": x, "y": level, "low": none, "high": none, "limit": True}
            | _describe_look(LIMIT_LOOK)
        )
    return lines


def _describe_look(look: Look) -> dict[str, str]:
    return {
        "colour": look.colour,
        "symbol": SYMBOLS[look.marker],
        "dash": "dash" if look.dashed else "solid",
    }


def _replace_infinite(value: float) -> float | None:
    return value if math.isfinite(value) else None
