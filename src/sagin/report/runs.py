"""Saved runs beside a study, which commands with `--out` or `--map` left in its folder."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from sagin.inputs import read_text
from sagin.report.tables import TextTable, format_number

KPIS_FILE = "kpis.csv"
DRAWING_TITLES = {
    "map": "Map of a slot",
    "figure-3-validation": "Validations against iterations",
}
"""Titles of files that commands leave beside a study's figures, by name."""


def tabulate_runs(folder: Path) -> dict[str, TextTable]:
    """Return the results of the runs in sub-folders of `folder/runs`, by title."""
    return {
        f"Run: {path.parent.name}": _read_table(path)
        for path in sorted(folder.glob(f"runs/*/{KPIS_FILE}"))
    }


def _read_table(path: Path) -> TextTable:
    try:
        head, *rows = csv.reader(io.StringIO(read_text(path)))
        if not rows or any(len(row) != len(head) for row in rows):
            raise ValueError
    except (ValueError, csv.Error):
        return TextTable(("file", "state"), [(path.name, "is damaged; run it again")])
    return TextTable(head, [tuple(map(_shorten_number, row)) for row in rows])


def _shorten_number(cell: str) -> str:
    """Return a number of a file as it is printed in tables, and any other text as it is."""
    try:
        return format_number(float(cell))
    except ValueError:
        return cell


def find_drawings(folder: Path, figures: Mapping[str, str]) -> dict[str, str]:
    """Return the drawings in a folder and in its saved runs: name without ending, and title.

    Args:
        folder: folder of a study.
        figures: titles of its figures by id, of which runs have drawings too.
    """
    titles = {
        name: title for name, title in DRAWING_TITLES.items() if (folder / f"{name}.svg").exists()
    }
    for path in sorted(folder.glob("runs/*/*.svg")):
        name = path.with_suffix("").relative_to(folder).as_posix()
        title = (DRAWING_TITLES | dict(figures)).get(path.stem, path.stem)
        titles[name] = f"{title}: {path.parent.name}"
    return titles
