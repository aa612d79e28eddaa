"""Rayleigh fading: samples against the law, moments and capacity against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from sagin.propagation import rayleigh

COUNT = 200_000


def test_samples_have_unit_power_and_no_preferred_phase():
    h = np.asarray(rayleigh.sample(jax.random.key(1), (COUNT,)))
    assert stats.kstest(np.abs(h[:20_000]) ** 2, rayleigh.power_cdf).pvalue > 1e-4
    assert abs(np.mean(h)) < 5.0 / np.sqrt(COUNT)
    assert abs(np.mean(h**2)) < 5.0 * np.sqrt(2.0 / COUNT)


def test_sampled_powers_follow_the_law():
    power = np.asarray(rayleigh.sample_power(jax.random.key(2), (COUNT,)))
    assert stats.kstest(power[:20_000], rayleigh.power_cdf).pvalue > 1e-4
    assert np.mean(power) == pytest.approx(1.0, abs=5.0 / np.sqrt(COUNT))
    for argument in (0.5, 2.0):
        values = np.exp(-argument * power)
        assert np.mean(values) == pytest.approx(
            float(rayleigh.laplace(argument)), abs=5.0 * np.std(values) / np.sqrt(COUNT)
        )


def test_density_is_the_derivative_of_the_distribution(both_widths):
    power = jnp.array([0.0, 0.3, 4.0])
    assert jnp.allclose(
        jax.vmap(jax.grad(lambda x: rayleigh.power_cdf(x + 1e-30)))(power),
        rayleigh.power_pdf(power),
        rtol=4 * both_widths,
    )
    assert rayleigh.power_pdf(-1.0) == 0.0
    assert rayleigh.power_cdf(-1.0) == 0.0


def test_moments_are_factorials(both_widths):
    assert jnp.allclose(
        rayleigh.moment(jnp.arange(5)), jnp.array([1.0, 1.0, 2.0, 6.0, 24.0]), rtol=32 * both_widths
    )


@pytest.mark.parametrize("mean_snr", [1e-6, 1e-2, 0.3, 10.0, 1e4, 1e8])
@pytest.mark.usefixtures("float64")
def test_capacity_against_the_exponential_integral(mean_snr):
    scaled = special.exp1(1.0 / mean_snr) * np.exp(1.0 / mean_snr) if mean_snr > 0.01 else None
    if scaled is None:  # E1's asymptotic series, where the product would be 0·∞
        scaled = sum((-1) ** n * special.factorial(n) * mean_snr ** (n + 1) for n in range(9))
    assert float(rayleigh.mean_capacity(mean_snr)) == pytest.approx(
        scaled / np.log(2.0), rel=1e-12 if mean_snr > 0.01 else 1e-9
    )


def test_capacity_in_32_bits_under_jit_and_vmap(both_widths):
    snrs = jnp.array([1e-3, 1.0, 1e5])
    expected = rayleigh.mean_capacity(snrs)
    assert jnp.allclose(jax.jit(rayleigh.mean_capacity)(snrs), expected, rtol=8 * both_widths)
    assert jnp.allclose(jax.vmap(rayleigh.mean_capacity)(snrs), expected, rtol=8 * both_widths)
    assert rayleigh.mean_capacity(0.0) == 0.0
