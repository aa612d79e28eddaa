"""Nakagami fading: the law against scipy's gamma distribution, samples against the law."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from sagin.propagation import nakagami, rayleigh


@pytest.mark.parametrize("m", [0.5, 1.0, 2.7, 30.0])
@pytest.mark.usefixtures("float64")
def test_law_against_the_gamma_distribution(m):
    power = np.array([1e-4, 0.1, 1.0, 3.0])
    assert np.asarray(nakagami.power_cdf(power, m)) == pytest.approx(
        stats.gamma(m, scale=1 / m).cdf(power), rel=1e-11
    )
    assert float(nakagami.outage(2.0, m, 4.0)) == pytest.approx(
        stats.gamma(m, scale=1 / m).cdf(0.5), rel=1e-11
    )


def test_m_of_one_is_rayleigh_and_nothing_is_below_0(both_widths):
    power = jnp.array([-1.0, 0.0, 0.1, 1.0, 5.0])
    assert jnp.allclose(
        nakagami.power_cdf(power, 1.0), rayleigh.power_cdf(power), rtol=16 * both_widths
    )


@pytest.mark.parametrize("m", [0.3, 1.0, 10.1])
def test_samples_follow_the_law(m):
    power = np.asarray(nakagami.sample_power(jax.random.key(5), m, (100_000,)), dtype=float)
    assert stats.kstest(power[:20_000], stats.gamma(m, scale=1 / m).cdf).pvalue > 1e-4
    assert np.mean(power) == pytest.approx(1.0, abs=5.0 / np.sqrt(m * power.size))


def test_jit_vmap_and_gradient(both_widths):
    power = jnp.array([0.1, 1.0, 3.0])
    expected = nakagami.power_cdf(power, 2.0)
    assert jnp.allclose(jax.jit(nakagami.power_cdf)(power, 2.0), expected, rtol=8 * both_widths)
    assert jnp.allclose(
        jax.vmap(nakagami.power_cdf, (0, None))(power, 2.0), expected, rtol=8 * both_widths
    )
    slope = jax.vmap(jax.grad(nakagami.power_cdf), (0, None))(power, 2.0)
    assert jnp.allclose(slope, 4.0 * power * jnp.exp(-2.0 * power), rtol=64 * both_widths)
