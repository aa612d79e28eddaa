"""Learners on games with known answers: the optimum of one, the action values of another, and
networks shared over rows.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.game import LinearQuadraticGame, TargetGame
from sagin.learning import maddpg, replay
from sagin.learning.learners import LearningTask
from sagin.learning.models import make_models
from sagin.learning.programs import compile_programs
from sagin.learning.settings import make_settings
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

SMALL = (
    "network.widths=[32,32]",
    "maddpg.actor_rate=2e-3",
    "maddpg.noise_slots=1500",
    "maddpg.warm_up=200",
)


def trained(learner, game, overrides, iterations):
    """Return the errors of a learner on a game, on held-out slots: before and after."""
    start, advance, judge = compile_programs(LearningTask(learner, game, make_settings(overrides)))
    state = start(jax.random.key(0))
    keys = jax.random.split(jax.random.key(99), 16)
    before = judge(state.learned, keys, 10)[1]["error"].mean()
    state, _ = advance(state, iterations)
    return float(before), float(judge(state.learned, keys, 10)[1]["error"].mean())


@pytest.mark.parametrize(
    ("learner", "overrides", "iterations"),
    [
        ("maddpg", SMALL, 2500),
        pytest.param(
            "maddpg",
            (
                *SMALL,
                "maddpg.discount=0.5",
                "maddpg.critic_sees=all",
                "maddpg.others=current",
                "maddpg.target_noise=0.05",
            ),
            2500,
            marks=pytest.mark.slow,
        ),
        (
            "mappo",
            (
                "network.widths=[32,32]",
                "mappo.environments=16",
                "mappo.rollout=40",
                "mappo.minibatches=8",
                "mappo.entropy=0",
            ),
            60,
        ),
    ],
)
def test_trivial_game_comes_close_to_its_known_optimum(learner, overrides, iterations):
    """The optimum is an error of 0; the middle of the box has 1/12 in the first stage, a uniform
    action 1/6.
    """
    before, after = trained(learner, TargetGame((2, 2), 2), overrides, iterations)
    assert before > 0.03
    assert after < 0.004


CRITICS_ALONE = (
    "network.widths=[64,64]",
    "maddpg.critic_rate=2e-3",
    "maddpg.replay=20000",
    "maddpg.warm_up=1000",
    "maddpg.environments=20",
    "maddpg.batch=256",
    "maddpg.target_rate=0.02",
)


@pytest.mark.slow
def test_critic_matches_the_known_values_of_a_linear_quadratic_game():
    """Actors fixed at the optimal gain, only critics learn: Q is then the quadratic form that the
    Riccati equation gives.
    """
    game, discount = LinearQuadraticGame(limit=3.0), 0.8
    settings = make_settings((*CRITICS_ALONE, f"maddpg.discount={discount}"))
    gain = game.optimal_gain(discount)
    nets = make_models(game, 0, settings)
    state = jax.jit(lambda key: maddpg.start(key, game, settings))(jax.random.key(1))

    def act(seen):
        control = -jnp.einsum("ui,abi->aub", jnp.asarray(gain, float), seen)
        return jnp.stack([0.5 * (control[agent, agent] / game.limit + 1.0) for agent in range(2)])[
            ..., None
        ]

    class Optimal(type(nets)):
        """Models whose actors are the optimal gain; `targets` squashes what they give, so it is
        unsquashed here.
        """

        def act(self, actors, seen):
            del actors
            return jnp.arctanh(jnp.clip(2.0 * act(seen) - 1.0, -0.999999, 0.999999))

    optimal = Optimal(*nets)

    @functools.partial(jax.jit, static_argnums=1)
    def learn(learned, iterations):
        def one(learned, number):
            key = jax.random.fold_in(jax.random.key(2), number)
            batch = maddpg.select_stage(replay.sample(key, state.ring, 256), 0)
            return maddpg.update_networks(key, optimal, learned, batch), None

        return jax.lax.scan(one, learned, jnp.arange(iterations))[0]

    learned = learn(state.learned[0], 6000)
    batch = maddpg.select_stage(replay.sample(jax.random.key(5), state.ring, 2000), 0)
    codes = nets.encode(learned.critics, batch.seen, batch.actions)
    values = np.asarray(nets.compute_values(learned.critics, codes))
    form, constant = game.action_value(gain, discount)
    controls = game.limit * (2.0 * np.asarray(batch.actions)[..., 0].T - 1.0)
    both = np.concatenate([np.asarray(batch.seen[0]), controls], axis=1)
    expected = -np.einsum("bi,ij,bj->b", both, form, both) - constant
    for agent in range(2):
        unexplained = np.mean((values[agent] - expected) ** 2) / np.var(expected)
        assert unexplained < 0.02


SHARED = make_settings(("network.kind=shared", "network.row_width=8"))


def row_case(absent=()):
    """Return a game of users, its models and networks, and numbers seen and decided, the users at
    `absent` of slice L being absent.
    """
    game = SlicingGame(build_scenario("small", ("users.low_delay=3",)))
    nets = make_models(game, 0, SHARED)
    seen = jax.random.normal(jax.random.key(1), (3, 4, max(nets.stage.observed)))
    mine, present = jnp.ones((3, 4, 3)), jnp.ones((3, 4, 7))
    mine = mine.at[:, :, 2].set(jnp.array([0.0, 1.0, 0.0])[:, None])
    for user in absent:
        mine, present = mine.at[1, :, user].set(0.0), present.at[:, :, 2 + user].set(0.0)
    joint = nets.mask_padding(
        jax.random.uniform(jax.random.key(2), (3, 4, max(nets.stage.decided)))
    )
    return (
        game,
        nets,
        nets.draw(jax.random.key(0)),
        jnp.concatenate([seen, mine, present], axis=2),
        joint,
    )


def test_shared_networks_do_not_depend_on_the_order_of_an_agents_users():
    game, nets, (actors, critics), seen, joint = row_case()
    order, rows = np.array([2, 0, 1]), game.rows("delay_1")
    public = rows.public[2:5]
    swapped, decided = np.arange(seen.shape[2]), np.arange(joint.shape[2])
    for index in (rows.own, public):
        swapped[index[index >= 0]] = index[order][index >= 0]
    decided[rows.decided.ravel()] = rows.decided[order].ravel()
    other, mixed = seen.at[1].set(seen[1][:, swapped]), joint.at[1].set(joint[1][:, decided])
    before, after = (nets.act(actors, numbers)[1] for numbers in (seen, other))
    assert jnp.allclose(after, before[:, decided], atol=1e-5)
    assert not jnp.allclose(after, before, atol=1e-3)
    one, two = (
        nets.compute_values(critics, nets.encode(critics, *numbers))[1]
        for numbers in ((seen, joint), (other, mixed))
    )
    assert jnp.allclose(one, two, atol=1e-5)


def test_absent_users_change_nothing_in_shared_networks():
    game, nets, (actors, critics), seen, joint = row_case(absent=(2,))
    rows = game.rows("delay_1")
    own, chosen = rows.own[2], rows.decided[2]
    noisy, played = seen.at[1, :, own[own >= 0]].add(3.0), joint.at[1, :, chosen].set(0.9)
    present = rows.decided[:2].ravel()
    assert jnp.allclose(
        nets.act(actors, noisy)[1][:, present], nets.act(actors, seen)[1][:, present], atol=1e-6
    )
    one, two = (
        nets.compute_values(critics, nets.encode(critics, *numbers))
        for numbers in ((seen, joint), (seen, played))
    )
    assert jnp.allclose(one, two, atol=1e-6)


def test_shared_networks_drawn_for_few_users_act_on_more():
    actors, _ = row_case()[2]
    wide = make_models(
        SlicingGame(build_scenario("small", ("users.high_throughput=5", "users.low_delay=7"))),
        0,
        SHARED,
    )
    seen = jnp.ones((3, 4, max(wide.stage.observed) + 7 + 14))
    acted = wide.act(actors, seen)
    assert acted.shape == (3, 4, max(wide.stage.decided))
    assert bool(jnp.all(jnp.isfinite(acted)))


def test_shared_networks_need_rows():
    with pytest.raises(InputError, match=r"network\.kind.*no rows"):
        make_models(TargetGame(), 0, make_settings(("network.kind=shared",)))
