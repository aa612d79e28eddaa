"""The definition of a training run, and the folder that holds it."""

import dataclasses
import json
import warnings
from pathlib import Path
from typing import Any

import jax

from sagin.errors import InputError, InputNotice, StoreError
from sagin.files import write_atomically
from sagin.game.protocol import Transition
from sagin.inputs import quote, read_text
from sagin.learning.evaluation import keep_measures
from sagin.learning.learners import LearningTask, check_heads
from sagin.learning.programs import Programs, compile_programs
from sagin.learning.settings import Settings, make_settings
from sagin.parameters import read, to_mapping, to_toml
from sagin.provenance import collect_provenance, read_settings
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import Scenario, check_scenario, number_choices
from sagin.slicing.trace import Trace, make_trace
from sagin.training.algorithms import ALGORITHMS
from sagin.training.set_policy import compile_set_policy

RUN, CHECKPOINT, POLICY, METRICS, SCORES = (
    "run.json",
    "checkpoint.sagin",
    "policy.sagin",
    "metrics.parquet",
    "validation.parquet",
)

MOST_SEEDS = 1000
"""Largest number of seeds of a run."""
MOST_SLOTS = 2**40
"""Largest number of slots of a run, and largest number of its first seed."""


@dataclasses.dataclass(frozen=True)
class TrainingRun:
    """Everything that determines a training run, besides the number of its seed."""

    scenario: Scenario
    algorithm: str
    settings: Settings
    iterations: int
    """Number of slots per environment; an update follows each slot (MADDPG) or each rollout
    (MAPPO).
    """
    seed: int = 0
    evaluate_every: int = 2000
    """Number of slots between two validations."""
    checkpoint_every: int = 5000

    @property
    def task(self) -> LearningTask:
        """The game and its learner.

        Raises:
            InputError: if the settings do not suit the scenario.
        """
        row = ALGORITHMS[self.algorithm]
        rule = self.scenario.balancing.rule
        if self.settings.heads.quotas and ignores_slices(rule):
            raise InputError(
                f"settings: field 'heads.quotas': true is not allowed: balancing.rule = {rule} has "
                "no quota for a slice (allowed: false)"
            )
        check_heads(row.learner, self.settings)
        return LearningTask(
            row.learner, SlicingGame(self.scenario, row.layers_at_once), self.settings
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the run as plain data."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return fields | {
            "scenario": to_mapping(self.scenario),
            "settings": to_mapping(self.settings),
        }

    def to_identity(self) -> dict[str, Any]:
        """Return the plain data in which a resumed run must agree with the run it continues."""
        plain = self.to_plain()
        return {k: v for k, v in plain.items() if k not in ("iterations", "checkpoint_every")}


def parse_run(plain: dict[str, Any], source: str) -> TrainingRun:
    """Return the run that plain data describes: the inverse of `TrainingRun.to_plain`.

    Raises:
        StoreError: the data have another form; one line that begins with `source`.
    """
    try:
        scenario = check_scenario(read(Scenario, plain["scenario"], source), source)
        settings = make_settings((), plain["settings"], source)
        run = TrainingRun(**{**plain, "scenario": scenario, "settings": settings})
        counts = (run.iterations, run.seed + 1, run.evaluate_every, run.checkpoint_every)
        ALGORITHMS[run.algorithm]
    except (TypeError, KeyError, AttributeError):
        raise StoreError(f"{source}: not the settings of a training run") from None
    if not all(type(count) is int and 0 < count <= MOST_SLOTS for count in counts):
        raise StoreError(
            f"{source}: not the settings of a training run: its counts have to be whole numbers of"
            " at least 1"
        )
    return run


def write_run(folder: Path, run: TrainingRun, seeds: int, resume: bool) -> None:
    """Write a run into its folder.

    With `resume` the folder must already hold the same run, except for more iterations or seeds.

    Raises:
        InputError: the folder holds a run and `resume` is false, or it holds another run.
    """
    path = folder / RUN
    if path.exists() and not resume:
        raise InputError(
            f"--out {folder}: holds a training run already (allowed: --resume, or another folder)"
        )
    if resume:
        _check_same(folder, run, seeds)
    write_files(folder, run, seeds)


def write_files(folder: Path, run: TrainingRun, seeds: int) -> None:
    """Write the files that identify the run of a folder."""
    content = {"plan": run.to_plain(), "seeds": seeds, "provenance": collect_provenance()}
    write_atomically(folder / RUN, json.dumps(content, indent=1).encode())
    for name, part in (("scenario", run.scenario), ("settings", run.settings)):
        write_atomically(folder / f"{name}.toml", to_toml(part).encode())


def _check_same(folder: Path, run: TrainingRun, seeds: int) -> None:
    stored, stored_seeds = read_run(folder)
    _tell_origin(folder)
    before, now = stored.to_identity(), run.to_identity()
    changes = [name for name in now if now[name] != before[name]]
    if changes:
        raise InputError(
            f"--resume {folder}: its run has a different {', '.join(changes)} (allowed: as in"
            f" {folder / RUN})"
        )
    if run.iterations < stored.iterations or seeds < stored_seeds:
        raise InputError(
            f"--resume {folder}: {run.iterations} iterations of {seeds} seeds are fewer than its"
            f" run has (allowed: at least {stored.iterations} iterations of {stored_seeds} seeds)"
        )


def _tell_origin(folder: Path) -> None:
    """Warn of a run that another version of sagin began; refuse one with other JAX settings.

    Raises:
        InputError: its numbers have another precision or other random draws.
    """
    begun = read_origin(folder)
    for name, value in read_settings().items():
        if begun.get(name, value) != value:
            raise InputError(
                f"--resume {folder}: begun with {name} = {quote(begun[name])}, not "
                f"{quote(value)} (allowed: the same {name.upper()})"
            )
    present = collect_provenance()
    changes = [
        name for name in ("sagin", "commit") if begun.get(name, present[name]) != present[name]
    ]
    if changes:
        origin = " ".join(quote(begun.get(name, "")) for name in ("sagin", "commit"))
        text = (
            f"--resume {folder}: begun by another version, {origin}; its numbers may differ "
            "from here on"
        )
        warnings.warn(text, InputNotice, stacklevel=2)


def read_run(folder: Path) -> tuple[TrainingRun, int]:
    """Return the run of a folder and its number of seeds.

    Raises:
        InputError: the folder holds no run.
        StoreError: its file is damaged.
    """
    path = folder / RUN
    if not path.exists():
        raise InputError(
            f"{folder}: no training run (allowed: a folder that `sagin train --out` wrote)"
        )
    try:
        content = json.loads(read_text(path))
        run, seeds = parse_run(content["plan"], str(path)), content["seeds"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise StoreError(f"{path}: damaged: not a training run") from None
    if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= MOST_SEEDS:
        raise StoreError(f"{path}: damaged: {quote(seeds)} seeds (allowed: 1 to {MOST_SEEDS})")
    return run, seeds


def read_origin(folder: Path) -> dict[str, Any]:
    """Return the provenance of a folder's run, which `read_run` has read; empty if it has none."""
    origin = json.loads(read_text(folder / RUN)).get("provenance")
    return origin if isinstance(origin, dict) else {}


def compile_run(task: LearningTask) -> Programs:
    """Return the programs of a run, compiled once per process and shared by all of its seeds.

    Runs that differ only in numbers of the scenario, or in the rules of balancing and collision,
    share them too.
    """
    if task.learner == "set-policy":
        game: Any = task.game
        return compile_set_policy(game.scenario, task.settings)
    return compile_programs(task._replace(game=share_programs(task.game)), keep_trace)


def keep_trace(turn: Any, passed: Transition) -> tuple[dict[str, Any], Any, Trace]:
    """Return every agent's rewards, the indicators and the trace of a slot."""
    return *keep_measures(turn, passed), make_trace(turn.state, turn.layers, turn.positions)


def share_programs(game: Any) -> SlicingGame:
    """Return a slicing game whose programs all balancing and collision rules share."""
    numbered = number_choices(game.scenario, "balancing.rule", "game.collision")
    return dataclasses.replace(game, scenario=numbered)


def locate_seed(folder: Path, number: int) -> Path:
    """Return the folder of a seed's files."""
    return folder / f"seed-{number}"


def make_seed_key(run: TrainingRun, number: int) -> jax.Array:
    """Return the key of a seed; it does not depend on the number of seeds."""
    return jax.random.fold_in(jax.random.key(run.seed), number)
