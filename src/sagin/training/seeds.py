"""All seeds of a training run, one per core: on a CPU that is faster than several cores on one seed
after another.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagin.errors import StoreError
from sagin.pool import Completion, Job, Pool, Sequential, run_jobs
from sagin.training.run import TrainingRun, locate_seed, parse_run
from sagin.training.seed import Progress, SeedTraining

Report = Callable[[Progress], Any]


def train_seeds(
    run: TrainingRun, numbers: tuple[int, ...], folder: Path, workers: int, report: Report
) -> None:
    """Train the seeds of these numbers in their folders, `workers` at a time.

    `report` may raise KeyboardInterrupt, upon which all seeds are saved first.

    Raises:
        SaginError: the first seed that failed, once the others have ended.
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
        return [StoreError(f"seed {number}: {completion.lost}; what it had saved is kept")]
    return []
