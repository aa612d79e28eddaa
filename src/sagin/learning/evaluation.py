"""Learned actors without noise, over slots in a row: the same users, channels and arrivals that any
other policy meets under a key.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from sagin.game.protocol import Transition
from sagin.learning.play import Arena, Choose, decide
from sagin.types import PRNGKeyArray


def keep_measures(_: Any, passed: Transition) -> tuple[dict[str, Any], Any]:
    """Keep every agent's rewards and the indicators of a slot."""
    return dict(passed.rewards), passed.kpis


def play_slots(
    key: PRNGKeyArray,
    arena: Arena,
    choose: Choose,
    slots: int,
    keep: Callable[[Any, Transition], Any] = keep_measures,
) -> Any:
    """Return what is kept of each of `slots` slots in a row, stacked, from a fresh start: rewards
    and indicators unless told otherwise.

    keep: is given a slot's state once all have acted, and what came of it.

    The draws follow from the key as in `sagin.slicing.evaluation`; an episode is not begun anew
    within the run. Pure; the caller compiles and batches.
    """
    start_key, run_key = jax.random.split(key)

    def slot(state: Any, number: Any) -> tuple[Any, Any]:
        next_key = jax.random.split(jax.random.fold_in(run_key, number), 3)[2]
        decided = decide(arena, choose, None, state).state
        passed = arena.game.finish(next_key, decided)
        return passed.state, keep(decided, passed)

    return jax.lax.scan(slot, arena.game.reset(start_key), jnp.arange(slots))[1]
