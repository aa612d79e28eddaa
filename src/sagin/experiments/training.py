"""Training runs on the slicing system: what one is, where it is kept, and one seed of it from start
or checkpoint to end.
"""

import dataclasses
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.errors import InputError, StoreError
from sagin.experiments.store import digest, provenance
from sagin.experiments.training_records import Events, Row, parquet, stored_rows
from sagin.files import write_atomically
from sagin.learning import checkpoint
from sagin.learning.settings import Settings, changed
from sagin.learning.train import Run, programs
from sagin.parameters import read, to_mapping, to_toml
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import Scenario, check

CHUNK = 100
"""Slots between two rows of metrics; results don't depend on it."""
VALIDATION_SEED, VALIDATION_RUNS, VALIDATION_SLOTS = 2**31 + 1, 16, 25
"""Held-out slots whose score chooses the policy that is kept; tables use others."""

PLAN, CHECKPOINT, POLICY, METRICS, SCORES = (
    "run.json",
    "checkpoint.sagin",
    "policy.sagin",
    "metrics.parquet",
    "validation.parquet",
)


class Algorithm(NamedTuple):
    """A learner and how the six agents are grouped, as a row."""

    learner: str
    layers_at_once: bool
    text: str


ALGORITHMS = {
    "two-layer-maddpg": Algorithm("maddpg", False, "MADDPG, the layers in turn (proposed)"),
    "maddpg": Algorithm("maddpg", True, "MADDPG, one layer of six agents (benchmark 3)"),
    "mappo": Algorithm("mappo", True, "MAPPO, one layer of six agents (benchmark 4)"),
    "two-layer-mappo": Algorithm("mappo", False, "MAPPO, the layers in turn"),
}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What decides a training run, besides the number of its seed."""

    scenario: Scenario
    algorithm: str
    settings: Settings
    iterations: int
    """Slots that each environment plays; an update follows each (MADDPG) or each rollout (MAPPO).
    """
    seed: int = 0
    evaluate_every: int = 2000
    """Slots between two validations."""
    checkpoint_every: int = 5000

    @property
    def run(self) -> Run:
        """The game and its learner."""
        row = ALGORITHMS[self.algorithm]
        return Run(row.learner, SlicingGame(self.scenario, row.layers_at_once), self.settings)

    def plain(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return own | {"scenario": to_mapping(self.scenario), "settings": to_mapping(self.settings)}


def plan_of(plain: dict[str, Any], where: str) -> Plan:
    """Return the plan that plain data describes; the inverse of `Plan.plain`."""
    try:
        scenario, settings = (
            check(read(Scenario, plain["scenario"], where), where),
            changed((), plain["settings"], where),
        )
        plan = Plan(**{**plain, "scenario": scenario, "settings": settings})
        counts = (plan.iterations, plan.seed + 1, plan.evaluate_every, plan.checkpoint_every)
        ALGORITHMS[plan.algorithm]
    except (TypeError, KeyError, AttributeError):
        raise StoreError(f"{where}: not a plan of a training run") from None
    if not all(isinstance(count, int) and count > 0 for count in counts):
        raise StoreError(
            f"{where}: not a plan of a training run: its counts have to be whole numbers of at least 1"
        )
    return plan


def keep_plan(folder: Path, plan: Plan, seeds: int, resume: bool) -> None:
    """Write the plan into its folder; with `resume` it has to be there and the same, except for
    more iterations or seeds.
    """
    path = folder / PLAN
    if path.exists() and not resume:
        raise InputError(
            f"--out {folder}: holds a training run already (allowed: --resume, or another folder)"
        )
    if resume:
        before, kept = read_plan(folder)
        other = [
            name for name, value in _compared(plan).items() if value != _compared(before)[name]
        ]
        if other:
            raise InputError(
                f"--resume {folder}: its run has another {', another '.join(other)} (allowed: as in {path})"
            )
        if plan.iterations < before.iterations or seeds < kept:
            asked, least = (
                f"{one.iterations} iterations of {many} seeds"
                for one, many in ((plan, seeds), (before, kept))
            )
            raise InputError(
                f"--resume {folder}: {asked} are fewer than its run has (allowed: at least {least})"
            )
    content = {"plan": plan.plain(), "seeds": seeds, "provenance": provenance()}
    write_atomically(path, json.dumps(content, indent=1).encode())
    for name, part in (("scenario", plan.scenario), ("settings", plan.settings)):
        write_atomically(folder / f"{name}.toml", to_toml(part).encode())


def _compared(plan: Plan) -> dict[str, Any]:
    return {
        name: value
        for name, value in plan.plain().items()
        if name not in ("iterations", "checkpoint_every")
    }


def read_plan(folder: Path) -> tuple[Plan, int]:
    """Return the plan of a folder and its number of seeds; InputError if there is none."""
    path = folder / PLAN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        plan, seeds = plan_of(content["plan"], str(path)), int(content["seeds"])
    except OSError:
        raise InputError(
            f"{folder}: no training run (allowed: a folder that `sagin train --out` wrote)"
        ) from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise StoreError(f"{path}: damaged: not the plan of a training run") from None
    if seeds < 1:
        raise StoreError(f"{path}: damaged: {seeds} seeds")
    return plan, seeds


@functools.lru_cache(maxsize=8)
def compiled(run: Run) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return the programs of a run, the same ones for all of its seeds, so that a process compiles
    them once.
    """
    return programs(run)


def seed_folder(folder: Path, number: int) -> Path:
    """Return where a seed's files are."""
    return folder / f"seed-{number}"


def seed_key(plan: Plan, number: int) -> jax.Array:
    """Return the key of a seed; it is the same however many there are."""
    return jax.random.fold_in(jax.random.key(plan.seed), number)


def score(scenario: Scenario, kpis: Any) -> jax.Array:
    """Return the validation score of each slot: (R_H/reference + (1 − D/β) + coverage)/3 over all
    users, the slices weighing the same.
    """
    goals = scenario.objectives
    throughput = kpis.throughput / (1e6 * goals.throughput_reference_mbps)
    return (throughput + 1.0 - kpis.delay / goals.delay_limit_s + kpis.coverage) / 3.0


class News(NamedTuple):
    """What a seed tells while it trains."""

    number: int
    done: int
    """Slots since the start of the run."""
    reward: float
    """Mean reward of an agent over the last chunk."""
    best: float | None
    """Best validation score so far."""


class Seed:
    """One seed of a training run, with its files; what it writes is always whole."""

    def __init__(self, plan: Plan, number: int, folder: Path) -> None:
        """Go on from the checkpoint in the folder, or begin."""
        self.plan, self.number, self.folder = plan, number, folder
        self.start, self.advance, self.judge = compiled(plan.run)
        self.slots = plan.run.slots
        self.rows: list[Row] = []
        self.scores: list[Row] = []
        self.done: int = 0
        self.best: float | None = None
        key = seed_key(plan, number)
        if (folder / CHECKPOINT).exists():
            self._restore(jax.eval_shape(self.start, key))
        else:
            self.state = self.start(key)

    def _restore(self, like: Any) -> None:
        path = self.folder / CHECKPOINT
        self.state, told = checkpoint.load(path, like), checkpoint.about(path)
        # early checkpoints don't tell their run
        if (told.get("number"), told.get("run", self._run)) != (self.number, self._run) or not {
            "done",
            "best",
        } <= set(told):
            raise StoreError(
                f"{path}: of another run or seed (allowed: what `sagin train` wrote into this folder)"
            )
        self.done, self.best = told["done"], told["best"]
        self.rows, self.scores = (
            stored_rows(self.folder / name, self.done) for name in (METRICS, SCORES)
        )
        if not self.rows or self.rows[-1]["slot"] != self.done:
            raise StoreError(
                f"{self.folder / METRICS}: holds no row of slot {self.done}, up to which {CHECKPOINT} goes"
            )

    @property
    def _run(self) -> str:
        return digest(_compared(self.plan))

    def go(self, tell: Callable[[News], None], stopped: Callable[[], bool]) -> bool:
        """Train up to the plan's end or until `stopped`, and return whether the end was reached;
        the last state is on disk either way.
        """
        events = Events(self.folder, self.done + 1)
        saved = self.done if self.done else -1
        try:
            while self.done < self.plan.iterations:
                self._chunk(events)
                tell(News(self.number, self.done, self._reward(), self.best))
                if stopped():
                    break
                if _passed(saved, self.done, self.plan.checkpoint_every):
                    self.save()
                    saved = self.done
        finally:
            events.close()
        if saved != self.done:
            self.save()
        return self.done >= self.plan.iterations

    def _chunk(self, events: Events) -> None:
        before = self.done
        count = _iterations(before, self.plan.iterations, self.slots)
        self.state, means = self.advance(self.state, count)
        self.done += count * self.slots
        row = {"slot": self.done, **{name: float(value) for name, value in means.items()}}
        self.rows.append(row)
        if (
            _passed(before, self.done, self.plan.evaluate_every)
            or self.done >= self.plan.iterations
        ):
            row = row | self._validate()
        events.write({name: value for name, value in row.items() if name != "slot"}, self.done)

    def _validate(self) -> dict[str, float]:
        keys = jax.random.split(jax.random.key(VALIDATION_SEED), VALIDATION_RUNS)
        kpis = self.judge(self.state.learned, keys, VALIDATION_SLOTS)[1]
        found = {
            name: float(np.mean(getattr(kpis, name)))
            for name in ("throughput", "delay", "coverage")
        }
        found = {"score": float(np.mean(score(self.plan.scenario, kpis))), **found}
        self.scores.append({"slot": self.done, **found})
        if self.best is None or found["score"] > self.best:
            self.best = found["score"]
            actors = tuple(one.actors for one in self.state.learned)
            told = {"plan": self.plan.plain(), "number": self.number, "done": self.done, **found}
            checkpoint.save(self.folder / POLICY, actors, told)
        return {f"validation/{name}": value for name, value in found.items()}

    def _reward(self) -> float:
        return float(
            np.mean([value for name, value in self.rows[-1].items() if name.startswith("reward/")])
        )

    def save(self) -> None:
        """Write metrics, then the checkpoint that they belong to."""
        for name, rows in ((METRICS, self.rows), (SCORES, self.scores)):
            if rows:
                write_atomically(self.folder / name, parquet(rows))
        told = {"done": self.done, "best": self.best, "number": self.number, "run": self._run}
        checkpoint.save(self.folder / CHECKPOINT, self.state, told)


def _passed(before: int, after: int, every: int) -> bool:
    return after // every > max(before, 0) // every


def _iterations(done: int, end: int, slots: int) -> int:
    """Return how many iterations of `slots` slots the next piece has: up to the next row of
    metrics, or the end.
    """
    piece, left = max(CHUNK // slots, 1), -(-(end - done) // slots)
    return min(piece - done // slots % piece, left)
