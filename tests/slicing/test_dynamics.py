"""Changes between slots, UAV positions, observations, and actions at the edge of their range."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.slicing import actions as edge
from sagin.slicing import observation, step, uavs
from sagin.slicing.scenario import build_scenario


def test_users_walk_their_speed_in_every_direction_and_stay_inside():
    scenario = build_scenario("paper", ("mobility.speed_m_s=100",))
    state = jax.jit(step.reset)(jax.random.key(0), scenario)
    state = state._replace(user_positions=jnp.full((30, 2), 1500.0))
    keys = jax.random.split(jax.random.key(1), 500)
    moves = (
        np.asarray(
            jax.jit(jax.vmap(lambda key: step.advance(key, scenario, state).user_positions))(keys)
        )
        - 1500.0
    )
    np.testing.assert_allclose(np.hypot(*moves.reshape(-1, 2).T), 10.0, rtol=1e-4)
    turns = np.exp(1j * np.arctan2(moves[..., 1], moves[..., 0])).ravel()
    for order in (1, 2, 4):
        assert abs(np.mean(turns**order)) < 5.0 / np.sqrt(turns.size)


def test_arrivals_come_to_slice_l_alone_with_the_poisson_moments():
    scenario = build_scenario("paper")
    states = jax.jit(jax.vmap(lambda key: step.reset(key, scenario, jnp.array([10, 8, 10]))))(
        jax.random.split(jax.random.key(0), 2000)
    )
    packets = np.asarray(states.arrivals)
    assert np.all(packets[:, :10] == 0.0)
    assert np.all(packets[:, 18:] == 0.0)
    mine = packets[:, 10:18]
    assert mine.mean() == pytest.approx(50.0, abs=5.0 * np.sqrt(50.0 / mine.size))
    assert mine.var() == pytest.approx(50.0, rel=5.0 * np.sqrt(2.0 / mine.size))


def test_the_same_key_gives_the_same_episode_and_another_does_not():
    scenario = build_scenario("small")

    @jax.jit
    def episode(key):
        def slot(state, key):
            return step.step(key, scenario, state, edge.draw_actions(key, scenario))

        return jax.lax.scan(slot, step.reset(key, scenario), jax.random.split(key, 50))[
            1
        ].kpis.throughput

    one, again, other = (np.asarray(episode(jax.random.key(seed))) for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_uavs_go_to_the_mean_of_the_proposals_and_keep_their_distance():
    scenario = build_scenario("paper")
    last = uavs.start_positions(scenario)
    proposals = jnp.array(
        [[[0.1, 0.2], [0.9, 0.9]], [[0.2, 0.2], [0.9, 0.6]], [[0.3, 0.2], [0.9, 0.3]]]
    )
    np.testing.assert_allclose(
        uavs.decide_positions(scenario, last, proposals),
        [[600.0, 600.0], [2700.0, 1800.0]],
        rtol=1e-5,
    )
    together = np.asarray(uavs.decide_positions(scenario, last, jnp.full((3, 2, 2), 0.5)))
    assert np.hypot(*(together[0] - together[1])) == pytest.approx(100.0, rel=1e-4)
    assert together.mean(axis=0) == pytest.approx([1500.0, 1500.0], rel=1e-4)


def test_fixed_uavs_stay_and_slow_ones_fly_as_far_as_they_can():
    fixed = build_scenario("paper-fixed-uavs")
    assert uavs.decide_positions(fixed, jnp.zeros((2, 2)), jnp.ones((3, 2, 2))).tolist() == [
        [1000.0, 2000.0],
        [2000.0, 1000.0],
    ]
    slow = build_scenario("paper", ("uavs.speed_m_s=20",))
    last = jnp.array([[1000.0, 1000.0], [2000.0, 2000.0]])
    found = uavs.decide_positions(
        slow,
        last,
        jnp.broadcast_to(jnp.array([[1000.0, 2500.0], [2000.0, 2001.0]]) / 3000.0, (3, 2, 2)),
    )
    np.testing.assert_allclose(found, [[1000.0, 1002.0], [2000.0, 2001.0]], rtol=1e-6)
    near = jnp.array([[1000.0, 1000.0], [1101.0, 1000.0]])
    stays = uavs.decide_positions(
        build_scenario("paper", ("uavs.speed_m_s=20", "uavs.spacing_m=102")),
        near,
        jnp.full((3, 2, 2), 0.35),
    )
    assert jnp.all(jnp.linalg.norm(stays - near, axis=1) <= 2.0 + 1e-3)


@pytest.mark.parametrize("name", ["paper", "small"])
def test_observations_are_within_about_one_and_padding_shows_nothing(name):
    scenario = build_scenario(name)
    state = jax.jit(step.reset)(jax.random.key(0), scenario, jnp.array([2, 1, 2]))
    vectors = [
        *observation.observe_first(scenario, state),
        *observation.observe_second(scenario, state, state.active),
    ]
    for vector in vectors:
        assert float(jnp.abs(vector).max()) < 1.5
        assert float(jnp.abs(vector).max()) > 0.0
    nobody = state._replace(active=jnp.zeros_like(state.active))
    for vector in [
        *observation.observe_first(scenario, nobody),
        *observation.observe_second(scenario, nobody, nobody.active),
    ]:
        assert not jnp.any(vector)


def test_observation_lengths_are_those_of_39_and_43():
    scenario = build_scenario("paper", ("users.low_delay=4",))
    state = jax.jit(step.reset)(jax.random.key(0), scenario)
    shared = 4 + 2 * 24
    first = [len(v) for v in observation.observe_first(scenario, state)]
    assert first == [10 * 2 * 10 + shared, 4 * 2 * 10 + shared, 10 * 2 * 10 + shared]
    second = [len(v) for v in observation.observe_second(scenario, state, state.active)]
    assert second == [rows * (2 * 10 * 2 + 1) + shared + 24 for rows in (10, 4, 10)]


@pytest.mark.parametrize(
    ("layer", "name", "value"),
    [
        ("terrestrial", "power", np.nan),
        ("terrestrial", "association", 1.01),
        ("non_terrestrial", "positions", -0.01),
    ],
)
def test_numbers_outside_the_box_are_refused_at_the_edge(layer, name, value):
    scenario = build_scenario("small")
    actions = edge.draw_actions(jax.random.key(0), scenario)
    assert edge.check_actions(actions, scenario) is actions
    part = getattr(actions, layer)
    broken = actions._replace(
        **{layer: part._replace(**{name: getattr(part, name).at[0].set(value)})}
    )
    with pytest.raises(InputError, match=rf"{layer}\.{name}\[0.*0 to 1"):
        edge.check_actions(broken)


def test_wrong_shapes_are_refused_and_batches_are_not():
    scenario = build_scenario("small")
    actions = jax.vmap(lambda key: edge.draw_actions(key, scenario))(
        jax.random.split(jax.random.key(0), 4)
    )
    edge.check_actions(actions, scenario)
    with pytest.raises(InputError, match=r"terrestrial\.association.*\(30, 2\)"):
        edge.check_actions(actions, build_scenario("paper"))


def test_executed_actions_have_no_association_of_who_was_disconnected():
    scenario = build_scenario("paper", ("base_stations.capacity=3",))
    state, actions = (
        jax.jit(step.reset)(jax.random.key(0), scenario),
        edge.draw_actions(jax.random.key(1), scenario),
    )
    found = jax.jit(step.step)(jax.random.key(2), scenario, state, actions)[1]
    done = edge.mask_executed(state, actions, found.terrestrial, found.non_terrestrial)
    refused, served = np.asarray(found.terrestrial.refused), np.asarray(found.terrestrial.served)
    assert refused.any()
    assert not np.any(np.asarray(done.terrestrial.association)[refused])
    assert np.array_equal(
        np.asarray(done.terrestrial.association)[~refused],
        np.asarray(actions.terrestrial.association)[~refused],
    )
    assert not np.any(np.asarray(done.non_terrestrial.association)[served])
    again = jax.jit(step.step)(jax.random.key(2), scenario, state, done)[1]
    assert jnp.array_equal(again.terrestrial.served, found.terrestrial.served)
    assert jnp.array_equal(again.non_terrestrial.rate, found.non_terrestrial.rate)
