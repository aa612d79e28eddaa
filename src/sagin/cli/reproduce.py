"""`sagin reproduce`: a paper's figures and the verdicts on its claims."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sagin.cli.common import AsJson, Overrides, Quiet, print_json, print_table, progress, writable, written


def reproduce(
    paper: Annotated[Literal["relaying"], typer.Argument(help="Which paper's system.")],
    figures: Annotated[list[str] | None, typer.Argument(metavar="[FIGURE]...", help="Figures by name; all if none is given.")] = None,
    *,
    profile: Annotated[Literal["quick", "paper"], typer.Option("--profile", help="quick: 1000 drops a point; paper: 10 000.")] = "quick",
    scenario: Annotated[str, typer.Option("--scenario", help="A TOML file or the name of a built-in scenario to vary.")] = "paper",
    overrides: Overrides = None,
    choices: Annotated[
        bool, typer.Option("--choices", help="Also run what the paper leaves open, one choice at a time, at the greatest number of users.")
    ] = False,
    optimum: Annotated[
        bool, typer.Option("--optimum", help="Also measure how far each placement of relays is from the best one (a minute).")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where results are stored as they finish, and figures and the page are written.")
    ] = Path("out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Reproduce a paper's figures, judge its claims, and write figures and a page; what is already stored in DIR is not run again."""
    from sagin.cli.relay import load
    from sagin.experiments import relaying as study
    from sagin.experiments import relaying_run as runs
    from sagin.experiments.store import Store
    from sagin.report import relaying as report
    from sagin.report.tables import CLAIM_COLUMNS, claim_rows

    chosen, amount = load(scenario, tuple(overrides or ())), study.PROFILES[profile]
    wanted = study.figures_named(figures or [])
    tasks = runs.cells(wanted, chosen, amount)
    if choices:
        tasks += runs.choice_tasks(chosen, amount)
    store = Store(writable(out))
    with progress("drops", len(tasks) * amount.drops, quiet) as advance:
        runs.run(store, tasks, advance)
    if optimum:
        report.write_optimum(out, chosen, amount)
    judged = runs.judgements(store, wanted, chosen, amount)
    paths = report.write(out, store, wanted, judged, chosen, amount)
    if as_json:
        print_json([dict(zip(CLAIM_COLUMNS, row, strict=True)) for row in claim_rows(judged)])
    elif judged:
        print_table(
            f"Claims of the {paper} paper ({profile}: {amount.drops} drops a point)", CLAIM_COLUMNS, claim_rows(judged), numbers=False
        )
    written(paths)


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(reproduce)
