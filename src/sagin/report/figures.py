"""Figures as files: lines with their intervals, drawn from panels, and their data as CSV."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sagin.report.canvas import COLUMN_INCHES, ENDINGS, PAGE_INCHES, open_canvas, save_canvas
from sagin.report.figure_data import Panel, write_csv
from sagin.report.looks import LIMIT_LOOK, MANY_POINTS, Look, curve_look, number_look
from sagin.studies.figure import Figure, Series

COLUMNS = 3
"""Number of panels side by side."""
FAR_LIMIT = 1.6
"""Times the largest value of a method beyond which a bound or limit is left out of the axis."""
HANDLE_INCHES, LETTER_INCHES = 0.45, 0.052
"""Approximate width of a legend's line with its gaps, and of a letter of its text."""


def draw_figure(
    figure: Figure, panels: Sequence[Panel], folder: Path, looks: Mapping[str, Look]
) -> list[Path]:
    """Draw a figure into `folder` as ID.png, ID.svg and ID.pdf, and ID.csv; return the paths.

    Args:
        figure: has the name and the axes' labels.
        panels: panels to draw. Panels with several lines share the y axis and one legend; panels
            with one line each have their own units.
        folder: destination of the files.
        looks: looks of lines, by label; other lines have looks by their position.
    """
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // COLUMNS)
    size = (COLUMN_INCHES, 3.3) if len(panels) == 1 else (PAGE_INCHES, 0.6 + 1.9 * rows)
    shared = len(panels) == 1 or any(len(panel.series) > 1 for panel in panels)
    with open_canvas(size, rows=rows, columns=columns, share_y=shared) as (canvas, grid):
        groups = [list(panels) if shared else [panel] for panel in panels]
        for axes, panel, group in zip(grid, panels, groups, strict=False):
            _draw_panel(axes, panel, looks, group)
        if has_curves(panels):
            grid[0].set_xlim(left=0)
        else:
            for axes, group in zip(grid[: 1 if shared else None], groups, strict=False):
                _set_y_range(axes, group, looks)
        _label_axes(grid, figure, len(panels), columns)
        handles, labels = grid[0].get_legend_handles_labels()
        entries = 2 if len(panels) == 1 else count_entries(labels)
        canvas.legend(handles, labels, loc="outside lower center", ncols=entries)
        paths = [save_canvas(canvas, folder / f"{figure.id}.{ending}") for ending in ENDINGS]
    return [*paths, write_csv(figure, panels, folder / f"{figure.id}.csv")]


def count_entries(labels: Sequence[str]) -> int:
    """Return the number of legend entries side by side on a page: 6, or 3 of long labels.

    >>> count_entries(["BS 1"] * 6), count_entries(["longest, prioritised"] * 6)
    (6, 3)
    """
    inches = sum(HANDLE_INCHES + LETTER_INCHES * len(label) for label in labels[:6])
    return 6 if inches <= PAGE_INCHES else 3


def has_curves(panels: Sequence[Panel]) -> bool:
    """Return whether a figure's lines have so many points that they are drawn as curves."""
    return any(len(line.x) > MANY_POINTS for panel in panels for line in panel.series)


def list_looks(panel: Panel, looks: Mapping[str, Look], curves: bool) -> list[Look]:
    """Return the look of each line of a panel."""
    if curves:
        return [curve_look(number) for number in range(len(panel.series))]
    return [looks.get(line.label, number_look(row)) for row, line in enumerate(panel.series)]


def is_wide(line: Series, group: Sequence[Panel]) -> bool:
    """Return whether a line's band would fill the panels that share its axis.

    Its mean width is then more than half of what their lines span, from 0 unless they are curves.
    """
    values = [y.estimate for panel in group for other in panel.series for y in other.y]
    finite = [value for value in values if math.isfinite(value)]
    widths = [y.high - y.low for y in line.y if math.isfinite(y.high - y.low)]
    low = min(finite, default=0.0) if has_curves(group) else 0.0
    span = max((abs(value - low) for value in finite), default=0.0)
    return bool(widths) and sum(widths) / len(widths) > 0.5 * span


def _draw_panel(axes: Any, panel: Panel, looks: Mapping[str, Look], group: Sequence[Panel]) -> None:
    for number, (line, look) in enumerate(
        zip(panel.series, list_looks(panel, looks, has_curves([panel])), strict=True)
    ):
        # open markers of falling size keep lines that lie on each other visible
        _draw_line(axes, line, look, size=max(9 - 0.8 * number, 3), wide=is_wide(line, group))
    for limit in panel.limits:
        axes.axhline(
            limit.value, color=LIMIT_LOOK.colour, linestyle="--", linewidth=1, label=limit.label
        )
    axes.set_title(panel.title)


def _draw_line(axes: Any, line: Series, look: Look, *, size: float, wide: bool) -> None:
    axes.plot(
        line.x,
        [y.estimate for y in line.y],
        label=line.label,
        color=look.colour,
        linestyle="--" if look.dashed else "-",
        marker=look.marker,
        markersize=size,
        markerfacecolor="none",
    )
    low, high = [y.low for y in line.y], [y.high for y in line.y]
    if wide:
        for end in (low, high):
            axes.plot(line.x, end, color=look.colour, linestyle=":", linewidth=0.8)
    elif not all(map(math.isinf, high)):
        axes.fill_between(line.x, low, high, color=look.colour, alpha=0.2, linewidth=0)


def _set_y_range(axes: Any, panels: Sequence[Panel], looks: Mapping[str, Look]) -> None:
    """Begin the y axis at 0 and end it with the bands, at most a quarter above the methods' lines.

    Wide bands would squash the lines, and so would a bound or limit that lies far above them.
    """
    values: dict[bool, list[float]] = {False: [], True: []}
    for panel in panels:
        values[True] += [limit.value for limit in panel.limits]
        for line, look in zip(panel.series, list_looks(panel, looks, False), strict=True):
            values[look == LIMIT_LOOK] += [y.estimate for y in line.y if math.isfinite(y.estimate)]
    lines = values[False] or values[True]
    if not lines or min(lines) < 0 or max(lines) <= 0:
        return
    near = [value for value in values[True] if value <= FAR_LIMIT * max(lines)]
    axes.set_ylim(0, max(min(axes.get_ylim()[1], 1.25 * max(lines)), *(1.05 * v for v in near), 0))


def _label_axes(grid: Sequence[Any], figure: Figure, panels: int, columns: int) -> None:
    for axes in grid[panels:]:
        axes.set_visible(False)
    for axes in grid[max(panels - columns, 0) : panels]:
        axes.set_xlabel(figure.x_label)
        axes.tick_params(labelbottom=True)
    for axes in grid[::columns]:
        axes.set_ylabel(figure.y_label)
