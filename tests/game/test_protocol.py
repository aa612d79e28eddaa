"""The contract of games, checked on every game of the library and as each game documents it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.game import (
    LinearQuadraticGame,
    Simultaneous,
    StagedGame,
    TargetGame,
    check_actions,
    play,
)
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

GAMES = {
    "target": TargetGame(),
    "linear-quadratic": LinearQuadraticGame(),
    "simultaneous": Simultaneous(TargetGame()),
    "slicing": SlicingGame(build_scenario("small")),
    "slicing at once": SlicingGame(build_scenario("small"), layers_at_once=True),
    "slicing simultaneous": Simultaneous(SlicingGame(build_scenario("small"))),
}


def random_slot(key, game, state):
    """Run a slot with uniform actions."""
    keys = dict(zip(game.agents, jax.random.split(key, len(game.agents)), strict=True))

    def policy(stage, seen):
        assert set(seen) == set(game.stages[stage])
        return {
            agent: jax.random.uniform(keys[agent], (game.action_size[agent],)) for agent in seen
        }

    return play(key, game, state, policy)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_contract(game):
    assert isinstance(game, StagedGame)
    assert game.agents == tuple(agent for stage in game.stages for agent in stage)
    key = jax.random.key(3)
    state = jax.jit(game.reset)(key)
    for stage, agents in enumerate(game.stages):
        seen, masks = game.observe(state, stage), game.action_masks(state, stage)
        assert {agent: len(vector) for agent, vector in seen.items()} == {
            agent: game.observation_size[agent] for agent in agents
        }
        assert {agent: len(mask) for agent, mask in masks.items()} == {
            agent: game.action_size[agent] for agent in agents
        }
        assert all(jnp.max(jnp.abs(vector)) <= game.observation_bound for vector in seen.values())
    assert game.global_state(state).shape == (game.state_size,)
    done = jax.jit(lambda key, state: random_slot(key, game, state))(key, state)
    assert jax.tree.structure(done.state) == jax.tree.structure(state)
    assert set(done.rewards) == set(done.executed) == set(game.agents)
    assert {agent: len(action) for agent, action in done.executed.items()} == dict(game.action_size)
    assert all(jnp.isfinite(reward) for reward in done.rewards.values())


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_an_episode_is_truncated_once_at_its_length_and_never_terminated(game):
    def slot(state, key):
        done = random_slot(key, game, state)
        return done.state, (done.terminated, done.truncated)

    keys = jax.random.split(jax.random.key(0), game.episode_length)
    _, (terminated, truncated) = jax.jit(lambda state: jax.lax.scan(slot, state, keys))(
        game.reset(keys[0])
    )
    assert not terminated.any()
    assert np.flatnonzero(truncated).tolist() == [game.episode_length - 1]


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_batch_is_its_games_one_by_one(game):
    keys = jax.random.split(jax.random.key(7), 3)
    one = jax.jit(lambda key: random_slot(key, game, game.reset(key)).rewards)
    together = jax.jit(jax.vmap(one))(keys)
    for row, key in enumerate(keys):
        alone = one(key)
        for agent in game.agents:
            np.testing.assert_allclose(together[agent][row], alone[agent], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        ({"agent_0": [0.5, 0.5]}, "actions: no action of agent_1, which acts in this stage"),
        (
            {"agent_0": [0.5, 0.5], "agent_1": [0.5]},
            "action of agent_1: shape (1,) (allowed: (2,))",
        ),
        (
            {"agent_0": [0.5, np.nan], "agent_1": [0.5, 0.5]},
            "action of agent_0: number 1 is nan (allowed: 0 to 1)",
        ),
        (
            {"agent_0": [-0.25, 0.0], "agent_1": [0.5, 0.5]},
            "action of agent_0: number 0 is -0.25 (allowed: 0 to 1)",
        ),
        (
            {"agent_0": "high", "agent_1": [0.5, 0.5]},
            "action of agent_0: not an array of numbers (allowed: (2,) numbers from 0 to 1)",
        ),
        (
            {"agent_0": [0.5, 0.5], "agent_1": [0.5, 0.5], "x": [1]},
            "actions: 'x' is no agent of this game (allowed: agent_0, agent_1, agent_2, agent_3)",
        ),
    ],
)
def test_actions_from_outside_are_refused_with_one_line(actions, text):
    game = TargetGame()
    with pytest.raises(InputError) as error:
        check_actions(actions, game.action_size, game.stages[0])
    assert str(error.value) == text
