"""Numbers out of range are refused in one line, and give NaN in compiled code."""

import jax
import jax.numpy as jnp
import pytest

from sagin.errors import InputError
from sagin.orbits import Site
from sagin.orbits.circular import slant_range
from sagin.propagation import air_to_ground, gases, ntn, p618, rain

URBAN = air_to_ground.ENVIRONMENTS["urban"]
WRONG = {
    "degrees for radians": (lambda x: slant_range(600e3, x), 30.0, "elevation_rad: 30"),
    "likewise in the air": (
        lambda x: air_to_ground.line_of_sight_probability(x, URBAN),
        10.0,
        "elevation_rad: 10",
    ),
    "metres for kilometres": (
        lambda x: p618.rain_attenuation_db(42.0, x, 20e9, 30.0, 50.0),
        4000.0,
        "rain_height_km: 4000",
    ),
    "a latitude beyond the pole": (
        lambda x: p618.rain_attenuation_db(42.0, 4.0, 20e9, 30.0, x),
        91.0,
        "latitude_deg: 91",
    ),
    "a frequency beyond the lines": (
        lambda x: gases.gas_specific_attenuation_db_km(x),
        2e12,
        "frequency_hz: 2e\\+12",
    ),
    "below the horizon": (lambda x: ntn.los_probability(x, "urban"), -5.0, "elevation_deg: -5"),
    "rain at light": (lambda x: rain.rain_specific_attenuation_db_km(5.0, x), 2e12, "frequency_hz"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_one_line_outside_and_nan_inside(name):
    function, value, words = WRONG[name]
    with pytest.raises(InputError, match=words) as caught:
        function(value)
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert jnp.isnan(jnp.asarray(jax.jit(function)(value))).all()


def test_a_site_lies_on_the_globe():
    for position in ((91.0, 0.0), (0.0, 181.0), (0.0, 0.0, 1e6), (float("nan"), 0.0)):
        with pytest.raises(InputError, match="site: "):
            Site(*position)
