"""A training run as figures, rewards and validations against iterations, with the tables of its
last third and of the claims.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sagin.experiments.study import Figure, Series
from sagin.experiments.training_curves import (
    CLAIM_COLUMNS,
    REWARD_COLUMNS,
    claim_rows,
    reward_panels,
    reward_rows,
    score_panels,
)
from sagin.report.old_tables import Table, write_markdown
from sagin.report.plots import COLOURS, ENDINGS, drawing, save, write_csv
from sagin.training.curves import Curves, fit_endings

REWARDS = Figure(
    "figure-3",
    "Fig. 3: rewards against iterations",
    "iteration",
    (),
    "reward",
    "iterations (slots)",
    "reward",
)
VALIDATIONS = replace(
    REWARDS,
    name="figure-3-validation",
    title="Validations against iterations",
    metric="validation",
    y_label="without noise",
)
FIGURES = (REWARDS, VALIDATIONS)
DASHES = ("-", "--")


def tables(curves: Curves) -> dict[str, Table]:
    """Return, by title, the claims and the rewards of the last third; empty where that is too short
    to be judged.
    """
    return {
        "claims": Table(CLAIM_COLUMNS, claim_rows(curves)),
        "rewards": Table(REWARD_COLUMNS, reward_rows(fit_endings(curves))),
    }


def write(curves: Curves, folder: Path) -> list[Path]:
    """Draw both figures into a folder, write the tables beside them, and return the paths."""
    paths = draw(REWARDS, reward_panels(curves), folder, columns=3)
    if panels := score_panels(curves):
        paths += draw(VALIDATIONS, panels, folder, columns=2)
    found = {name: table for name, table in tables(curves).items() if table.rows}
    return [
        *paths,
        *(
            write_markdown(folder / f"{REWARDS.name}-{name}.md", table)
            for name, table in found.items()
        ),
    ]


def draw(
    figure: Figure, panels: Mapping[str, Sequence[Series]], folder: Path, columns: int
) -> list[Path]:
    """Draw lines of many points into `folder` as NAME.png, NAME.svg and NAME.pdf with the data as
    NAME.csv, and return the paths.

    Panels of the same lines share their axis; those of one line each, of different units, don't.
    """
    lines = max(map(len, panels.values()))
    columns, rows = min(columns, len(panels)), -(-len(panels) // columns)
    with drawing((7.16, 0.6 + 1.9 * rows), rows=rows, columns=columns, share_y=lines > 1) as (
        canvas,
        grid,
    ):
        for axes, (title, series) in zip(grid, panels.items(), strict=False):
            for line, colour, dashes in zip(series, COLOURS, DASHES, strict=False):
                _curve(axes, line, colour, dashes)
            axes.set_title(title, fontsize=8)
        for axes in grid[-columns:]:
            axes.set_xlabel(figure.x_label)
        grid[0].set_xlim(left=0)
        for axes in grid[::columns]:
            axes.set_ylabel(figure.y_label)
        canvas.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        paths = [save(canvas, folder / f"{figure.name}.{ending}") for ending in ENDINGS]
    return [*paths, write_csv(figure, panels, folder / f"{figure.name}.csv")]


def _curve(axes: Any, line: Series, colour: str, dashes: str) -> None:
    axes.plot(
        line.x, [y.estimate for y in line.y], label=line.method, color=colour, linestyle=dashes
    )
    if np.isfinite([y.high for y in line.y]).all():
        axes.fill_between(
            line.x,
            [y.low for y in line.y],
            [y.high for y in line.y],
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
