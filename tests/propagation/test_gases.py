"""Gases by P.676: the lines where they must be, dry air, slant paths, and the zenith table of TR
38.811 as an independent figure.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.errors import InputError
from sagin.propagation import gases
from sagin.propagation.gas_lines import OXYGEN, WATER_VAPOUR
from sagin.propagation.ntn_tables import ZENITH_ATTENUATION_DB, ZENITH_FREQUENCY_GHZ

FREQUENCY = st.floats(1e9, 350e9)


def test_the_tables_have_all_lines_in_order():
    assert (len(OXYGEN), len(WATER_VAPOUR)) == (44, 35)
    for table in (OXYGEN, WATER_VAPOUR):
        assert np.asarray(table).shape[1] == 7
        assert np.all(np.diff([row[0] for row in table]) > 0.0)


@given(FREQUENCY)
def test_dry_air_has_no_vapour_attenuation(frequency):
    oxygen, vapour = gases.gas_specific_attenuation_db_km(frequency, 1013.25, 288.15, 0.0)
    assert vapour == 0.0
    assert oxygen > 0.0


@given(FREQUENCY, st.floats(200.0, 1013.0), st.floats(250.0, 310.0), st.floats(0.1, 20.0))
def test_attenuation_is_positive_and_grows_with_vapour(frequency, pressure, temperature, density):
    wet, wetter = (
        gases.gas_specific_attenuation_db_km(frequency, pressure, temperature, x * density)[1]
        for x in (1.0, 1.1)
    )
    assert 0.0 < wet < wetter


@pytest.mark.parametrize(
    ("part", "low", "high", "peak"),
    [(1, 15, 30, 22.235), (0, 100, 130, 118.75), (1, 150, 210, 183.31)],
)
def test_peaks_lie_on_their_lines(part, low, high, peak):
    frequency = np.linspace(low, high, 3001)
    # thin air: at the surface the lines are so wide that their slopes move the peaks
    attenuation = gases.gas_specific_attenuation_db_km(frequency * 1e9, 100.0)[part]
    assert frequency[np.argmax(attenuation)] == pytest.approx(peak, abs=0.05)


@pytest.mark.parametrize(
    ("ghz", "zenith_db"), list(zip(ZENITH_FREQUENCY_GHZ, ZENITH_ATTENUATION_DB, strict=True))
)
def test_the_zenith_agrees_with_the_figure_that_3gpp_reads(ghz, zenith_db):
    # read off a figure: a quarter, which the reading at 14 GHz needs
    assert gases.slant_gaseous_attenuation_db(ghz * 1e9, 90.0) == pytest.approx(zenith_db, rel=0.25)


@given(st.floats(1e9, 100e9), st.floats(5.0, 45.0))
def test_a_slant_path_is_the_zenith_path_over_the_sine(frequency, elevation):
    zenith, slant = (gases.slant_gaseous_attenuation_db(frequency, x) for x in (90.0, elevation))
    assert slant * np.sin(np.deg2rad(elevation)) == pytest.approx(float(zenith), rel=1e-4)


@pytest.mark.parametrize("elevation", [4.9, 90.1])
def test_the_approximation_ends_at_five_degrees(elevation):
    assert np.isnan(gases.slant_gaseous_attenuation_db(20e9, jnp.asarray(elevation)))
    with pytest.raises(InputError, match=r"elevation_deg: .* \(allowed: 5 to 90\)"):
        gases.slant_gaseous_attenuation_db(20e9, elevation)


def test_32_bits_keep_four_digits():
    frequency = np.linspace(1e9, 350e9, 350)
    narrow = jnp.stack(gases.gas_specific_attenuation_db_km(frequency))
    with jax.enable_x64(True):
        wide = jnp.stack(gases.gas_specific_attenuation_db_km(frequency))
    np.testing.assert_allclose(narrow, wide, rtol=2e-4)


def test_gases_compile_batch_and_differentiate():
    frequency = jnp.array([[10e9, 22e9], [60e9, 118e9]])
    compiled = jax.jit(gases.gas_specific_attenuation_db_km)(frequency)
    np.testing.assert_allclose(
        jnp.stack(compiled), jnp.stack(gases.gas_specific_attenuation_db_km(frequency)), rtol=1e-4
    )
    one = jnp.stack(gases.gas_specific_attenuation_db_km(22e9))
    np.testing.assert_allclose(jnp.stack(compiled)[:, 0, 1], one, rtol=1e-4)
    slope = jax.grad(
        lambda density: gases.gas_specific_attenuation_db_km(22e9, vapour_density_g_m3=density)[1]
    )(7.5)
    assert 0.0 < slope < np.inf
