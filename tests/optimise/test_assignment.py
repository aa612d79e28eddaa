"""The assignment compared with scipy's, with and without pairs that have no value."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from sagin.optimise.assignment import assign

compiled = jax.jit(assign)


def best(value):
    """Return the largest sum by scipy; a pair without value is no pair."""
    gain = np.where(value > 0, value, 0.0)
    return gain[linear_sum_assignment(gain, maximize=True)].sum()


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (7, 4), (3, 9)])
@given(seed=st.integers(0, 2**30))
@settings(max_examples=20)
def test_value_is_scipys_and_no_column_is_used_twice(shape, seed):
    rng = np.random.default_rng(seed)
    value = rng.normal(size=shape) + 0.5
    value[rng.random(shape) < 0.2] = -np.inf
    found = np.asarray(compiled(jnp.asarray(value)))
    rows = np.flatnonzero(found >= 0)
    assert len(set(found[rows])) == len(rows)
    assert np.all(value[rows, found[rows]] > 0)
    assert value[rows, found[rows]].sum() == pytest.approx(best(value), rel=1e-5)


def test_batch_and_empty_sizes():
    value = jnp.asarray(np.random.default_rng(0).uniform(size=(4, 6, 5)))
    many = jax.jit(jax.vmap(assign))(value)
    assert np.array_equal(many, np.stack([compiled(one) for one in value]))
    assert assign(jnp.zeros((3, 0))).tolist() == [-1] * 3
    assert assign(jnp.full((2, 2), -jnp.inf)).tolist() == [-1, -1]
