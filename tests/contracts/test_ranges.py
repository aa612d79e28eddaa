"""Numbers out of range are refused in one line, and give NaN in compiled code."""

import inspect
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from sagin.errors import InputError
from sagin.orbits import Site, circular
from sagin.orbits.circular import slant_range
from sagin.propagation import air_to_ground, gases, ntn, p618, rain

URBAN = air_to_ground.ENVIRONMENTS["urban"]
WRONG = {
    "circular elevation_rad": (lambda x: slant_range(600e3, x), (-2.0, 30.0)),
    "air_to_ground elevation_rad": (
        lambda x: air_to_ground.line_of_sight_probability(x, URBAN),
        (-0.1, 10.0),
    ),
    "p618 rain_rate_mm_h": (lambda x: rain_with(rain_rate_mm_h=x), (-1.0, 1001.0)),
    "p618 rain_height_km": (lambda x: rain_with(rain_height_km=x), (-2.0, 4000.0)),
    "p618 station_height_km": (lambda x: rain_with(station_height_km=x), (-2.0, 4000.0)),
    "p618 frequency_hz": (lambda x: rain_with(frequency_hz=x), (0.9e9, 56e9)),
    "p618 elevation_deg": (lambda x: rain_with(elevation_deg=x), (0.0, 91.0)),
    "p618 latitude_deg": (lambda x: rain_with(latitude_deg=x), (-91.0, 91.0)),
    "p618 percent": (lambda x: rain_with(percent=x), (0.0, 5.1)),
    "p618 frequency_hz of scintillation": (
        lambda x: p618.scintillation_db(50.0, x, 31.0, 1.0, 1.0),
        (3e9, 56e9),
    ),
    "p618 elevation_deg of scintillation": (
        lambda x: p618.scintillation_db(50.0, 14e9, x, 1.0, 1.0),
        (4.0, 91.0),
    ),
    "p618 percent of scintillation": (
        lambda x: p618.scintillation_db(50.0, 14e9, 31.0, x, 1.0),
        (0.0, 51.0),
    ),
    "gases frequency_hz": (gases.gas_specific_attenuation_db_km, (-1e9, 2e12)),
    "gases frequency_hz of the zenith": (
        lambda x: gases.vapour_zenith_attenuation_db(x, 10.0, 1.0),
        (0.5e9, 351e9),
    ),
    "gases elevation_deg": (lambda x: gases.slant_gaseous_attenuation_db(28e9, x), (4.0, 91.0)),
    "ntn elevation_deg": (lambda x: ntn.los_probability(x, "urban"), (-5.0, 91.0)),
    "ntn elevation_deg of a loss": (
        lambda x: ntn.mean_loss_db(600e3, 20e9, x, "urban"),
        (-5.0, 91.0),
    ),
    "ntn frequency_hz": (ntn.zenith_attenuation_db, (0.5e9, 41e9)),
    "ntn frequency_hz of a loss": (
        lambda x: ntn.mean_loss_db(600e3, x, 5.0, "urban"),
        (0.5e9, 41e9),
    ),
    "rain frequency_hz": (lambda x: rain.rain_specific_attenuation_db_km(5.0, x), (0.5e9, 2e12)),
}
"""Function of one argument, and values below and above the range in which its model holds."""


def rain_with(**change):
    """Return a rain attenuation, one argument replaced."""
    usual = {"rain_rate_mm_h": 42.0, "rain_height_km": 4.0, "frequency_hz": 20e9}
    usual |= {"elevation_deg": 30.0, "latitude_deg": 50.0, "percent": 0.01}
    return p618.rain_attenuation_db(**(usual | change))


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_one_line_outside_and_nan_inside(name):
    function, values = WRONG[name]
    compiled = jax.jit(function)
    for value in (*values, float("inf")):
        with pytest.raises(InputError, match=name.split()[1]) as caught:
            function(value)
        assert f"{value:g} (allowed: " in str(caught.value)
        assert "\n" not in str(caught.value)
        assert jnp.isnan(jnp.asarray(compiled(value))).all()
    assert jnp.isnan(jnp.asarray(compiled(float("nan")))).all()


def test_every_range_of_a_model_is_tried():
    """A new range of an argument fails here until it stands above."""
    tried = {tuple(name.split()[:2]) for name in WRONG}
    for module in (circular, air_to_ground, gases, ntn, p618, rain):
        names = re.findall(r'as_float_within\([^"]*"(\w+)"', inspect.getsource(module))
        assert {(module.__name__.rpartition(".")[2], name) for name in names} <= tried
    source = Path(ntn.__file__).parents[1]
    users = {path.stem for path in source.rglob("*.py") if "as_float_within(" in path.read_text()}
    assert users == {name for name, _ in tried} | {"units"}


def test_gases_that_do_not_count_have_no_range():
    assert float(ntn.absorption_db(0.4e9, 30.0)) == 0.0
    assert float(ntn.absorption_db([0.4e9, 20e9], 30.0)[1]) > 0.0


def test_a_site_lies_on_the_globe():
    for position in ((91.0, 0.0), (0.0, 181.0), (0.0, 0.0, 1e6), (float("nan"), 0.0)):
        with pytest.raises(InputError, match="site: "):
            Site(*position)
