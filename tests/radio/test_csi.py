"""Estimated channels: the joint law of a Gaussian channel and its estimate, and the ends."""

import jax
import numpy as np
import pytest

from sagin.radio import csi


@pytest.mark.parametrize("variance", [0.1, 0.6])
def test_powers_of_channel_and_estimate_are_those_of_two_correlated_gaussians(variance):
    """E|ĥ|² = Ω, and |h|² and |ĥ|² have the correlation 1 − σ² of complex Gaussian variables whose
    own correlation is √(1 − σ²) (Isserlis).
    """
    power = np.asarray(2.5 * jax.random.exponential(jax.random.key(0), (40_000,)), float)
    errors = jax.random.normal(jax.random.key(1), (40_000, 2))
    estimate = np.asarray(csi.estimate_power(power, 2.5, errors, variance), float)
    assert estimate.mean() == pytest.approx(2.5, abs=5 * 2.5 / 200)
    assert estimate.var() == pytest.approx(2.5**2, rel=0.08)
    assert np.corrcoef(power, estimate)[0, 1] == pytest.approx(1 - variance, abs=0.03)


def test_the_best_linear_use_of_an_estimate_leaves_its_error_variance():
    """√(1 − σ²)·ĥ is the MMSE estimate: what it misses of h has the mean power σ²·Ω."""
    rng, variance = np.random.default_rng(2), 0.3
    draws = rng.standard_normal((3, 40_000, 2))
    channel, errors = (draws[0] @ [1, 1j]) / np.sqrt(2), draws[1]
    wrong = errors @ [1, 1j] / np.sqrt(2)
    turned = wrong * channel / np.abs(channel)  # the formula's w has the phase of h
    estimate = np.sqrt(1 - variance) * channel + np.sqrt(variance) * turned
    found = csi.estimate_power(np.abs(channel) ** 2, 1.0, errors, variance)
    np.testing.assert_allclose(found, np.abs(estimate) ** 2, rtol=2e-5, atol=1e-6)
    missed = channel - np.sqrt(1 - variance) * estimate
    assert np.mean(np.abs(missed) ** 2) == pytest.approx(variance, rel=0.03)
    assert abs(np.mean(missed * estimate.conj())) < 0.015


def test_ends_of_the_range():
    errors = np.array([0.5, -2.0])
    assert float(csi.estimate_power(4.0, 3.0, errors, 0.0)) == pytest.approx(4.0)
    assert float(csi.estimate_power(4.0, 3.0, errors, 1.0)) == pytest.approx(1.5 * 4.25)
