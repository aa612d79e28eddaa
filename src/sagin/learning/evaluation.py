"""Learned actors without noise, over slots in a row: the same users, channels and arrivals that any
other policy meets under a key.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame, Transition
from sagin.learning.play import Arena, Choose, decide
from sagin.types import Array, PRNGKeyArray

Keep = Callable[[Any, Transition], Any]
"""What is kept of a slot, of its state once all have acted and of what came of it."""


def keep_measures(_: Any, passed: Transition) -> tuple[dict[str, Any], Any]:
    """Keep every agent's rewards and the indicators of a slot."""
    return dict(passed.rewards), passed.kpis


def begin_slots(key: PRNGKeyArray, game: StagedGame) -> Any:
    """Return the fresh start of a run."""
    return game.reset(jax.random.split(key)[0])


def continue_slots(
    key: PRNGKeyArray, arena: Arena, choose: Choose, state: Any, numbers: Array, keep: Keep
) -> tuple[Any, Any]:
    """Return a run's state after the slots of these numbers, and what is kept of each, stacked."""
    run_key = jax.random.split(key)[1]

    def slot(state: Any, number: Any) -> tuple[Any, Any]:
        # the key of a slot depends on its number alone
        next_key = jax.random.split(jax.random.fold_in(run_key, number), 3)[2]
        decided = decide(arena, choose, None, state).state
        passed = arena.game.finish(next_key, decided)
        return passed.state, keep(decided, passed)

    return jax.lax.scan(slot, state, numbers)


def play_slots(
    key: PRNGKeyArray,
    arena: Arena,
    choose: Choose,
    slots: int,
    keep: Keep = keep_measures,
) -> Any:
    """Return what is kept of each of `slots` slots in a row, stacked, from a fresh start: rewards
    and indicators unless told otherwise.

    keep: is given a slot's state once all have acted, and what came of it.

    The draws follow from the key as in `sagin.slicing.evaluation`; an episode is not begun anew
    within the run. Pure; the caller compiles and batches.
    """
    state = begin_slots(key, arena.game)
    return continue_slots(key, arena, choose, state, jnp.arange(slots), keep)[1]
