"""The data of a drawn figure: its panels, and the CSV file that the page reads."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sagin.errors import StoreError
from sagin.files import format_csv, write_atomically
from sagin.inputs import read_text
from sagin.studies.figure import Figure, Series
from sagin.studies.statistics import Interval

ENDS = ["low (95 %)", "high (95 %)"]


class Limit(NamedTuple):
    """A horizontal line across a figure."""

    label: str
    value: float


class Panel(NamedTuple):
    """A panel of a figure: lines over one x axis."""

    title: str
    series: list[Series]
    limits: list[Limit]


class FigureData(NamedTuple):
    """Content of a figure's CSV file."""

    x_label: str
    y_label: str
    panels: list[Panel]


def write_csv(figure: Figure, panels: Sequence[Panel], path: Path) -> Path:
    """Write the data of a figure, one row per line and point in the axis' unit; return the path.

    With several panels, a first column names the panel. A limit is a line without an interval.
    """
    several = len(panels) > 1
    head = ["panel"] if several else []
    rows = [[*head, "method", figure.x_label, figure.y_label, *ENDS]]
    for panel in panels:
        first = [panel.title] if several else []
        for line in panel.series:
            for x, interval in zip(line.x, line.y, strict=True):
                values = [f"{value:.6g}" for value in interval]
                rows.append([*first, line.label, f"{x:.10g}", *values])
        for limit in panel.limits:
            points = dict.fromkeys(x for line in panel.series for x in line.x)
            level = [f"{limit.value:.6g}", "", ""]
            rows.extend([*first, limit.label, f"{x:.10g}", *level] for x in points)
    write_atomically(path, format_csv(rows).encode())
    return path


def read_csv(path: Path) -> FigureData:
    """Return the content that `write_csv` wrote; StoreError if the file is missing or invalid."""
    try:
        head, *rows = csv.reader(io.StringIO(read_text(path)))
        if head[-2:] != ENDS or head[:-4] not in (["method"], ["panel", "method"]):
            raise ValueError
        panels: dict[str, dict[str, list[list[str]]]] = {}
        for *names, x, y, low, high in rows:
            title, label = names if len(head) == 6 else ("", *names)
            panels.setdefault(title, {}).setdefault(label, []).append([x, y, low, high])
        content = [_read_panel(title, lines) for title, lines in panels.items()]
    except (ValueError, IndexError, csv.Error):
        raise StoreError(
            f"{path}: damaged or missing: not the data of a figure "
            "(allowed: run the same command again)"
        ) from None
    return FigureData(head[-4], head[-3], content)


def _read_panel(title: str, lines: Mapping[str, list[list[str]]]) -> Panel:
    panel = Panel(title, [], [])
    for label, rows in lines.items():
        if rows[0][2:] == ["", ""]:
            panel.limits.append(Limit(label, float(rows[0][1])))
        else:
            points = [[float(cell) for cell in row] for row in rows]
            x = tuple(point[0] for point in points)
            panel.series.append(Series(label, x, tuple(Interval(*point[1:]) for point in points)))
    return panel
