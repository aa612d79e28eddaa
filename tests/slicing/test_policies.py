"""Policies without learning: choices known by construction, laws, and shapes of every size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.policies.table import POLICIES
from sagin.slicing import uavs
from sagin.slicing.actions import check_actions
from sagin.slicing.policy import switch_policies
from sagin.slicing.rules import (
    Offer,
    allow_any,
    allow_in_turn,
    allow_nearest,
    find_cluster_centres,
    pick_at_random,
    pick_greedily,
    pick_in_turn,
    pick_with_room,
)
from sagin.slicing.scenario import build_scenario, sizes, slice_of
from sagin.slicing.state import Actions
from sagin.slicing.step import reset

KEY = jax.random.key(0)
NOTHING = ("uavs.count=0", "satellites.count=0", "base_stations.positions_m=[]")


def offer(gain, distance=None, **changed):
    """An offer of these gains, (users, nodes, subcarriers); one band, powers of 1 W."""
    gain = jnp.asarray(gain, float)
    users, nodes, _ = gain.shape
    distance = jnp.ones((users, nodes)) if distance is None else jnp.asarray(distance, float)
    made = Offer(
        gain,
        distance,
        jnp.ones(nodes),
        np.ones((nodes, nodes), bool),
        jnp.asarray(0.01),
        jnp.ones(users, bool),
        jnp.asarray(0),
        np.arange(users),
    )
    return made._replace(**changed)


def chosen(rule, given, allowed=allow_any):
    """Node and subcarrier of each user as lists."""
    return [one.tolist() for one in rule(KEY, given, allowed(given))]


def act(policy, scenario, counts=None, remaining=None):
    """A policy's actions in a first slot."""
    state = reset(jax.random.key(3), scenario, counts)
    remaining = state.active if remaining is None else remaining
    return state, Actions(
        policy.terrestrial(KEY, scenario, state),
        policy.non_terrestrial(KEY, scenario, state, remaining),
    )


def test_nearest_and_turns_by_hand():
    given = offer(np.ones((4, 2, 3)), [[1, 2], [5, 4], [3, 3], [9, 1]])
    assert jnp.argmax(allow_nearest(given), axis=1).tolist() == [0, 1, 0, 1]
    assert chosen(pick_in_turn, given, allow_in_turn) == [[0, 1, 0, 1], [0, 0, 1, 1]]
    later = given._replace(slot=jnp.asarray(2), wanting=jnp.array([False, True, True, True]))
    assert [one[1:] for one in chosen(pick_in_turn, later, allow_in_turn)] == [[0, 1, 0], [2, 2, 0]]
    node, subcarrier = pick_at_random(KEY, offer(np.ones((5000, 2, 3))), jnp.ones((5000, 2), bool))
    assert set(node.tolist()) == {0}
    assert np.bincount(subcarrier, minlength=3) == pytest.approx(
        5000 / 3, abs=5 * (5000 * 2 / 9) ** 0.5
    )


@pytest.mark.parametrize(
    ("gain", "nodes", "subcarriers"),
    [
        # alone, the greatest gain
        ([[[1.0, 3.0], [2.0, 1.0]]], [0], [1]),
        # the second user goes where the first doesn't interfere, though its gain is less there
        ([[[2.0, 1.0]], [[2.0, 1.0]]], [0, 0], [0, 1]),
        # a node that the second user hears weakly may share the subcarrier of its own node
        ([[[9.0], [1.0]], [[0.1], [5.0]]], [0, 1], [0, 0]),
    ],
)
def test_greedy_by_hand(gain, nodes, subcarriers):
    assert chosen(pick_greedily, offer(gain)) == [nodes, subcarriers]


def test_a_node_without_room_is_passed_over():
    # node 0 is the better one for all three, and has room for one; a user without wish takes none
    gain = [[[5.0, 4.0], [2.0, 1.0]]] * 3
    given = offer(gain, limit=jnp.array([1.0, 1.0]), disturbs=np.eye(2, dtype=bool))
    assert chosen(pick_with_room, given)[0] == [0, 1, -1]
    shy = given._replace(wanting=jnp.array([False, True, True]))
    assert chosen(pick_with_room, shy)[0][1:] == [0, 1]
    # a satellite out of sight has no gain, and with room for all it is the greedy rule
    deaf = offer([[[0.0, 0.0]]], limit=jnp.array([9.0]))
    assert chosen(pick_with_room, deaf)[0] == [-1]
    wide = offer(gain, limit=jnp.full(2, jnp.inf))
    assert chosen(pick_with_room, wide) == chosen(pick_greedily, wide)


def test_nodes_of_another_band_and_users_who_dont_want_do_not_interfere():
    gain = [[[2.0, 1.0], [0.5, 0.5]], [[2.0, 1.0], [1.5, 1.4]]]
    # in one band, user 1 keeps away from user 0's subcarrier; in bands apart it takes the best of
    # node 1
    assert chosen(pick_greedily, offer(gain))[1][1] == 1
    assert chosen(pick_greedily, offer(gain, disturbs=np.eye(2, dtype=bool))) == [[0, 1], [0, 0]]
    assert [
        one[1] for one in chosen(pick_greedily, offer(gain, wanting=jnp.array([False, True])))
    ] == [
        0,
        0,
    ]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize(
    "scenario",
    [
        build_scenario("small"),
        build_scenario("small", NOTHING),
        build_scenario("small", ("uavs.count=0", "users.high_throughput=0")),
        build_scenario(
            "paper-fixed-uavs",
            (
                "users.high_throughput=2",
                "users.low_delay=1",
                "users.wide_coverage=0",
                "satellites.count=0",
            ),
        ),
    ],
    ids=["small", "nothing", "no UAVs", "fixed UAVs"],
)
def test_actions_are_allowed_whatever_there_is(policy, scenario):
    _, actions = act(policy, scenario)
    assert check_actions(actions, scenario) is actions


@pytest.mark.parametrize(
    "policy",
    [one for name, one in POLICIES.items() if name not in ("random", "selfish")],
    ids=lambda one: one.name,
)
def test_every_user_is_given_one_node_and_one_subcarrier(policy):
    _, (first, second) = act(policy, build_scenario("small"))
    for layer in (first, second):
        for part in (layer.association, layer.subcarrier):
            assert part.sum(axis=1).tolist() == [1.0] * 6
            assert set(np.unique(part)) <= {0.0, 1.0}


def test_selfish_claims_all_of_slice_h_and_one_user_of_each_other_slice():
    scenario = build_scenario("small")
    _, (first, second) = act(POLICIES["selfish"], scenario)
    assert slice_of(scenario).tolist() == [0, 0, 1, 1, 2, 2]
    assert first.association.sum(axis=1).tolist() == [1.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    assert second.association.sum(axis=1).tolist() == [1.0] * 6


@pytest.mark.parametrize("name", ["round-robin", "nearest-greedy", "greedy"])
def test_users_served_below_do_not_count_above(name):
    scenario = build_scenario("small")
    remaining = jnp.array([True, False, True, False, True, False])
    state, (_, second) = act(POLICIES[name], scenario, remaining=remaining)
    moved = state._replace(
        user_positions=jnp.where(remaining[:, None], state.user_positions, 7.0),
        uav_draws=state.uav_draws,
    )
    again = POLICIES[name].non_terrestrial(KEY, scenario, moved, remaining)
    assert jnp.array_equal(second.positions, again.positions)
    assert jnp.array_equal(second.association[remaining], again.association[remaining])
    assert jnp.array_equal(second.subcarrier[remaining], again.subcarrier[remaining])


def test_uavs_go_to_the_centres_of_clusters():
    scenario = build_scenario(
        "paper", ("users.high_throughput=4", "users.low_delay=0", "users.wide_coverage=0")
    )
    state = reset(KEY, scenario)._replace(
        user_positions=jnp.array([[0.0, 0.0], [300.0, 0.0], [3000.0, 3000.0], [1500.0, 1500.0]])
    )
    remaining = jnp.array([True, True, True, False])
    places = find_cluster_centres(scenario, state, remaining) * 3000.0
    assert sorted(places.round().tolist()) == [[150.0, 0.0], [3000.0, 3000.0]]
    assert uavs.decide_positions(
        scenario, state.uav_positions, places[None] / 3000.0
    ) == pytest.approx(np.asarray(places), abs=1e-2)


def test_one_of_several_is_that_one():
    scenario = build_scenario("small")
    rows = [POLICIES[name] for name in ("random", "round-robin", "greedy")]
    state = reset(KEY, scenario)
    for place, row in enumerate(rows):
        picked = jax.jit(
            lambda index: switch_policies(rows, index).terrestrial(KEY, scenario, state)
        )(place)
        assert jax.tree.all(
            jax.tree.map(jnp.array_equal, picked, row.terrestrial(KEY, scenario, state))
        )
    assert switch_policies(rows[:1], 0) is rows[0]
    assert sizes(scenario).N == 3
