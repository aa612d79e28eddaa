"""The JaxMARL signature as its training loops use it: batched, scanned, logged per agent."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.game import TargetGame
from sagin.interop.jaxmarl import MultiAgentEnv
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

SLICING = SlicingGame(build_scenario("small", ("game.slots=4",)))
ENVS = {
    "target": MultiAgentEnv(TargetGame(episode_length=4)),
    "slicing": MultiAgentEnv(SLICING),
    "slicing homogeneous": MultiAgentEnv(SLICING, homogeneous=True),
}


def rollout(env, key, copies, slots):
    """Step a batch of environments with actions sampled from their spaces, as a training loop's
    scan does.
    """
    reset_key, scan_key = jax.random.split(key)
    seen, state = jax.vmap(env.reset)(jax.random.split(reset_key, copies))

    def slot(carry, key):
        _, state = carry
        act_key, step_key = jax.random.split(key)
        actions = {
            agent: jax.vmap(env.action_space(agent).sample)(
                jax.random.split(jax.random.fold_in(act_key, number), copies)
            )
            for number, agent in enumerate(env.agents)
        }
        seen, state, rewards, dones, infos = jax.vmap(env.step)(
            jax.random.split(step_key, copies), state, actions
        )
        return (seen, state), (seen, rewards, dones, infos)

    return jax.lax.scan(slot, (seen, state), jax.random.split(scan_key, slots))


@pytest.mark.parametrize("env", ENVS.values(), ids=ENVS)
def test_a_training_loops_rollout(env):
    copies, slots = 3, 9
    _, (seen, rewards, dones, infos) = jax.jit(lambda key: rollout(env, key, copies, slots))(
        jax.random.key(0)
    )
    for agent in env.agents:
        assert seen[agent].shape == (slots, copies, *env.observation_space(agent).shape)
        assert rewards[agent].shape == (slots, copies)
        assert bool(env.observation_space(agent).contains(seen[agent]))
    assert dones.keys() == {*env.agents, "__all__"}
    assert np.flatnonzero(dones["__all__"][:, 0]).tolist() == [3, 7]
    # as its loggers reshape them: one number an agent
    assert all(info.shape == (slots, copies, env.num_agents) for info in infos.values())
    np.testing.assert_array_equal(infos["truncated"][:, :, 0], dones["__all__"])


def test_auto_reset_gives_a_new_episode_or_the_one_asked_for():
    env = ENVS["slicing"]
    key = jax.random.key(1)
    _, state = env.reset(key)
    actions = {agent: jnp.full(env.action_space(agent).shape, 0.7) for agent in env.agents}
    last = state._replace(state=state.state._replace(slot=jnp.asarray(3)))
    final = env.step_env(key, last, actions)
    seen, fresh, _, dones, _ = jax.jit(env.step)(key, last, actions)
    assert bool(dones["__all__"])
    assert (int(fresh.state.slot), int(final[1].state.slot)) == (0, 4)
    assert not np.array_equal(seen["delay_1"], final[0]["delay_1"])
    asked = env.step(key, last, actions, reset_state=state)
    np.testing.assert_array_equal(asked[1].state.user_positions, state.state.user_positions)
    np.testing.assert_array_equal(asked[0]["delay_1"], env.get_obs(state)["delay_1"])
    assert not bool(env.step(key, state, actions)[3]["__all__"])


def test_homogeneous_agents_share_shapes_and_know_who_they_are():
    env = ENVS["slicing homogeneous"]
    seen, state = env.reset(jax.random.key(0))
    assert len({env.observation_space(agent).shape for agent in env.agents}) == 1
    assert len({env.action_space(agent).shape for agent in env.agents}) == 1
    together = jnp.stack([seen[agent] for agent in env.agents])
    np.testing.assert_array_equal(together[:, -env.num_agents :], jnp.eye(env.num_agents))
    plain = ENVS["slicing"].get_obs(state)
    for agent in env.agents:
        np.testing.assert_array_equal(seen[agent][: len(plain[agent])], plain[agent])
    masks = env.get_avail_actions(state)
    assert all(masks[agent].shape == env.action_space(agent).shape for agent in env.agents)
    assert env.agent_classes == {"stage_0": env.agents[:3], "stage_1": env.agents[3:]}
    assert env.name == "SlicingGame"


def test_unbounded_actions_are_clipped():
    env = ENVS["target"]
    seen, state = env.reset(jax.random.key(0))
    wild = {agent: jnp.where(vector > 0, 7.0, -7.0) for agent, vector in seen.items()}
    tame = {agent: jnp.where(vector > 0, 1.0, 0.0) for agent, vector in seen.items()}
    assert (
        env.step(jax.random.key(1), state, wild)[2] == env.step(jax.random.key(1), state, tame)[2]
    )


def test_a_learner_with_shared_parameters_gets_better():
    """Evolution strategies on one linear map for all agents, over the interface alone, approach the
    optimum, which is 0.
    """
    env = MultiAgentEnv(TargetGame((2,), episode_length=5))

    def score(weights, key):
        def slot(carry, key):
            seen, state = carry
            actions = {agent: weights[:, 0] * seen[agent] + weights[:, 1] for agent in env.agents}
            seen, state, rewards, _, _ = env.step(key, state, actions)
            return (seen, state), sum(rewards.values())

        return jax.lax.scan(slot, env.reset(key), jax.random.split(key, 20))[1].mean()

    def update(weights, key):
        noise = jax.random.normal(key, (64, *weights.shape))
        gained = jax.vmap(
            lambda change: score(weights + 0.1 * change, key) - score(weights - 0.1 * change, key)
        )(noise)
        return weights + 0.5 * jnp.mean(gained[:, None, None] * noise, axis=0) / 0.2, None

    start = jnp.zeros((2, 2))
    learned, _ = jax.jit(lambda keys: jax.lax.scan(update, start, keys))(
        jax.random.split(jax.random.key(0), 100)
    )
    assert score(start, jax.random.key(9)) < -0.4
    assert score(learned, jax.random.key(9)) > -0.01
