"""Figures for a two-column paper: colour-blind safe, with intervals, as PNG, SVG and PDF, with
their data as CSV for the page.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import StoreError
from sagin.experiments.study import BOUND, Figure, Series
from sagin.files import format_csv, write_atomically
from sagin.studies.statistics import Interval

# Okabe and Ito's palette (2008), told apart with every common colour blindness; yellow left out,
# which is faint on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
COLUMNS = 3
"""Panels side by side."""
ENDINGS = ("png", "svg", "pdf")
UNDATED: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""What keeps the time out of a file, by its ending."""
ENDS = ["low (95 %)", "high (95 %)"]
STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 6.5,
    "legend.framealpha": 0.85,
    "lines.linewidth": 1.2,
    "svg.hashsalt": "sagin",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,  # publishers refuse matplotlib's own, type 3
    "figure.dpi": 100,
    "savefig.dpi": 300,
}


class Limit(NamedTuple):
    """A horizontal line across a figure."""

    label: str
    value: float


class Look(NamedTuple):
    """How a line is told apart from the others of its figure."""

    colour: str
    marker: str
    """In matplotlib's letters; none if empty."""
    dashed: bool


OF_METHODS = {
    BOUND: Look("#000000", "", True),
    "two-layer MADDPG": Look(COLOURS[0], "o", False),
    "uniform balancing": Look(COLOURS[1], "s", False),
    "no balancing": Look(COLOURS[2], "^", False),
    "MADDPG": Look(COLOURS[2], "D", False),
    "MADDPG, drop": Look(COLOURS[2], "D", True),
    "MAPPO": Look(COLOURS[3], "v", False),
    "MAPPO, drop": Look(COLOURS[3], "v", True),
    "fixed UAVs": Look(COLOURS[1], "P", False),
    "planner": Look(COLOURS[4], "X", False),
    "planner, priority": Look(COLOURS[4], "X", False),
    "planner, free": Look(COLOURS[4], "X", True),
    "greedy": Look(COLOURS[5], "*", False),
    "nearest-greedy": Look(COLOURS[6], "*", False),
    "random": Look(COLOURS[7], "p", False),
}
"""Methods that stand in several figures with others look the same in all; only those share a colour
that never meet.
"""


def look(number: int, name: str) -> Look:
    """Return the look of a figure's line: of what stands in several figures by its name, else by
    its place among them.
    """
    return OF_METHODS.get(name) or Look(
        COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)], False
    )


class Panel(NamedTuple):
    """A panel of a figure as its CSV has it."""

    title: str
    series: list[Series]
    limits: list[Limit]


class Data(NamedTuple):
    """All that a figure's CSV says."""

    x_label: str
    y_label: str
    panels: list[Panel]


def draw(
    figure: Figure, panels: Mapping[str, Sequence[Series]], folder: Path, limit: Limit | None = None
) -> list[Path]:
    """Draw a figure into `folder` as NAME.png, NAME.svg and NAME.pdf with its data as NAME.csv, and
    return the paths.

    panels: titles, and the lines below each; the same methods in all, which share their colours and
    one legend.
    """
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // COLUMNS)
    size = (3.5, 3.3) if len(panels) == 1 else (7.16, 0.6 + 1.9 * rows)
    with drawing(size, rows=rows, columns=columns) as (canvas, grid):
        for axes, (title, series) in zip(grid, panels.items(), strict=False):
            _lines(axes, series)
            if limit is not None:
                axes.axhline(
                    limit.value, color="#000000", linestyle="--", linewidth=1, label=limit.label
                )
            axes.set_title(title, fontsize=8)
        grid[0].set_ylim(0, _top(panels, limit, grid[0].get_ylim()[1]))
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        for axes in grid[max(len(panels) - columns, 0) : len(panels)]:
            axes.set_xlabel(figure.x_label)
            axes.tick_params(labelbottom=True)
        for axes in grid[::columns]:
            axes.set_ylabel(figure.y_label)
        canvas.legend(
            *grid[0].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=2 if len(panels) == 1 else 6,
        )
        paths = [save(canvas, folder / f"{figure.name}.{ending}") for ending in ENDINGS]
    return [*paths, write_csv(figure, panels, folder / f"{figure.name}.csv", limit)]


def _top(panels: Mapping[str, Sequence[Series]], limit: Limit | None, end: float) -> float:
    """Return where the axis is to end: with the bands, but no more than a quarter above all lines,
    which wide bands would squash.
    """
    lines = [
        y.estimate
        for series in panels.values()
        for line in series
        for y in line.y
        if math.isfinite(y.estimate)
    ]
    highest: float = max([0.0, *lines, *([] if limit is None else [limit.value])])
    return min(end, 1.25 * highest) if highest > 0 else end


def _lines(axes: Any, series: Sequence[Series]) -> None:
    for number, line in enumerate(series):
        colour, marker, dashed = look(number, line.method)
        # open markers of falling size keep lines that lie on each other visible
        style = {
            "marker": marker,
            "markerfacecolor": "none",
            "markersize": 9 - 0.8 * number,
            "linestyle": "--" if dashed else "-",
        }
        axes.plot(line.x, [y.estimate for y in line.y], label=line.method, color=colour, **style)
        axes.fill_between(
            line.x,
            [y.low for y in line.y],
            [y.high for y in line.y],
            color=colour,
            alpha=0.2,
            linewidth=0,
        )


@contextmanager
def drawing(
    size: tuple[float, float], *, rows: int = 1, columns: int = 1, share_y: bool = True
) -> Iterator[tuple[Any, list[Any]]]:
    """Give a figure of a size in inches and the axes of its panels, row by row, in the house style;
    it is closed afterwards.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(STYLE):
        canvas, grid = pyplot.subplots(
            rows,
            columns,
            figsize=size,
            layout="constrained",
            sharex=True,
            sharey=share_y,
            squeeze=False,
        )
        try:
            yield canvas, list(grid.flat)
        finally:
            pyplot.close(canvas)


def save(canvas: Any, path: Path) -> Path:
    """Write a drawing in the format of the path's ending and return the path; the same drawing
    gives the same file.
    """
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=path.suffix[1:], metadata=UNDATED.get(path.suffix))
    write_atomically(path, buffer.getvalue())
    return path


def write_csv(
    figure: Figure, panels: Mapping[str, Sequence[Series]], path: Path, limit: Limit | None = None
) -> Path:
    """Write the data of a figure, one row a method and point, in the axis' unit, and return the
    path; several panels are told apart.

    A limit is a line without an interval.
    """
    named = ["panel"] if len(panels) > 1 else []
    table = [[*named, "method", figure.x_label, figure.y_label, *ENDS]]
    for title, series in panels.items():
        first = [title] if named else []
        for line in series:
            points = zip(line.x, line.y, strict=True)
            table.extend(
                [*first, line.method, f"{x:.10g}", *(f"{value:.6g}" for value in y)]
                for x, y in points
            )
        if limit is not None:
            xs = dict.fromkeys(x for line in series for x in line.x)
            table.extend(
                [*first, limit.label, f"{x:.10g}", f"{limit.value:.6g}", "", ""] for x in xs
            )
    write_atomically(path, format_csv(table).encode())
    return path


def read_csv(path: Path) -> Data:
    """Read what `write_csv` wrote; StoreError if the file is missing or something else."""
    try:
        head, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        if head[-2:] != ENDS or head[:-4] not in (["method"], ["panel", "method"]):
            raise ValueError
        panels: dict[str, dict[str, list[list[str]]]] = {}
        for *names, x, y, low, high in rows:
            title, method = names if len(head) == 6 else ("", *names)
            panels.setdefault(title, {}).setdefault(method, []).append([x, y, low, high])
        return Data(head[-4], head[-3], [_panel(title, lines) for title, lines in panels.items()])
    except (OSError, ValueError, IndexError, csv.Error):
        raise StoreError(
            f"{path}: damaged or missing: not the data of a figure (allowed: what the same command writes anew)"
        ) from None


def _panel(title: str, lines: Mapping[str, list[list[str]]]) -> Panel:
    panel = Panel(title, [], [])
    for name, rows in lines.items():
        if rows[0][2:] == ["", ""]:
            panel.limits.append(Limit(name, float(rows[0][1])))
        else:
            points = [[float(cell) for cell in row] for row in rows]
            panel.series.append(
                Series(
                    name,
                    tuple(point[0] for point in points),
                    tuple(Interval(*point[1:]) for point in points),
                )
            )
    return panel
