"""`sagin train` and `sagin evaluate`: train on a slicing scenario, and test the policies."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    PolicyName,
    Quiet,
    Scenario,
    Seed,
    find_slicing_methods,
    load,
    make_folder,
    print_json,
    progress,
    report_files,
)

Name = Literal[
    "two-layer-maddpg",
    "maddpg",
    "mappo",
    "two-layer-mappo",
    "reinforce",
    "one-layer-reinforce",
    "set-policy",
]


Algorithm = Annotated[
    Name,
    typer.Option(
        "--algorithm",
        help=(
            "Learning algorithm of the six agents, and whether their layers act in turn or at once."
        ),
    ),
]
Setting = Annotated[
    list[str] | None,
    typer.Option(
        "--setting",
        metavar="SECTION.FIELD=VALUE",
        help="Change a setting of the learner, such as maddpg.batch=64. May be repeated.",
    ),
]
Iterations = Annotated[
    int,
    typer.Option(
        "--iterations",
        min=1,
        max=10**9,
        help="Number of slots per environment, in whole rollouts; an update follows each rollout.",
    ),
]
Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        min=1,
        max=1000,
        help="Number of independent runs with different networks, users and channels.",
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the run.")]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Resume from the checkpoints in --out, bit for bit. More iterations are allowed.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=1024,
        help="Number of seeds trained in parallel, one per core. Default: one per core or seed.",
    ),
]
EvaluateEvery = Annotated[
    int,
    typer.Option(
        "--evaluate-every",
        min=1,
        help="Number of slots between two validations, at least 100 or one rollout.",
    ),
]
CheckpointEvery = Annotated[
    int,
    typer.Option(
        "--checkpoint-every",
        min=1,
        help="Number of slots between two checkpoints, at least 100 or one rollout.",
    ),
]


def train(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    algorithm: Algorithm = "two-layer-maddpg",
    setting: Setting = None,
    iterations: Iterations = 30_000,
    seeds: Seeds = 1,
    seed: Seed = 0,
    out: Out = Path("runs/train"),
    resume: Resume = False,
    workers: Workers = None,
    evaluate_every: EvaluateEvery = 2000,
    checkpoint_every: CheckpointEvery = 5000,
    quiet: Quiet = False,
) -> None:
    """Train on a slicing scenario: metrics, TensorBoard events and checkpoints.

    The policy of the best validation score is stored.
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
    """Advance a progress bar and show the latest reward and best score of the reporting seed."""

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


Run = Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `sagin train` wrote.")]
Slots = Annotated[
    int,
    typer.Option("--slots", min=1, max=10_000, help="Number of consecutive slots of each test."),
]
Tests = Annotated[
    int,
    typer.Option(
        "--tests",
        min=1,
        max=10_000,
        help="Number of tests of each policy, with different users, channels and arrivals.",
    ),
]
Which = Annotated[
    Literal["best", "last"],
    typer.Option(
        "--which", help="Evaluate the policy of the best validation (best) or the last one (last)."
    ),
]
ReportFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Also write scenario.toml, result.json and kpis.csv into this folder.",
    ),
]


def evaluate(
    run: Run,
    *,
    slots: Slots = 50,
    tests: Tests = 50,
    seed: Seed = 0,
    method: MethodNames = None,
    policy: PolicyName = "",
    which: Which = "best",
    out: ReportFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate trained policies without noise, and further methods on the same tests.

    The tests are those of `sagin slice` with the same seed.
    """
    from sagin.cli.slice import show
    from sagin.papers.slicing import reports
    from sagin.papers.slicing.evaluation import Trial
    from sagin.training.run import read_run

    methods = find_slicing_methods(method, policy)
    if out is not None:
        make_folder(out)
    training, seeds = read_run(run)
    test = Trial(training.scenario, "", tests, slots, seed)
    with progress("slots", (seeds + len(methods)) * tests * slots, quiet) as advance:
        scenario, report = reports.report_training(run, test, methods, which == "best", advance)
    if out is not None:
        report_files(reports.save_report(out, scenario, report))
    if as_json:
        print_json(report)
    else:
        show(report)


def register(app: typer.Typer) -> None:
    """Add the commands `train` and `evaluate`."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)
