"""Load trained policies from a run's folder, a seed's folder, or a policy's file."""

import dataclasses
import math
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp

from sagin.errors import InputError, StoreError
from sagin.game.protocol import Vectors
from sagin.learning import checkpoint
from sagin.learning.learners import LEARNERS
from sagin.learning.policy import LearnedPolicy
from sagin.learning.programs import outline_state
from sagin.learning.stage import list_stages, observe_stage, unstack_actions
from sagin.slicing.game import SlicingGame, Turn
from sagin.slicing.policy import Key, Mask, Policy
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.state import NonTerrestrialAction, State, TerrestrialAction
from sagin.training.algorithms import ALGORITHMS
from sagin.training.run import (
    CHECKPOINT,
    POLICY,
    RUN,
    TrainingRun,
    compile_run,
    locate_seed,
    make_seed_key,
    parse_run,
    read_run,
)
from sagin.training.set_policy import bind_networks
from sagin.types import Array, Bool


def read_actors(run: TrainingRun, path: Path) -> tuple[Any, ...]:
    """Return the actors in a seed's policy file or in its checkpoint.

    The file has the actors of the best validation, the checkpoint the last ones.
    """
    like = outline_state(compile_run(run.task), make_seed_key(run, 0))
    if path.name == CHECKPOINT:
        return tuple(stage.actors for stage in checkpoint.load(path, like).learned)
    return checkpoint.load(path, tuple(stage.actors for stage in like.learned))


def load_policy(path: Path | str) -> Policy:
    """Load a policy that `sagin train` stored, for every function that takes a policy.

    It acts without noise. Shared networks act for any number of users. Other networks act only for
    the sizes of their training, and raise InputError in one line for another scenario.

    Args:
        path: a run's folder (its seed of best validation), a seed's folder, or a policy's file.

    Raises:
        StoreError: there is no policy, or it is damaged.
        InputError: it was trained with both layers at once, so it has no separate turn for layer 2;
            `sagin evaluate` and `load_numpy_policy` accept it.
    """
    run, actors = read_policy(Path(path))
    if ALGORITHMS[run.algorithm].layers_at_once:
        raise InputError(
            f"{path}: the layers of {run.algorithm} act at once (allowed: an algorithm whose layers"
            " act in turn; `sagin evaluate` and `load_numpy_policy` take any)"
        )
    if run.algorithm == "set-policy":
        return bind_networks(str(path), run.settings, actors)
    return _bind_policy(str(path), run, actors)


def load_numpy_policy(path: Path | str) -> LearnedPolicy:
    """Load a policy that `sagin train` stored, acting on flat NumPy vectors per agent.

    Args:
        path: as for `load_policy`.

    Raises:
        StoreError: there is no policy, or it is damaged.
    """
    run, actors = read_policy(Path(path))
    if run.algorithm == "set-policy":
        raise InputError(
            f"{path}: a set policy decides for all users at once (allowed: a policy with an actor "
            "for each agent; `load_policy` takes any)"
        )
    return LearnedPolicy(run.task, actors)


def read_policy(path: Path) -> tuple[TrainingRun, tuple[Any, ...]]:
    """Return the run of a policy and its actors; `path` is as for `load_policy`."""
    if (path / RUN).exists():
        path = find_best(path)
    path = path / POLICY if path.is_dir() else path
    metadata = checkpoint.read_metadata(path)
    if "plan" not in metadata:
        raise StoreError(f"{path}: contains no policy (allowed: {POLICY} of a seed's folder)")
    run = parse_run(metadata["plan"], str(path))
    return run, read_actors(run, path)


def find_best(folder: Path) -> Path:
    """Return the policy file of the seed with the best validation score."""
    paths = [locate_seed(folder, number) / POLICY for number in range(read_run(folder)[1])]
    stored = [path for path in paths if path.exists()]
    if not stored:
        raise StoreError(
            f"{folder}: no seed has a policy yet (allowed: after the first validation)"
        )
    return max(stored, key=_read_score)


def _read_score(path: Path) -> float:
    """Return the validation score that a policy was stored with, −∞ for NaN.

    Raises:
        StoreError: there is none.
    """
    score = checkpoint.read_metadata(path).get("score")
    if not isinstance(score, int | float) or isinstance(score, bool):
        raise StoreError(f"{path}: damaged: holds no score of a validation")
    return score if score == score else -math.inf


class _ServedUsers(NamedTuple):
    """The part of layer 1's result that layer 2's agents see."""

    served: Bool[Array, " users"]


def _bind_policy(name: str, run: TrainingRun, actors: tuple[Any, ...]) -> Policy:
    act, shared = LEARNERS[run.task.learner].act, run.settings.network.kind == "shared"
    transfer = run.scenario.game.transfer

    def build_game(scenario: Scenario) -> SlicingGame:
        _check_sizes(name, run, scenario)
        # the networks see what they were trained with
        seen = dataclasses.replace(scenario.game, transfer=transfer)
        return SlicingGame(dataclasses.replace(scenario, game=seen))

    def decide(key: Key, game: SlicingGame, turn: Turn, number: int) -> Vectors:
        observation = observe_stage(game, turn, number, shared)
        rows, _ = act(game, run.settings, actors)(key, number, observation)
        stage = list_stages(game)[number]
        return unstack_actions(jnp.where(stage.real, rows, 0.0), stage)

    def terrestrial(key: Key, scenario: Scenario, state: State) -> TerrestrialAction:
        game = build_game(scenario)
        return game.to_terrestrial(decide(key, game, Turn(state), 0))

    def non_terrestrial(
        key: Key, scenario: Scenario, state: State, remaining: Mask
    ) -> NonTerrestrialAction:
        game = build_game(scenario)
        first: Any = _ServedUsers(state.active & ~remaining)
        turn = Turn(state, layers=(first,))
        if transfer is not None:
            # layer 1's action, which this policy decided without noise, is computed again
            turn = game.act(Turn(state), 0, decide(key, game, Turn(state), 0))
        return game.to_non_terrestrial(decide(key, game, turn, 1))

    return Policy(name, ALGORITHMS[run.algorithm].text, terrestrial, non_terrestrial)


def _check_sizes(name: str, run: TrainingRun, scenario: Scenario) -> None:
    """Refuse a scenario whose sizes the networks cannot take."""
    network, users = sizes(run.scenario)._replace(K=0), slice_sizes(run.scenario)
    if sizes(scenario)._replace(K=0) != network:
        raise InputError(
            f"{name}: trained with {network.M} base stations, {network.V} UAVs, {network.O}"
            f" satellites and {network.N} subcarriers (allowed: a scenario with the same numbers)"
        )
    if run.settings.network.kind == "mlp" and slice_sizes(scenario) != users:
        high, low, wide = users
        raise InputError(
            f"{name}: networks of a fixed size, for {high}, {low} and {wide} users of H, L and C,"
            f" not {', '.join(map(str, slice_sizes(scenario)))} (allowed: the same numbers, or a"
            " policy trained with network.kind=shared)"
        )
