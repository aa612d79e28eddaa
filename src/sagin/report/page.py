"""One self-contained HTML page of papers: claims, figures, networks and runs."""

import base64
import gzip
import hashlib
import html
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from sagin.errors import StoreError
from sagin.files import write_atomically
from sagin.inputs import read_bytes
from sagin.report.looks import Look
from sagin.report.page_figures import render_figure
from sagin.report.page_scenes import render_scene
from sagin.report.page_verdicts import render_badge, render_verdicts
from sagin.report.tables import TextTable

SCRIPTS = ("page.js", "page_plots.js", "page_scenes.js")
LONGEST_NUMBER = 32
"""Characters of a number with its interval; longer texts are wrapped."""
OPEN_ROWS = 10
"""Rows up to which a table stands open."""
STORED_CAPTION = (
    "This run leaves these figures out, since methods have to be trained for them. They are stored "
    "results of a longer profile, which come with the repository."
)
NEED_PLOTLY = ('<figure class="plot', '<figure class="scene')


def render_table(table: TextTable) -> str:
    """Return a table as HTML, every cell escaped; columns of numbers are set to the right."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in table.columns)
    numeric = [
        index > 0 and all(_is_number(text) and len(text) <= LONGEST_NUMBER for text in column)
        for index, column in enumerate(zip(*table.rows, strict=True))
    ]
    body = "".join(f"<tr>{''.join(map(_render_cell, row, numeric))}</tr>" for row in table.rows)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="table">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _is_number(text: str) -> bool:
    """Return whether a cell holds a number with what may stand around it, or nothing."""
    return text[:1] in "+−–-∞0123456789"


def _render_cell(text: str, number: bool) -> str:
    """Return a cell; a verdict at its beginning becomes a badge."""
    content = render_badge(text)
    return f'<td class="number">{content}</td>' if number else f"<td>{content}</td>"


class Section(NamedTuple):
    """One paper's part of a page."""

    title: str
    introduction: str
    claims: TextTable
    figures: Mapping[str, str]
    """Names of drawn figures, and their titles."""
    caption: str
    """What the figures' lines and bands are."""
    tables: Mapping[str, TextTable]
    """Tables by heading."""
    provenance: Mapping[str, object]
    scenes: Mapping[str, str] = {}
    """Names of networks over time (NAME.scene.json), and their titles."""
    note: str = ""
    """What is to be known of the claims' verdicts."""
    terms: Mapping[str, str] = {}
    """Names that claims and figures use, and what they mean."""
    looks: Mapping[str, Look] = {}
    """Of the figures' lines, by label."""
    stored: Mapping[str, Path] = {}
    """Stored drawings (SVG) of figures that this run leaves out, by title."""


def write_page(folder: Path, sections: Mapping[str, Section]) -> Path:
    """Write index.html into `folder` and return its path.

    Each section's files lie in its sub-folder, "." for the folder itself.

    All text is escaped here.
    """
    title = html.escape("; ".join(section.title for section in sections.values()))
    body = "".join(
        _render_section(folder, subfolder, section, f"part-{number}")
        for number, (subfolder, section) in enumerate(sections.items(), 1)
    )
    titles = [html.escape(section.title) for section in sections.values()]
    links = " · ".join(
        f'<a href="#part-{number}">{text}</a>' for number, text in enumerate(titles, 1)
    )
    script = "".join(map(_read_asset, SCRIPTS))
    plotly = _read_plotly() if any(mark in body for mark in NEED_PLOTLY) else ""
    policy = security_policy((script, plotly))
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_read_asset('page.css')}</style></head><body>",
        f'<nav aria-label="parts">{links}</nav>' if len(titles) > 1 else "",
        body,
        f'<script type="text/plain" id="plotly">{_pack(plotly)}</script><script>{script}</script>',
        "</body></html>",
    ]
    path = folder / "index.html"
    write_atomically(path, "".join(parts).encode())
    return path


def security_policy(scripts: Sequence[str]) -> str:
    """Return the rule that a browser runs these scripts alone and loads nothing."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _read_plotly() -> str:
    """Return Plotly's script, which the page's own starts once the page is seen."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _pack(script: str) -> str:
    """Return a script compressed, as text that stands in a page; always the same for the same."""
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode() if script else ""


def _read_asset(name: str) -> str:
    return resources.files("sagin.report").joinpath(name).read_text(encoding="utf-8")


def _render_section(folder: Path, subfolder: str, section: Section, anchor: str) -> str:
    drawn = "".join(
        render_figure(folder, subfolder, name, title, section.looks)
        for name, title in section.figures.items()
    )
    moving = "".join(
        render_scene(folder, subfolder, name, title) for name, title in section.scenes.items()
    )
    stored = "".join(_render_drawing(*item) for item in section.stored.items())
    provenance = [(name, str(value)) for name, value in section.provenance.items()]
    parts = [
        f'<h1 id="{anchor}">{html.escape(section.title)}</h1>',
        f"<p>{html.escape(section.introduction)}</p>",
        f"<h2>Figures</h2><p>{html.escape(section.caption)}</p>" if section.figures else "",
        f'<div class="figures">{drawn}</div>',
        f'<h2>Stored figures</h2><p>{STORED_CAPTION}</p><div class="figures">{stored}</div>'
        if stored
        else "",
        f'<h2>The network</h2><div class="figures">{moving}</div>' if section.scenes else "",
        _render_part("The paper's claims", section.note, render_verdicts(section.claims))
        if section.claims.rows
        else "",
        *(_render_further(title, table) for title, table in section.tables.items()),
        f"<h2>Terms</h2><dl>{_render_terms(section.terms)}</dl>" if section.terms else "",
        _render_part("Provenance", "", render_table(TextTable(("what", "value"), provenance))),
    ]
    return "".join(parts)


def _render_drawing(title: str, path: Path) -> str:
    """Return a stored drawing as a picture inside the page."""
    data = base64.b64encode(read_bytes(path, StoreError)).decode()
    text = html.escape(title)
    return (
        f'<figure><img alt="{text}" loading="lazy" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


def _render_further(title: str, table: TextTable) -> str:
    """Return a table below its heading, which a click opens if the table is long."""
    if len(table.rows) <= OPEN_ROWS:
        return _render_part(title, "", render_table(table))
    return (
        f'<details class="further"><summary><h2>{html.escape(title)}</h2></summary>'
        f"{render_table(table)}</details>"
    )


def _render_part(heading: str, text: str, content: str) -> str:
    paragraph = f"<p>{html.escape(text)}</p>" if text else ""
    return f"<h2>{html.escape(heading)}</h2>{paragraph}{content}"


def _render_terms(terms: Mapping[str, str]) -> str:
    return "".join(
        f"<dt>{html.escape(term)}</dt><dd>{html.escape(meaning)}</dd>"
        for term, meaning in terms.items()
    )
