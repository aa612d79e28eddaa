"""Rician fading: the law against scipy's non-central chi-square, samples against the law, the
limits K = 0 and K → ∞.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sagin.propagation import rayleigh, rician

COUNT = 200_000


@pytest.mark.parametrize("k_factor", [0.01, 1.0, 6.0, 30.0, 300.0])
@pytest.mark.usefixtures("float64")
def test_law_against_the_non_central_chi_square(k_factor):
    power = np.array([1e-4, 0.05, 0.5, 0.9, 1.0, 1.1, 2.0, 6.0, 30.0])
    law = stats.ncx2(2, 2 * k_factor, scale=0.5 / (1 + k_factor))
    cdf, pdf = (
        np.asarray(rician.power_cdf(power, k_factor)),
        np.asarray(rician.power_pdf(power, k_factor)),
    )
    seen = law.cdf(power) > 1e-250
    assert cdf[seen] == pytest.approx(law.cdf(power)[seen], rel=1e-11)
    assert pdf[seen] == pytest.approx(law.pdf(power)[seen], rel=1e-9, abs=1e-250)


@settings(max_examples=30, deadline=None)
@given(power=st.floats(0.0, 10.0), k_factor=st.floats(0.0, 50.0))
def test_a_distribution_stays_within_0_and_1_and_rises(power, k_factor):
    low, high = rician.power_cdf(jnp.array([power, power + 0.1]), k_factor)
    assert 0.0 <= low <= high + 1e-6
    assert high <= 1.0


def test_no_line_of_sight_is_rayleigh(both_widths):
    power = jnp.array([0.0, 0.1, 1.0, 5.0])
    assert jnp.allclose(
        rician.power_cdf(power, 0.0), rayleigh.power_cdf(power), rtol=16 * both_widths
    )
    assert jnp.allclose(
        rician.power_pdf(power, 0.0), rayleigh.power_pdf(power), rtol=16 * both_widths
    )
    assert jnp.allclose(rician.laplace(power, 0.0), rayleigh.laplace(power), rtol=4 * both_widths)
    assert jnp.allclose(
        rician.mean_capacity(0.0, power), rayleigh.mean_capacity(power), rtol=64 * both_widths
    )


@pytest.mark.parametrize("k_factor", [6.0, 1e4])
def test_edges_of_the_law(k_factor):
    power = jnp.array([-1.0, 0.0, jnp.inf, jnp.nan])
    assert np.asarray(rician.power_cdf(power, k_factor)).tolist()[:3] == [0.0, 0.0, 1.0]
    assert np.asarray(rician.power_pdf(power, k_factor))[[0, 2]].tolist() == [0.0, 0.0]
    assert jnp.isnan(rician.power_cdf(power, k_factor)[3])


def test_large_factors_in_both_widths(both_widths):
    # within three standard deviations of the mean, 1/√K each
    factor = np.array([[99.0], [101.0], [1e4], [1e5], [1e6]])
    power = 1.0 + np.array([-3.0, -1.0, 0.0, 0.5, 3.0]) / np.sqrt(factor)
    power, k_factor = (np.asarray(jnp.asarray(x), float) for x in (power, factor))
    law = stats.ncx2(2, 2 * factor, scale=0.5 / (1 + factor))
    # the standard deviation is as sharp as the power's own rounding
    spread = both_widths * (40 + 4 * np.sqrt(factor))
    error = np.abs(np.asarray(rician.power_cdf(power, k_factor)) - law.cdf(power))
    assert np.all(error < spread)
    assert np.all(
        np.abs(np.asarray(rician.power_pdf(power, k_factor)) / law.pdf(power) - 1) < 10 * spread
    )
    assert float(rician.power_cdf(1.0, 1e4)) == pytest.approx(0.50141, abs=1e-5)
    assert float(rician.power_cdf(1.0, 1e12)) == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("k_factor", [0.0, 6.0, 40.0])
def test_samples_follow_the_law(k_factor):
    power = np.asarray(rician.sample_power(jax.random.key(3), k_factor, (COUNT,)))
    h = np.asarray(rician.sample(jax.random.key(4), k_factor, (COUNT,)))
    for draws in (power, np.abs(h) ** 2):
        assert (
            stats.kstest(draws[:20_000], lambda x: np.asarray(rician.power_cdf(x, k_factor))).pvalue
            > 1e-4
        )
        assert np.mean(draws) == pytest.approx(1.0, abs=5.0 * np.std(draws) / np.sqrt(COUNT))
        assert np.mean(draws**2) == pytest.approx(
            float(rician.second_moment(k_factor)), abs=5.0 * np.std(draws**2) / np.sqrt(COUNT)
        )
        values = np.exp(-2.0 * draws)
        assert np.mean(values) == pytest.approx(
            float(rician.laplace(2.0, k_factor)), abs=5.0 * np.std(values) / np.sqrt(COUNT)
        )
    assert abs(np.mean(h)) < 5.0 / np.sqrt(COUNT)


@pytest.mark.parametrize("k_factor", [0.5, 6.0, 100.0])
@pytest.mark.usefixtures("float64")
def test_capacity_is_the_mean_over_the_density(k_factor):
    law = stats.ncx2(2, 2 * k_factor, scale=0.5 / (1 + k_factor))
    for mean_snr in (0.01, 1.0, 1000.0):
        expected, _ = integrate.quad(
            lambda x, snr: np.log2(1 + snr * x) * law.pdf(x),
            0,
            30,
            (mean_snr,),
            points=[0.5, 1, 2],
            limit=400,
        )
        assert float(rician.mean_capacity(k_factor, mean_snr)) == pytest.approx(expected, rel=1e-8)


@pytest.mark.usefixtures("float64")
def test_gradients_of_both_modes_jit_and_vmap():
    power, k_factor = jnp.array([0.0, 0.2, 1.0, 3.0]), 6.0
    slope = jax.vmap(jax.grad(rician.power_cdf), (0, None))(power, k_factor)
    assert jnp.allclose(slope, rician.power_pdf(power, k_factor), rtol=1e-11)
    step = 1e-5
    difference = (
        rician.power_cdf(power, k_factor + step) - rician.power_cdf(power, k_factor - step)
    ) / (2 * step)
    for mode in (jax.jacrev, jax.jacfwd):
        assert jnp.allclose(
            mode(rician.power_cdf, argnums=1)(power, k_factor), difference, atol=1e-9
        )
    for function in (rician.power_cdf, rician.power_pdf):
        assert jnp.allclose(
            jax.jit(function)(power, k_factor), function(power, k_factor), rtol=1e-13
        )
        assert jnp.allclose(
            jax.vmap(function, (0, None))(power, k_factor), function(power, k_factor), rtol=1e-13
        )


def test_outage_is_the_law_at_the_scaled_threshold():
    assert float(rician.outage(2.0, 6.0, 4.0)) == pytest.approx(float(rician.power_cdf(0.5, 6.0)))
