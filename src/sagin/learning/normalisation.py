"""Rewards brought to 0 to 1 by the least and greatest of them so far: a running 0–1 normalisation."""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.play import Experience
from sagin.learning.settings import Settings
from sagin.types import Array, Float


class RewardBounds(NamedTuple):
    """The least and the greatest reward of every agent since the start of a run, stage by stage."""

    low: tuple[Float[Array, " agents"], ...]
    high: tuple[Float[Array, " agents"], ...]


def make_bounds(game: StagedGame, settings: Settings) -> RewardBounds | None:
    """Return bounds before the first reward; None where rewards stay as the game gives them."""
    if settings.reward_bounds is None:
        return None
    low, high = (
        tuple(jnp.full(len(agents), value, float) for agents in game.stages)
        for value in (jnp.inf, -jnp.inf)
    )
    return RewardBounds(low, high)


def normalise_rewards(
    bounds: RewardBounds | None, experience: Experience
) -> tuple[RewardBounds | None, Experience]:
    """Return the bounds after a slot, and its experience with (r − low)/(high − low) for rewards r.

    The bounds count the slot's own rewards, of all games played side by side. An agent whose
    rewards have all been equal gets 0.
    """
    if bounds is None:
        return None, experience
    low, high, scaled = [], [], []
    for least, greatest, rewards in zip(*bounds, experience.rewards, strict=True):
        low.append(jnp.minimum(least, jnp.min(rewards, axis=0)))
        high.append(jnp.maximum(greatest, jnp.max(rewards, axis=0)))
        width = high[-1] - low[-1]
        scaled.append(jnp.where(width > 0, (rewards - low[-1]) / jnp.where(width > 0, width, 1), 0))
    return RewardBounds(tuple(low), tuple(high)), experience._replace(rewards=tuple(scaled))
