"""Log-distance law: the reference at 1 m, the exponent's slope, free space as the case of exponent
2.
"""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.propagation import free_space, log_distance


def test_reference_at_one_metre(both_widths):
    assert float(log_distance.path_gain(1.0, 3.5, 1e-3)) == pytest.approx(1e-3, rel=both_widths)


@settings(max_examples=30, deadline=None)
@given(distance=st.floats(1.0, 1e5), exponent=st.floats(1.0, 5.0))
def test_ten_times_the_distance_loses_ten_exponents_of_db(distance, exponent):
    near, far = (log_distance.path_gain(d, exponent, 1.0) for d in (distance, 10.0 * distance))
    assert float(far / near) == pytest.approx(10.0**-exponent, rel=1e-4)


@pytest.mark.usefixtures("float64")
def test_exponent_two_is_free_space():
    found = log_distance.path_gain(200e3, 2.0, free_space.path_gain(1.0, 2e9))
    assert float(found) == pytest.approx(float(free_space.path_gain(200e3, 2e9)), rel=1e-14)


def test_jit_vmap_and_gradient(both_widths):
    distance = jnp.array([1.0, 30.0, 1e3])
    gain = log_distance.path_gain(distance, 3.5, 1e-3)
    assert jnp.allclose(
        jax.jit(log_distance.path_gain)(distance, 3.5, 1e-3), gain, rtol=32 * both_widths
    )
    assert jnp.allclose(
        jax.vmap(log_distance.path_gain, (0, None, None))(distance, 3.5, 1e-3),
        gain,
        rtol=32 * both_widths,
    )
    slope = jax.vmap(jax.grad(log_distance.path_gain), (0, None, None))(distance, 3.5, 1e-3)
    assert jnp.allclose(slope, -3.5 * gain / distance, rtol=64 * both_widths)


def test_whole_numbers_are_taken_as_numbers():
    assert float(log_distance.path_gain(10, 2, 1)) == pytest.approx(0.01)
