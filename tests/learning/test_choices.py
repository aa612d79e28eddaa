"""Open choices of a training: rewards scaled by running bounds, and exploring agents."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.game import TargetGame
from sagin.learning import maddpg
from sagin.learning.exploration import squash
from sagin.learning.models import make_models
from sagin.learning.normalisation import make_bounds, normalise_rewards
from sagin.learning.settings import make_settings

GAME = TargetGame((2, 3), 2)
TINY = ("network.widths=[8]", "maddpg.warm_up=12", "maddpg.replay=24", "maddpg.environments=2")


def bring_to_one(rewards):
    """The running min–max of one agent's rewards, slots × games, one slot at a time."""
    low, high, rows = np.inf, -np.inf, []
    for slot in rewards:
        low, high = min(low, *slot), max(high, *slot)
        rows.append([(r - low) / (high - low) if high > low else 0.0 for r in slot])
    return np.array(rows), low, high


def start(*more):
    return maddpg.start(jax.random.key(3), GAME, make_settings((*TINY, *more)))


def test_rewards_are_normalised_by_the_least_and_greatest_so_far():
    plain, running = start(), start("reward_bounds=running")
    assert plain.bounds is None
    for stage, agents in enumerate(GAME.stages):
        for row in range(len(agents)):
            # the replay holds the slots one after another, each of two games
            raw, scaled = (
                np.asarray(state.ring.rows[2][stage][:, row], float).reshape(12, 2)
                for state in (plain, running)
            )
            expected, low, high = bring_to_one(raw)
            np.testing.assert_allclose(scaled, expected, rtol=1e-5, atol=1e-6)
            assert (scaled.min(), scaled.max()) == (0.0, 1.0)
            assert running.bounds.low[stage][row] == np.float32(low)
            assert running.bounds.high[stage][row] == np.float32(high)


def test_equal_rewards_are_normalised_to_nothing():
    bounds = make_bounds(GAME, make_settings(("reward_bounds=running",)))
    rewards = tuple(jnp.full((2, len(agents)), -0.3) for agents in GAME.stages)
    bounds, same = normalise_rewards(bounds, rewards)
    assert [np.abs(part).max() for part in same] == [0.0, 0.0]
    _, after = normalise_rewards(bounds, tuple(part + 0.1 for part in rewards))
    assert [part.min() for part in after] == [1.0, 1.0]


def test_only_the_first_stage_explores_if_asked_to():
    for choice, noisy in (("", [True, True]), ("maddpg.noise_stages=first", [True, False])):
        settings = make_settings((*TINY, *filter(None, [choice])))
        learned = start().learned
        actors = tuple(stage.actors for stage in learned)
        explore = maddpg.bind_actors(GAME, settings, actors, 0.3)
        for stage, agents in enumerate(GAME.stages):
            seen, noise = jnp.full((len(agents), 2), 0.2), jnp.ones((len(agents), 2))
            still = squash(make_models(GAME, stage, settings).act(actors[stage], seen[:, None]))
            moved = np.abs(explore(noise, stage, seen)[0] - still[:, 0]).max()
            assert (moved > 0.1) == noisy[stage]
