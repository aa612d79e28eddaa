"""One self-contained HTML page of papers: claims, figures, networks and runs."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from sagin.files import write_atomically
from sagin.report.looks import Look
from sagin.report.packing import pack_text
from sagin.report.page_figures import render_figure
from sagin.report.page_scenes import render_moving, render_scene
from sagin.report.page_verdicts import render_badge, render_verdicts
from sagin.report.tables import TextTable
from sagin.studies.scene import Scene

SCRIPTS = ("page.js", "page_plots.js", "page_scenes.js")
LONGEST_NUMBER = 32
"""Largest number of characters of a number with its interval; longer texts are wrapped."""
OPEN_FIGURES = 6
"""Number of open figures of a section; a click opens the others."""
OPEN_ROWS = 10
"""Largest number of rows of an open table."""
NEED_PLOTLY = ('<figure class="plot', '<figure class="scene')


def render_table(table: TextTable) -> str:
    """Return a table as HTML, with every cell escaped and columns of numbers aligned right."""
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
    """One part of a page: a paper, a run, or another chapter."""

    title: str
    introduction: str
    claims: TextTable
    figures: Mapping[str, str]
    """Names of drawn figures, and their titles."""
    caption: str
    """Meaning of the figures' lines and bands."""
    tables: Mapping[str, TextTable]
    """Tables by heading."""
    provenance: Mapping[str, object]
    scenes: Mapping[str, str] = {}
    """Names of networks over time (NAME.scene.json), and their titles."""
    note: str = ""
    """Remark on the claims' verdicts."""
    terms: Mapping[str, str] = {}
    """Names in claims and figures, with their meaning."""
    looks: Mapping[str, Look] = {}
    """Looks of the figures' lines, by label."""
    chapter: str = ""
    """Menu entry that consecutive sections share; empty: the section has its own entry."""
    preface: str = ""
    """Sentence about the chapter, before its first section."""
    origin: str = ""
    """Origin of the numbers: this machine, or stored results of a longer run."""
    moving: Mapping[str, Scene] = {}
    """Networks over time by title, each shown as a moving picture before everything else."""
    checks: Mapping[str, str] = {}
    """Comparison of a figure's numbers with those of this machine, by the figure's name."""


class Part(NamedTuple):
    """A heading with the content below it."""

    heading: str
    content: str
    closed: bool = False
    """Whether a click opens it."""


def write_page(folder: Path, sections: Mapping[str, Section]) -> Path:
    """Write index.html into `folder` and return its path.

    Each section's files are in its sub-folder, "." for the folder itself. All text is escaped.
    """
    title = html.escape("; ".join(section.title for section in sections.values()))
    body, entries = _render_sections(folder, sections)
    links = "".join(
        f'<a href="#{anchor}">{html.escape(text)}</a>' for anchor, text in entries.items()
    )
    script = "".join(map(_read_asset, SCRIPTS))
    plotly = _read_plotly() if any(mark in body for mark in NEED_PLOTLY) else ""
    policy = security_policy((script, plotly))
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_read_asset('page.css')}</style></head><body>",
        f'<nav aria-label="chapters">{links}</nav><main>{body}</main>',
        f'<script type="text/plain" id="plotly">{pack_text(plotly)}</script>',
        f"<script>{script}</script>",
        "</body></html>",
    ]
    path = folder / "index.html"
    write_atomically(path, "".join(parts).encode())
    return path


def security_policy(scripts: Sequence[str]) -> str:
    """Return the policy that allows a browser only these scripts and no downloads."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _read_plotly() -> str:
    """Return Plotly's script, which the page's own script starts once the page is visible."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _read_asset(name: str) -> str:
    text = resources.files("sagin.report").joinpath(name).read_text(encoding="utf-8")
    # lines of comment are for who edits the file
    return re.sub(r"(?m)^ *//.*\n", "", text)


def _render_sections(folder: Path, sections: Mapping[str, Section]) -> tuple[str, dict[str, str]]:
    """Return all sections as HTML, and the menu: anchors and titles.

    The menu leads to the chapters, or to the parts of a page of one section.
    """
    body, entries, chapter = "", {}, ""
    for number, (subfolder, section) in enumerate(sections.items(), 1):
        anchor, parts = f"part-{number}", _list_parts(folder, subfolder, section)
        if section.chapter != chapter or not section.chapter:
            chapter = section.chapter
            heading = chapter or section.title
            entries[anchor] = heading
            body += f'<h1 id="{anchor}">{html.escape(heading)}</h1>{_say(section.preface)}'
        if len(sections) == 1:
            entries |= {f"{anchor}-{row}": part.heading for row, part in enumerate(parts, 1)}
        body += _render_opening(section)
        body += "".join(_render_part(f"{anchor}-{row}", part) for row, part in enumerate(parts, 1))
    return body, entries


def _render_opening(section: Section) -> str:
    """Return a section's title, unless its chapter has the same, its sentences and pictures."""
    title = html.escape(section.title)
    heading = (
        f'<h2 class="title">{title}</h2>' if section.chapter not in ("", section.title) else ""
    )
    text = _say(section.introduction)
    text += f'<p class="origin">{html.escape(section.origin)}</p>' if section.origin else ""
    moving = "".join(render_moving(scene, title) for title, scene in section.moving.items())
    if not moving:
        return heading + text
    return f'{heading}<div class="opening">{moving}<div>{text}</div></div>'


def _list_parts(folder: Path, subfolder: str, section: Section) -> list[Part]:
    """Return the non-empty parts of a section: figures, networks, claims, tables."""
    drawn = [
        render_figure(
            folder,
            subfolder,
            name,
            title,
            section.looks,
            section.checks.get(name, ""),
            is_open=number < OPEN_FIGURES,
        )
        for number, (name, title) in enumerate(section.figures.items())
    ]
    networks = [
        render_scene(folder, subfolder, name, title) for name, title in section.scenes.items()
    ]
    provenance = [(name, str(value)) for name, value in section.provenance.items()]
    claims = _say(section.note) + render_verdicts(section.claims)
    origin = render_table(TextTable(("what", "value"), provenance))
    parts = [
        Part("Figures", _say(section.caption) + _join(drawn[:OPEN_FIGURES]) if drawn else ""),
        Part("Further figures", _join(drawn[OPEN_FIGURES:]), closed=True),
        # a chapter begins with what moves; a click opens it to be stepped through and turned
        Part("The network", _join(networks), closed=bool(section.moving or section.chapter)),
        Part("The claims", claims if section.claims.rows else ""),
        *(
            Part(
                title,
                render_table(table),
                closed=len(table.rows) > OPEN_ROWS or bool(section.chapter and number),
            )
            for number, (title, table) in enumerate(section.tables.items())
        ),
        Part("Terms", _render_terms(section.terms), closed=True),
        Part("Provenance", origin if provenance else "", closed=True),
    ]
    return [part for part in parts if part.content]


def _say(text: str) -> str:
    return f"<p>{html.escape(text)}</p>" if text else ""


def _join(figures: Sequence[str]) -> str:
    """Return figures side by side; empty for none."""
    return f'<div class="figures">{"".join(figures)}</div>' if figures else ""


def _render_part(anchor: str, part: Part) -> str:
    """Return a part below its heading, which a click opens if it is closed."""
    heading = f'<h2 id="{anchor}">{html.escape(part.heading)}</h2>'
    if not part.closed:
        return heading + part.content
    return f'<details class="further"><summary>{heading}</summary>{part.content}</details>'


def _render_terms(terms: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{html.escape(term)}</dt><dd>{html.escape(meaning)}</dd>"
        for term, meaning in terms.items()
    )
    return f"<dl>{rows}</dl>" if rows else ""
