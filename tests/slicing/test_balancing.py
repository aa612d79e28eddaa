"""Load balancing: exactly the excess is disconnected, by priority, uniformly, or not at all."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.slicing.balancing import MOST_IN_PAIRS, balance, rank_by_sorting, rank_in_pairs

from oracle import slicing as oracle

USERS = 12
one = jax.jit(balance, static_argnums=0)


def draw(seed):
    rng = np.random.default_rng(seed)
    node = rng.integers(-1, 2, USERS)
    return (
        node,
        (node >= 0) & (rng.random(USERS) < 0.9),
        rng.integers(0, 3, USERS),
        rng.random(USERS).astype(np.float32),
    )


@pytest.mark.parametrize("rule", ["priority", "uniform", "none", "uniform-all"])
@given(seed=st.integers(0, 10_000), capacity=st.tuples(st.integers(0, 8), st.integers(0, 8)))
def test_the_oracle_keeps_the_same_users(rule, seed, capacity):
    node, served, slices, tiebreak = draw(seed)
    kept = np.asarray(one(rule, node, served, slices, tiebreak, jnp.array(capacity, float)))
    names = ["HLC"[s] for s in slices]
    expected = set()
    for i in range(2):
        expected |= set(
            oracle.balance(
                rule, np.flatnonzero(served & (node == i)).tolist(), names, tiebreak, capacity[i]
            )
        )
    assert set(np.flatnonzero(kept).tolist()) == expected


@given(seed=st.integers(0, 10_000), capacity=st.integers(0, 8))
def test_exactly_the_excess_goes_and_nobody_before_a_lower_slice(seed, capacity):
    node, served, slices, tiebreak = draw(seed)
    for rule in ("priority", "uniform"):
        kept = np.asarray(one(rule, node, served, slices, tiebreak, jnp.full(2, float(capacity))))
        assert not np.any(kept & ~served)
        for i in range(2):
            here = served & (node == i)
            assert (kept & here).sum() == min(here.sum(), capacity)
            if rule == "priority" and (here & ~kept).any() and (here & kept).any():
                assert slices[here & ~kept].min() >= slices[here & kept].max()


def test_uniform_disconnects_each_slice_alike_and_priority_does_not():
    slices, zero, served = jnp.repeat(jnp.arange(3), 4), jnp.zeros(12, int), jnp.ones(12, bool)
    ties = jax.random.uniform(jax.random.key(0), (4000, 12))

    def kept(rule):
        rows = jax.vmap(lambda tie: balance(rule, zero, served, slices, tie, jnp.array([6.0])))(
            ties
        )
        return np.asarray(rows).reshape(-1, 3, 4).mean(axis=(0, 2))

    assert kept("uniform") == pytest.approx([0.5] * 3, abs=5 * 0.5 / np.sqrt(4000))
    assert kept("priority") == pytest.approx([1.0, 0.5, 0.0])


def test_equal_numbers_still_leave_exactly_the_capacity():
    kept = balance(
        "priority",
        jnp.zeros(5, int),
        jnp.ones(5, bool),
        jnp.zeros(5, int),
        jnp.zeros(5),
        jnp.array([3.0]),
    )
    assert int(kept.sum()) == 3


@given(seed=st.integers(0, 10_000))
def test_sorting_ranks_as_pairs_do(seed):
    node, served, slices, tiebreak = draw(seed)
    given = [
        jnp.asarray(values)
        for values in (np.where(served, node, -1), slices, np.round(tiebreak, 1))
    ]
    np.testing.assert_array_equal(rank_by_sorting(*given), rank_in_pairs(*given))


@pytest.mark.parametrize("rule", ["priority", "uniform", "uniform-all"])
def test_many_users_are_balanced_as_few_are(rule):
    repeats = MOST_IN_PAIRS // USERS + 1
    node, served, slices, tiebreak = draw(3)
    copies = np.arange(repeats)[:, None]
    nodes = np.where(
        served, node + 2 * copies, -1
    )  # every copy of the network has its own two nodes
    many = [np.tile(values, repeats) for values in (served, slices, tiebreak)]
    kept = one(rule, nodes.ravel(), *many, jnp.tile(jnp.array([1.0, 3.0]), repeats))
    alone = np.asarray(one(rule, node, served, slices, tiebreak, jnp.array([1.0, 3.0])))
    assert 0 < alone.sum() < served.sum()
    np.testing.assert_array_equal(
        np.asarray(kept).reshape(repeats, USERS), np.tile(alone, (repeats, 1))
    )
