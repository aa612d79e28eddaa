"""The recipe of a propagation model: a documented function, and a test against another source."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.constants import SPEED_OF_LIGHT
from sagin.units import Numbers, as_float


def two_ray_gain(
    distance_m: Numbers, frequency_hz: Numbers, transmitter_m: Numbers, receiver_m: Numbers
) -> jax.Array:
    """Return the power gain over a flat ground that reflects with coefficient −1.

    (c/(4πf))²·|e^(−jkd₁)/d₁ − e^(−jkd₂)/d₂|², d₁ and d₂ the direct and the reflected path
    (Rappaport 2002, section 4.6). Far away it is (h_t·h_r/d²)².

    Args:
        distance_m: d along the ground, m.
        frequency_hz: f, Hz.
        transmitter_m: height h_t, m.
        receiver_m: height h_r, m.

    Returns:
        a ratio.
    """
    distance, frequency, transmitter, receiver = map(
        as_float, (distance_m, frequency_hz, transmitter_m, receiver_m)
    )
    direct = jnp.hypot(distance, transmitter - receiver)
    reflected = jnp.hypot(distance, transmitter + receiver)
    # the difference of two nearly equal lengths, without cancellation
    longer = 4.0 * transmitter * receiver / (direct + reflected)
    phase = 2.0 * jnp.pi * frequency / SPEED_OF_LIGHT * longer
    power = 1 / direct**2 + 1 / reflected**2 - 2 * jnp.cos(phase) / (direct * reflected)
    return (SPEED_OF_LIGHT / (4.0 * jnp.pi * frequency)) ** 2 * power


def test_far_away_it_is_the_plane_earth_formula():
    gain = float(two_ray_gain(20_000.0, 9e8, 30.0, 1.5))
    assert gain == pytest.approx((30.0 * 1.5 / 20_000.0**2) ** 2, rel=0.01)


def test_it_is_the_sum_of_two_rays():
    direct, reflected = np.hypot(100.0, 28.5), np.hypot(100.0, 31.5)
    wave = 2 * np.pi * 9e8 / SPEED_OF_LIGHT
    field = np.exp(-1j * wave * direct) / direct - np.exp(-1j * wave * reflected) / reflected
    expected = (SPEED_OF_LIGHT / (4 * np.pi * 9e8)) ** 2 * abs(field) ** 2
    assert float(two_ray_gain(100.0, 9e8, 30.0, 1.5)) == pytest.approx(expected, rel=1e-3)


def test_integers_give_what_floats_give():
    integers = two_ray_gain(np.array([100, 200]), 900_000_000, 30, 2)
    np.testing.assert_array_equal(integers, two_ray_gain([100.0, 200.0], 9e8, 30.0, 2.0))
