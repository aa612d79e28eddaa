"""`sagin curves`: draw rewards and validations of a training run, and judge figure 3's claims."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sagin.cli.common import AsJson, make_folder, print_json, print_table, report_files
from sagin.cli.train import Run

if TYPE_CHECKING:
    from sagin.report.tables import TextTable
    from sagin.studies.figure import Figure
    from sagin.studies.record import Table
    from sagin.training.curves import Curves

ENDING_COLUMNS = (
    "reward",
    "mean over the last third",
    "change over the last third",
    "fluctuation of a window",
)


def curves(
    run: Run,
    *,
    window: Annotated[
        int,
        typer.Option(
            "--window", min=1, max=10**9, help="Number of slots over which rewards are averaged."
        ),
    ] = 500,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for figures and tables. Default: RUN."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw rewards and validations against iterations, and judge the paper's claims on figure 3.

    Lines are means over seeds.
    """
    from sagin.training.curves import read_curves

    rewards = read_curves(run, window)
    paths = write_curves(rewards, make_folder(run if out is None else out))
    tables = tabulate_curves(rewards)
    if as_json:
        print_json({name: table.to_plain() for name, table in tables.items()})
    else:
        count = f"{rewards.seeds} seed{'s' * (rewards.seeds > 1)}"
        title = f"{rewards.algorithm}, {count} up to slot {rewards.slots[-1]:.0f}"
        for name, table in tables.items():
            note = "" if table.rows else "too few windows to judge the claims"
            print_table(f"{title}: {name}", table.columns, table.rows, note, numbers=False)
    report_files(paths)


def collect_rewards(rewards: "Curves") -> "Table":
    """Return each agent's reward against slots as a metric, with one sample per window."""
    from sagin.studies.record import Table, make_sample

    return Table(
        make_sample(rewards.algorithm, agent, values[:, column], x=float(slot))
        for agent, values in rewards.rewards.items()
        for column, slot in enumerate(rewards.slots)
    )


def list_figures(rewards: "Curves") -> "list[tuple[Figure, Table]]":
    """Return figure 3 with its data and, if there are validations, one figure of them per unit."""
    from sagin.papers.slicing.figures import CURVES
    from sagin.studies.record import Table, make_sample
    from sagin.training.curves import MEASURES

    figure = replace(CURVES, methods=(rewards.algorithm,))
    validation = replace(
        figure,
        id="figure-3-validation",
        title="Validations against iterations",
        metrics=tuple(MEASURES),
        y_label="without noise",
        panels="metric",
        labels=tuple((name, measure.label) for name, measure in MEASURES.items()),
    )
    scores = Table(
        make_sample(
            rewards.algorithm,
            name,
            measure.scale * rewards.scores[name][:, column],
            x=float(slot),
        )
        for name, measure in MEASURES.items()
        for column, slot in enumerate(rewards.validated)
    )
    pairs = [(figure, collect_rewards(rewards)), (validation, scores)]
    return pairs if rewards.validated.size else pairs[:1]


def write_curves(rewards: "Curves", folder: Path) -> list[Path]:
    """Draw both figures into a folder, write the tables beside them, and return the paths."""
    from sagin.report.figures import draw_figure
    from sagin.report.panels import list_panels
    from sagin.report.tables import write_markdown

    name = rewards.algorithm
    titles = {name: f"mean of {rewards.seeds} seed{'s' * (rewards.seeds > 1)}"}
    paths = []
    for figure, table in list_figures(rewards):
        panels = list_panels(figure, table, titles, (name,), None)
        paths += draw_figure(figure, panels, folder, {})
    return paths + [
        write_markdown(folder / f"figure-3-{title}.md", table)
        for title, table in tabulate_curves(rewards).items()
        if table.rows
    ]


def tabulate_curves(rewards: "Curves") -> "dict[str, TextTable]":
    """Return tables of the claims on figure 3 and of the rewards of its last third.

    Both are empty if the run is too short.
    """
    from sagin.papers.slicing.claims import CLAIMS
    from sagin.papers.slicing.figures import CURVES, REWARDS
    from sagin.report.tables import make_table
    from sagin.report.verdicts import tabulate_verdicts
    from sagin.studies.judge import judge
    from sagin.studies.statistics import sample_interval
    from sagin.training.curves import fit_endings

    name, endings = rewards.algorithm, fit_endings(rewards)
    claims = [
        replace(claim, method=name, rival=name if claim.rival else "")
        for claim in CLAIMS
        if claim.figure == CURVES.id
    ]
    verdicts = judge(claims, collect_rewards(rewards)) if endings else []
    rows = [
        (
            REWARDS[agent],
            sample_interval(ending.mean.tolist()),
            sample_interval(ending.change.tolist()),
            float(ending.fluctuation.mean()),
        )
        for agent, ending in endings.items()
    ]
    return {
        "claims": tabulate_verdicts(claims, verdicts, [CURVES]),
        "rewards": make_table(ENDING_COLUMNS, rows),
    }


def register(app: typer.Typer) -> None:
    """Add the command `curves`."""
    app.command("curves")(curves)
