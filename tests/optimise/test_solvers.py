"""Every solver compared with brute force or another solver, and its bound with its value."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from sagin.optimise.clustering import compute_scatter, k_means
from sagin.optimise.exhaustive import find_best, find_best_tuple
from sagin.optimise.gradient import ascend
from sagin.optimise.ratio import maximise_ratio
from sagin.optimise.selection import select_largest, sum_largest
from sagin.optimise.water_filling import ShareRange, Utility, fill, find_price_range

scores = st.lists(
    st.sampled_from([-3.5, -1.0, -0.0, 0.0, 1e-30, 0.5, 2.0, 2.5, 1e20]), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(scores, st.integers(0, 13), st.randoms(use_true_random=False))
def test_largest_are_those_of_a_stable_sort(values, places, random):
    among = [random.random() < 0.7 for _ in values]
    score = np.asarray(values, np.float32)
    order = [place for place in np.argsort(-score, kind="stable") if among[place]][:places]
    assert np.flatnonzero(
        select_largest(jnp.asarray(score), jnp.asarray(among), places)
    ).tolist() == sorted(order)


def test_largest_in_both_widths(both_widths):
    score = jnp.asarray(np.random.default_rng(0).normal(size=300) * 1e-3)
    assert sum_largest(score, 40) == pytest.approx(
        np.sort(np.asarray(score))[-40:].sum(), rel=10 * both_widths
    )
    assert int(select_largest(score, score < 0, 25).sum()) == 25


def logarithmic(gains):
    return Utility(
        lambda x: jnp.log1p(gains * x),
        lambda x: gains / (1 + gains * x),
        lambda price: 1 / price - 1 / gains,
    )


def water(seed, total):
    gains = jnp.asarray(np.random.default_rng(seed).uniform(0.1, 5.0, 6))
    box = ShareRange(jnp.full(6, 0.05), jnp.full(6, 2.0))
    return gains, box, fill(logarithmic(gains), box, total)


@pytest.mark.parametrize("total", [0.4, 1.0, 3.0, 11.0, 20.0])
def test_water_filling_is_what_a_general_solver_finds(float64, total):
    gains, box, (found, _) = water(1, total)
    other = minimize(
        lambda x: -np.log1p(np.asarray(gains) * x).sum(),
        np.full(6, 0.06),
        bounds=[(0.05, 2.0)] * 6,
        constraints={"type": "ineq", "fun": lambda x: total - x.sum()},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert float(found.value) == pytest.approx(-other.fun, rel=1e-6)
    assert float(found.point.sum()) <= total + 1e-9
    assert np.all((found.point >= box.low - 1e-12) & (found.point <= box.high + 1e-12))
    assert found.value <= found.bound <= found.value + 1e-9


def test_water_filling_gives_back_the_lows_where_they_exceed_the_total():
    _, box, (found, _) = water(1, 0.1)
    np.testing.assert_allclose(found.point, box.low, rtol=1e-5)


@pytest.mark.parametrize("total", [1e-9, 1e-6, 1e-3, 1.0, 1e3])
def test_water_filling_uses_all_of_any_total(both_widths, total):
    """Totals so small that utilities are straight lines and demand jumps between neighbouring
    prices, and so large that they are flat.
    """
    gains = jnp.asarray([1.0, 3.0, 3.0, 0.5, 1e-4])
    found, price = fill(logarithmic(gains), ShareRange(jnp.zeros(5), jnp.full(5, total)), total)
    assert float(found.point.sum()) == pytest.approx(total, rel=10 * both_widths)
    assert np.isfinite(price)
    best = float(jnp.log1p(3.0 * total)) if total < 1e-4 else float(found.value)
    assert float(found.value) == pytest.approx(
        best, rel=max(100 * both_widths, 10 * total if total < 1e-4 else 0.0)
    )


def test_an_item_that_gains_nothing_sets_no_price():
    gains = jnp.asarray([0.0, 2.0])
    box = ShareRange(jnp.zeros(2), jnp.ones(2))
    floor, ceiling = find_price_range(logarithmic(gains).marginal, box)
    assert 0 < floor < 2 / 3 < 2 < ceiling
    nobody = find_price_range(logarithmic(gains * 0).marginal, box)
    assert all(float(price) > 0 for price in nobody)


def test_ratio_against_a_grid(both_widths):
    def solve(ratio):
        x = jnp.clip(2.0 / ratio - 1.0, 0.0, 10.0)  # maximises 2·ln(1 + x) − ratio·(x + 3)
        return x, 2.0 * jnp.log1p(x), x + 3.0

    found = maximise_ratio(solve, 0.01, 3.0)
    line = np.linspace(0, 10, 200_001)
    assert float(found.value) == pytest.approx(
        (2 * np.log1p(line) / (line + 3)).max(), rel=max(1e-8, 10 * both_widths)
    )
    assert found.value <= found.bound * (1 + 10 * both_widths)
    assert float(found.bound) == pytest.approx(float(found.value), rel=100 * both_widths)


def test_gradient_ascent_finds_the_higher_of_two_hills_and_never_loses_a_start():
    def hills(x):
        return jnp.exp(-jnp.sum((x - 1.0) ** 2)) + 2.0 * jnp.exp(-jnp.sum((x + 2.0) ** 2))

    found = ascend(hills, jnp.asarray([[0.8, 0.8], [-1.0, -1.5]]), 0.3)
    np.testing.assert_allclose(found.point, [-2.0, -2.0], atol=0.02)
    alone = ascend(hills, jnp.asarray([[1.0, 1.0]]), 5.0)
    assert alone.value >= hills(jnp.ones(2))


def test_exhaustive_search_tries_all():
    candidates = jnp.asarray(np.random.default_rng(2).normal(size=(7, 2)))

    def apart(pair):
        return jnp.sum((pair[0] - pair[1]) ** 2)

    found = find_best_tuple(apart, candidates, 2, batch=5)
    every = [float(apart(candidates[jnp.asarray([i, k])])) for i in range(7) for k in range(7)]
    assert float(found.value) == max(every) == float(found.bound)
    assert float(find_best(jnp.sum, candidates, batch=3).value) == pytest.approx(
        float(candidates.sum(axis=1).max())
    )


def test_k_means_finds_separate_clusters_and_its_bound_holds(float64):
    random = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [50.0, 10.0], [-30.0, 40.0]])
    points = jnp.asarray(
        np.concatenate([centre + random.normal(size=(20, 2)) for centre in centres])
    )
    weights = jnp.asarray(random.uniform(0.5, 2.0, 60))
    for clusters in (1, 2, 3):
        found = k_means(points, weights, clusters)
        assert found.bound <= found.value * (1 + 1e-12)
        assert float(found.value) == pytest.approx(
            float(compute_scatter(points, weights, found.point))
        )
    found = np.asarray(k_means(points, weights, 3).point)
    assert all(np.min(np.linalg.norm(found - centre, axis=1)) < 1.0 for centre in centres)
    one = k_means(points, weights, 1)
    assert float(one.bound) == pytest.approx(float(one.value))


def test_k_means_does_not_depend_on_the_order_and_leaves_out_what_weighs_nothing(float64):
    random = np.random.default_rng(1)
    points, turn = random.normal(size=(30, 2)), random.permutation(30)
    weights = (np.arange(30) < 20).astype(float)
    one = k_means(jnp.asarray(points), jnp.asarray(weights), 3)
    other = k_means(jnp.asarray(points[turn]), jnp.asarray(weights[turn]), 3)
    alone = k_means(jnp.asarray(points[:20]), jnp.ones(20), 3)
    np.testing.assert_allclose(one.point, other.point, atol=1e-12)
    np.testing.assert_allclose(one.point, alone.point, atol=1e-12)
    assert np.all(
        np.isfinite(jax.jit(lambda w: k_means(jnp.asarray(points), w, 3).point)(jnp.zeros(30)))
    )
