"""The circular aperture against scipy's Bessel function and known points of the Airy pattern."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from sagin.propagation import aperture
from sagin.propagation.satellite_terminals import FREQUENCY_HZ, SATELLITES


@pytest.mark.usefixtures("float64")
def test_bessel_function_agrees_with_scipy():
    u = np.concatenate([np.linspace(1e-6, 10.0, 20_001), np.linspace(10.0, 2000.0, 20_001)])
    assert np.max(np.abs(aperture.bessel_j1_over_argument(u) * u - scipy.special.j1(u))) < 4e-8


def test_bessel_function_in_32_bits():
    u = np.linspace(1e-3, 50.0, 5001, dtype=np.float32)
    assert np.max(np.abs(aperture.bessel_j1_over_argument(u) * u - scipy.special.j1(u))) < 4e-6


@pytest.mark.parametrize(
    ("u", "gain_db", "tolerance"),
    [(0.0, 0.0, 1e-6), (1.616340, -3.0103, 1e-4), (5.13562, -17.57, 0.01)],
)
def test_the_pattern_has_the_airy_points(u, gain_db, tolerance):
    # D = 10 wavelengths, so that sin θ = u / 10π
    angle = np.arcsin(u / (10.0 * np.pi))
    assert 10 * np.log10(
        aperture.relative_gain(angle, 10.0, aperture.SPEED_OF_LIGHT)
    ) == pytest.approx(gain_db, abs=tolerance)


def test_the_first_null_is_a_null():
    assert (
        aperture.relative_gain(
            np.arcsin(3.83170597 / (10.0 * np.pi)), 10.0, aperture.SPEED_OF_LIGHT
        )
        < 1e-10
    )


@given(st.floats(0.05, 20.0), st.sampled_from([2e9, 20e9, 30e9]))
def test_half_the_power_is_left_at_half_the_beamwidth(diameter, frequency):
    width = aperture.half_power_beamwidth(diameter, frequency)
    if diameter * frequency < aperture.HALF_POWER_ARGUMENT * aperture.SPEED_OF_LIGHT / np.pi:
        assert np.isnan(width)
    else:
        assert aperture.relative_gain(width / 2.0, diameter, frequency) == pytest.approx(
            0.5, rel=1e-3
        )


@given(st.floats(-1.5, 1.5), st.floats(0.1, 5.0))
def test_the_pattern_is_symmetric_and_greatest_at_boresight(angle, diameter):
    gain = aperture.relative_gain(angle, diameter, 2e9)
    assert gain == aperture.relative_gain(-angle, diameter, 2e9)
    assert 0.0 <= gain <= 1.0 + 1e-6


@pytest.mark.parametrize("name", SATELLITES, ids=" ".join)
def test_the_tables_beamwidths_are_those_of_their_apertures(name):
    down = SATELLITES[name].downlink
    width = jnp.rad2deg(
        aperture.half_power_beamwidth(down.aperture_m, FREQUENCY_HZ[name[2]]["downlink"])
    )
    assert down.beamwidth_deg == pytest.approx(float(width), rel=0.01)


def test_the_gradient_is_finite_at_boresight_and_at_the_seam():
    slope = jax.vmap(jax.grad(lambda u: aperture.bessel_j1_over_argument(u)))(
        jnp.array([0.0, 1.0, 3.0, 3.0001, 40.0])
    )
    assert np.isfinite(slope).all()
    assert slope[1] == pytest.approx(-scipy.special.jv(2, 1.0), abs=1e-5)
