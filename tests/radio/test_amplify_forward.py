"""Fixed-gain relaying: the closed form is the maximum over all weights, whatever the antennas;
gains and constants agree.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from sagin.propagation import rayleigh
from sagin.radio import amplify_forward, combining
from sagin.radio.amplify_forward import Channels

SOURCE, RELAY, NOISE = 3.0, 0.7, 0.2


def random_channels(seed, antennas):
    keys = jax.random.split(jax.random.key(seed), 3)
    gain = jnp.sqrt(amplify_forward.gain_squared(RELAY, SOURCE, NOISE))
    return Channels(
        rayleigh.sample(keys[0], (antennas,)),
        rayleigh.sample(keys[1]),
        rayleigh.sample(keys[2], (antennas,)),
        gain,
    )


def closed_form(channels):
    """Return γ_is + γ_js·γ_ij/(γ_ij + ς) of (24)."""
    direct = SOURCE * jnp.sum(jnp.abs(channels.direct) ** 2) / NOISE
    first = SOURCE * jnp.abs(channels.first_hop) ** 2 / NOISE
    second = RELAY * jnp.sum(jnp.abs(channels.second_hop) ** 2) / NOISE
    constant = amplify_forward.fixed_gain_constant(RELAY, channels.gain**2, NOISE)
    return combining.maximum_ratio(
        jnp.stack([direct, amplify_forward.snr(first, second, constant)])
    )


def signal_and_noise(channels):
    """Return H and R_n of (1), built element by element from the noise vectors n_0, G·h_2·n_1 +
    n_2.
    """
    direct, first, second, gain = (np.asarray(part) for part in channels)
    antennas = direct.size
    mixing = np.zeros((2 * antennas, 2 * antennas + 1), complex)  # columns: n_0, n_1, n_2
    mixing[:antennas, :antennas] = np.eye(antennas)
    mixing[antennas:, antennas] = gain * second
    mixing[antennas:, antennas + 1 :] = np.eye(antennas)
    return np.concatenate([direct, gain * first * second]), NOISE * mixing @ mixing.conj().T


@pytest.mark.parametrize("antennas", [1, 2, 4])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.usefixtures("float64")
def test_closed_form_is_the_largest_ratio_over_weights(seed, antennas):
    """The greatest generalised eigenvalue of (P·H·H†, R_n) is the maximum of (23)."""
    channels = random_channels(seed, antennas)
    signal, covariance = signal_and_noise(channels)
    largest = linalg.eigh(SOURCE * np.outer(signal, signal.conj()), covariance, eigvals_only=True)[
        -1
    ]
    weights = amplify_forward.combining_weights(channels)
    reached = amplify_forward.snr_of_weights(weights, channels, SOURCE, NOISE)
    assert float(reached) == pytest.approx(largest, rel=1e-12)
    assert float(closed_form(channels)) == pytest.approx(largest, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), antennas=st.integers(1, 3))
def test_no_weights_do_better(seed, antennas):
    channels = random_channels(seed, antennas)
    weights = rayleigh.sample(jax.random.key(seed + 1), (2 * antennas,))
    signal, covariance = signal_and_noise(channels)
    ratio = (
        SOURCE
        * abs(np.vdot(weights, signal)) ** 2
        / np.real(np.vdot(weights, covariance @ np.asarray(weights)))
    )
    found = float(amplify_forward.snr_of_weights(weights, channels, SOURCE, NOISE))
    assert found == pytest.approx(ratio, rel=1e-3)
    assert found <= float(closed_form(channels)) * (1 + 1e-5)


@pytest.mark.usefixtures("float64")
def test_the_scale_and_phase_of_the_weights_are_free():
    channels = random_channels(1, 2)
    weights = amplify_forward.combining_weights(channels)
    both = [
        amplify_forward.snr_of_weights(factor * weights, channels, SOURCE, NOISE)
        for factor in (1.0, 5.0j)
    ]
    assert float(both[0]) == pytest.approx(float(both[1]), rel=1e-13)


@settings(max_examples=40, deadline=None)
@given(first=st.floats(0.0, 1e6), second=st.floats(0.0, 1e6), constant=st.floats(1.0, 1e6))
def test_a_relayed_path_is_no_better_than_its_first_hop_and_rises_with_both(
    first, second, constant
):
    snr = float(amplify_forward.snr(first, second, constant))
    assert 0.0 <= snr <= first * (1 + 1e-6)
    assert float(amplify_forward.snr(2 * first, second, constant)) >= snr
    assert float(amplify_forward.snr(first, 2 * second, constant)) >= snr
    assert float(amplify_forward.snr(first, second, 2 * constant)) <= snr


def test_the_semi_blind_relay_sends_its_power_on_average():
    received = SOURCE * np.asarray(rayleigh.sample_power(jax.random.key(5), (200_000,)))
    sent = float(amplify_forward.gain_squared(RELAY, SOURCE, NOISE)) * (received + NOISE)
    assert np.mean(sent) == pytest.approx(RELAY, abs=5.0 * np.std(sent) / np.sqrt(sent.size))
    constant = amplify_forward.fixed_gain_constant(
        RELAY, amplify_forward.gain_squared(RELAY, SOURCE, NOISE), NOISE
    )
    assert float(constant) == pytest.approx(
        float(amplify_forward.semi_blind_constant(SOURCE / NOISE)), rel=1e-5
    )


def test_jit_vmap_and_gradient(both_widths):
    first, second = jnp.array([0.0, 1.0, 50.0]), jnp.array([3.0, 0.0, 7.0])
    expected = amplify_forward.snr(first, second, 4.0)
    assert jnp.allclose(
        jax.jit(amplify_forward.snr)(first, second, 4.0), expected, rtol=4 * both_widths
    )
    assert jnp.allclose(
        jax.vmap(amplify_forward.snr, (0, 0, None))(first, second, 4.0),
        expected,
        rtol=4 * both_widths,
    )
    assert float(jax.grad(amplify_forward.snr, argnums=1)(50.0, 0.0, 4.0)) == pytest.approx(
        12.5, rel=8 * both_widths
    )
    channels = jax.vmap(
        lambda key: Channels(
            rayleigh.sample(key, (2,)), 1.0 + 0.0j, rayleigh.sample(key, (2,)), 0.5
        )
    )(jax.random.split(jax.random.key(6), 4))
    assert jax.jit(jax.vmap(amplify_forward.combining_weights))(channels).shape == (4, 4)
