"""The games with known answers give these answers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.game import LinearQuadraticGame, Simultaneous, TargetGame, play


def total(game, policy, episodes):
    """Mean reward of an agent in a slot, stage by stage, over random slots."""

    def slot(key):
        start, act, following = jax.random.split(key, 3)
        rewards = play(
            following,
            game,
            game.reset(start),
            lambda stage, seen: policy(jax.random.fold_in(act, stage), seen),
        ).rewards
        return jnp.stack([rewards[agent] for agent in game.agents])

    return jax.jit(jax.vmap(slot))(jax.random.split(jax.random.key(1), episodes))


def name_what_is_seen(key, seen):
    return {agent: (vector + 1.0) / 2.0 for agent, vector in seen.items()}


def uniform(key, seen):
    return {
        agent: jax.random.uniform(jax.random.fold_in(key, row), vector.shape)
        for row, (agent, vector) in enumerate(seen.items())
    }


@pytest.mark.parametrize("groups", [(1,), (3,), (2, 2), (1, 2, 1)])
def test_naming_the_target_earns_the_optimum(groups):
    np.testing.assert_allclose(total(TargetGame(groups), name_what_is_seen, 50), 0.0, atol=1e-12)


def test_uniform_guesses_earn_minus_a_sixth_in_the_first_stage():
    rewards = np.asarray(total(TargetGame((2, 2)), uniform, 4000)[:, :2])
    error = rewards.mean(axis=1).std() / np.sqrt(4000)
    assert abs(rewards.mean() + 1.0 / 6.0) < 5.0 * error


def test_without_turns_the_second_stage_can_not_know_its_target():
    blind = np.asarray(total(Simultaneous(TargetGame((2, 2))), name_what_is_seen, 2000))
    assert np.all(blind[:, :2] > -1e-12)
    assert blind[:, 2:].mean() < -0.02


def linear_policy(game, gain):
    """u = −K x as actions."""

    def policy(stage, seen):
        control = -jnp.asarray(gain) @ seen[game.agents[0]]
        return {
            agent: (control[row : row + 1] / game.limit + 1.0) / 2.0
            for row, agent in enumerate(game.agents)
        }

    return policy


def returns(game, gain, start, first, *, discount, slots, key):
    """Discounted return of taking `first` at `start` and following u = −K x."""

    def opening(stage, seen):
        return {
            agent: (first[row : row + 1] / game.limit + 1.0) / 2.0
            for row, agent in enumerate(game.agents)
        }

    def slot(carry, key):
        state, weight = carry
        done = play(key, game, state, linear_policy(game, gain))
        return (done.state, weight * discount), weight * done.rewards[game.agents[0]]

    keys = jax.random.split(key, slots)
    done = play(keys[0], game, game.reset(key)._replace(position=start), opening)
    (_, _), paid = jax.lax.scan(slot, (done.state, jnp.asarray(discount)), keys[1:])
    return done.rewards[game.agents[0]] + paid.sum()


@pytest.mark.parametrize("discount", [0.5, 0.9])
def test_action_values_are_mean_returns(discount, float64):
    game = LinearQuadraticGame()
    gain = 0.5 * game.optimal_gain(discount)
    start, first = jnp.array([1.0, -0.5]), jnp.array([0.7, 0.3])
    slots = int(np.ceil(np.log(1e-5) / np.log(discount)))
    keys = jax.random.split(jax.random.key(5), 4000)
    found = np.asarray(
        jax.jit(
            jax.vmap(
                lambda key: returns(
                    game, gain, start, first, discount=discount, slots=slots, key=key
                )
            )
        )(keys)
    )
    weights, offset = game.action_value(gain, discount)
    both = np.array([1.0, -0.5, 0.7, 0.3])
    expected = -both @ weights @ both - offset
    assert abs(found.mean() - expected) < 5.0 * found.std() / np.sqrt(len(found)) + 1e-4


@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99])
def test_the_optimal_gain_is_greedy_for_its_own_values(discount):
    game = LinearQuadraticGame()
    gain = game.optimal_gain(discount)
    weights, _ = game.action_value(gain, discount)
    # the best u for (x, u)ᵀH(x, u) is −H_uu⁻¹ H_ux x
    np.testing.assert_allclose(np.linalg.solve(weights[2:, 2:], weights[2:, :2]), gain, rtol=1e-9)


def test_no_other_gain_is_better():
    game, discount = LinearQuadraticGame(), 0.9
    best, least = game.optimal_gain(discount), None
    state = np.array([1.0, -2.0])
    for change in (0.0, 0.3, -0.3):
        gain = best + change
        weights, offset = game.action_value(gain, discount)
        both = np.concatenate([state, -gain @ state])
        value = -both @ weights @ both - offset
        least = value if least is None else least
        assert value <= least
