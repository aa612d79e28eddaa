"""Evaluation of learned actors without noise, over consecutive slots.

The users, channels and arrivals are those of any other policy under the same key.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame, Transition
from sagin.learning.play import Arena, Choose, decide
from sagin.types import Array, PRNGKeyArray

Keep = Callable[[Any, Transition], Any]
"""Function from a slot's state after all agents have acted, and its transition, to the kept values.
"""


def keep_measures(_: Any, passed: Transition) -> tuple[dict[str, Any], Any]:
    """Return every agent's rewards and the indicators of a slot."""
    return dict(passed.rewards), passed.kpis


def begin_slots(key: PRNGKeyArray, game: StagedGame) -> Any:
    """Return the start of a run."""
    return game.reset(jax.random.split(key)[0])


def continue_slots(
    key: PRNGKeyArray, arena: Arena, choose: Choose, state: Any, numbers: Array, keep: Keep
) -> tuple[Any, Any]:
    """Return a run's state after the slots with these numbers, and the kept values, stacked."""
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
    """Return the kept values of `slots` consecutive slots from a new start, stacked.

    By default, these are rewards and indicators. `keep` receives a slot's state after all agents
    have acted, and its transition. The draws follow from the key as in `sagin.slicing.evaluation`;
    no new episode begins within the run. The function is pure; the caller compiles and batches it.
    """
    state = begin_slots(key, arena.game)
    return continue_slots(key, arena, choose, state, jnp.arange(slots), keep)[1]
