"""Relaying over Rayleigh hops: Hasna and Alouini's closed forms, Monte Carlo of the instantaneous
formula, limits.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from sagin.propagation import rayleigh
from sagin.radio import amplify_forward, diversity, relay_statistics
from sagin.radio.relay_statistics import FixedGainRelay

COUNT = 200_000
RELAYS = [
    FixedGainRelay(10.0, 10.0, 1.7),
    FixedGainRelay(100.0, 3.0, 101.0),
    FixedGainRelay(0.5, 1e4, 1.5),
    FixedGainRelay(1e4, 1e4, 10001.0),
]
each_relay = pytest.mark.parametrize("relay", RELAYS, ids=str)


def close(samples, expected):
    assert np.mean(samples) == pytest.approx(
        float(expected), abs=5.0 * np.std(samples) / np.sqrt(COUNT)
    )


@each_relay
@pytest.mark.usefixtures("float64")
def test_closed_forms(relay):
    first, second, constant = relay
    ratio = constant / second
    mean = first * (1 - ratio * np.exp(ratio) * special.exp1(ratio))
    assert float(relay_statistics.mean_snr(relay)) == pytest.approx(mean, rel=1e-11)
    for threshold in (1e-3, 1.0, 30.0):
        root = 2 * np.sqrt(constant * threshold / (first * second))
        outage = 1 - root * np.exp(-threshold / first) * special.k1(root)
        assert float(relay_statistics.outage(threshold, relay)) == pytest.approx(
            outage, rel=1e-12, abs=1e-15
        )


@each_relay
def test_everything_by_monte_carlo(relay):
    keys = jax.random.split(jax.random.key(1), 3)
    direct, first, second = (
        np.asarray(rayleigh.sample_power(key, (COUNT,)), dtype=float) for key in keys
    )
    relayed = np.asarray(
        amplify_forward.snr(
            relay.mean_first_hop * first, relay.mean_second_hop * second, relay.constant
        )
    )
    both = 2.0 * direct + relayed
    close(relayed, relay_statistics.mean_snr(relay))
    close(0.5 * special.erfc(np.sqrt(relayed)), relay_statistics.bpsk_error(relay))
    close(1.0 - np.exp(-0.3 * relayed), relay_statistics.laplace_complement(0.3, relay))
    close(both, relay_statistics.maximum_ratio_mean(2.0, relay))
    close(0.5 * np.log2(1.0 + both), relay_statistics.maximum_ratio_capacity(2.0, relay))
    for threshold in (0.5, 4.0):
        close(relayed <= threshold, relay_statistics.outage(threshold, relay))
        close(both <= threshold, relay_statistics.maximum_ratio_outage(threshold, 2.0, relay))
        close(
            np.maximum(2.0 * direct, relayed) <= threshold,
            relay_statistics.selection_outage(threshold, 2.0, relay),
        )


@pytest.mark.usefixtures("float64")
def test_a_perfect_second_hop_leaves_two_rayleigh_branches():
    relay, means = FixedGainRelay(5.0, 1e12, 1.0), jnp.array([2.0, 5.0])
    for threshold in (1e-3, 1.0, 20.0):
        found = relay_statistics.maximum_ratio_outage(threshold, 2.0, relay)
        assert float(found) == pytest.approx(
            float(diversity.maximum_ratio_outage(threshold, means)), rel=1e-6
        )
    assert float(relay_statistics.bpsk_error(relay)) == pytest.approx(
        float(diversity.maximum_ratio_error(means[1:])), rel=1e-8
    )


@settings(max_examples=20, deadline=None)
@given(
    first=st.floats(0.1, 1e4),
    second=st.floats(0.1, 1e4),
    direct=st.floats(0.1, 100.0),
    threshold=st.floats(1e-3, 100.0),
)
def test_a_second_path_only_helps(first, second, direct, threshold):
    relay = FixedGainRelay(first, second, 1.0 + first)
    alone = float(relay_statistics.outage(threshold, relay))
    best, chosen = (
        float(f(threshold, direct, relay))
        for f in (relay_statistics.maximum_ratio_outage, relay_statistics.selection_outage)
    )
    assert 0.0 <= best <= chosen * (1 + 1e-4) <= alone * (1 + 2e-4) <= 1 + 2e-4


def test_jit_vmap_gradient_and_32_bits(both_widths):
    relay, thresholds = RELAYS[0], jnp.array([0.0, 0.5, 4.0])
    outage = relay_statistics.maximum_ratio_outage(thresholds, 2.0, relay)
    assert outage[0] == 0.0
    assert jnp.allclose(
        jax.jit(relay_statistics.maximum_ratio_outage)(thresholds, 2.0, relay),
        outage,
        rtol=200 * both_widths,
    )
    one_by_one = jax.vmap(relay_statistics.maximum_ratio_outage, (0, None, None))(
        thresholds, 2.0, relay
    )
    assert jnp.allclose(one_by_one, outage, rtol=200 * both_widths)
    for function in (
        relay_statistics.mean_snr,
        relay_statistics.bpsk_error,
        lambda r: relay_statistics.maximum_ratio_capacity(2.0, r),
    ):
        assert all(jnp.isfinite(slope) for slope in jax.grad(function)(relay))
    rates = relay_statistics.maximum_ratio_capacity(jnp.array([0.0, 2.0]), relay)
    assert rates.shape == (2,)
    assert rates[0] < rates[1]
