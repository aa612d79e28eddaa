"""Learned actors without noise, over slots in a row: the same users, channels and arrivals that any other policy meets under a key."""

from typing import Any

import jax
import jax.numpy as jnp

from sagin.learning.play import Arena, Choose, decide
from sagin.types import PRNGKeyArray


def rollout(key: PRNGKeyArray, arena: Arena, choose: Choose, slots: int) -> tuple[dict[str, Any], Any]:
    """Return every agent's rewards and the indicators of `slots` slots in a row, stacked, from a fresh start.

    The draws follow from the key as in `sagin.slicing.evaluate`; an episode is not begun anew within the run. Pure; the caller compiles
    and batches.
    """
    start_key, run_key = jax.random.split(key)

    def slot(state: Any, number: Any) -> tuple[Any, tuple[dict[str, Any], Any]]:
        act_key, _, next_key = jax.random.split(jax.random.fold_in(run_key, number), 3)
        passed = arena.game.finish(next_key, decide(arena, choose, act_key, state).state)
        return passed.state, (passed.rewards, passed.kpis)

    return jax.lax.scan(slot, arena.game.reset(start_key), jnp.arange(slots))[1]
