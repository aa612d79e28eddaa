"""`sagin train`, `sagin evaluate` and `sagin curves`: learning on a slicing scenario, the policies
on held-out slots, and their rewards.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    PolicyName,
    Quiet,
    Seed,
    find_slicing_methods,
    load,
    make_folder,
    print_json,
    progress,
    report_files,
)

Name = Literal["two-layer-maddpg", "maddpg", "mappo", "two-layer-mappo"]


def train(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO]", help="A TOML file, or the name of a built-in scenario."
        ),
    ] = "paper",
    *,
    overrides: Overrides = None,
    algorithm: Annotated[
        Name,
        typer.Option(
            "--algorithm", help="How the six agents learn and whether their layers act in turn."
        ),
    ] = ("two-layer-maddpg"),
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--setting",
            metavar="SECTION.FIELD=VALUE",
            help="Change a setting of the learner, as maddpg.batch=64; may be repeated.",
        ),
    ] = None,
    iterations: Annotated[
        int,
        typer.Option(
            "--iterations",
            min=1,
            max=10**9,
            help="Slots that are played, in whole rollouts; an update follows each.",
        ),
    ] = 30_000,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds", min=1, max=1000, help="Independent runs: other networks, users and channels."
        ),
    ] = 1,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the run.")] = Path(
        "runs/train"
    ),
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Resume from the checkpoints in --out, bit for bit; more iterations may be asked for.",
        ),
    ] = (False),
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=1024,
            help="Number of seeds trained in parallel, one per core. Default: one per core or seed.",
        ),
    ] = None,
    evaluate_every: Annotated[
        int,
        typer.Option(
            "--evaluate-every",
            min=1,
            help="Slots between two validations, at least 100 or a rollout.",
        ),
    ] = 2000,
    checkpoint_every: Annotated[
        int,
        typer.Option("--checkpoint-every", min=1, help="Slots between two checkpoints, likewise."),
    ] = 5000,
    quiet: Quiet = False,
) -> None:
    """Train on a slicing scenario: metrics, TensorBoard events, checkpoints, and the best policy by
    a validation score.
    """
    from sagin.learning.settings import make_settings
    from sagin.training.run import TrainingRun
    from sagin.training.seeds import train_run

    run = TrainingRun(
        load("slicing", scenario, tuple(overrides or ())),
        algorithm,
        make_settings(tuple(setting or ()), source="--setting"),
        iterations,
        seed,
        evaluate_every,
        checkpoint_every,
    )
    with progress(algorithm, iterations * seeds, quiet, at_once=False) as advance:
        report = ProgressReport(algorithm, advance)
        train_run(make_folder(out), run, report, seeds=seeds, resume=resume, workers=workers)
    report_files([out / f"seed-{number}" for number in range(seeds)])


class ProgressReport:
    """Moves a bar on and shows the latest reward and best score of the seed that reports."""

    def __init__(self, algorithm: str, advance: Any) -> None:
        self._algorithm, self._advance = algorithm, advance
        self._done: dict[int, int] = {}

    def __call__(self, progress: Any) -> None:
        """Take one seed's progress."""
        best = "" if progress.best is None else f", best score {progress.best:.3f}"
        steps = progress.done - self._done.get(progress.number, 0)
        self._done[progress.number] = progress.done
        text = f"{self._algorithm} seed {progress.number}: reward {progress.reward:.3f}{best}"
        self._advance(steps, text)


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `sagin train` wrote.")],
    *,
    slots: Annotated[
        int, typer.Option("--slots", min=1, max=10_000, help="Slots in a row of each test.")
    ] = 50,
    tests: Annotated[
        int,
        typer.Option(
            "--tests",
            min=1,
            max=10_000,
            help="Tests of each policy: other users, channels and arrivals.",
        ),
    ] = 50,
    seed: Seed = 0,
    method: MethodNames = None,
    policy: PolicyName = "",
    which: Annotated[
        Literal["best", "last"],
        typer.Option("--which", help="The policy of the best validation, or the last."),
    ] = "best",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Also write scenario.toml, result.json and kpis.csv here."
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what trained policies reach without noise, and methods beside them, on the tests that
    `sagin slice` with the same seed runs.
    """
    from sagin.cli.slice import show
    from sagin.papers.slicing import reports
    from sagin.papers.slicing.evaluation import Job
    from sagin.training.run import read_run

    methods = find_slicing_methods(method, policy)
    if out is not None:
        make_folder(out)
    training, seeds = read_run(run)
    test = Job(training.scenario, "", tests, slots, seed)
    with progress("slots", (seeds + len(methods)) * tests * slots, quiet) as advance:
        scenario, report = reports.report_training(run, test, methods, which == "best", advance)
    if out is not None:
        report_files(reports.save_report(out, scenario, report))
    if as_json:
        print_json(report)
    else:
        show(report)


def curves(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `sagin train` wrote.")],
    *,
    window: Annotated[
        int,
        typer.Option("--window", min=1, max=10**9, help="Slots over which rewards are averaged."),
    ] = 500,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where figures and tables are written; by default RUN."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw rewards and validations against iterations, means over seeds, and judge what the paper
    says of them (figure 3).
    """
    from sagin.cli.common import print_table
    from sagin.report import curves as report
    from sagin.training.curves import read_curves

    rewards = read_curves(run, window)
    paths = report.write(rewards, make_folder(run if out is None else out))
    tables = report.tables(rewards)
    if as_json:
        print_json(
            {
                name: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
                for name, table in tables.items()
            }
        )
    else:
        count = f"{rewards.seeds} seed{'s' * (rewards.seeds > 1)}"
        title = f"{rewards.algorithm}, {count} up to slot {rewards.slots[-1]:.0f}"
        for name, table in tables.items():
            print_table(
                f"{title}: {name}",
                table.columns,
                table.rows,
                "" if table.rows else "too few windows to judge",
                numbers=False,
            )
    report_files(paths)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("curves")(curves)
    app.command("train")(train)
    app.command("evaluate")(evaluate)
