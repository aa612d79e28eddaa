"""Rewards scaled to 0 to 1 by the smallest and largest reward so far."""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.settings import Settings
from sagin.types import Array, Float

StageRewards = tuple[Float[Array, "*games _"], ...]
"""Rewards of a slot, stage by stage."""


class RewardBounds(NamedTuple):
    """The smallest and the largest reward of every agent of a run so far, stage by stage."""

    low: tuple[Float[Array, " agents"], ...]
    high: tuple[Float[Array, " agents"], ...]


def make_bounds(game: StagedGame, settings: Settings) -> RewardBounds | None:
    """Return bounds before the first reward; None if rewards are not normalised."""
    if settings.reward_bounds is None:
        return None
    low, high = (
        tuple(jnp.full(len(agents), value, float) for agents in game.stages)
        for value in (jnp.inf, -jnp.inf)
    )
    return RewardBounds(low, high)


def normalise_rewards(
    bounds: RewardBounds | None, rewards: StageRewards
) -> tuple[RewardBounds | None, StageRewards]:
    """Return the bounds after a slot, and its rewards r as (r − low)/(high − low).

    The bounds include the slot's own rewards, of all games side by side. An agent whose rewards
    have all been equal gets 0.
    """
    if bounds is None:
        return None, rewards
    low, high, scaled = [], [], []
    # bounds widen over all games of the slot
    for least, greatest, values in zip(*bounds, rewards, strict=True):
        games = tuple(range(values.ndim - 1))
        low.append(jnp.minimum(least, jnp.min(values, axis=games)))
        high.append(jnp.maximum(greatest, jnp.max(values, axis=games)))
        # a reward that never changed counts as 0
        width = high[-1] - low[-1]
        scaled.append(jnp.where(width > 0, (values - low[-1]) / jnp.where(width > 0, width, 1), 0))
    return RewardBounds(tuple(low), tuple(high)), tuple(scaled)
