"""The slicing system as a game: layouts, observations, stored values, and slots equal to the
simulator's.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import ScenarioError
from sagin.game import play
from sagin.slicing.actions import draw_actions
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario
from sagin.slicing.step import step, step_together

SMALL = build_scenario("small")
AGENTS = ("throughput_1", "delay_1", "coverage_1", "throughput_2", "delay_2", "coverage_2")


def fixed_policy(game, actions):
    """Give each agent its part of the actions, whatever it sees."""
    vectors = game.to_vectors(actions)
    return lambda stage, seen: {agent: vectors[agent] for agent in seen}


def part(game, vector, agent, name):
    """One array of an agent's observation."""
    start = 0
    for known, shape in game.observation_layout(agent):
        end = start + int(np.prod(shape))
        if known == name:
            return np.asarray(vector[start:end]).reshape(shape)
        start = end
    raise KeyError(name)


def test_agents_and_sizes_of_the_paper():
    game = SlicingGame(build_scenario("paper"))
    assert game.agents == AGENTS
    assert game.stages == (AGENTS[:3], AGENTS[3:])
    assert SlicingGame(build_scenario("paper"), layers_at_once=True).stages == (AGENTS,)
    # (41): K_s(M + N + 1); (45): 2V + K_s(V + O + N + 1)
    assert game.action_size == {
        **dict.fromkeys(AGENTS[:3], 10 * 13),
        **dict.fromkeys(AGENTS[3:], 4 + 10 * 14),
    }
    # (39): K_s M N + K_L + 2K; (43): K_s (2 V N + O) + K_L + 2K + K
    assert game.observation_size == {
        **dict.fromkeys(AGENTS[:3], 200 + 10 + 60),
        **dict.fromkeys(AGENTS[3:], 410 + 10 + 60 + 30),
    }


@pytest.mark.parametrize("at_once", [False, True])
def test_vectors_and_actions_are_inverse(at_once):
    game = SlicingGame(SMALL, at_once)
    actions = draw_actions(jax.random.key(0), SMALL)
    back = game.to_actions(game.to_vectors(actions))
    jax.tree.map(np.testing.assert_array_equal, back, actions)


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("uavs.placement=fixed",),
        ("balancing.rule=none",),
        ("game.collision=drop",),
        ("objectives.reward=all-users",),
        ("uavs.speed_m_s=10",),
    ],
)
@pytest.mark.parametrize(("at_once", "simulate"), [(False, step), (True, step_together)])
def test_a_slot_is_the_simulators(at_once, simulate, overrides):
    scenario = build_scenario("small", overrides)
    game = SlicingGame(scenario, at_once)
    key, act_key = jax.random.split(jax.random.key(4))
    turn, actions = game.reset(key), draw_actions(act_key, scenario)
    done = play(key, game, turn, fixed_policy(game, actions))
    following, outcome = simulate(key, scenario, turn.state, actions)
    jax.tree.map(np.testing.assert_array_equal, done.state.state, following)
    jax.tree.map(np.testing.assert_array_equal, done.kpis, outcome.kpis)
    np.testing.assert_array_equal(
        jnp.stack([done.rewards[agent] for agent in AGENTS]), outcome.rewards
    )


def everyone_to_the_first(game):
    """Actions of which every user asks for the first node and a subcarrier, in both layers."""
    return {agent: jnp.ones(size) for agent, size in game.action_size.items()}


@pytest.mark.parametrize("stored", ["executed", "relaxed"])
def test_stored_associations_of_disconnected_users_are_zero(stored):
    game = SlicingGame(build_scenario("small", (f"game.stored_actions={stored}",)))
    actions = everyone_to_the_first(game)
    done = play(
        jax.random.key(1),
        game,
        game.reset(jax.random.key(0)),
        lambda stage, seen: {agent: actions[agent] for agent in seen},
    )
    kept = game.to_actions(done.executed)
    asked = (
        int(jnp.sum(kept.terrestrial.association[:, 0] > 0)),
        int(jnp.sum(kept.non_terrestrial.association[:, 0] > 0)),
    )
    # a base station of capacity 2 keeps two of six, and the other four are layer 2's
    assert asked == ((2, 4) if stored == "executed" else (6, 6))
    assert bool(jnp.all(kept.terrestrial.subcarrier == 1.0))
    assert bool(jnp.all(kept.terrestrial.power == 1.0))


def test_layer_2_sees_whom_layer_1_leaves_only_once_it_acted_and_only_in_turn():
    game, at_once = SlicingGame(SMALL), SlicingGame(SMALL, layers_at_once=True)
    turn = game.reset(jax.random.key(0))
    before = game.observe(turn, 1)["delay_2"]
    acted = game.act(turn, 0, everyone_to_the_first(game))
    after = game.observe(acted, 1)["delay_2"]
    assert part(game, before, "delay_2", "remaining").tolist() == [1.0] * 6
    expected = np.where(acted.layers[0].served, -1.0, 1.0)
    assert part(game, after, "delay_2", "remaining").tolist() == expected.tolist()
    assert expected.sum() == 2.0
    np.testing.assert_array_equal(at_once.observe(turn, 0)["delay_2"], before)


def test_masks_name_absent_and_served_users():
    game = SlicingGame(SMALL, counts=jnp.array([1, 2, 0]))
    turn = game.reset(jax.random.key(0))
    masks = game.action_masks(turn, 0) | game.action_masks(
        game.act(turn, 0, everyone_to_the_first(game)), 1
    )
    rows = {
        agent: np.asarray(masks[agent][-2:]).tolist() for agent in AGENTS
    }  # the powers stand last
    assert [rows[agent] for agent in AGENTS[:3]] == [[True, False], [True, True], [False, False]]
    # three users ask, two places: one of slice L is left
    assert [sum(rows[agent]) for agent in AGENTS[3:]] == [0, 1, 0]
    assert bool(jnp.all(masks["coverage_2"][:2])), "the positions of the UAV matter in any case"
    fading = part(game, game.observe(turn, 0)["throughput_1"], "throughput_1", "fading")
    assert np.all(fading[1] == 0.0)
    assert np.all(fading[0] != 0.0)


def test_an_episode_draws_how_many_users_take_part_if_the_scenario_leaves_it_open():
    game = SlicingGame(
        build_scenario(
            "small", ("game.least_users=1", "users.high_throughput=4", "users.low_delay=3")
        )
    )
    active = np.asarray(
        jax.vmap(lambda key: game.reset(key).state.active)(jax.random.split(jax.random.key(0), 200))
    )
    found = {
        (*(int(row[part].sum()) for part in (slice(0, 4), slice(4, 7), slice(7, 9))),)
        for row in active
    }
    assert found == {(1, 1, 1), (2, 2, 2), (3, 3, 2), (4, 3, 2)}, (
        "one number for all slices, at most their rows"
    )


def test_counts_and_numbers_are_swept_in_one_compilation():
    traces = []

    @jax.jit
    def rewards(game, key):
        traces.append(1)
        vectors = everyone_to_the_first(game)
        return play(
            key,
            game,
            game.reset(key),
            lambda stage, seen: {agent: vectors[agent] for agent in seen},
        ).rewards["throughput_1"]

    key = jax.random.key(0)
    found = [
        rewards(SlicingGame(SMALL, counts=jnp.array([count, 0, 0])), key) for count in (0, 1, 2)
    ]
    assert len(traces) == 1
    assert found[0] == 0.0 < found[1]


def test_an_empty_slice_has_no_agents():
    game = SlicingGame(build_scenario("small", ("users.low_delay=0",)))
    assert game.agents == ("throughput_1", "coverage_1", "throughput_2", "coverage_2")
    actions = everyone_to_the_first(game)
    done = play(
        jax.random.key(1),
        game,
        game.reset(jax.random.key(0)),
        lambda stage, seen: {agent: actions[agent] for agent in seen},
    )
    assert set(done.rewards) == set(game.agents)


def test_a_game_without_users_is_refused():
    with pytest.raises(ScenarioError, match="no agents"):
        SlicingGame(
            build_scenario(
                "small", ("users.high_throughput=0", "users.low_delay=0", "users.wide_coverage=0")
            )
        )


def test_uavs_with_a_speed_limit_are_part_of_what_layer_2_sees():
    game = SlicingGame(build_scenario("small", ("uavs.speed_m_s=10",)))
    turn = game.reset(jax.random.key(0))
    seen = part(game, game.observe(turn, 1)["delay_2"], "delay_2", "uav_positions")
    np.testing.assert_allclose(seen, [[-0.5, -0.5]])


def test_layer_2_is_handed_what_layer_1_did_and_earned():
    scenario = build_scenario("small", ("game.transfer=actions-and-rewards",))
    game, plain, at_once = (
        SlicingGame(scenario),
        SlicingGame(SMALL),
        SlicingGame(scenario, layers_at_once=True),
    )
    turn = game.reset(jax.random.key(0))
    acted = game.act(turn, 0, everyone_to_the_first(game))
    before, after = game.observe(turn, 1), game.observe(acted, 1)
    done = game.finish(jax.random.key(1), game.act(acted, 1, everyone_to_the_first(game)))
    for kind in ("throughput", "delay", "coverage"):
        agent, names = f"{kind}_2", ("first_association", "first_subcarrier", "first_power")
        shown = np.concatenate([part(game, after[agent], agent, name).ravel() for name in names])
        np.testing.assert_allclose(shown, 2.0 * done.executed[f"{kind}_1"] - 1.0)
        reward = part(game, after[agent], agent, "first_reward")
        np.testing.assert_allclose(reward, [2.0 * done.rewards[f"{kind}_1"] - 1.0], rtol=1e-6)
        # K_s(M + N + 1) numbers of the action, and one reward, which nobody knows before
        assert game.observation_size[agent] == plain.observation_size[agent] + 2 * 5 + 1
        assert not before[agent][plain.observation_size[agent] :].any()
    # the base station of capacity 2 keeps slice H; the others' associations are shown as 0
    assert part(game, after["delay_2"], "delay_2", "first_association").tolist() == [[-1.0]] * 2
    np.testing.assert_array_equal(game.global_state(turn), plain.global_state(turn))
    assert (game.state_size, game.observation_bound) == (plain.state_size, np.inf)
    assert at_once.observation_size == SlicingGame(SMALL, layers_at_once=True).observation_size
