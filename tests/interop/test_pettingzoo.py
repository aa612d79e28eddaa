"""The PettingZoo environments: PettingZoo's own checks, whole episodes, stages."""

import warnings

import numpy as np
import pytest

from sagin.errors import InputError
from sagin.game import TargetGame
from sagin.interop.pettingzoo import Parallel, Turns
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

with warnings.catch_warnings():
    # where pygame is installed, they load a game in a way that PettingZoo 1.27 has deprecated
    warnings.filterwarnings("ignore", "The old environment creation API", DeprecationWarning)
    from pettingzoo.test import api_test, parallel_api_test, state_test

SMALL = build_scenario("small", ("game.slots=8",))
GAMES = {
    "target": TargetGame(),
    "slicing": SlicingGame(SMALL),
    "slicing at once": SlicingGame(SMALL, layers_at_once=True),
}


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_parallel_api(game):
    parallel_api_test(Parallel(game), num_cycles=60)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_turns_api(game):
    with warnings.catch_warnings():
        # the agents of the two layers do see different things
        warnings.filterwarnings(
            "ignore",
            "Observations are different shapes|Agents have different observation space sizes",
        )
        api_test(Turns(game), num_cycles=60)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_state_api(game):
    with warnings.catch_warnings():
        # the protocol sets no bound for the global state
        warnings.filterwarnings("ignore", "Environment's (minimum|maximum) state space value is")
        state_test(Turns(game), Parallel(game), num_cycles=2)


def parallel_episode(env, seed):
    """Everything that an episode under seeded actions returns."""
    generator = np.random.default_rng(0)
    seen = [env.reset(seed=seed), env.state()]
    while env.agents:
        actions = {
            agent: generator.random(env.action_space(agent).shape, np.float32)
            for agent in env.agents
        }
        seen += [env.step(actions), env.state()]
    return seen


def same(one, other):
    """Whether two nested results are bit-identical."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    one, other = np.asarray(one), np.asarray(other)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_seed_gives_the_same_whole_episode(game):
    env = Parallel(game)
    first = parallel_episode(env, 5)
    assert len(first) == 2 + 2 * game.episode_length * len(game.stages)
    assert same(first, parallel_episode(env, 5))
    assert same(first, parallel_episode(Parallel(game), 5))
    assert not same(first, parallel_episode(env, 6))
    env.reset(seed=5)
    assert not same(first[0], env.reset()), "a reset without a seed begins another episode"


def test_turns_play_what_parallel_plays():
    game = GAMES["slicing"]
    turns, parallel = Turns(game), Parallel(game)
    turns.reset(seed=1)
    seen, _ = parallel.reset(seed=1)
    generator = np.random.default_rng(0)
    for _ in range(game.episode_length):
        for stage in game.stages:
            actions = {
                agent: generator.random(game.action_size[agent], np.float32) for agent in stage
            }
            for agent in stage:
                assert turns.agent_selection == agent
                assert np.array_equal(turns.last()[0], seen[agent])
                turns.step(actions[agent])
            seen, rewards, _, truncated, _ = parallel.step(actions)
        assert turns.rewards == rewards
        assert turns.truncations == truncated
        assert np.array_equal(turns.state(), parallel.state())
    assert all(truncated.values())
    assert not parallel.agents


def test_only_the_acting_stage_matters_and_rewards_come_with_the_slot():
    game = GAMES["slicing"]
    first, second = Parallel(game), Parallel(game)
    _, infos = first.reset(seed=3)
    second.reset(seed=3)
    assert [agent for agent in game.agents if infos[agent]["acting"]] == list(game.stages[0])
    ones = {agent: np.ones(game.action_size[agent], np.float32) for agent in game.agents}
    step = first.step(ones)
    assert same(step, second.step({agent: ones[agent] for agent in game.stages[0]}))
    assert set(step[1].values()) == {0.0}
    assert [agent for agent in game.agents if step[4][agent]["acting"]] == list(game.stages[1])
    _, rewards, _, _, infos = first.step(ones)
    assert any(rewards.values())
    assert float(infos["delay_1"]["throughput"]) > 0.0


def test_wrong_use_is_one_line():
    env = Parallel(TargetGame())
    with pytest.raises(InputError, match="call reset first"):
        env.step({})
    env.reset(seed=0)
    with pytest.raises(InputError, match="actions: no action of agent_0, which acts in this stage"):
        env.step({})
    turns = Turns(TargetGame())
    turns.reset(seed=0)
    with pytest.raises(InputError, match="action of agent_0: number 1 is nan"):
        turns.step(np.array([0.0, np.nan]))


def test_a_slot_is_drawn_as_far_as_it_has_been_played():
    env = Parallel(GAMES["slicing"], render_mode="rgb_array")
    env.reset(seed=0)
    pictures = [env.render()]
    for _ in range(2):
        env.step({agent: np.full(env.action_space(agent).shape, 0.5) for agent in env.agents})
        pictures.append(env.render())
    assert [picture.shape for picture in pictures] == [(552, 504, 3)] * 3
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])
    assert Parallel(GAMES["target"]).render() is None
