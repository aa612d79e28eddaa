"""Small parts of learners (replay, returns, noise, targets, losses) compared with known values and
slow loops.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sagin.game import LinearQuadraticGame, TargetGame
from sagin.learning import maddpg, mappo, optimiser, replay, returns
from sagin.learning.exploration import add_noise, compute_deviation, squash
from sagin.learning.models import make_models
from sagin.learning.networks import draw_flat_critic, draw_mlp, draw_networks
from sagin.learning.settings import make_settings


def test_ring_keeps_the_newest_rows_and_samples_only_what_was_written():
    ring = replay.make_ring(jnp.zeros(()), 6)
    for first in range(0, 4, 2):
        ring = replay.push(ring, jnp.array([first, first + 1.0]))
    assert set(np.asarray(replay.sample(jax.random.key(0), ring, 200))) == {0.0, 1.0, 2.0, 3.0}
    for first in range(4, 10, 2):
        ring = replay.push(ring, jnp.array([first, first + 1.0]))
    assert sorted(np.asarray(ring.rows)) == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert set(np.asarray(replay.sample(jax.random.key(1), ring, 300))) == {
        4.0,
        5.0,
        6.0,
        7.0,
        8.0,
        9.0,
    }


@given(seed=st.integers(0, 1000), discount=st.floats(0, 1), trace=st.floats(0, 1))
def test_advantages_are_the_sum_of_later_errors_within_an_episode(seed, discount, trace):
    rng = np.random.default_rng(seed)
    reward, value, following = rng.normal(size=(3, 12))
    terminated = rng.random(12) < 0.15
    over = terminated | (rng.random(12) < 0.2)
    expected = np.zeros(12)
    for start in range(12):
        weight = 1.0
        for slot in range(start, 12):
            bootstrap = 0.0 if terminated[slot] else following[slot]
            expected[start] += weight * (reward[slot] + discount * bootstrap - value[slot])
            weight *= discount * trace
            if over[slot]:
                break
    given_ = (jnp.asarray(part) for part in (reward, value, following, terminated, over))
    found = returns.compute_advantages(*given_, discount=discount, trace=trace)
    assert np.asarray(found) == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_noise_stays_in_the_box_and_has_its_deviation():
    noise = [jax.random.normal(jax.random.key(n), size) for n, size in enumerate((20_000, 1000))]
    drawn = add_noise(noise[0], jnp.full(20_000, 0.5), 0.1)
    assert float(drawn.std()) == pytest.approx(0.1, abs=5 * 0.1 / np.sqrt(2 * 20_000))
    wide = add_noise(noise[1], jnp.full(1000, 0.9), 0.5)
    assert wide.min() >= 0.0
    assert wide.max() <= 1.0
    assert float(compute_deviation(10**9, 0.4, 0.05, 100.0)) == pytest.approx(0.05)


@pytest.mark.usefixtures("float64")
def test_critic_with_another_action_is_the_critic_of_that_action():
    critic = draw_networks(jax.random.key(0), lambda take: draw_flat_critic(take, 5, 3, 2, (16, 8)))
    seen, joint, new = (
        jax.random.normal(jax.random.key(n), shape)
        for n, shape in enumerate([(7, 5), (3, 7, 2), (7, 2)])
    )
    for agent in range(3):
        whole = critic.compute_value(critic.encode(seen, joint.at[agent].set(new)))
        parts = critic.compute_value(
            critic.replace_action(critic.encode(seen, joint), jnp.asarray(agent), joint[agent], new)
        )
        assert jnp.allclose(whole, parts, rtol=1e-10)


def test_networks_of_one_draw_are_uniform_in_their_bounds_and_alike_in_nothing():
    nets = draw_networks(
        jax.random.key(1),
        lambda take: draw_mlp(functools.partial(take, 3), (50, 400, 4), last_gain=0.1),
    )
    numbers = []
    for layer, bound in zip(nets.layers, (1 / np.sqrt(50), 0.1 / np.sqrt(400)), strict=True):
        for leaf in jax.tree.leaves(layer):
            assert len(leaf) == 3
            numbers.append(np.asarray(leaf, float).ravel() / bound)
        error = stats.kstest(numbers[-2], stats.uniform(-1, 2).cdf)
        assert error.pvalue > 1e-4
    everything = np.concatenate(numbers)
    assert np.max(np.abs(everything)) <= 1 + 1e-6
    # 24 bits a number: a layer or an agent that repeats another's has far more equal ones
    assert len(np.unique(everything)) > 0.99 * len(everything)


def stage_batch(settings, number=0, game=None):
    game = game or TargetGame((2, 3), 2)
    state = maddpg.start(jax.random.key(3), game, settings)
    batch = maddpg.select_stage(replay.sample(jax.random.key(4), state.ring, 6), number)
    return make_models(game, number, settings), state.learned[number], batch


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("overrides", [(), ("maddpg.critic_sees=all",), ("maddpg.critics=team",)])
def test_gradients_agree_with_finite_differences(overrides):
    nets, learned, batch = stage_batch(
        make_settings(
            ("network.widths=[8]", "maddpg.discount=0.9", "network.last_layer_gain=1", *overrides)
        )
    )
    target = maddpg.compute_targets(jax.random.key(0), nets, learned, batch)
    for loss, tree in (
        (lambda critics: maddpg.compute_critic_loss(nets, critics, batch, target), learned.critics),
        (
            lambda actors: maddpg.compute_actor_loss(nets, actors, learned.critics, batch),
            learned.actors,
        ),
    ):
        direction = jax.tree.map(
            lambda leaf: jax.random.normal(jax.random.key(5), leaf.shape), tree
        )
        slope = sum(
            jnp.vdot(a, b)
            for a, b in zip(
                jax.tree.leaves(jax.grad(loss)(tree)), jax.tree.leaves(direction), strict=True
            )
        )
        step = 1e-6
        ahead, behind = (
            jax.tree.map(lambda leaf, way, s=s: leaf + s * way, tree, direction)
            for s in (step, -step)
        )
        assert float(slope) == pytest.approx(
            float(loss(ahead) - loss(behind)) / (2 * step), rel=1e-5, abs=1e-8
        )


@pytest.mark.usefixtures("float64")
def test_an_agents_gradient_is_that_of_its_own_critic_alone():
    """Held to equation (49) written out for one agent, its own networks taken from the stack."""
    settings = make_settings(("network.widths=[8]", "maddpg.saturation_penalty=0"))
    nets, learned, batch = stage_batch(settings, 1)
    slope = jax.grad(
        lambda actors: maddpg.compute_actor_loss(nets, actors, learned.critics, batch)
    )(learned.actors)
    for agent in range(3):
        actor, critic = (
            jax.tree.map(lambda leaf, agent=agent: leaf[agent], tree)
            for tree in (learned.actors, learned.critics)
        )

        def loss(actor, agent=agent, critic=critic):
            own = 0.5 * (1.0 + jnp.tanh(actor(batch.seen[agent])))
            return -jnp.mean(
                critic.compute_value(
                    critic.encode(batch.seen[agent], batch.actions.at[agent].set(own))
                )
            )

        for one, other in zip(
            jax.tree.leaves(slope), jax.tree.leaves(jax.grad(loss)(actor)), strict=True
        ):
            assert jnp.allclose(one[agent], other, rtol=1e-9, atol=1e-12)


def test_current_actions_of_the_others_are_taken_as_given():
    """The same gradient as if the replay held what the actors do now."""
    nets, learned, batch = stage_batch(
        make_settings(("network.widths=[8]", "maddpg.others=current"))
    )
    now = nets.mask_padding(squash(nets.act(learned.actors, batch.seen)))
    replayed = stage_batch(make_settings(("network.widths=[8]",)))[0]
    one = jax.grad(lambda actors: maddpg.compute_actor_loss(nets, actors, learned.critics, batch))(
        learned.actors
    )
    two = jax.grad(
        lambda actors: maddpg.compute_actor_loss(
            replayed, actors, learned.critics, batch._replace(actions=now)
        )
    )(learned.actors)
    assert all(
        jnp.allclose(a, b, rtol=1e-4, atol=1e-7)
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True)
    )


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("packed", [optimiser.PACKED, 0])
@pytest.mark.parametrize("bound", [None, 0.5])
def test_steps_are_those_of_adam_in_optax(packed, bound, monkeypatch):
    monkeypatch.setattr(optimiser, "PACKED", packed)
    settings, rate = make_settings(values={} if bound is None else {"gradient_norm": bound}), 0.01
    rng = np.random.default_rng(0)
    nets = {
        name: jnp.asarray(rng.normal(size=(3, *shape)))
        for name, shape in (("weight", (4, 5)), ("bias", (5,)))
    }
    adam = optax.chain(
        optax.identity() if bound is None else optax.clip_by_global_norm(0.5), optax.adam(rate)
    )
    state, moments, other = jax.vmap(adam.init)(nets), optimiser.make_moments(nets), nets
    for size in (1.0, 0.01, 3.0):
        slope = jax.tree.map(lambda leaf, size=size: size * jnp.sin(7 * leaf), other)
        nets, moments = optimiser.apply_gradients(settings, rate, slope, moments, nets)
        change, state = jax.vmap(adam.update)(slope, state)
        other = optax.apply_updates(other, change)
        assert all(
            jnp.allclose(a, b, rtol=1e-9, atol=1e-12)
            for a, b in zip(jax.tree.leaves(nets), jax.tree.leaves(other), strict=True)
        )


def test_target_is_the_reward_plus_the_discounted_value_unless_the_game_ended():
    settings = make_settings(("network.widths=[8]", "maddpg.discount=0.5", "reward_scale=2"))
    nets, learned, batch = stage_batch(settings)
    ended = batch._replace(terminated=jnp.ones_like(batch.terminated))
    open_, closed = (
        maddpg.compute_targets(jax.random.key(0), nets, learned, one) for one in (batch, ended)
    )
    assert jnp.allclose(closed, 2.0 * batch.rewards)
    actors, critics = learned.targets
    action = squash(nets.act(actors, batch.following))
    following = nets.compute_values(critics, nets.encode(critics, batch.following, action))
    assert jnp.allclose(open_, 2.0 * batch.rewards + 0.5 * following, rtol=1e-5)


def test_targets_follow_slowly_and_are_absent_without_bootstrap():
    settings = make_settings(
        ("network.widths=[8]", "maddpg.discount=0.5", "maddpg.target_rate=0.25")
    )
    nets, learned, batch = stage_batch(settings)
    after = maddpg.update_networks(jax.random.key(0), nets, learned, batch)
    pairs = zip(
        *(
            jax.tree.leaves(tree)
            for tree in (learned.targets, after.targets, (after.actors, after.critics))
        ),
        strict=True,
    )
    assert all(
        jnp.allclose(new, 0.75 * old + 0.25 * fast, rtol=1e-5, atol=1e-7)
        for old, new, fast in pairs
    )
    assert stage_batch(make_settings(("network.widths=[8]",)))[1].targets is None


def test_ratio_of_probabilities_is_one_for_the_actor_that_drew():
    game, settings = (
        TargetGame((2,), 2),
        make_settings(
            (
                "network.widths=[8]",
                "mappo.rollout=6",
                "mappo.environments=2",
                "mappo.critic_sees=own",
            )
        ),
    )
    state = mappo.start(jax.random.key(0), game, settings)
    choose = mappo.bind_actors(
        game, settings, tuple(one.actors for one in state.learned), explore=True
    )
    seen = jax.random.normal(jax.random.key(1), (2, 2))
    noise = jax.random.normal(jax.random.key(2), (2, 2))
    action, (raw, log_probability) = choose(noise, 0, seen)
    nets, own = make_models(game, 0, settings), state.learned[0].actors
    again = mappo.compute_log_probabilities(
        nets, own.log_deviation, nets.act(own.mean, seen[:, None]), raw[:, None]
    )[:, 0]
    assert jnp.allclose(again, log_probability)
    assert jnp.allclose(action, squash(raw))
    deviation_ = np.exp(np.asarray(own.log_deviation, float))
    mean = np.asarray(nets.act(own.mean, seen[:, None])[:, 0], float)
    density = np.exp(-0.5 * ((np.asarray(raw) - mean) / deviation_) ** 2) / (
        deviation_ * np.sqrt(2 * np.pi)
    )
    assert np.asarray(log_probability) == pytest.approx(np.log(density).sum(axis=1), rel=1e-4)


def test_deterministic_given_a_key_and_independent_of_the_chunks():
    game, settings = (
        LinearQuadraticGame(episode_length=5),
        make_settings(("network.widths=[8]", "maddpg.warm_up=20", "maddpg.replay=50")),
    )
    start = jax.jit(lambda key: maddpg.start(key, game, settings))

    def on(state, length):
        return jax.jit(
            lambda state: jax.lax.scan(
                lambda s, _: (maddpg.iterate(game, settings, s)[0], None), state, length=length
            )[0]
        )(state)

    whole = on(start(jax.random.key(7)), 12)
    parts = on(on(start(jax.random.key(7)), 5), 7)
    same = jax.tree.map(lambda a, b: bool(jnp.all(a == b)), whole.learned, parts.learned)
    assert all(jax.tree.leaves(same))


def test_agents_lead_a_rollout_even_where_there_are_no_numbers():
    leaf = jnp.arange(2 * 3 * 4 * 2.0).reshape(2, 3, 4, 2)
    found = mappo.put_agents_first(leaf)
    assert np.array_equal(found[1], np.asarray(leaf)[:, :, 1].reshape(6, 2))
    assert mappo.put_agents_first(leaf[..., :0]).shape == (4, 6, 0)
