"""One self-contained HTML page with the claims, the figures and the runs of one or more papers; it needs no network."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.files import write_atomically
from sagin.report.tables import Table

COLUMN = 300.0
"""Width of a figure, pt, beyond which it is shown across the page."""
STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0072B2; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; width: 100%; min-width: 52rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); } td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; } figure.wide { grid-column: 1 / -1; } figure img { width: 100%; background: #fff; border: 1px solid var(--line); }
figcaption { font-size: .85rem; } .badge { padding: .1rem .5rem; border-radius: .6rem; color: #fff; white-space: nowrap; }
.holds { background: #00684c; } .in-part { background: #8a5a00; } .not { background: #a33b00; } .undecided { background: #555; }
a { color: var(--accent); } @media (prefers-color-scheme: dark) { :root { --accent: #56B4E9; } }
"""
BADGE = {"holds": "holds", "holds in part": "in-part", "does not hold": "not", "undecided": "undecided"}


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False) -> str:
    """Return a table as HTML, every cell escaped; with `numbers`, all columns but the first are numbers."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(cell, numbers and place > 0) for place, cell in enumerate(row))}</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0" role="region"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str, number: bool) -> str:
    shown = f'<span class="badge {BADGE[text]}">{text}</span>' if text in BADGE else html.escape(text)
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
    """Scenes that lie beside the figures or in sub-folders (`experiments.scene`), without their ending, and their titles."""


def write_page(folder: Path, sections: Mapping[str, Section]) -> Path:
    """Write index.html into `folder` and return its path; each section's figures lie in its sub-folder, "." for the folder itself.

    The HTML of a section's tables is finished; all other text is escaped here.
    """
    title = "; ".join(section.title for section in sections.values())
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>',
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>',
        *(_section(folder, place, section) for place, section in sections.items()),
        "</body></html>",
    ]
    path = folder / "index.html"
    write_atomically(path, "".join(parts).encode())
    return path


def _section(folder: Path, place: str, section: Section) -> str:
    drawn = "".join(_figure(folder, place, name, title) for name, title in section.figures.items())
    parts = [
        f"<h1>{html.escape(section.title)}</h1><p>{html.escape(section.introduction)}</p>",
        f"<h2>The paper's claims</h2>{table(*section.claims)}" if section.claims.rows else "",
        f"<h2>Figures</h2><p>{html.escape(section.about)}</p>" if section.figures else "",
        f'<div class="figures">{drawn}</div>',
        *(f"<h2>{html.escape(heading)}</h2>{content}" for heading, content in section.tables.items()),
        f"<h2>Provenance</h2>{table(('what', 'value'), [(key, str(value)) for key, value in section.provenance.items()])}",
    ]
    return "".join(parts)


def _figure(folder: Path, place: str, name: str, title: str) -> str:
    """Return a drawn figure (NAME.svg) as HTML with links to its files."""
    drawing = (folder / place / f"{name}.svg").read_bytes()
    image = base64.b64encode(drawing).decode()
    at = "" if place == "." else f"{place}/"
    there = [ending for ending in ("png", "svg", "csv") if (folder / place / f"{name}.{ending}").exists()]
    links = ", ".join(f'<a href="{at}{name}.{ending}">{ending.upper()}</a>' for ending in there)
    caption = f"{html.escape(title)} ({links})"
    width = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', drawing)
    wide = ' class="wide"' if width is not None and float(width[1]) > COLUMN else ""
    return (
        f'<figure{wide}><img alt="{html.escape(title)}" src="data:image/svg+xml;base64,{image}"><figcaption>{caption}</figcaption></figure>'
    )


def saved_runs(folder: Path, shown: Callable[[dict[str, Any]], Table], unit: str) -> dict[str, str]:
    """Return the runs that `--out` left in sub-folders, each `shown` as a table of numbers under a heading; `unit` is what a run counts."""
    found = {}
    for path in sorted(folder.glob("*/result.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            found[f"Run: {path.parent.name} ({report[unit]} {unit})"] = table(*shown(report), numbers=True)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            found[f"Run: {path.parent.name}"] = f"<p>{html.escape(path.name)} is damaged; the run has to be made again.</p>"
    return found
