"""The distance of the slicing methods from the optimum as files: a table, its data, and a figure
for each term.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sagin.experiments import slicing_optimum as study
from sagin.files import format_csv, write_atomically
from sagin.report.old_tables import Table, write_markdown
from sagin.report.plots import draw
from sagin.slicing.scenario import Scenario

Found = Sequence[tuple[int, dict[str, Any]]]
"""K_s, and the stored cell."""


def rows(scenario: Scenario, found: Found) -> list[tuple[str, ...]]:
    """Return all rows of the table."""
    return [row for size, cell in found for row in study.rows(scenario, size, cell)]


def write(folder: Path, scenario: Scenario, found: Found, made: dict[str, Any]) -> list[Path]:
    """Write gaps.md, gaps.csv (a row a slot and method), provenance.json and the figures, and
    return their paths.
    """
    paths = [write_markdown(folder / "gaps.md", Table(study.COLUMNS, rows(scenario, found)))]
    table: list[list[object]] = [["K_s", "method", "slot", "term H", "term L", "term C", "sum"]]
    for size, cell in found:
        for name, values in cell["terms"].items():
            table.extend(
                [size, name, slot, *row, f"{sum(row):.7g}"] for slot, row in enumerate(values)
            )
        for name, values in cell["bounds"].items():
            table.extend([size, f"bound, {name}", slot, *row] for slot, row in enumerate(values))
    for name, content in (
        ("gaps.csv", format_csv(table)),
        ("provenance.json", json.dumps(made, indent=1)),
    ):
        write_atomically(folder / name, content.encode())
        paths.append(folder / name)
    for lines in study.figures(scenario, [size for size, _ in found]):
        paths += draw(lines.figure, {"": study.series(scenario, lines, found)}, folder)
    return paths
