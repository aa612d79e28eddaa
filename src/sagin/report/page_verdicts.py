"""A page's verdicts: a line a claim with its verdict and its number, which opens on a click."""

import html

from sagin.report.tables import TextTable

BADGES = {
    "holds": "holds",
    "holds in part": "in-part",
    "does not hold": "not",
    "undecided": "undecided",
    "not tested": "undecided",
}
VERDICTS = ("stored verdict", "verdict")
"""Columns of verdicts; the first that has something is shown on the line."""


def render_verdicts(table: TextTable) -> str:
    """Return the verdicts as lines that open, every text escaped."""
    lines = "".join(
        _render_line({name: text for name, text in zip(table.columns, row, strict=True) if text})
        for row in table.rows
    )
    return f'<div class="verdicts">{lines}</div>'


def _render_line(cells: dict[str, str]) -> str:
    """Return one claim: text, number and verdict, and all of its cells where it is opened."""
    verdict = next((cells[name] for name in VERDICTS if name in cells), "")
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
        f"<span>{render_badge(verdict.partition(', profile ')[0])}</span></summary>"
        f"<dl>{remainder}</dl></details>"
    )


def render_badge(text: str) -> str:
    """Return a text, escaped; a verdict at its beginning becomes a badge."""
    for verdict, badge in BADGES.items():
        if text == verdict or text.startswith((f"{verdict}, profile ", f"{verdict}: ")):
            remainder = html.escape(text.removeprefix(verdict))
            return f'<span class="badge {badge}">{verdict}</span>{remainder}'
    return html.escape(text)
