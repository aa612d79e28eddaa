"""A page's verdicts: one line per claim with its verdict and its number, which opens on a click."""

import html
from collections import Counter
from collections.abc import Mapping

from sagin.report.tables import TextTable

BADGES = {
    "holds": "holds",
    "holds in part": "in-part",
    "does not hold": "not",
    "undecided": "undecided",
    "not tested": "undecided",
}
OPEN_CLAIMS = 10
"""Number of visible claims; a click opens the others."""
VERDICTS = ("stored verdict", "verdict")
"""Columns of verdicts; the line shows the first non-empty one."""


def render_verdicts(table: TextTable) -> str:
    """Return the verdicts as lines that open, with every text escaped; long lists end in a fold."""
    rows = table.to_plain()
    lines = [_render_line({name: text for name, text in row.items() if text}) for row in rows]
    shown = f'<div class="verdicts">{"".join(lines[:OPEN_CLAIMS])}</div>'
    if len(lines) <= OPEN_CLAIMS:
        return shown
    verdicts = Counter(find_verdict(row) for row in rows)
    counts = " ".join(f"{verdicts[word]} {render_badge(word)}" for word in BADGES if verdicts[word])
    return (
        f"<p>{len(lines)} claims: {counts}</p>{shown}"
        f'<details class="further"><summary>{len(lines) - OPEN_CLAIMS} further claims</summary>'
        f'<div class="verdicts">{"".join(lines[OPEN_CLAIMS:])}</div></details>'
    )


def find_verdict(cells: Mapping[str, str]) -> str:
    """Return the word of a claim's verdict, of the stored one if there is one."""
    found = next((cells[name] for name in VERDICTS if cells.get(name)), "")
    return found.partition(", profile ")[0]


def _render_line(cells: dict[str, str]) -> str:
    """Return one claim: text, number and verdict, and all of its cells when it is opened."""
    method = f" <small>{html.escape(cells['method'])}</small>" if "method" in cells else ""
    number = cells.get("ours", "").split(" (")[0]
    remainder = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{render_badge(text)}</dd>"
        for name, text in cells.items()
        if name not in ("claim", "method")
    )
    return (
        f"<details><summary><span>{html.escape(cells.get('claim', ''))}{method}</span>"
        f'<span class="number">{html.escape(number)}</span>'
        f"<span>{render_badge(find_verdict(cells))}</span></summary>"
        f"<dl>{remainder}</dl></details>"
    )


def render_badge(text: str) -> str:
    """Return an escaped text; a verdict at its beginning becomes a badge."""
    for verdict, badge in BADGES.items():
        if text == verdict or text.startswith((f"{verdict}, profile ", f"{verdict}: ")):
            remainder = html.escape(text.removeprefix(verdict))
            return f'<span class="badge {badge}">{verdict}</span>{remainder}'
    return html.escape(text)
