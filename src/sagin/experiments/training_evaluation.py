"""Trained policies on held-out slots, in the same table as those that need no learning; and a
policy to use from Python.
"""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.errors import StoreError
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
from sagin.experiments.training import (
    CHECKPOINT,
    POLICY,
    Plan,
    compiled,
    plan_of,
    read_plan,
    seed_folder,
    seed_key,
)
from sagin.learning import checkpoint
from sagin.learning.policy import LearnedPolicy
from sagin.learning.train import Run, programs
from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.slicing.state import Kpis


class Test(NamedTuple):
    """Which slots, and which policy of each seed."""

    slots: int
    runs: int
    seed: int
    best: bool


def actors(plan: Plan, path: Path) -> tuple[Any, ...]:
    """Return the actors of a seed in its policy's file, those of its best validation, or in its
    checkpoint, the last ones.
    """
    like = jax.eval_shape(compiled(plan.run)[0], seed_key(plan, 0))
    if path.name == CHECKPOINT:
        return tuple(one.actors for one in checkpoint.load(path, like).learned)
    return checkpoint.load(path, tuple(one.actors for one in like.learned))


class _Acting(NamedTuple):
    actors: Any


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _played(
    networks: tuple[Any, ...], keys: jax.Array, counts: jax.Array | None, *, run: Run, slots: int
) -> Kpis:
    game: Any = run.game
    judge = programs(run._replace(game=dataclasses.replace(game, counts=counts)))[2]
    return judge(tuple(_Acting(one) for one in networks), keys, slots)[1]


def measured(
    plan: Plan, networks: tuple[Any, ...], test: Test, counts: Sequence[int] | None = None
) -> Samples:
    """Return each KPI for each run of a test, as `slicing_run.simulate` does for other policies.

    counts: users of H, L and C who take part, at most the scenario's; None for as many as the game
    itself has.
    """
    asked = None if counts is None else np.asarray(counts)
    kpis = _played(networks, keys_of(test.seed, test.runs), asked, run=plan.run, slots=test.slots)
    present = slice_sizes(plan.scenario) if counts is None else counts
    return reduce([summarise(jax.tree.map(np.asarray, kpis), plan.scenario, present)])


def total(folder: Path, runs: int, slots: int, policies: int) -> int:
    """Return the slots that a report takes."""
    return (read_plan(folder)[1] + policies) * runs * slots


def report(
    folder: Path, test: Test, policies: list[str], advance: Advance
) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario and, as plain data, a table with a column for each seed, for all of them,
    and for policies to compare with.
    """
    plan, seeds = read_plan(folder)
    rows, each = [], []
    for number in range(seeds):
        samples = measured(
            plan,
            actors(plan, seed_folder(folder, number) / (POLICY if test.best else CHECKPOINT)),
            test,
        )
        advance(test.runs * test.slots)
        each.append({name: float(np.mean(values)) for name, values in samples.items()})
        rows.append(row(plan.scenario, f"seed {number}", samples))
    if seeds > 1:
        rows.insert(
            0,
            row(
                plan.scenario,
                f"{plan.algorithm}, {seeds} seeds",
                {name: [one[name] for one in each] for name in each[0]},
            ),
        )
    for name in policies:
        job = Job(plan.scenario, name, Profile(test.slots, test.runs, test.seed))
        rows.append(row(plan.scenario, name, simulate(job, advance, tuple(policies))))
    about = {"scenario": plan.algorithm, "slots": test.slots, "seeds": test.runs, "seed": test.seed}
    return plan.scenario, {**about, "kpis": described(plan.scenario), "runs": rows}


def load_policy(path: Path | str) -> LearnedPolicy:
    """Return a policy that `sagin train` kept, of its file or a seed's folder; StoreError with one
    line if there is none or it is bad.
    """
    path = Path(path)
    path = path / POLICY if path.is_dir() else path
    told = checkpoint.about(path)
    if "plan" not in told:
        raise StoreError(f"{path}: holds no policy (allowed: {POLICY} of a seed's folder)")
    plan = plan_of(told["plan"], str(path))
    return LearnedPolicy(plan.run, actors(plan, path))
