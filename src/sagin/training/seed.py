"""One seed of a training run, from start or checkpoint to end, with its files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.errors import StoreError
from sagin.files import compute_digest, lock_folder, write_atomically
from sagin.learning import checkpoint
from sagin.learning.programs import outline_state
from sagin.training.algorithms import compute_validation_score
from sagin.training.records import EventFile, Row, encode_table, read_rows
from sagin.training.run import (
    CHECKPOINT,
    METRICS,
    POLICY,
    SCORES,
    TrainingRun,
    compile_run,
    make_seed_key,
)
from sagin.training.starts import find_start

CHUNK = 100
"""Number of slots between two rows of metrics; results do not depend on it."""
VALIDATION_SEED, VALIDATION_RUNS, VALIDATION_SLOTS = 2**31 + 1, 16, 25
"""Held-out slots whose score selects the stored policy; tables use other slots."""
DRAWS = 3
"""Version of a training's random draws; a run continues only with the version with which it began.
"""


class Progress(NamedTuple):
    """Report of a seed during its training."""

    number: int
    done: int
    """Slots since the start of the run."""
    reward: float
    """Mean reward of an agent over the last chunk."""
    best: float | None
    """Best validation score so far."""


class SeedTraining:
    """One seed of a training run, with its files, each of which is always complete."""

    def __init__(self, run: TrainingRun, number: int, folder: Path) -> None:
        """Continue from the checkpoint in the folder, or begin."""
        self.run, self.number, self.folder = run, number, folder
        programs = compile_run(run.task)
        self._start, self._advance, self._judge = programs
        self.slots = run.task.slots
        self.rows: list[Row] = []
        self.scores: list[Row] = []
        self.done: int = 0
        self.best: float | None = None
        key = make_seed_key(run, number)
        if (folder / CHECKPOINT).exists():
            self._restore(outline_state(programs, key))
        else:
            self.state = self._start(key, find_start(run))

    def _restore(self, like: Any) -> None:
        path = self.folder / CHECKPOINT
        metadata = checkpoint.read_metadata(path)
        self._check_identity(path, metadata)
        self.state = checkpoint.load(path, like)
        self.done, self.best = metadata["done"], metadata["best"]
        self.rows, self.scores = (
            metadata[name] if name in metadata else read_rows(self.folder / name, self.done)
            for name in (METRICS, SCORES)
        )
        if not self.rows or self.rows[-1]["slot"] != self.done:
            raise StoreError(
                f"{self.folder / METRICS}: has no row of slot {self.done}, the last slot of "
                f"{CHECKPOINT}"
            )

    def _check_identity(self, path: Path, metadata: dict[str, Any]) -> None:
        if metadata.get("draws") != DRAWS and "run" in metadata:
            raise StoreError(
                f"{path}: begun with the random draws of an earlier version, so it cannot be "
                "resumed (allowed: train again in another folder; its policies can still be "
                "used)"
            )
        same = (metadata.get("number"), metadata.get("run")) == (self.number, self._identity)
        if not same or not {"done", "best"} <= set(metadata):
            raise StoreError(
                f"{path}: of another run or seed (allowed: what `sagin train` wrote into this"
                " folder)"
            )

    @property
    def _identity(self) -> str:
        return compute_digest(self.run.to_identity())

    def train(self, report: Callable[[Progress], Any]) -> None:
        """Train up to the run's end.

        `report` may raise KeyboardInterrupt, which is raised again after the last state is stored.

        Raises:
            StoreError: another process trains in this folder.
        """
        with lock_folder(self.folder), EventFile(self.folder, self.done + 1) as events:
            saved = self.done if self.done else -1
            # a death may have come between a checkpoint and its tables
            self._write_tables()
            while self.done < self.run.iterations:
                self._train_chunk(events)
                try:
                    report(Progress(self.number, self.done, self._compute_reward(), self.best))
                except KeyboardInterrupt:
                    self.save()
                    raise
                if _crosses(saved, self.done, self.run.checkpoint_every):
                    self.save()
                    saved = self.done
            if saved != self.done:
                self.save()

    def _train_chunk(self, events: EventFile) -> None:
        before, end = self.done, self.run.iterations
        count = _count_iterations(before, end, self.slots)
        self.state, means = self._advance(self.state, count)
        self.done += count * self.slots
        row = {"slot": self.done, **{name: float(value) for name, value in means.items()}}
        self.rows.append(row)
        if _crosses(before, self.done, self.run.evaluate_every) or self.done >= end:
            row = row | self._validate()
        events.write({name: value for name, value in row.items() if name != "slot"}, self.done)

    def _validate(self) -> dict[str, float]:
        keys = jax.random.split(jax.random.key(VALIDATION_SEED), VALIDATION_RUNS)
        kpis = self._judge(self.state.learned, keys, VALIDATION_SLOTS)[1]
        score = float(np.mean(compute_validation_score(self.run.scenario, kpis)))
        means = {"score": score}
        for name in ("throughput", "delay", "coverage"):
            means[name] = float(np.mean(getattr(kpis, name)))
        self.scores.append({"slot": self.done, **means})
        # a policy is missing if the folder was removed meanwhile
        if self.best is None or score > self.best or not (self.folder / POLICY).exists():
            self.best = score
            self._save_policy(means)
        return {f"validation/{name}": value for name, value in means.items()}

    def _save_policy(self, means: dict[str, float]) -> None:
        actors = tuple(stage.actors for stage in self.state.learned)
        metadata = {"plan": self.run.to_plain(), "number": self.number, "done": self.done, **means}
        checkpoint.save(self.folder / POLICY, actors, metadata)

    def _compute_reward(self) -> float:
        row = self.rows[-1]
        return float(np.mean([value for name, value in row.items() if name.startswith("reward/")]))

    def save(self) -> None:
        """Write the checkpoint with its rows in one file, then the rows as readable tables."""
        metadata = {
            METRICS: self.rows,
            SCORES: self.scores,
            "done": self.done,
            "best": self.best,
            "number": self.number,
            "run": self._identity,
            "draws": DRAWS,
        }
        checkpoint.save(self.folder / CHECKPOINT, self.state, metadata)
        self._write_tables()

    def _write_tables(self) -> None:
        for name, rows in ((METRICS, self.rows), (SCORES, self.scores)):
            if rows:
                write_atomically(self.folder / name, encode_table(rows))


def _crosses(before: int, after: int, step: int) -> bool:
    return after // step > max(before, 0) // step


def _count_iterations(done: int, end: int, slots: int) -> int:
    """Return how many iterations of `slots` slots the next piece has.

    It ends at the next row of metrics, or at the end.
    """
    piece, left = max(CHUNK // slots, 1), -(-(end - done) // slots)
    return min(piece - done // slots % piece, left)
