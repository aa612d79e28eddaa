"""Drawings for a two-column paper in one style, as PNG, SVG and PDF, with reproducible files."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sagin.files import write_atomically

ENDINGS = ("png", "svg", "pdf")
COLUMN_INCHES, PAGE_INCHES = 3.5, 7.16
"""Widths of a column and of a page."""
UNDATED: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""Metadata without the time, by the ending of the file."""
STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 8,
    "legend.fontsize": 6.5,
    "legend.framealpha": 0.85,
    "lines.linewidth": 1.2,
    "svg.hashsalt": "sagin",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,  # publishers refuse matplotlib's own, type 3
    "figure.dpi": 100,
    "savefig.dpi": 300,
}


@contextmanager
def open_canvas(
    size: tuple[float, float],
    *,
    rows: int = 1,
    columns: int = 1,
    share_x: bool = True,
    share_y: bool = True,
) -> Iterator[tuple[Any, list[Any]]]:
    """Yield a figure of a size in inches and its axes, row by row; it is closed afterwards."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(STYLE):
        canvas, grid = pyplot.subplots(
            rows,
            columns,
            figsize=size,
            layout="constrained",
            sharex=share_x,
            sharey=share_y,
            squeeze=False,
        )
        try:
            yield canvas, list(grid.flat)
        finally:
            pyplot.close(canvas)


def save_canvas(canvas: Any, path: Path) -> Path:
    """Write a drawing in the format of the path's ending and return the path."""
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=path.suffix[1:], metadata=UNDATED.get(path.suffix))
    write_atomically(path, buffer.getvalue())
    return path
