"""Figures for a two-column paper: colour-blind safe, with intervals, as PNG, SVG and the data as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sagin.experiments.study import Figure, Series
from sagin.files import write_atomically

# Okabe and Ito's palette (2008), told apart with every common colour blindness; yellow left out, which is faint on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
BOUND = "bound"
"""A line of this name, which no method passes, is drawn dashed."""
COLUMNS = 3
"""Panels side by side."""
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
    "pdf.fonttype": 42,
    "figure.dpi": 100,
    "savefig.dpi": 300,
}
DATES: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""What keeps the time out of a file, by its ending."""


class Limit(NamedTuple):
    """A horizontal line across a figure."""

    label: str
    value: float


def draw(figure: Figure, panels: Mapping[str, Sequence[Series]], folder: Path, limit: Limit | None = None) -> list[Path]:
    """Draw a figure into `folder` as NAME.png and NAME.svg with its data as NAME.csv, and return the three paths.

    panels: titles, and the lines below each; the same methods in all, which share their colours and one legend.
    """
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // COLUMNS)
    size = (3.5, 3.3) if len(panels) == 1 else (7.16, 0.6 + 1.9 * rows)
    with drawing(size, rows=rows, columns=columns) as (canvas, grid):
        for axes, (title, series) in zip(grid, panels.items(), strict=False):
            _lines(axes, series)
            if limit is not None:
                axes.axhline(limit.value, color="#000000", linestyle="--", linewidth=1, label=limit.label)
            axes.set_title(title, fontsize=8)
        grid[0].set_ylim(bottom=0)
        for axes in grid[len(panels) :]:
            axes.set_visible(False)
        for axes in grid[max(len(panels) - columns, 0) : len(panels)]:
            axes.set_xlabel(figure.x_label)
            axes.tick_params(labelbottom=True)
        for axes in grid[::columns]:
            axes.set_ylabel(figure.y_label)
        canvas.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2 if len(panels) == 1 else 6)
        paths = [save(canvas, folder / f"{figure.name}.{ending}") for ending in ("png", "svg")]
    return [*paths, write_csv(figure, panels, folder / f"{figure.name}.csv")]


def _lines(axes: Any, series: Sequence[Series]) -> None:
    for number, line in enumerate(series):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        # open markers of falling size keep lines that lie on each other visible
        look = {"color": colour, "marker": marker, "markerfacecolor": "none", "markersize": 9 - 0.8 * number}
        if line.method == BOUND:
            colour, look = "#000000", {"color": "#000000", "linestyle": "--"}
        axes.plot(line.x, [y.estimate for y in line.y], label=line.method, **look)
        axes.fill_between(line.x, [y.low for y in line.y], [y.high for y in line.y], color=colour, alpha=0.2, linewidth=0)


@contextmanager
def drawing(size: tuple[float, float], *, rows: int = 1, columns: int = 1, share_y: bool = True) -> Iterator[tuple[Any, list[Any]]]:
    """Give a figure of a size in inches and the axes of its panels, row by row, in the house style; it is closed afterwards."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(STYLE):
        canvas, grid = pyplot.subplots(rows, columns, figsize=size, layout="constrained", sharex=True, sharey=share_y, squeeze=False)
        try:
            yield canvas, list(grid.flat)
        finally:
            pyplot.close(canvas)


def save(canvas: Any, path: Path) -> Path:
    """Write a drawing in the format of the path's ending and return the path; the same drawing gives the same file."""
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=path.suffix[1:], metadata=DATES.get(path.suffix))
    write_atomically(path, buffer.getvalue())
    return path


def write_csv(figure: Figure, panels: Mapping[str, Sequence[Series]], path: Path) -> Path:
    """Write the data of a figure, one row a method and point, in the axis' unit, and return the path; several panels are told apart."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    named = ["panel"] if len(panels) > 1 else []
    table.writerow([*named, "method", figure.sweep, figure.y_label, "low (95 %)", "high (95 %)"])
    for title, series in panels.items():
        for line in series:
            first = [title, line.method] if named else [line.method]
            table.writerows([*first, f"{x:g}", *(f"{value:.6g}" for value in y)] for x, y in zip(line.x, line.y, strict=True))
    write_atomically(path, text.getvalue().encode())
    return path
