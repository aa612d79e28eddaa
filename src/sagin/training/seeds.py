"""All seeds of a training run, one per core.

On a CPU this is faster than several cores on one seed after another.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sagin.errors import InputError, StoreError
from sagin.files import lock_folder
from sagin.inputs import quote
from sagin.learning.settings import make_settings
from sagin.machine import count_cores
from sagin.parameters import vary_fields
from sagin.pool import Completion, Job, Pool, Sequential, run_jobs
from sagin.slicing.scenario import Scenario, build_scenario, check_scenario
from sagin.training.algorithms import ALGORITHMS
from sagin.training.run import (
    MOST_SEEDS,
    RUN,
    TrainingRun,
    locate_seed,
    parse_run,
    write_files,
    write_run,
)
from sagin.training.seed import Progress, SeedTraining

Report = Callable[[Progress], Any]


def train(
    scenario: str | Scenario,
    folder: Path | str,
    *,
    algorithm: str = "two-layer-maddpg",
    overrides: Sequence[str] = (),
    settings: Sequence[str] = (),
    report: Report = bool,
    workers: int | None = None,
    **amounts: Any,
) -> Path:
    """Train on a slicing scenario and return the folder, with the same files as `sagin train`.

    Args:
        scenario: a scenario, or the name of a built-in one.
        folder: folder of the run.
        algorithm: a name in `sagin.training.algorithms.ALGORITHMS`.
        overrides: overrides of the scenario's fields, such as `users.delay_sensitive=8`.
        settings: settings of the learner, such as `maddpg.batch=64`.
        report: called with the progress of each seed, every 100 slots.
        workers: number of seeds at a time; default: the number of cores or seeds.
        **amounts: `iterations` (30 000), `seed` (0), `evaluate_every`, `checkpoint_every` of
            `TrainingRun`; `seeds` (1) and `resume` (False) of `train_run`.

    Raises:
        InputError: an argument is out of its range, or the folder already holds a run.
    """
    known = build_scenario(scenario) if isinstance(scenario, str) else scenario
    if algorithm not in ALGORITHMS:
        raise InputError(f"algorithm: {algorithm!r} (allowed: {', '.join(ALGORITHMS)})")
    for name, amount in amounts.items():
        if amount < (name not in ("seed", "resume")):
            raise InputError(f"{name}: {amount} (allowed: at least 1)")
    extent = {name: amounts.pop(name) for name in ("seeds", "resume") if name in amounts}
    run = TrainingRun(
        vary_fields(known, tuple(overrides), check_scenario),
        algorithm,
        make_settings(tuple(settings)),
        **{"iterations": 30_000, **amounts},
    )
    return train_run(Path(folder), run, report, workers=workers, **extent)


def train_run(
    folder: Path,
    run: TrainingRun,
    report: Report,
    *,
    seeds: int = 1,
    resume: bool = False,
    workers: int | None = None,
) -> Path:
    """Train all seeds of a run in its folder, which is locked meanwhile, and return the folder.

    Raises:
        InputError: the folder holds a run and `resume` is false, or it holds another run.
        StoreError: another process writes to the folder.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise InputError(f"seeds: {quote(seeds)} (allowed: 1 to {MOST_SEEDS})")
    run.task  # noqa: B018 - what cannot be trained is refused before anything is written
    with lock_folder(folder):
        write_run(folder, run, seeds, resume)
        try:
            numbers = tuple(range(seeds))
            train_seeds(run, numbers, folder, workers or min(seeds, count_cores()), report)
        finally:
            # the folder may have been removed; without this file the seeds' files are no run
            if not (folder / RUN).exists():
                write_files(folder, run, seeds)
    return folder


def train_seeds(
    run: TrainingRun, numbers: tuple[int, ...], folder: Path, workers: int, report: Report
) -> None:
    """Train the seeds with these numbers in their folders, `workers` at a time.

    `report` may raise KeyboardInterrupt, after which all seeds are saved first.

    Raises:
        SaginError: a seed failed; the error of the first one, after the others have ended.
    """
    jobs = [
        Job(
            "sagin.training.seeds.train_seed",
            {"run": run.to_plain(), "number": number},
            str(locate_seed(folder, number)),
        )
        for number in numbers
    ]
    in_turn = workers == 1 or len(numbers) == 1
    engine = Sequential() if in_turn else Pool(min(workers, len(numbers)), single_core=True)
    failures: list[BaseException] = []
    try:
        for job, completion in run_jobs(engine, jobs, lambda _, news: news and report(news)):
            failures += _find_failure(job, completion)
    finally:
        engine.stop()
    if failures:
        raise failures[0]


def train_seed(argument: dict[str, Any], tell: Report, folder: Path) -> None:
    """Train one seed in its folder, as a job of the pool."""
    SeedTraining(parse_run(argument["run"], "run"), argument["number"], folder).train(tell)


def _find_failure(job: Job, completion: Completion) -> list[BaseException]:
    if completion.error is not None:
        return [completion.error]
    if completion.lost:
        number = job.argument["number"]
        return [
            StoreError(
                f"seed {number}: its worker ended: {completion.lost}; its saved state is kept"
            )
        ]
    return []
