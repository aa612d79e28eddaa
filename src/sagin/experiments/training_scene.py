"""What a trained policy does in an episode, slot by slot, for a scene."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from sagin.experiments.slicing_run import Trace, keys_of, traced
from sagin.learning.evaluation import play_slots
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.models import make_arena
from sagin.training.run import TrainingRun


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _watched(
    networks: tuple[Any, ...],
    key: jax.Array,
    counts: jax.Array | None,
    *,
    run: LearningTask,
    slots: int,
) -> Trace:
    game: Any = run.game
    game = dataclasses.replace(game, counts=counts)
    choose = LEARNERS[run.learner].act(game, run.settings, networks)

    def keep(turn: Any, _: Any) -> Trace:
        return traced(turn.state, turn.layers, turn.positions)

    return play_slots(key, make_arena(game, run.settings), choose, slots, keep)


def trace(
    training: TrainingRun,
    networks: tuple[Any, ...],
    seed: int,
    slots: int,
    counts: Sequence[int] | None = None,
) -> Trace:
    """Return the first slots of the first run with this seed under a seed's actors
    (`training.policy.read_actors`), without noise.

    The users, channels and arrivals are those that `slicing_run.simulate` meets with this seed.
    counts: users of H, L and C who take part, at most the scenario's; None for as many as the game
    itself has.
    """
    asked = None if counts is None else np.asarray(counts)
    found = _watched(networks, keys_of(seed, 1)[0], asked, run=training.task, slots=slots)
    return jax.tree.map(np.asarray, found)
