"""The set policy: order, masks, its physics compared with the simulator's, untrained use."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.learning.networks import Dense
from sagin.planning.network import build_network, build_slot
from sagin.policies.set_policy.act import build_set_policy
from sagin.policies.set_policy.board import (
    CROWD,
    LEVELS,
    STEP,
    clear_board,
    find_gains,
    line_up,
    make_offer,
    put_user,
    read_facts,
    survey_field,
    take_user,
    weigh_harm,
)
from sagin.policies.set_policy.decoder import pass_hidden
from sagin.policies.set_policy.layout import lay_out, look_up
from sagin.policies.set_policy.policy import decide, see_slot
from sagin.policies.set_policy.weights import draw_weights
from sagin.radio.sinr import sinr
from sagin.slicing.allocation import carry_out, quotas
from sagin.slicing.evaluation import begin_run
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import score
from sagin.slicing.scenario import build_scenario, sizes, slice_of
from sagin.slicing.step import act_terrestrial

SMALL = build_scenario("small")
SLOTS = 24


@pytest.fixture(scope="module")
def states():
    """Slots of which some have users who take no part."""
    keys = jax.random.split(jax.random.key(11), SLOTS)
    counts = np.where(np.arange(SLOTS)[:, None] % 3 == 2, [1, 2, 1], [2, 2, 2])
    return jax.vmap(lambda key, count: begin_run(key, SMALL, count))(keys, counts)


@pytest.fixture(scope="module")
def weights():
    """Weights that no training has seen, with last layers that bear on every choice."""
    drawn = draw_weights(jax.random.key(4))
    wide = lambda layer: jax.tree.map(lambda leaf: 20.0 * leaf, layer)  # noqa: E731
    return drawn._replace(
        pointer_head=wide(drawn.pointer_head),
        edge_head=wide(drawn.edge_head),
        idle_head=wide(drawn.idle_head),
    )


@jax.jit
def decide_all(weights, states, flags):
    """Return allocations, their worth and the simulator's score."""

    seen = jax.vmap(lambda *slot: see_slot(weights, SMALL, *slot))(states, flags)
    sample = decide(weights, SMALL, seen)
    outcomes = jax.vmap(lambda state, plan: carry_out(SMALL, state, plan))(
        states, sample.allocation
    )
    return sample.allocation, sample.worth, score(SMALL, outcomes.kpis)


def test_allocations_are_feasible_and_worth_what_the_simulator_says(states, weights):
    for weight in (weights, draw_weights(jax.random.key(0))):
        flags = jnp.arange(SLOTS) % 2 == 0
        allocation, worth, simulated = decide_all(weight, states, flags)
        assert np.allclose(worth, simulated, atol=3e-6)
        for slot in range(SLOTS):
            pick = partial(jax.tree.map, lambda leaf, slot=slot: leaf[slot])
            state, plan = pick(states), pick(allocation)
            assert find_violations(SMALL, state, plan, respect_priority=slot % 2 == 0) == []


def test_quotas_bind(states, weights):
    free = decide_all(weights, states, jnp.zeros(SLOTS, bool))[0].node
    held = decide_all(weights, states, jnp.ones(SLOTS, bool))[0].node
    assert np.any(np.asarray(free) != np.asarray(held))
    first = jax.tree.map(lambda leaf: leaf[0], states)
    most = np.asarray(quotas(SMALL, first))
    terrestrial = (np.asarray(held[0]) == 0) & (slice_of(SMALL) == 2)
    assert terrestrial.sum() <= most[2, 0] < 2


def test_permuted_users_get_permuted_places(states, weights):
    # the users of a slice change places
    order = np.array([1, 0, 3, 2, 5, 4])
    users = ("user_positions", "active", "base_draws", "uav_draws", "arrivals", "tiebreak")
    swapped = states._replace(**{name: getattr(states, name)[:, order] for name in users})
    flags = jnp.zeros(SLOTS, bool)
    plan, worth, _ = decide_all(weights, states, flags)
    other, other_worth, _ = decide_all(weights, swapped, flags)
    assert np.array_equal(plan.node[:, order], other.node)
    assert np.array_equal(plan.subcarrier[:, order], other.subcarrier)
    assert np.allclose(worth, other_worth, atol=1e-5)


def test_the_untrained_policy_is_far_above_chance(states):
    flags = jnp.zeros(SLOTS, bool)
    worth = np.asarray(decide_all(draw_weights(jax.random.key(0)), states, flags)[1])
    assert worth.mean() > 1.8
    # a policy of two layers carries out the same
    policy = build_set_policy(draw_weights(jax.random.key(0)))
    state = jax.tree.map(lambda leaf: leaf[0], states)
    action = policy.terrestrial(jax.random.key(0), SMALL, state)
    served = act_terrestrial(SMALL, state, action).served
    node = decide_all(draw_weights(jax.random.key(0)), states, flags)[0].node[0]
    assert np.array_equal(served, np.asarray(node) == 0)


@pytest.fixture(scope="module")
def crowded(states):
    """A board of few subcarriers, some users of which were taken up and put elsewhere."""
    state = jax.tree.map(lambda leaf: leaf[0], states)
    slot, layout = build_slot(SMALL, state), lay_out(sizes(SMALL))
    network = build_network(SMALL, state, slot, state.uav_positions, respect_priority=False)
    field = survey_field(SMALL, network, layout, jnp.ones(3))
    field = line_up(jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], field))

    @jax.jit
    def put(board, user, spot):
        user, spot = user[None], spot[None]
        row, gain = read_facts(look_up(field.facts, user)), find_gains(field, layout, user)
        board = take_user(SMALL, field, layout, board, user, row.numbers.row)
        power = make_offer(SMALL, field, layout, board, row, gain).power.reshape(-1, 1)[spot[0]]
        return put_user(SMALL, field, layout, board, user, (row.numbers.row, spot, power))

    board = clear_board(field, layout)
    for user, spot in ((0, 1), (1, 1), (2, 4), (3, 8), (4, 4), (5, 1), (0, 4), (2, 4)):
        board = put(board, jnp.asarray(user), jnp.asarray(spot))
    bare = lambda leaf: np.asarray(leaf[..., 0])  # noqa: E731
    return network, bare(field.even), jax.tree.map(bare, board)


def rate_users(network, node, subcarrier, power):
    """Return each user's utility by the simulator's kernel."""
    gain = np.take_along_axis(np.asarray(network.gain), np.maximum(subcarrier, 0)[:, None, None], 2)
    kind = np.asarray(network.kind)[node]
    ratio = sinr(
        jnp.asarray(power),
        jnp.asarray(gain[..., 0]),
        jnp.asarray(np.maximum(node, 0)),
        jnp.asarray(kind * 3 + subcarrier),
        jnp.asarray(node >= 0),
        subcarriers=9,
        noise_w=1.0,
    )
    from sagin.planning.network import utility

    distance = np.take_along_axis(np.asarray(network.distance), node[:, None], 1)[:, 0]
    return np.asarray(utility(SMALL, network.features, jnp.asarray(distance), ratio))


def test_the_running_physics_is_that_of_the_simulator(crowded):
    network, _, board = crowded
    values = rate_users(network, board.node, board.subcarrier, board.power)
    assert np.allclose(board.value, values, rtol=1e-5, atol=1e-6)
    assert (board.crowd >= 0).sum() == 6
    assert board.crowd.shape == (9, CROWD)


def test_harm_is_what_one_more_user_costs_all_others(crowded):
    network, even, board = crowded
    for level, factor in enumerate(STEP ** -np.arange(LEVELS)):
        for node in range(3):
            for subcarrier in range(3):
                # a user without a gain of its own is put beside the others
                ghost = jax.tree.map(
                    lambda leaf: np.concatenate([leaf, leaf[:1]]), network.features
                )
                gain = np.concatenate([network.gain, network.gain[:1]])
                distance = np.concatenate([network.distance, network.distance[:1]])
                more = network._replace(features=ghost, gain=gain, distance=distance)
                values = rate_users(
                    more,
                    np.append(board.node, node),
                    np.append(board.subcarrier, subcarrier),
                    np.append(board.power, factor * even[node]).astype(np.float32),
                )
                loss = (values[:-1] - board.value).sum()
                assert np.isclose(board.harm[level, node, subcarrier], loss, rtol=1e-4, atol=2e-6)


def test_harm_between_levels_lies_between_theirs():
    levels = jnp.array([-8.0, -4.0, -2.0, -1.0])
    share = jnp.array([1.0, STEP**-0.5, STEP**-1, STEP**-2.25, STEP**-3, 0.1 * STEP**-3, 0.0])
    expected = [-8.0, -6.0, -4.0, -1.75, -1.0, -0.1, 0.0]
    harm = weigh_harm(jnp.tile(levels[:, None], (1, share.size)), share)
    assert np.allclose(harm, expected, atol=1e-5)


def test_written_out_sums_are_the_layers_products():
    rng = np.random.default_rng(3)
    draw = lambda *shape: jnp.asarray(rng.normal(size=shape), float)  # noqa: E731
    head, bases = Dense(draw(4, 1), draw(1)), (draw(4, 5, 1), draw(4, 1, 6))
    layers = draw(3, 4), draw(3, 5, 6), bases, head
    products = pass_hidden(*layers, written=False)
    assert products.shape == (5, 6)
    assert np.allclose(pass_hidden(*layers, written=True), products, atol=1e-5)
