"""Poisson arrivals: mean, variance and law; mean 0."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from sagin.traffic import poisson_packets
from sagin.traffic.arrivals import poisson_quantile

COUNT = 100_000


@pytest.mark.parametrize("mean", [0.5, 50.0])
def test_numbers_follow_the_law(mean):
    packets = np.asarray(poisson_packets(jax.random.key(0), mean, (COUNT,)))
    assert packets.mean() == pytest.approx(mean, abs=5.0 * np.sqrt(mean / COUNT))
    assert packets.var() == pytest.approx(mean, rel=5.0 * np.sqrt((2.0 + 1.0 / mean) / COUNT))
    at_most = stats.poisson(mean).cdf(int(mean))
    assert np.mean(packets <= int(mean)) == pytest.approx(
        at_most, abs=5.0 * np.sqrt(at_most * (1 - at_most) / COUNT)
    )


def test_means_may_differ_and_none_arrive_at_mean_0():
    packets = poisson_packets(jax.random.key(1), jnp.array([0.0, 1000.0]), (50, 2))
    assert jnp.all(packets[:, 0] == 0)
    assert jnp.all(packets[:, 1] > 500)


@pytest.mark.parametrize("mean", [0.0, 0.01, 1.0, 50.0, 900.0])
def test_quantiles_are_scipys(mean, both_widths):
    most = int(mean + 8.0 * np.sqrt(mean) + 12.0)
    probability = np.random.default_rng(0).random(2000)
    found = np.asarray(poisson_quantile(jnp.asarray(probability), mean, most))
    slack = 40.0 * both_widths
    low, high = (
        stats.poisson(mean).ppf(np.clip(probability + shift, 1e-12, 1.0 - 1e-7))
        for shift in (-slack, slack)
    )
    assert np.all((low <= found) & (found <= high))


def test_quantiles_stay_in_the_table():
    assert int(poisson_quantile(jnp.asarray(1.0 - 2.0**-24), 50.0, 128)) < 128
    assert int(poisson_quantile(jnp.asarray(2.0**-24), 50.0, 128)) > 0
