"""Poisson arrivals: mean, variance and law; mean 0."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from sagin.traffic import poisson_packets

COUNT = 100_000


@pytest.mark.parametrize("mean", [0.5, 50.0])
def test_numbers_follow_the_law(mean):
    packets = np.asarray(poisson_packets(jax.random.key(0), mean, (COUNT,)))
    assert packets.mean() == pytest.approx(mean, abs=5.0 * np.sqrt(mean / COUNT))
    assert packets.var() == pytest.approx(mean, rel=5.0 * np.sqrt((2.0 + 1.0 / mean) / COUNT))
    at_most = stats.poisson(mean).cdf(int(mean))
    assert np.mean(packets <= int(mean)) == pytest.approx(at_most, abs=5.0 * np.sqrt(at_most * (1 - at_most) / COUNT))


def test_means_may_differ_and_none_arrive_at_mean_0():
    packets = poisson_packets(jax.random.key(1), jnp.array([0.0, 1000.0]), (50, 2))
    assert jnp.all(packets[:, 0] == 0)
    assert jnp.all(packets[:, 1] > 500)
