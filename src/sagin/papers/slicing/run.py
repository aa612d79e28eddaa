"""The computation of the slicing paper's tasks: evaluations, and trainings of one seed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from sagin.methods.play import Advance
from sagin.papers.slicing.evaluation import Trial, evaluate, evaluate_actors, play_actors
from sagin.papers.slicing.figures import KPIS, NODES, STANDARD_SIZE
from sagin.papers.slicing.gaps import ACTORS_FOLDER
from sagin.papers.slicing.methods import CONSTANTS, OPTIONS, POLICIES
from sagin.parameters import read
from sagin.policies.constant import ConstantEffort
from sagin.slicing.scenario import Scenario
from sagin.slicing.trace import measure_movement
from sagin.studies.engine import find_same_method
from sagin.studies.record import Result, Sample, make_sample
from sagin.training.curves import average_windows, find_rewards
from sagin.training.policy import read_actors
from sagin.training.run import POLICY, TrainingRun, parse_run
from sagin.training.seed import Progress, SeedTraining

SHARED = (*POLICIES, "selfish", *CONSTANTS)
"""Policies that share a program, except for those of options, which are few."""
STORED = (
    *("throughput", "delay", "coverage", "score", "offloaded", "unserved", "collided"),
    *("delay_sum", "coverage_sum", "power", "efficiency"),
)
"""Stored KPIs of each test of a learned method."""


def make(task: dict[str, Any], advance: Advance, folder: Path) -> Result:
    """Compute the result of a task; `advance` is called with finished slots."""
    if task["kind"] == "train":
        return _train(task, advance, folder)
    if task["kind"] == "actors":
        return _evaluate_stored(task, advance, folder)
    scenario = read(Scenario, task["scenario"])
    trial = Trial(
        scenario, task["policy"], task["runs"], task["slots"], task["seed"], task["counts"]
    )
    if "effort" in task:
        trial = trial._replace(effort=ConstantEffort(*task["effort"]))
    if "source" in task:
        method = find_same_method(task["policy"], "slicing", task["source"])
        trial = trial._replace(method=method)
    is_shared = trial.policy in SHARED and task["method"].partition(", ")[2] not in OPTIONS
    share = SHARED if is_shared else ()
    return Result(_list_runs(task, evaluate(trial, advance, share)))


def _list_runs(task: dict[str, Any], runs: dict[str, np.ndarray]) -> list[Sample]:
    """Return one number per run: KPIs against K_s, loads of nodes against all users."""
    size, total = float(task["counts"][0]), float(sum(task["counts"]))
    return [
        make_sample(task["method"], name, values, x=total if " " in name else size)
        for name, values in runs.items()
    ]


def _evaluate_stored(task: dict[str, Any], advance: Advance, folder: Path) -> Result:
    """Evaluate the actors of a policy's file in the store."""
    run = parse_run(task["plan"], "task")
    actors = read_actors(run, folder.parent.parent / ACTORS_FOLDER / task["policy"])
    trial = Trial(run.scenario, "", task["runs"], task["slots"], task["seed"], task["counts"])
    samples = _list_runs(task, evaluate_actors(run, actors, trial))
    advance(trial.runs * trial.slots)
    return Result(samples)


def _train(task: dict[str, Any], advance: Advance, folder: Path) -> Result:
    """Train a seed in its folder, from where it stopped, and evaluate it."""
    run = parse_run(task["plan"], "task")
    seed = train_seed(run, task["number"], advance, folder)
    actors = read_actors(run, folder / POLICY)
    samples = _test_actors(task, run, actors)
    if "window" in task:
        samples += _list_rewards(task, seed)
    extra: dict[str, Any] = {"score": seed.best}
    if task["layouts"]:
        movement, trace = _follow_uavs(task, run, actors)
        samples += movement
        extra["trace"] = trace.to_plain()
    return Result(samples, extra)


def revalidate(task: dict[str, Any], folder: Path, result: Result) -> Result | None:
    """Return the tests of a training's stored policy, without a new training.

    The result is None for tasks without a policy, which are computed again.
    """
    del result
    if task["kind"] != "train" or not (folder / POLICY).exists():
        return None
    run = parse_run(task["plan"], "task")
    return Result(_test_actors(task, run, read_actors(run, folder / POLICY)))


def _test_actors(task: dict[str, Any], run: TrainingRun, actors: tuple[Any, ...]) -> list[Sample]:
    samples: list[Sample] = []
    for counts in task["counts"]:
        trial = Trial(run.scenario, "", task["runs"], task["slots"], task["test_seed"], counts)
        samples += _list_tests(task, counts, evaluate_actors(run, actors, trial))
    return samples


def _list_tests(
    task: dict[str, Any], counts: Sequence[int], tests: dict[str, np.ndarray]
) -> list[Sample]:
    """Return a seed's tests at numbers of users: KPIs against K_s, loads against all users.

    If only one slice is swept, only its own KPI is stored, as `KPI_alone`.
    """
    origin: dict[str, Any] = {"seed": task["number"]}
    if len(set(counts)) == 1:
        kpis, loads = origin | {"x": float(counts[0])}, origin | {"x": float(sum(counts))}
        names = [(name, kpis) for name in STORED] + [(name, loads) for name in NODES]
        samples = [
            make_sample(task["method"], name, tests[name][None], **at)
            for name, at in names
            if name in tests
        ]
        swept = list(KPIS) if counts[0] == STANDARD_SIZE else []
    else:
        samples, swept = [], [_find_swept(counts)]
    for name in swept:
        size = float(counts[list(KPIS).index(name)])
        samples.append(
            make_sample(task["method"], f"{name}_alone", tests[name][None], x=size, **origin)
        )
    return samples


def _find_swept(counts: Sequence[int]) -> str:
    """Return the KPI of the slice whose number of users is not the standard one."""
    return next(name for name, size in zip(KPIS, counts, strict=True) if size != STANDARD_SIZE)


def _list_rewards(task: dict[str, Any], seed: SeedTraining) -> list[Sample]:
    """Return the mean reward of each agent over each window, against the number of slots."""
    ends = np.arange(task["window"], seed.done + 1, task["window"], dtype=float)
    plays = seed.run.task.plays
    return [
        make_sample(task["method"], agent, [value], x=float(end) * plays, seed=task["number"])
        for agent, name in find_rewards(seed.rows[0]).items()
        for end, value in zip(ends, average_windows(seed.rows, name, ends), strict=True)
    ]


def _follow_uavs(
    task: dict[str, Any], run: TrainingRun, actors: tuple[Any, ...]
) -> tuple[list[Sample], Any]:
    """Return positions of UAVs and accesses as numbers per layout, and the first layout's trace."""
    counts = (STANDARD_SIZE,) * 3
    # of as many runs as tests, with which it then shares a program
    runs = max(task["layouts"], task["runs"])
    trial = Trial(run.scenario, "", runs, task["slots"], task["test_seed"], counts)
    together = play_actors(run, actors, trial)[1]
    traces = [
        jax.tree.map(lambda leaf, number=number: leaf[number], together)
        for number in range(task["layouts"])
    ]
    means = [measure_movement(run.scenario, trace) for trace in traces]
    samples = []
    for name in means[0]:
        values = np.array([[row[name] for row in means]])
        origin = {"x": float(STANDARD_SIZE), "seed": task["number"]}
        samples.append(make_sample(task["method"], name, values, **origin))
    return samples, traces[0]


def train_seed(run: TrainingRun, number: int, advance: Advance, folder: Path) -> SeedTraining:
    """Train a seed to its end in a folder, and return it.

    `advance` is called with finished slots, including those before a restart. A KeyboardInterrupt
    of `advance` is raised again after the state is saved.
    """
    seed = SeedTraining(run, number, folder)
    reached = seed.done
    advance(reached)

    def report(progress: Progress) -> None:
        nonlocal reached
        steps, reached = progress.done - reached, progress.done
        advance(steps)

    seed.train(report)
    return seed
