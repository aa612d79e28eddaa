"""One self-contained HTML page with the claims, the figures, the networks and the runs of one or
more papers; it needs no network.
"""

import base64
import hashlib
import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from sagin.files import write_atomically
from sagin.report.page_figures import figure
from sagin.report.page_scenes import scene
from sagin.report.tables import Table

BADGE = {
    "holds": "holds",
    "holds in part": "in-part",
    "does not hold": "not",
    "undecided": "undecided",
}
SCRIPTS = ("page.js", "page_plots.js", "page_scenes.js")
NEED_PLOTLY = ('<figure class="plot', '<figure class="scene')


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """Return a table as HTML, every cell escaped; with `numbers`, all columns but the first are
    numbers.
    """
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(
        f"<tr>{''.join(_cell(cell, numbers and place > 0) for place, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="table">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(text: str, number: bool) -> str:
    verdict, mark, profile = text.partition(", profile ")
    badge = f'<span class="badge {BADGE[verdict]}">{verdict}</span>' if verdict in BADGE else ""
    shown = f"{badge}{html.escape(mark + profile)}" if badge else html.escape(text)
    return f'<td class="number">{shown}</td>' if number else f"<td>{shown}</td>"


class Section(NamedTuple):
    """One paper's part of a page."""

    title: str
    introduction: str
    claims: Table
    figures: Mapping[str, str]
    """Names of drawn figures, and their titles."""
    about: str
    """What the figures' lines and bands are."""
    tables: Mapping[str, str]
    """Headings, and finished HTML below them."""
    provenance: Mapping[str, object]
    scenes: Mapping[str, str] = {}
    """Names of networks over time (NAME.scene.json), and their titles."""
    note: str = ""
    """What is to be known of the claims' verdicts."""
    terms: Mapping[str, str] = {}
    """Names that claims and figures use, and what they mean."""


def write_page(folder: Path, sections: Mapping[str, Section]) -> Path:
    """Write index.html into `folder` and return its path; each section's files lie in its
    sub-folder, "." for the folder itself.

    The HTML of a section's tables is finished; all other text is escaped here.
    """
    title = html.escape("; ".join(section.title for section in sections.values()))
    body = "".join(
        _section(folder, place, section, f"part-{number}")
        for number, (place, section) in enumerate(sections.items(), 1)
    )
    titles = [html.escape(section.title) for section in sections.values()]
    ways = " · ".join(f'<a href="#part-{number}">{one}</a>' for number, one in enumerate(titles, 1))
    script = "".join(_asset(name) for name in SCRIPTS)
    plotly = _plotly() if any(mark in body for mark in NEED_PLOTLY) else ""
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy((script, plotly))}">',
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_asset("page.css")}</style></head><body>',
        f'<nav aria-label="parts">{ways}</nav>' if len(titles) > 1 else "",
        body,
        f'<script type="text/plain" id="plotly">{plotly}</script><script>{script}</script>',
        "</body></html>",
    ]
    path = folder / "index.html"
    write_atomically(path, "".join(parts).encode())
    return path


def policy(scripts: Sequence[str]) -> str:
    """Return the rule that a browser runs these scripts alone, evaluates no text, and loads
    nothing.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"


def _plotly() -> str:
    """Return Plotly's script, which takes a second to start, so that the page's own starts it once
    the page is seen.
    """
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _asset(name: str) -> str:
    return resources.files("sagin.report").joinpath(name).read_text(encoding="utf-8")


def _section(folder: Path, place: str, section: Section, anchor: str) -> str:
    drawn = "".join(figure(folder, place, name, title) for name, title in section.figures.items())
    moving = "".join(scene(folder, place, name, title) for name, title in section.scenes.items())
    parts = [
        f'<h1 id="{anchor}">{html.escape(section.title)}</h1><p>{html.escape(section.introduction)}</p>',
        f"<h2>The paper's claims</h2><p>{html.escape(section.note)}</p>{table(*section.claims)}"
        if section.claims.rows
        else "",
        f"<h2>Figures</h2><p>{html.escape(section.about)}</p>" if section.figures else "",
        f'<div class="figures">{drawn}</div>',
        f'<h2>The network</h2><div class="figures">{moving}</div>' if section.scenes else "",
        *(
            f"<h2>{html.escape(heading)}</h2>{content}"
            for heading, content in section.tables.items()
        ),
        f"<h2>Terms</h2><dl>{_terms(section.terms)}</dl>" if section.terms else "",
        f"<h2>Provenance</h2>{table(('what', 'value'), [(key, str(value)) for key, value in section.provenance.items()])}",
    ]
    return "".join(parts)


def _terms(terms: Mapping[str, str]) -> str:
    return "".join(
        f"<dt>{html.escape(term)}</dt><dd>{html.escape(words)}</dd>"
        for term, words in terms.items()
    )


def saved_runs(folder: Path, shown: Callable[[dict[str, Any]], Table], unit: str) -> dict[str, str]:
    """Return the runs that `--out` left in sub-folders, each `shown` as a table of numbers under a
    heading; `unit` is what a run counts.
    """
    found = {}
    for path in sorted(folder.glob("*/result.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            found[f"Run: {path.parent.name} ({report[unit]} {unit})"] = table(
                *shown(report), numbers=True
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            found[f"Run: {path.parent.name}"] = (
                f"<p>{html.escape(path.name)} is damaged; the run has to be made again.</p>"
            )
    return found
