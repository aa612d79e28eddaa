"""The Gymnasium environment and its vector: Gymnasium's own checks, seeds, autoreset, batches."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from sagin.errors import InputError, ScenarioError
from sagin.game import TargetGame
from sagin.interop.compiled import locate_vectors
from sagin.interop.gymnasium import System, Systems

IDS = ("sagin/Slicing-v0", "sagin/SlicingOneLayer-v0")
SHORT = {"scenario": "small", "overrides": ("game.slots=5",)}


@pytest.mark.parametrize("name", IDS)
def test_check_env(name):
    check_env(gymnasium.make(name, **SHORT).unwrapped)


@pytest.mark.parametrize("name", IDS)
def test_a_seed_gives_the_same_whole_episode(name):
    def episode(seed):
        env = gymnasium.make(name, **SHORT)
        generator = np.random.default_rng(0)
        rows, ended = [env.reset(seed=seed)[0]], False
        while not ended:
            seen, reward, terminated, ended, _ = env.step(
                generator.random(env.action_space.shape, np.float32)
            )
            assert not terminated
            rows.append(np.append(seen, np.float32(reward)))
        return rows

    first, again, other = episode(3), episode(3), episode(4)
    assert len(first) == 6
    assert all(map(np.array_equal, first, again))
    assert not any(map(np.array_equal, first, other))


def test_the_reward_is_the_sum_and_the_parts_stand_in_order():
    game = TargetGame((2, 1))
    env = System(game)
    seen, _ = env.reset(seed=0)
    where = locate_vectors(game.observation_size, game.agents)
    action = (seen + 1.0) / 2.0
    action[where["agent_1"]] = 0.0
    _, reward, _, _, info = env.step(action)
    target = (seen[where["agent_1"]] + 1.0) / 2.0
    assert info["rewards"][0] == pytest.approx(0.0, abs=1e-12)
    assert info["rewards"][1] == pytest.approx(-np.mean(target**2), rel=1e-5)
    assert reward == pytest.approx(float(info["rewards"].sum()))


def test_the_vector_declares_and_keeps_its_autoreset_mode():
    envs = gymnasium.make_vec(IDS[0], num_envs=3, **SHORT)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    envs.reset(seed=0)
    envs.action_space.seed(0)
    for slot in range(12):
        seen, rewards, terminated, truncated, info = envs.step(envs.action_space.sample())
        assert seen in envs.observation_space
        assert rewards.shape == (3,)
        assert not terminated.any()
        last = slot % 5 == 4
        assert truncated.tolist() == [last] * 3
        assert ("final_obs" in info) == last
        if last:
            assert all(
                row.shape == seen[0].shape and not np.array_equal(row, new)
                for row, new in zip(info["final_obs"], seen, strict=True)
            )


def test_a_copy_is_the_environment_alone():
    envs, settings = Systems(TargetGame(), 3), np.random.default_rng(1)
    seen, _ = envs.reset(seed=7)
    alone = [System(TargetGame()) for _ in range(3)]
    for copy, env in enumerate(alone):
        assert np.array_equal(env.reset(seed=7 + copy)[0], seen[copy])
    for _ in range(TargetGame().episode_length):
        actions = settings.random(envs.action_space.shape, np.float32)
        seen, rewards, _, truncated, info = envs.step(actions)
        ends = info["final_obs"] if truncated.any() else seen
        for copy, env in enumerate(alone):
            one, reward, _, _, _ = env.step(actions[copy])
            np.testing.assert_allclose(ends[copy], one, rtol=1e-6)
            assert reward == pytest.approx(rewards[copy], rel=1e-6)


def test_wrong_use_is_one_line():
    env = System(TargetGame((1,)))
    with pytest.raises(InputError, match="call reset first"):
        env.step(np.zeros(2))
    env.reset(seed=0)
    with pytest.raises(InputError, match=r"^action: number 0 is 1.5 \(allowed: 0 to 1\)$"):
        env.step(np.array([1.5, 0.0]))
    with pytest.raises(InputError, match=r"^action: shape \(3,\) \(allowed: \(2,\)\)$"):
        env.step(np.zeros(3))
    for action in (["0.5", "0.5"], np.array([True, False]), [None, 0.5], [[1.0], [1.0, 2.0]]):
        with pytest.raises(InputError, match=r"^action: not an array of numbers"):
            env.step(action)
    env.step(np.array([-2e-7, 1.0 + 2e-7]))
    envs = Systems(TargetGame((1,)), 2)
    envs.reset(seed=0)
    with pytest.raises(InputError, match=r"^actions: number \(1, 0\) is nan \(allowed: 0 to 1\)$"):
        envs.step(np.array([[0.0, 0.0], [np.nan, 0.0]]))
    with pytest.raises(InputError, match="num_envs: 0"):
        Systems(TargetGame(), 0)
    with pytest.raises(InputError, match="seed: 1 seeds"):
        envs.reset(seed=[1])
    with pytest.raises(ScenarioError, match="unknown"):
        gymnasium.make(IDS[0], scenario="nowhere")


def test_a_simple_learner_of_the_ecosystem_gets_better():
    """The cross-entropy method over constant actions, written against Gymnasium alone, finds the
    middle of the targets.
    """
    envs = Systems(TargetGame((1,), numbers=2, episode_length=50), 64)
    envs.reset(seed=0)
    generator = np.random.default_rng(0)
    mean, spread = np.full(2, 0.9), 0.3
    for _ in range(15):
        actions = np.clip(mean + spread * generator.normal(size=(64, 2)), 0.0, 1.0)
        score = sum(envs.step(actions)[1] for _ in range(20))
        best = actions[np.argsort(score)[-10:]]
        mean, spread = best.mean(axis=0), max(float(best.std()), 0.02)
    np.testing.assert_allclose(mean, 0.5, atol=0.12)


@pytest.mark.parametrize("module", ["gymnasium", "pettingzoo"])
def test_without_the_extra_one_line_names_it(module):
    code = (
        f"import sys; sys.modules['{module}'] = None\n"
        f"import sagin.interop.jaxmarl\nimport sagin.interop.{module}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith("pip install 'sagin[rl]'")


def test_a_slot_is_drawn_and_another_one_differently():
    env = gymnasium.make(IDS[0], **SHORT, render_mode="rgb_array")
    env.reset(seed=0)
    nobody = env.render()
    assert nobody.dtype == np.uint8
    assert nobody.ndim == 3
    env.step(np.full(env.action_space.shape, 0.5, np.float32))
    served = env.render()
    assert served.shape == nobody.shape
    assert not np.array_equal(served, nobody)
    # the same seed and action draw the same picture; without a mode there is none
    env.reset(seed=0)
    assert np.array_equal(env.render(), nobody)
    assert System(TargetGame()).render() is None


def test_a_wrong_render_mode_is_refused():
    with pytest.raises(InputError, match="allowed: rgb_array"):
        System(TargetGame(), render_mode="ansi")
    with pytest.raises(InputError, match="no picture"):
        System(TargetGame(), render_mode="rgb_array")
