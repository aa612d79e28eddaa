"""The local search: by brute force, no user's move or swap improves its result, and limits hold."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.optimise.local_search import Network, Places, admit, search

USERS, SUBCARRIERS = 6, 3
KIND, LAYER = np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1])
GAIN = 1e-5


def utility(own, apart, sinr):
    """A concave value of the SINR, less a little for the way."""
    return own * jnp.log1p(sinr) - 0.01 * apart


def combine(total):
    """Two terms, the second one capped."""
    return total[..., 0] + jnp.minimum(total[..., 1], 2.0)


def draw(seed):
    """A small network with limits and quotas, and places to start from."""
    rng = np.random.default_rng(seed)
    term = np.eye(2)[rng.integers(0, 2, USERS)]
    same = KIND[:, None] == KIND
    quota = np.stack([rng.integers(1, 4, 2), rng.integers(1, 4, 2)], axis=1)
    network = Network(
        gain=jnp.asarray(10.0 ** rng.uniform(-1, 2, (USERS, 4, SUBCARRIERS))),
        distance=jnp.asarray(rng.uniform(0, 1, (USERS, 4))),
        power=jnp.asarray(rng.uniform(0.5, 2.0, 4)),
        kind=KIND,
        # every other network keeps a node's own users orthogonal
        disturbs=same if seed % 2 else same & ~np.eye(4, dtype=bool),
        noise=1.0,
        limit=jnp.asarray([2.0, 3.0, 2.0, np.inf]),
        layer=LAYER,
        group=jnp.asarray(rng.integers(0, 2, USERS)),
        quota=jnp.asarray(quota),
        wanting=jnp.asarray(rng.random(USERS) < 0.9),
        features=jnp.asarray(rng.uniform(0.5, 1.5, USERS)),
        term=jnp.asarray(term),
    )
    wanted = Places(
        jnp.asarray(rng.integers(-1, 4, USERS)), jnp.asarray(rng.integers(0, SUBCARRIERS, USERS))
    )
    return network, wanted


@jax.jit
def _solved(gain, numbers, wanted):
    network = Network(**numbers, gain=gain, kind=KIND, layer=LAYER)
    start = admit(network, wanted)
    return start, *search(network, utility, combine, start, least_gain=GAIN)


def solve(network, wanted):
    """Start and result."""
    numbers = {
        name: value
        for name, value in network._asdict().items()
        if name not in ("gain", "kind", "layer")
    }
    return jax.tree.map(np.asarray, _solved(network.gain, numbers, wanted))


def worth(network, node, subcarrier):
    """What places are worth, user by user."""
    total = np.zeros(2)
    gain, power = np.asarray(network.gain, float), np.asarray(network.power, float)
    for k in np.flatnonzero(node >= 0):
        heard = 1.0
        for other in np.flatnonzero(node >= 0):
            if (
                other != k
                and network.disturbs[node[k], node[other]]
                and subcarrier[other] == subcarrier[k]
            ):
                heard += power[node[other]] * gain[k, node[other], subcarrier[k]]
        sinr = power[node[k]] * gain[k, node[k], subcarrier[k]] / heard
        value = float(network.features[k]) * np.log1p(sinr) - 0.01 * float(
            network.distance[k, node[k]]
        )
        total += value * np.asarray(network.term)[k]
    return total[0] + min(total[1], 2.0)


def allowed(network, node):
    """Whether limits, quotas and who takes part are kept."""
    served = node >= 0
    members = np.zeros(network.quota.shape, int)
    np.add.at(members, (np.asarray(network.group)[served], LAYER[node[served]]), 1)
    load = np.bincount(node[served], minlength=4)
    return (
        np.all(load <= np.asarray(network.limit))
        and np.all(members <= np.asarray(network.quota))
        and np.all(network.wanting[served])
    )


def neighbours(network, node, subcarrier):
    """All places that one move or one swap leads to."""
    for k in range(USERS):
        for i in range(-1, 4):
            for n in range(SUBCARRIERS):
                moved = node.copy(), subcarrier.copy()
                moved[0][k], moved[1][k] = i, n
                yield moved
        for j in range(k):
            swapped = node.copy(), subcarrier.copy()
            for part in swapped:
                part[[k, j]] = part[[j, k]]
            yield swapped


@given(seed=st.integers(0, 2**30))
@settings(max_examples=25)
def test_no_move_and_no_swap_is_left(seed):
    network, wanted = draw(seed)
    start, found, _ = solve(network, wanted)
    assert allowed(network, start.node)
    assert allowed(network, found.node)
    assert np.array_equal(found.node >= 0, found.subcarrier >= 0)
    here = worth(network, *found)
    assert here >= worth(network, *start) - 1e-4
    for node, subcarrier in neighbours(network, *found):
        if allowed(network, node):
            assert worth(network, node, subcarrier) <= here + GAIN + 1e-4


def test_a_search_of_nothing_moves_nobody():
    network, _ = draw(0)
    empty = network._replace(gain=network.gain[:, :0], power=network.power[:0])
    nobody = Places(jnp.full(USERS, -1), jnp.full(USERS, -1))
    found, moves = search(empty, utility, combine, nobody)
    assert int(moves) == 0
    assert found.node.tolist() == [-1] * USERS


def test_admission_follows_the_order_of_users():
    network, _ = draw(0)
    network = network._replace(
        group=jnp.zeros(USERS, int), quota=jnp.asarray([[1, 2]]), wanting=jnp.ones(USERS, bool)
    )
    found = admit(network, Places(jnp.asarray([0, 1, 2, 2, 3, 0]), jnp.zeros(USERS, int)))
    assert found.node.tolist() == [0, -1, 2, 2, -1, -1]
    assert found.subcarrier.tolist() == [0, -1, 0, 0, -1, -1]


@pytest.mark.parametrize("sweeps", [0, 1])
def test_sweeps_end_the_search(sweeps):
    network, wanted = draw(1)
    start = admit(network, wanted)
    found, moves = search(network, utility, combine, start, sweeps=sweeps)
    assert int(moves) <= sweeps * USERS
    assert sweeps or np.array_equal(found.node, start.node)
