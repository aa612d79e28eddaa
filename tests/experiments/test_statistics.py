"""Intervals cover the truth as often as they say, and gains are paired."""

import numpy as np
import pytest

from sagin.experiments.statistics import gain_interval, mean_interval, normal_quantile


def test_quantile_against_scipy():
    from scipy.stats import norm

    assert normal_quantile(0.99) == pytest.approx(norm.ppf(0.995), rel=1e-12)


def test_paired_gain_covers_the_true_ratio():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        shared = generator.normal(10, 3, 200)
        pair = np.stack([1.2 * shared + generator.normal(0, 0.5, 200), shared])
        gain = gain_interval((pair[0].mean(), pair[1].mean()), np.cov(pair), 200)
        covered += gain.low <= 20 <= gain.high
    assert 0.91 <= covered / 400 <= 0.98


def test_pairing_narrows_the_interval():
    generator = np.random.default_rng(1)
    shared = generator.normal(10, 3, 500)
    covariance = np.cov(np.stack([1.1 * shared, shared]))
    paired = gain_interval((11.0, 10.0), covariance, 500)
    unpaired = gain_interval((11.0, 10.0), np.diag(np.diag(covariance)), 500)
    assert paired.high - paired.low < 0.1 * (unpaired.high - unpaired.low)


def test_degenerate_cases():
    assert np.isinf(mean_interval(1.0, 0.0, 1).high)
    assert np.isnan(gain_interval((0.0, 0.0), np.zeros((2, 2)), 5).estimate)
    assert np.isinf(gain_interval((1.0, 0.0), np.zeros((2, 2)), 5).estimate)
