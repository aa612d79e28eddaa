"""Diversity over Rayleigh branches: Monte Carlo of the combiners, and laws between them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from sagin.propagation import rayleigh
from sagin.radio import combining, diversity

COUNT = 200_000
MEANS = np.array([0.3, 2.0, 2.0, 9.0])


def branches():
    return np.asarray(
        MEANS * rayleigh.sample_power(jax.random.key(3), (COUNT, MEANS.size)), dtype=float
    )


def close(samples, expected):
    samples = np.asarray(samples, dtype=float)
    assert np.mean(samples) == pytest.approx(
        float(expected), abs=5.0 * np.std(samples) / np.sqrt(COUNT)
    )


def test_means_and_outages_are_those_of_the_combiners():
    snrs = branches()
    close(combining.maximum_ratio(snrs), diversity.maximum_ratio_mean(MEANS))
    close(combining.equal_gain(snrs), diversity.equal_gain_mean(MEANS))
    close(combining.selection(snrs), diversity.selection_mean(MEANS))
    for threshold in (1.0, 5.0):
        close(
            np.asarray(combining.maximum_ratio(snrs)) <= threshold,
            diversity.maximum_ratio_outage(threshold, MEANS),
        )
        close(
            np.asarray(combining.selection(snrs)) <= threshold,
            diversity.selection_outage(threshold, MEANS),
        )


def test_errors_are_means_of_the_q_function():
    snrs = branches()
    close(0.5 * special.erfc(np.sqrt(snrs.sum(axis=1))), diversity.maximum_ratio_error(MEANS))
    alike = 2.0 * snrs[:, 1:3] / MEANS[1:3]
    close(
        0.5 * special.erfc(np.sqrt(np.asarray(combining.equal_gain(alike)))),
        diversity.equal_gain_error(2.0),
    )


@pytest.mark.parametrize("branches", [1, 2, 5])
@pytest.mark.usefixtures("float64")
def test_equal_branches_against_the_textbook(branches):
    mean, k = 7.0, np.arange(branches)
    mu = np.sqrt(mean / (1 + mean))
    error = ((1 - mu) / 2) ** branches * np.sum(
        special.comb(branches - 1 + k, k) * ((1 + mu) / 2) ** k
    )
    assert float(diversity.maximum_ratio_error(jnp.full(branches, mean))) == pytest.approx(
        error, rel=1e-12
    )
    assert float(diversity.selection_mean(jnp.full(branches, mean))) == pytest.approx(
        mean * np.sum(1.0 / (k + 1)), rel=1e-13
    )


@settings(max_examples=25, deadline=None)
@given(means=st.lists(st.floats(1e-2, 1e3), min_size=1, max_size=5), threshold=st.floats(1e-3, 1e3))
def test_selection_is_never_better_than_maximum_ratio(means, threshold):
    means = jnp.array(means, dtype=float)
    assert float(diversity.maximum_ratio_outage(threshold, means)) <= float(
        diversity.selection_outage(threshold, means)
    ) * (1 + 1e-4)
    assert float(diversity.selection_mean(means)) <= float(diversity.maximum_ratio_mean(means)) * (
        1 + 1e-5
    )
    assert float(diversity.equal_gain_mean(means)) <= float(diversity.maximum_ratio_mean(means)) * (
        1 + 1e-5
    )


def test_jit_vmap_gradient_and_32_bits(both_widths):
    table = jnp.stack([MEANS, 2.0 * MEANS])
    outage = diversity.maximum_ratio_outage(1.0, table)
    assert jnp.allclose(
        jax.jit(diversity.maximum_ratio_outage)(1.0, table), outage, rtol=100 * both_widths
    )
    assert jnp.allclose(
        jax.vmap(diversity.maximum_ratio_outage, (None, 0))(1.0, table),
        outage,
        rtol=100 * both_widths,
    )
    slope = jax.grad(lambda scale: diversity.maximum_ratio_outage(1.0, scale * MEANS))(1.0)
    by_threshold = jax.grad(diversity.maximum_ratio_outage)(1.0, MEANS)
    assert float(slope) == pytest.approx(
        -float(by_threshold), rel=1e3 * both_widths
    )  # only the ratio counts
    for function in (
        diversity.selection_mean,
        diversity.maximum_ratio_error,
        diversity.equal_gain_mean,
    ):
        assert jnp.all(jnp.isfinite(jax.grad(function)(MEANS)))
