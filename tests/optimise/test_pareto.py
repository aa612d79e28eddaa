"""Domination compared with its definition, and volumes with Monte Carlo and known values."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.optimise.pareto import find_non_dominated, hypervolume


@given(seed=st.integers(0, 2**30), terms=st.integers(1, 3))
@settings(max_examples=20)
def test_non_dominated_points_are_beaten_by_none(seed, terms):
    points = np.random.default_rng(seed).integers(0, 4, (12, terms)).astype(float)
    found = np.asarray(find_non_dominated(jnp.asarray(points)))
    for row, here in zip(points, found, strict=True):
        beaten = any(np.all(other >= row) and np.any(other > row) for other in points)
        assert here == (not beaten)


@pytest.mark.parametrize("terms", [2, 3])
def test_hypervolume_is_what_sampling_says(terms):
    rng = np.random.default_rng(terms)
    points = rng.uniform(-0.2, 1.0, (15, terms))
    samples = rng.uniform(0.0, 1.0, (200_000, terms))
    share = np.mean(np.any(np.all(samples[:, None] <= points, axis=2), axis=1))
    error = np.sqrt(share * (1 - share) / len(samples))
    assert hypervolume(points, np.zeros(terms)) == pytest.approx(share, abs=4 * error)


@given(seed=st.integers(0, 2**30))
@settings(max_examples=20)
def test_dominated_points_add_nothing_and_others_never_take_away(seed):
    points = np.random.default_rng(seed).uniform(size=(10, 3))
    corner = np.zeros(3)
    kept = points[np.asarray(find_non_dominated(jnp.asarray(points)))]
    assert hypervolume(kept, corner) == pytest.approx(hypervolume(points, corner))
    assert hypervolume(points[:9], corner) <= hypervolume(points, corner) + 1e-12
    assert hypervolume(points[:1], corner) == pytest.approx(points[0].prod())
    assert hypervolume(points, np.full(3, 2.0)) == 0.0
