"""The interference sum against a loop over pairs, and its laws: removal, order, strong signals in
32 bits.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.radio import sinr

SUBCARRIERS = 3


@pytest.fixture(
    scope="module", autouse=True, params=[0, 64], ids=["sum over nodes", "sum over pairs"]
)
def form(request):
    """Run every test of this file on both forms of the sum."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sinr, "FEW_USERS", request.param)
        yield


def draw(seed, users=12, nodes=3, spread=2.0):
    """Return (power, gain, node, subcarrier, served) with many collisions and powers over many
    decades.
    """
    rng = np.random.default_rng(seed)
    power, gain = (10.0 ** rng.uniform(-spread, spread, shape) for shape in (users, (users, nodes)))
    node, subcarrier = rng.integers(0, nodes, users), rng.integers(0, SUBCARRIERS, users)
    return tuple(jnp.asarray(x) for x in (power, gain, node, subcarrier, rng.random(users) < 0.8))


def by_pairs(power, gain, node, subcarrier, served, within=True):
    """Return the interference of each user, added pair by pair as the paper's (2), (6), (9) say, in
    64 bits; within: whether users of one node disturb each other.
    """
    power, gain = np.asarray(power, float), np.asarray(gain, float)
    users, total = range(len(power)), np.zeros(len(power))
    for k in users:
        for other in users:
            disturbs = other != k and (within or node[other] != node[k])
            if disturbs and served[other] and subcarrier[other] == subcarrier[k]:
                total[k] += power[other] * gain[k, node[other]]
    return total


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), within=st.booleans())
def test_the_sum_is_that_over_pairs(seed, within):
    case = draw(seed, spread=5.0)
    found = sinr.received_interference(*case, subcarriers=SUBCARRIERS, within_nodes=within)
    assert np.asarray(found) == pytest.approx(by_pairs(*case, within), rel=1e-5, abs=0.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), removed=st.integers(0, 11))
def test_removing_a_user_lowers_nobody_elses_sinr_not_even_by_rounding(seed, removed):
    power, gain, node, subcarrier, served = draw(seed, spread=6.0)
    fewer = served.at[removed].set(False)
    before, after = (
        sinr.sinr(power, gain, node, subcarrier, who, subcarriers=SUBCARRIERS, noise_w=1e-9)
        for who in (served, fewer)
    )
    others = np.arange(12) != removed
    assert np.all(np.asarray(after)[others] >= np.asarray(before)[others])
    assert after[removed] == 0.0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_the_users_is_free(seed):
    case = draw(seed)
    order = np.random.default_rng(seed).permutation(12)
    mixed = sinr.sinr(*(part[order] for part in case), subcarriers=SUBCARRIERS, noise_w=0.1)
    assert np.asarray(mixed) == pytest.approx(
        np.asarray(sinr.sinr(*case, subcarriers=SUBCARRIERS, noise_w=0.1))[order], rel=1e-5
    )


def test_a_strong_signal_does_not_drown_a_weak_interferer_in_32_bits():
    """The total of the node is 10¹⁰ times the interference: taking the own power away from it would
    leave nothing or less.
    """
    power, gain = jnp.array([1e8, 1e-2]), jnp.ones((2, 1))
    zero, served = jnp.zeros(2, int), jnp.ones(2, bool)
    found = sinr.received_interference(power, gain, zero, zero, served, subcarriers=1)
    assert found.dtype == jnp.float32
    assert np.asarray(found) == pytest.approx([1e-2, 1e8], rel=1e-6)


def test_a_user_alone_on_a_subcarrier_is_not_disturbed(both_widths):
    power, gain = jnp.full(3, 7.3), jnp.full((3, 2), 0.37)
    node, served = jnp.array([0, 1, 0]), jnp.ones(3, bool)
    assert (
        sinr.received_interference(power, gain, node, jnp.arange(3), served, subcarriers=3).tolist()
        == [0.0] * 3
    )
    ratio = sinr.sinr(power, gain, node, jnp.arange(3), served, subcarriers=3, noise_w=0.5)
    assert np.asarray(ratio) == pytest.approx(7.3 * 0.37 / 0.5, rel=8 * both_widths)


def test_users_of_one_node_and_subcarrier_disturb_each_other():
    found = sinr.received_interference(
        jnp.array([1.0, 2.0, 4.0]),
        jnp.ones((3, 1)),
        jnp.zeros(3, int),
        jnp.zeros(3, int),
        jnp.ones(3, bool),
        subcarriers=1,
    )
    assert found.tolist() == [6.0, 5.0, 3.0]


def test_unserved_users_count_for_nothing_whatever_their_numbers():
    power, gain = jnp.array([1.0, jnp.nan, 2.0]), jnp.ones((3, 2))
    node, subcarrier, served = (
        jnp.array([0, -1, 1]),
        jnp.array([0, -1, 0]),
        jnp.array([True, False, True]),
    )
    found = sinr.sinr(power, gain, node, subcarrier, served, subcarriers=2, noise_w=1.0)
    assert np.asarray(found) == pytest.approx([1 / 3, 0.0, 1.0])


def test_no_users_at_all():
    empty = jnp.zeros(0)
    nobody = jnp.zeros(0, int), jnp.zeros(0, int), jnp.zeros(0, bool)
    assert sinr.sinr(empty, jnp.zeros((0, 2)), *nobody, subcarriers=3, noise_w=1.0).shape == (0,)


@pytest.mark.usefixtures("float64")
def test_jit_vmap_and_gradient():
    cases = [draw(seed) for seed in range(4)]
    batch = [jnp.stack(parts) for parts in zip(*cases, strict=True)]
    function = jax.jit(
        jax.vmap(lambda *case: sinr.sinr(*case, subcarriers=SUBCARRIERS, noise_w=0.1))
    )
    one_by_one = jnp.stack(
        [sinr.sinr(*case, subcarriers=SUBCARRIERS, noise_w=0.1) for case in cases]
    )
    assert jnp.allclose(function(*batch), one_by_one, rtol=1e-13)
    power, *rest = cases[0]
    slope = jax.jacobian(lambda p: sinr.received_interference(p, *rest, subcarriers=SUBCARRIERS))(
        power
    )
    assert np.asarray(slope @ power) == pytest.approx(
        by_pairs(power, *rest), rel=1e-12
    )  # the sum is linear in the powers
    assert jnp.all(jnp.diagonal(slope) == 0.0)
