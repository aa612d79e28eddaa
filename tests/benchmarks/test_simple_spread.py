"""Our simple_spread equals MPE's, slot by slot."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.simple_spread import (
    REACH,
    SimpleSpread,
    SpreadState,
    assigned,
    contact_forces,
    team_returns,
    uniform,
)
from sagin.errors import InputError
from sagin.game import StagedGame

KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def mpe():
    """Return MPE's environment, or skip the test where its pygame has no wheel (Python 3.14)."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        patch.setenv("SDL_AUDIODRIVER", "dummy")
        patch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        package = pytest.importorskip(
            "mpe2.simple_spread_v3", reason="mpe2 needs pygame, which has no wheel here"
        )
        env = package.parallel_env(N=3, local_ratio=0.5, max_cycles=25, continuous_actions=True)
        yield env
        env.close()


def begin(env, seed, spread=1.0):
    """Start an episode of MPE's with agents drawn by `spread`, and return our equal state."""
    env.reset(seed=seed)
    world = env.unwrapped.world
    for agent in world.agents:
        agent.state.p_pos = spread * agent.state.p_pos
    places = (
        [a.state.p_pos for a in world.agents],
        [a.state.p_vel for a in world.agents],
        [m.state.p_pos for m in world.landmarks],
    )
    return SpreadState(*(jnp.asarray(np.stack(place), float) for place in places), jnp.asarray(0))


def stepper(game):
    def step(state, joint):
        done = game.finish(KEY, game.act(state, 0, dict(zip(game.agents, joint, strict=True))))
        return done, game.observe(done.state, 0), game.global_state(done.state)

    return jax.jit(step)


def compare_episode(env, game, step, state, actions, *, tolerance):
    """Step both games, compare all outputs of every slot, and return the number of collisions."""
    for agent, seen in game.observe(state, 0).items():
        np.testing.assert_allclose(seen, env.unwrapped.observe(agent), rtol=0, atol=tolerance)
    collisions = 0.0
    for slot, joint in enumerate(actions):
        seen, rewards, terminated, truncated, _ = env.step(
            dict(zip(game.agents, joint, strict=True))
        )
        done, ours, everything = step(state, jnp.asarray(joint, state.position.dtype))
        for agent in game.agents:
            np.testing.assert_allclose(
                ours[agent], seen[agent], rtol=0, atol=tolerance, err_msg=f"slot {slot}, {agent}"
            )
            np.testing.assert_allclose(
                done.rewards[agent],
                rewards[agent],
                rtol=0,
                atol=tolerance,
                err_msg=f"slot {slot}, {agent}",
            )
            np.testing.assert_array_equal(done.executed[agent], joint[game.agents.index(agent)])
            assert bool(done.terminated) == terminated[agent]
            assert bool(done.truncated) == truncated[agent] == (slot == 24)
        np.testing.assert_allclose(everything, env.unwrapped.state(), rtol=0, atol=tolerance)
        np.testing.assert_allclose(
            done.kpis["team_reward"], sum(rewards.values()), rtol=0, atol=3 * tolerance
        )
        collisions += float(jnp.sum(game.collisions(done.state.position)))
        state = done.state
    return collisions


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("spread", [1.0, 0.2], ids=["as drawn", "crowded"])
def test_today_is_mpe2_slot_by_slot_over_whole_episodes(mpe, spread):
    game = SimpleSpread()
    step, rng, collisions = stepper(game), np.random.default_rng(0), 0.0
    for seed in range(40):
        state = begin(mpe, seed, spread)
        actions = rng.random((25, 3, 5), np.float32)
        collisions += compare_episode(
            mpe, game, step, state, np.round(actions) if seed % 2 else actions, tolerance=1e-5
        )
    assert collisions > 100


def test_today_is_mpe2_also_with_32_bits(mpe):
    """A stiff contact amplifies rounding errors; without contacts they stay below 1e-6."""
    game = SimpleSpread()
    step, rng = stepper(game), np.random.default_rng(1)
    for seed in range(20):
        state = begin(mpe, seed)
        compare_episode(mpe, game, step, state, rng.random((25, 3, 5), np.float32), tolerance=1e-4)


def drawn(seed, agents=3):
    """Return a state in motion after actions."""
    position, velocity, landmarks = np.random.default_rng(seed).uniform(-0.5, 0.5, (3, agents, 2))
    actions = np.random.default_rng(seed + 1000).random((agents, 5))
    return SpreadState(
        jnp.asarray(position),
        jnp.asarray(velocity),
        jnp.asarray(landmarks),
        jnp.asarray(0),
        jnp.asarray(actions),
    )


@pytest.mark.usefixtures("float64")
def test_old_differs_from_today_in_its_three_lines_only():
    old, today = SimpleSpread("old"), SimpleSpread("today")
    for seed in range(20):
        state = drawn(seed)
        mirrored = state._replace(actions=state.actions[:, jnp.array([0, 2, 1, 4, 3])])
        was, now = old.finish(KEY, mirrored), today.finish(KEY, state)
        np.testing.assert_allclose(was.state.velocity, now.state.velocity, rtol=1e-12)
        np.testing.assert_allclose(
            was.state.position, state.position + 0.1 * now.state.velocity, rtol=1e-12
        )
        np.testing.assert_allclose(
            now.state.position, state.position + 0.1 * state.velocity, rtol=1e-12
        )
        np.testing.assert_allclose(
            old.collisions(was.state.position), today.collisions(was.state.position) + 1.0
        )


def test_rewards_by_hand():
    at = jnp.array([[0.0, 0.0], [0.2, 0.0], [5.0, 0.0]])
    state = SpreadState(
        at,
        jnp.zeros((3, 2)),
        jnp.array([[0.0, 1.0], [5.0, 3.0], [5.0, -1.0]]),
        jnp.asarray(0),
        jnp.zeros((3, 5)),
    )
    done = SimpleSpread(local_ratio=0.25).finish(KEY, state)
    np.testing.assert_allclose(list(done.rewards.values()), [-4.0, -4.0, -3.75], rtol=1e-6)
    np.testing.assert_allclose(done.kpis["uncovered_distance"], 5.0, rtol=1e-6)


@pytest.mark.parametrize("variant", ["old", "today"])
def test_actions_for_a_force_push_with_it(variant):
    game = SimpleSpread(variant)
    force = jnp.array([[1.0, -2.0], [-5.0, 5.0], [9.0, 0.0]])
    joint = jnp.stack(list(game.actions_for(force).values()))
    assert jnp.all((joint >= 0.0) & (joint <= 1.0))
    np.testing.assert_allclose(game.push(joint), jnp.clip(force, -5.0, 5.0), rtol=1e-6)


def test_contacts_push_apart_and_leave_the_centre_of_mass():
    forces = contact_forces(drawn(3).position)
    np.testing.assert_allclose(jnp.sum(forces, axis=0), 0.0, atol=1e-4)
    two = contact_forces(jnp.array([[0.0, 0.0], [0.1, 0.0]]))
    np.testing.assert_allclose(two, [[-20.0, 0.0], [20.0, 0.0]], rtol=1e-5)
    np.testing.assert_allclose(
        contact_forces(jnp.array([[0.0, 0.0], [REACH + 0.1, 0.0]])), 0.0, atol=1e-6
    )


@pytest.mark.parametrize("variant", ["old", "today"])
def test_is_a_game(variant, both_widths):
    game = SimpleSpread(variant, agents_number=4, episode_length=3)
    assert isinstance(game, StagedGame)
    states = jax.vmap(game.reset)(jax.random.split(KEY, 5))
    seen = jax.vmap(lambda state: game.observe(state, 0))(states)
    assert {agent: vector.shape for agent, vector in seen.items()} == {
        agent: (5, size) for agent, size in game.observation_size.items()
    }
    assert jax.vmap(game.global_state)(states).shape == (5, game.state_size)
    masks = game.action_masks(jax.tree.map(lambda leaf: leaf[0], states), 0)
    assert all(
        mask.shape == (game.action_size[agent],) and mask.all() for agent, mask in masks.items()
    )
    far = {agent: jnp.full((5, 5), 3.0) for agent in game.agents}
    done = jax.vmap(lambda state, actions: game.finish(KEY, game.act(state, 0, actions)))(
        states, far
    )
    assert jax.tree.structure(done.state) == jax.tree.structure(states)
    assert all(jnp.all(executed == 1.0) for executed in done.executed.values())


@pytest.mark.parametrize(
    ("variant", "random", "controlled"), [("old", -112.0, -52.0), ("today", -76.0, -18.0)]
)
def test_returns_of_the_policies_that_need_no_learning(variant, random, controlled):
    """Figures measured by others; half a unit for their rounding, and more for the controller,
    whose gains they don't tell.
    """
    game = SimpleSpread(variant)
    for policy, known, slack in ((uniform(game), random, 0.5), (assigned(game), controlled, 1.0)):
        returns = np.asarray(team_returns(KEY, game, policy, 4096))
        assert abs(returns.mean() - known) < slack + 4.0 * returns.std() / np.sqrt(4096)


def test_an_unknown_variant_is_refused():
    with pytest.raises(InputError, match="variant: 'new'"):
        SimpleSpread("new")
