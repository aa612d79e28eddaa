"""The relaying study as files: figures, the table of claims, and the page."""

import html
import json
from collections.abc import Sequence
from pathlib import Path

from sagin.experiments import relaying_optimum
from sagin.experiments.relaying import Profile
from sagin.experiments.relaying_run import CHOICE_COLUMNS, KPI_COLUMNS, cells, choice_rows, kpi_rows, series, sweep, varied
from sagin.experiments.store import Store
from sagin.experiments.study import Figure, Judgement
from sagin.files import write_atomically
from sagin.relaying.scenario import Scenario
from sagin.report.page import table, write_page
from sagin.report.plots import draw
from sagin.report.tables import CLAIM_COLUMNS, claim_rows, markdown

OPTIMUM_DROPS = 200
"""Drops in which placements are compared; each tries 10 201 places."""

INTRODUCTION = (
    "Bhola et al., Cooperative UAV-Relay based Satellite Aerial Ground Integrated Networks (VTC 2024-Fall): "
    "the figures drawn anew from our own implementation, and each claim judged. Gains are paired over the same drops. "
    "The paper's captions say that its series were multiplied before plotting; each gain is given as it is and with those factors."
)


def write(
    folder: Path, store: Store, figures: Sequence[Figure], judged: Sequence[Judgement], scenario: Scenario, profile: Profile
) -> list[Path]:
    """Draw the figures, write claims.md and index.html into the folder from the store alone, and return the paths, the page last."""
    paths: list[Path] = []
    for figure in figures:
        paths += draw(figure, series(figure, sweep(store, figure, scenario, profile)), folder)
    if judged:
        claims = folder / "claims.md"
        write_atomically(claims, (markdown(CLAIM_COLUMNS, claim_rows(judged)) + "\n").encode())
        paths.append(claims)
    runs = saved_runs(folder / "runs")
    if len(choices := choice_rows(store, scenario, profile)) > 1:
        write_atomically(folder / "choices.md", (markdown(CHOICE_COLUMNS, choices) + "\n").encode())
        paths.append(folder / "choices.md")
        runs = {"CUD's gains under each open choice, 200 users": table(CHOICE_COLUMNS, choices, numbers=True), **runs}
    made = {"drops a point": profile.drops, "seed": profile.seed, **store.provenance(cells(figures, scenario, profile))}
    write_atomically(folder / "provenance.json", json.dumps(made, indent=1).encode())
    page = write_page(
        folder,
        title="The relaying paper, reproduced",
        introduction=INTRODUCTION,
        judgements=judged,
        figures={figure.name: figure.title for figure in figures},
        runs=runs,
        provenance=made,
    )
    return [*paths, page]


def saved_runs(folder: Path) -> dict[str, str]:
    """Return the KPI tables of the runs that `sagin relay --out` left in sub-folders, as HTML under a heading each."""
    found = {}
    for path in sorted(folder.glob("*/result.json")):
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            found[f"Run: {path.parent.name} ({report['drops']} drops)"] = table(KPI_COLUMNS, kpi_rows(report), numbers=True)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            found[f"Run: {path.parent.name}"] = f"<p>{html.escape(path.name)} is damaged; the run has to be made again.</p>"
    return found


def write_optimum(folder: Path, scenario: Scenario, profile: Profile) -> Path:
    """Measure each placement's distance from the optimum on a grid of 101 by 101 places, write optimum.md and return its path."""
    fine = varied(scenario, ("algorithm.grid=101",))
    rows = relaying_optimum.rows(fine, OPTIMUM_DROPS, profile.seed)
    write_atomically(folder / "optimum.md", (markdown(relaying_optimum.COLUMNS, rows) + "\n").encode())
    return folder / "optimum.md"
