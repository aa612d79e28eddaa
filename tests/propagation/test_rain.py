"""Rain by P.838: the recommendation's own table, polarisation, monotonicity, widths."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.propagation.rain import rain_coefficients, rain_specific_attenuation_db_km

FREQUENCY = st.floats(1e9, 100e9)
TABLE_5 = {  # GHz: k_H, α_H, k_V, α_V (Recommendation ITU-R P.838-3, Table 5)
    1: (0.0000259, 0.9691, 0.0000308, 0.8592),
    10: (0.01217, 1.2571, 0.01129, 1.2156),
    20: (0.09164, 1.0568, 0.09611, 0.9847),
    30: (0.2403, 0.9485, 0.2291, 0.9129),
    100: (1.3671, 0.6815, 1.3680, 0.6765),
}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("ghz", TABLE_5)
def test_coefficients_are_those_of_the_recommendations_table(ghz):
    horizontal, vertical = (rain_coefficients(ghz * 1e9, 0.0, tilt) for tilt in (0.0, 90.0))
    np.testing.assert_allclose(jnp.stack([*horizontal, *vertical]), TABLE_5[ghz], rtol=2e-3)


@given(FREQUENCY, st.floats(0.0, 90.0))
def test_circular_polarisation_lies_between_the_linear_ones(frequency, elevation):
    horizontal, circular, vertical = (
        rain_coefficients(frequency, elevation, tilt)[0] for tilt in (0.0, 45.0, 90.0)
    )
    assert circular == pytest.approx(float(horizontal + vertical) / 2.0, rel=1e-4)


@given(FREQUENCY)
def test_towards_the_zenith_polarisation_does_not_matter(frequency):
    horizontal, vertical = (rain_coefficients(frequency, 90.0, tilt) for tilt in (0.0, 90.0))
    np.testing.assert_allclose(horizontal, vertical, rtol=1e-4)


@given(FREQUENCY, st.floats(0.1, 150.0), st.floats(0.0, 90.0))
def test_more_rain_attenuates_more(frequency, rate, elevation):
    less, more = (
        rain_specific_attenuation_db_km(r, frequency, elevation) for r in (rate, 1.1 * rate)
    )
    assert 0.0 < less < more
    assert rain_specific_attenuation_db_km(0.0, frequency, elevation) == 0.0


def test_32_bits_keep_four_digits():
    frequency = np.linspace(1e9, 100e9, 200)
    narrow = rain_specific_attenuation_db_km(30.0, frequency, 30.0, 90.0)
    with jax.enable_x64(True):
        wide = rain_specific_attenuation_db_km(30.0, frequency, 30.0, 90.0)
    np.testing.assert_allclose(narrow, wide, rtol=1e-4)


def test_rain_compiles_batches_and_differentiates():
    rates = jnp.array([1.0, 10.0, 100.0])
    batched = jax.jit(jax.vmap(lambda r: rain_specific_attenuation_db_km(r, 20e9)))(rates)
    np.testing.assert_allclose(batched, rain_specific_attenuation_db_km(rates, 20e9), rtol=1e-5)
    k, alpha = rain_coefficients(20e9)
    assert jax.grad(rain_specific_attenuation_db_km)(10.0, 20e9) == pytest.approx(
        float(k * alpha * 10.0 ** (alpha - 1.0)), rel=1e-4
    )
