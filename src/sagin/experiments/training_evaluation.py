"""Trained policies on held-out slots, in the same table as those that need no learning."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.experiments.slicing import Profile
from sagin.experiments.slicing_run import (
    Advance,
    Job,
    Samples,
    described,
    keys_of,
    reduce,
    row,
    simulate,
    summarise,
)
from sagin.learning.learners import LearningTask
from sagin.learning.programs import compile_programs
from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.slicing.state import Kpis
from sagin.training.policy import read_actors
from sagin.training.run import CHECKPOINT, POLICY, TrainingRun, locate_seed, read_run


class Test(NamedTuple):
    """Which slots, and which policy of each seed."""

    slots: int
    runs: int
    seed: int
    best: bool


class _Acting(NamedTuple):
    actors: Any


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _played(
    networks: tuple[Any, ...],
    keys: jax.Array,
    counts: jax.Array | None,
    *,
    run: LearningTask,
    slots: int,
) -> Kpis:
    game: Any = run.game
    judge = compile_programs(run._replace(game=dataclasses.replace(game, counts=counts)))[2]
    return judge(tuple(_Acting(one) for one in networks), keys, slots)[1]


def measured(
    training: TrainingRun,
    networks: tuple[Any, ...],
    test: Test,
    counts: Sequence[int] | None = None,
) -> Samples:
    """Return each KPI for each run of a test, as `slicing_run.simulate` does for other policies.

    counts: users of H, L and C who take part, at most the scenario's; None for as many as the game
    itself has.
    """
    asked = None if counts is None else np.asarray(counts)
    kpis = _played(
        networks, keys_of(test.seed, test.runs), asked, run=training.task, slots=test.slots
    )
    present = slice_sizes(training.scenario) if counts is None else counts
    return reduce([summarise(jax.tree.map(np.asarray, kpis), training.scenario, present)])


def total(folder: Path, runs: int, slots: int, policies: int) -> int:
    """Return the slots that a report takes."""
    return (read_run(folder)[1] + policies) * runs * slots


def report(
    folder: Path, test: Test, policies: list[str], advance: Advance
) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario and, as plain data, a table with a column for each seed, for all of them,
    and for policies to compare with.
    """
    training, seeds = read_run(folder)
    rows, each = [], []
    for number in range(seeds):
        samples = measured(
            training,
            read_actors(
                training, locate_seed(folder, number) / (POLICY if test.best else CHECKPOINT)
            ),
            test,
        )
        advance(test.runs * test.slots)
        each.append({name: float(np.mean(values)) for name, values in samples.items()})
        rows.append(row(training.scenario, f"seed {number}", samples))
    if seeds > 1:
        rows.insert(
            0,
            row(
                training.scenario,
                f"{training.algorithm}, {seeds} seeds",
                {name: [one[name] for one in each] for name in each[0]},
            ),
        )
    for name in policies:
        job = Job(training.scenario, name, Profile(test.slots, test.runs, test.seed))
        rows.append(row(training.scenario, name, simulate(job, advance, tuple(policies))))
    about = {
        "scenario": training.algorithm,
        "slots": test.slots,
        "seeds": test.runs,
        "seed": test.seed,
    }
    return training.scenario, {**about, "kpis": described(training.scenario), "runs": rows}
