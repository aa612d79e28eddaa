"""One self-contained HTML page with the claims, the figures and the runs; it needs no network."""

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sagin.experiments.study import Judgement
from sagin.files import write_atomically
from sagin.report.tables import CLAIM_COLUMNS, claim_rows

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0072B2; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; width: 100%; min-width: 52rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--soft); } td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; } figure img { width: 100%; background: #fff; border: 1px solid var(--line); }
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


def figure(name: str, title: str, folder: Path) -> str:
    """Return a drawn figure (NAME.svg in `folder`) as HTML with links to its files."""
    image = base64.b64encode((folder / f"{name}.svg").read_bytes()).decode()
    links = ", ".join(f'<a href="{name}.{ending}">{ending.upper()}</a>' for ending in ("png", "svg", "csv"))
    caption = f"{html.escape(title)} ({links})"
    return f'<figure><img alt="{html.escape(title)}" src="data:image/svg+xml;base64,{image}"><figcaption>{caption}</figcaption></figure>'


def write_page(
    folder: Path,
    *,
    title: str,
    introduction: str,
    judgements: Sequence[Judgement],
    figures: Mapping[str, str],
    runs: Mapping[str, str],
    provenance: Mapping[str, object],
) -> Path:
    """Write index.html into `folder` and return its path.

    `figures` maps names of drawn figures to titles, `runs` headings to finished HTML tables; all other text is escaped here.
    """
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>',
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>',
        f"<h1>{html.escape(title)}</h1><p>{html.escape(introduction)}</p>",
        f"<h2>The paper's claims</h2>{table(CLAIM_COLUMNS, claim_rows(judgements))}" if judgements else "",
        "<h2>Figures</h2><p>Means over drops; bands are 95 % intervals.</p>" if figures else "",
        f'<div class="figures">{"".join(figure(name, text, folder) for name, text in figures.items())}</div>',
        *(f"<h2>{html.escape(heading)}</h2>{content}" for heading, content in runs.items()),
        f"<h2>Provenance</h2>{table(('what', 'value'), [(key, str(value)) for key, value in provenance.items()])}",
        "</body></html>",
    ]
    path = folder / "index.html"
    write_atomically(path, "".join(parts).encode())
    return path
