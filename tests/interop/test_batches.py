"""The vector environment compared with Gymnasium's own vector of the same environment."""

import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from sagin.errors import InputError
from sagin.game import TargetGame
from sagin.interop import compiled
from sagin.interop.gymnasium import System, Systems, make_slicing_game
from sagin.interop.jaxmarl import MultiAgentEnv
from sagin.interop.pettingzoo import Parallel, Turns

GAME = TargetGame(episode_length=3)


def same(ours, theirs):
    """Check that infos have the same names, types and numbers."""
    assert sorted(ours) == sorted(theirs)
    for name, value in ours.items():
        other = theirs[name]
        if isinstance(value, dict):
            same(value, other)
            continue
        assert (value.dtype, value.shape) == (other.dtype, other.shape), name
        for one, two in zip(value, other, strict=True):
            assert (one is None) == (two is None)
            if one is not None:
                np.testing.assert_allclose(one, two, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("mode", AutoresetMode)
def test_infos_rewards_and_ends_are_those_of_gymnasiums_own(mode):
    ours = Systems(GAME, 2, mode)
    theirs = gymnasium.vector.SyncVectorEnv([lambda: System(GAME)] * 2, autoreset_mode=mode)
    assert ours.metadata["autoreset_mode"] is theirs.metadata["autoreset_mode"]
    action = np.full(ours.action_space.shape, 0.5, np.float32)
    for envs in (ours, theirs):
        assert envs.reset(seed=0)[0].shape == ours.observation_space.shape
    same(ours.reset(seed=0)[1], theirs.reset(seed=0)[1])
    for slot in range(3):
        _, reward, *ends, infos = ours.step(action)
        _, other, *others, wanted = theirs.step(action)
        np.testing.assert_allclose(reward, other, rtol=1e-5)
        np.testing.assert_array_equal(ends, others)
        assert ("final_info" in infos) == (slot == 2 and mode == AutoresetMode.SAME_STEP)
        if "final_info" in infos:
            same(infos["final_info"], wanted["final_info"])
            same({"final_obs": infos["final_obs"]}, {"final_obs": wanted["final_obs"]})
            assert sorted(infos) == sorted(wanted)
            assert np.isnan(infos["error"]).all()
        else:
            same(infos, wanted)
    if mode == AutoresetMode.NEXT_STEP:
        (_, reward, *ends, infos), wanted = ours.step(action), theirs.step(action)[4]
        assert not np.any([reward, *ends])
        assert sorted(infos) == sorted(wanted)
    if mode == AutoresetMode.DISABLED:
        with pytest.raises(InputError, match=r"episodes of copies \[0, 1\] have ended"):
            ours.step(action)
        mask = np.array([True, False])
        seen, infos = ours.reset(seed=5, options={"reset_mask": mask})
        wanted = theirs.reset(seed=5, options={"reset_mask": mask})
        np.testing.assert_allclose(seen[0], wanted[0][0], rtol=1e-6)
        same(infos, wanted[1])


@pytest.mark.parametrize("kind", [System, Systems, Parallel, Turns])
def test_pickled_environments_go_on_alike(kind):
    env = kind(GAME)
    env.reset(seed=0)
    copies = [env, pickle.loads(pickle.dumps(env))]
    if kind is Turns:
        for one in copies:
            one.step(np.full(2, 0.3, np.float32))
        results = [one.last()[0] for one in copies]
    else:
        agents = {agent: np.full(2, 0.3, np.float32) for agent in GAME.agents}
        actions = agents if kind is Parallel else np.full(env.action_space.shape, 0.3, np.float32)
        results = [one.step(actions)[0] for one in copies]
    np.testing.assert_equal(*results)
    pickle.loads(pickle.dumps(kind(GAME))).reset(seed=0)


def test_infos_keep_one_layout():
    for kind in (System, Systems):
        env = kind(GAME)
        _, infos = env.reset(seed=0)
        assert infos.keys() == env.step(np.full(env.action_space.shape, 0.5, np.float32))[4].keys()
    env = Parallel(GAME)
    _, infos = env.reset(seed=0)
    actions = {agent: np.full(2, 0.5, np.float32) for agent in GAME.agents}
    for _ in GAME.stages:
        later = env.step(actions)[4]
    for agent in GAME.agents:
        assert infos[agent].keys() == later[agent].keys()
        assert np.isnan(infos[agent]["error"])
        assert np.isfinite(later[agent]["error"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: Parallel(GAME).state(),
        lambda: Turns(GAME).state(),
        lambda: Turns(GAME).last(),
        lambda: Turns(GAME).observe("agent_0"),
        lambda: Turns(GAME).step(np.zeros(2, np.float32)),
        lambda: System(GAME).step(np.zeros(2)),
        lambda: Systems(GAME).step(np.zeros((1, 2))),
    ],
)
def test_a_call_before_reset_says_so(call):
    with pytest.raises(InputError, match=r"call reset first"):
        call()


@pytest.mark.parametrize("kind", [System, Systems, Parallel, Turns])
def test_options_that_nobody_knows_are_refused(kind):
    with pytest.raises(InputError, match="options: 'wind' is unknown"):
        kind(GAME).reset(options={"wind": 3})
    if kind is Systems:
        for mask in ([True, True], [1], [False]):
            with pytest.raises(InputError, match="reset_mask"):
                kind(GAME).reset(options={"reset_mask": np.array(mask)})


@pytest.mark.parametrize("kind", [System, Systems, Parallel, Turns])
def test_a_fork_of_a_process_that_uses_jax_is_refused_at_once(kind, monkeypatch):
    monkeypatch.setattr(compiled.CompiledGame, "is_forked", True)
    with pytest.raises(InputError, match="spawn or forkserver"):
        kind(GAME).reset(seed=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_processes_of_gymnasiums_vectors_answer_or_refuse(context):
    System(GAME).reset(seed=0)
    many = gymnasium.vector.AsyncVectorEnv([make_system] * 2, context=context)
    try:
        many.reset_async(seed=0)
        if context == "fork":
            with pytest.raises(InputError, match="spawn or forkserver"):
                many.reset_wait(timeout=40)
        else:
            assert many.reset_wait(timeout=200)[0].shape == many.observation_space.shape
    finally:
        many.close(terminate=True)


def make_system():
    return System(GAME)


def test_the_step_of_a_learner_hands_over_final_observations():
    import jax

    env = MultiAgentEnv(GAME, final_observations=True)
    key = jax.random.key(0)
    seen, state = env.reset(key)
    actions = {agent: vector * 0.0 for agent, vector in seen.items()}
    for _ in range(3):
        final, *_ = env.step_env(jax.random.split(key)[0], state, actions)
        seen, state, _, dones, infos = env.step(key, state, actions)
        for agent in env.agents:
            np.testing.assert_array_equal(infos["final_observations"][agent], final[agent])
    assert bool(dones["__all__"])
    assert not np.array_equal(seen["agent_0"], infos["final_observations"]["agent_0"])


@pytest.mark.slow
@pytest.mark.usefixtures("float64")
def test_many_slicing_systems_run_in_64_bits_past_an_episodes_end():
    many = Systems(make_slicing_game("small", ("game.slots=2",)), 2)
    many.reset(seed=0)
    for _ in range(3):
        assert np.isfinite(many.step(np.full(many.action_space.shape, 0.5, np.float32))[1]).all()
