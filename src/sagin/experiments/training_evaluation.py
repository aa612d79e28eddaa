"""Trained policies on held-out slots, in the same table as those that need no learning; and a policy to use from Python."""

from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.errors import StoreError
from sagin.experiments.slicing import Profile
from sagin.experiments.slicing_run import Advance, Job, Samples, described, keys_of, reduce, row, simulate, summarise
from sagin.experiments.training import CHECKPOINT, POLICY, Plan, compiled, plan_of, read_plan, seed_folder, seed_key
from sagin.learning import checkpoint
from sagin.learning.policy import LearnedPolicy
from sagin.slicing.scenario import Scenario, slice_sizes


class Test(NamedTuple):
    """Which slots, and which policy of each seed."""

    slots: int
    runs: int
    seed: int
    best: bool


def actors(plan: Plan, path: Path) -> tuple[Any, ...]:
    """Return the actors of a seed in its policy's file, those of its best validation, or in its checkpoint, the last ones."""
    like = jax.eval_shape(compiled(plan.run)[0], seed_key(plan, 0))
    if path.name == CHECKPOINT:
        return tuple(one.actors for one in checkpoint.load(path, like).learned)
    return checkpoint.load(path, tuple(one.actors for one in like.learned))


class _Acting(NamedTuple):
    actors: Any


def tested(plan: Plan, networks: tuple[Any, ...], test: Test) -> Samples:
    """Return each KPI for each run of a test, as `slicing_run.simulate` does for other policies."""
    judge = compiled(plan.run)[2]
    kpis = judge(tuple(_Acting(one) for one in networks), keys_of(test.seed, test.runs), test.slots)[1]
    scenario = plan.scenario
    return reduce([summarise(jax.tree.map(np.asarray, kpis), scenario, slice_sizes(scenario))])


def total(folder: Path, runs: int, slots: int, policies: int) -> int:
    """Return the slots that a report takes."""
    return (read_plan(folder)[1] + policies) * runs * slots


def report(folder: Path, test: Test, policies: list[str], advance: Advance) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario and, as plain data, a table with a column for each seed, for all of them, and for policies to compare with."""
    plan, seeds = read_plan(folder)
    rows, each = [], []
    for number in range(seeds):
        samples = tested(plan, actors(plan, seed_folder(folder, number) / (POLICY if test.best else CHECKPOINT)), test)
        advance(test.runs * test.slots)
        each.append({name: float(np.mean(values)) for name, values in samples.items()})
        rows.append(row(plan.scenario, f"seed {number}", samples))
    if seeds > 1:
        rows.insert(0, row(plan.scenario, f"{plan.algorithm}, {seeds} seeds", {name: [one[name] for one in each] for name in each[0]}))
    for name in policies:
        job = Job(plan.scenario, name, Profile(test.slots, test.runs, test.seed))
        rows.append(row(plan.scenario, name, simulate(job, advance, tuple(policies))))
    about = {"scenario": plan.algorithm, "slots": test.slots, "seeds": test.runs, "seed": test.seed}
    return plan.scenario, {**about, "kpis": described(plan.scenario), "runs": rows}


def load_policy(path: Path | str) -> LearnedPolicy:
    """Return a policy that `sagin train` kept, of its file or a seed's folder; StoreError with one line if there is none or it is bad."""
    path = Path(path)
    path = path / POLICY if path.is_dir() else path
    told = checkpoint.about(path)
    if "plan" not in told:
        raise StoreError(f"{path}: holds no policy (allowed: {POLICY} of a seed's folder)")
    plan = plan_of(told["plan"], str(path))
    return LearnedPolicy(plan.run, actors(plan, path))
