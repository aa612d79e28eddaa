"""Noise powers and Shannon's rate: the textbook's numbers, units, limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.propagation.link_budget import noise_temperature
from sagin.radio import capacity, noise
from sagin.units import to_db, to_dbm


def test_thermal_noise_at_room_temperature_is_174_dbm_per_hz_below(both_widths):
    assert float(to_dbm(noise.thermal_density())) == pytest.approx(-173.975, abs=1e-3)
    assert float(noise.density_from_dbm_per_hz(-174.0)) == pytest.approx(
        10**-20.4, rel=1e3 * both_widths
    )


def test_noise_figure_and_noise_temperature_agree():
    """A receiver adds k·T_e·B to k·T_0·B, in all F·k·T_0·B."""
    for figure in (1.0, 2.0, 5.0):
        added = 20e6 * noise.thermal_density(noise_temperature(to_db(figure)))
        whole = noise.power(20e6, noise.thermal_density(), figure)
        assert float(whole) == pytest.approx(
            float(noise.power(20e6, noise.thermal_density()) + added), rel=1e-5
        )


@settings(max_examples=30, deadline=None)
@given(bandwidth=st.floats(1e3, 1e9), snr=st.floats(0.0, 1e8))
def test_rate_grows_with_snr_less_than_linearly(bandwidth, snr):
    rate, twice = capacity.shannon_rate(bandwidth, jnp.array([snr, 2.0 * snr]))
    assert rate <= twice <= rate * 2.0 * (1.0 + 1e-5)
    assert float(twice - rate) <= bandwidth * (1.0 + 1e-3)


def test_rate_values_widths_jit_and_gradient(both_widths):
    snr = jnp.array([0.0, 1.0, 3.0, 1023.0])
    expected = jnp.array([0.0, 1.0, 2.0, 10.0]) * 1e6
    assert jnp.allclose(capacity.shannon_rate(1e6, snr), expected, rtol=4 * both_widths)
    assert jnp.allclose(jax.jit(capacity.shannon_rate)(1e6, snr), expected, rtol=4 * both_widths)
    assert jnp.allclose(
        jax.vmap(capacity.shannon_rate, (None, 0))(1e6, snr), expected, rtol=4 * both_widths
    )
    assert float(jax.grad(capacity.shannon_rate, argnums=1)(1.0, 0.0)) == pytest.approx(
        1 / np.log(2), rel=4 * both_widths
    )


def test_a_weak_signal_keeps_its_digits_in_32_bits():
    assert float(capacity.shannon_rate(1e6, 1e-9)) == pytest.approx(1e-3 / np.log(2), rel=1e-5)
