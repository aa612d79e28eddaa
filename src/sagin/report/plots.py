"""Figures for a two-column paper: colour-blind safe, with intervals, as PNG, SVG and the data as CSV."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sagin.experiments.study import Figure, Series
from sagin.files import write_atomically

# Okabe and Ito's palette (2008), told apart with every common colour blindness; yellow left out, which is faint on white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
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
    "figure.dpi": 100,
    "savefig.dpi": 300,
}


def draw(figure: Figure, series: Sequence[Series], folder: Path) -> list[Path]:
    """Draw a figure into `folder` as NAME.png and NAME.svg with its data as NAME.csv, and return the three paths."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(STYLE):
        canvas, axes = pyplot.subplots(figsize=(3.5, 3.3), layout="constrained")
        for number, line in enumerate(series):
            colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
            # open markers of falling size keep lines that lie on each other visible
            look = {"color": colour, "marker": marker, "markerfacecolor": "none", "markersize": 9 - 0.8 * number}
            axes.plot(line.x, [y.estimate for y in line.y], label=line.method, **look)
            axes.fill_between(line.x, [y.low for y in line.y], [y.high for y in line.y], color=colour, alpha=0.2, linewidth=0)
        axes.set_xlabel(figure.x_label)
        axes.set_ylabel(figure.y_label)
        axes.set_title(figure.title, fontsize=8)
        axes.set_ylim(bottom=0)
        canvas.legend(loc="outside lower center", ncols=2)
        paths = [folder / f"{figure.name}.{ending}" for ending in ("png", "svg")]
        for path in paths:
            buffer = io.BytesIO()
            canvas.savefig(buffer, format=path.suffix[1:], metadata={"Date": None} if path.suffix == ".svg" else None)
            write_atomically(path, buffer.getvalue())
        pyplot.close(canvas)
    return [*paths, write_csv(figure, series, folder / f"{figure.name}.csv")]


def write_csv(figure: Figure, series: Sequence[Series], path: Path) -> Path:
    """Write the data of a figure, one row a method and point, in the axis' unit, and return the path."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["method", figure.sweep, figure.y_label, "low (95 %)", "high (95 %)"])
    for line in series:
        table.writerows([line.method, f"{x:g}", *(f"{value:.6g}" for value in y)] for x, y in zip(line.x, line.y, strict=True))
    write_atomically(path, text.getvalue().encode())
    return path
