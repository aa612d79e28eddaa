"""Free space: inverse squares of distance and frequency; gain and loss agree."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.propagation import free_space
from sagin.units import to_db

distances = st.floats(1.0, 1e8)
frequencies = st.floats(1e8, 1e11)


@settings(max_examples=30, deadline=None)
@given(distance=distances, frequency=frequencies)
def test_twice_the_distance_or_the_frequency_loses_6_db(distance, frequency):
    loss = free_space.path_loss_db(distance, frequency)
    for further in (
        free_space.path_loss_db(2.0 * distance, frequency),
        free_space.path_loss_db(distance, 2.0 * frequency),
    ):
        assert float(further - loss) == pytest.approx(20.0 * np.log10(2.0), abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(distance=distances, frequency=frequencies)
def test_gain_and_loss_are_the_same_number(distance, frequency):
    gain_db = to_db(free_space.path_gain(distance, frequency))
    assert float(gain_db) == pytest.approx(
        -float(free_space.path_loss_db(distance, frequency)), abs=1e-4
    )


def test_a_wavelength_over_4_pi_has_no_loss(both_widths):
    wavelength = 299_792_458.0 / 2e9
    assert float(free_space.path_gain(wavelength / (4 * np.pi), 2e9)) == pytest.approx(
        1.0, rel=8 * both_widths
    )


def test_gradient_jit_and_vmap(both_widths):
    distance = jnp.array([10.0, 1e3, 1e6])
    loss = free_space.path_loss_db(distance, 2e9)
    assert jnp.allclose(jax.jit(free_space.path_loss_db)(distance, 2e9), loss, rtol=4 * both_widths)
    assert jnp.allclose(
        jax.vmap(free_space.path_loss_db, (0, None))(distance, 2e9), loss, rtol=4 * both_widths
    )
    slope = jax.vmap(jax.grad(free_space.path_loss_db), (0, None))(distance, 2e9)
    assert jnp.allclose(slope, 20.0 / np.log(10.0) / distance, rtol=16 * both_widths)


def test_no_distance_has_no_loss_to_speak_of():
    assert free_space.path_gain(0.0, 2e9) == jnp.inf
    assert free_space.path_loss_db(0.0, 2e9) == -jnp.inf
