"""The large-scale model of TR 38.811: rounding, order of the states, statistics of the drops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.errors import InputError
from sagin.propagation import gases, ntn
from sagin.propagation.ntn_tables import ENVIRONMENTS

ELEVATION = st.floats(0.0, 90.0, width=32)
FREQUENCY = st.sampled_from([2e9, 20e9, 30e9])
ENVIRONMENT = st.sampled_from(ENVIRONMENTS)


@pytest.mark.parametrize(
    ("elevation", "row"),
    [(0, 10), (4.9, 10), (14.9, 10), (15, 20), (24.9, 20), (25, 30), (85, 90), (90, 90)],
)
def test_the_nearest_ten_degrees_are_read_and_halves_go_up(elevation, row):
    assert ntn.los_probability(elevation, "urban") == ntn.los_probability(row, "urban")


@pytest.mark.parametrize("elevation", [-0.1, 90.1, jnp.nan])
def test_outside_the_sky_there_is_no_value(elevation):
    given = jnp.asarray(elevation)
    drop = ntn.large_scale(jax.random.key(0), 1e6, 2e9, given, "urban")
    assert np.isnan(ntn.los_probability(given, "urban"))
    assert np.isnan(drop.total_db)
    if elevation == elevation:
        with pytest.raises(InputError, match=r"elevation_deg: .* \(allowed: 0 to 90\)"):
            ntn.los_probability(elevation, "urban")


@pytest.mark.parametrize(
    "function",
    [ntn.los_probability, lambda a, e: ntn.large_scale(jax.random.key(0), 1e6, 2e9, a, e)],
)
def test_an_unknown_environment_is_refused_with_the_known_ones(function):
    with pytest.raises(InputError, match="rural' is not one of dense_urban, urban, suburban_rural"):
        function(30.0, "rural")


@given(ELEVATION, ELEVATION, ENVIRONMENT)
def test_higher_satellites_are_more_often_in_sight(one, other, environment):
    low, high = sorted((one, other))
    assert ntn.los_probability(low, environment) <= ntn.los_probability(high, environment)


@given(ELEVATION, FREQUENCY, ENVIRONMENT)
def test_an_obstructed_path_loses_more_and_varies_more(elevation, frequency, environment):
    assert (
        ntn.clutter_loss_db(elevation, False, frequency, environment)
        > ntn.clutter_loss_db(elevation, True, frequency, environment)
        == 0.0
    )
    clear, obstructed = (
        ntn.shadowing_std_db(elevation, state, frequency, environment) for state in (True, False)
    )
    assert obstructed > clear > 0.0


@given(st.floats(5.0, 89.0), FREQUENCY, ENVIRONMENT)
def test_doubling_the_distance_adds_six_decibels(elevation, frequency, environment):
    near, far = (ntn.mean_loss_db(d, frequency, elevation, environment) for d in (1e6, 2e6))
    assert far - near == pytest.approx(20.0 * np.log10(2.0), abs=1e-3)
    assert near >= ntn.line_of_sight_loss_db(1e6, frequency, elevation)


@given(st.floats(1e9, 40e9), st.floats(1.0, 45.0))
def test_a_lower_path_crosses_more_gas(frequency, elevation):
    low, high = (
        ntn.gaseous_loss_db(frequency, elevation),
        ntn.gaseous_loss_db(frequency, 2.0 * elevation),
    )
    assert low > high > 0.0
    assert low * np.sin(np.deg2rad(elevation)) == pytest.approx(
        float(ntn.zenith_attenuation_db(frequency)), rel=1e-5
    )


@pytest.mark.usefixtures("float64")
def test_zenith_attenuation_is_near_the_line_by_line_model():
    frequency = np.linspace(1e9, 40e9, 391)
    lines = gases.slant_gaseous_attenuation_db(frequency, 90.0)
    np.testing.assert_allclose(ntn.zenith_attenuation_db(frequency), lines, atol=0.06)


@pytest.mark.usefixtures("both_widths")
@pytest.mark.parametrize("frequency", [0.99e9, 41e9])
def test_zenith_attenuation_has_no_value_beyond_its_table(frequency):
    assert np.isnan(ntn.zenith_attenuation_db(jnp.asarray(frequency)))
    with pytest.raises(InputError, match="frequency_hz: "):
        ntn.zenith_attenuation_db(frequency)
    assert np.isfinite(ntn.zenith_attenuation_db(jnp.array([1e9, 40e9]))).all()


def test_gases_count_from_ten_gigahertz_or_below_ten_degrees():
    without = ntn.path_loss_db(1e6, 2e9) + ntn.scintillation_loss_db(2e9, 30.0)
    assert ntn.line_of_sight_loss_db(1e6, 2e9, 30.0) == pytest.approx(float(without), abs=1e-4)
    for frequency, elevation in ((2e9, 9.0), (20e9, 30.0)):
        rest = ntn.path_loss_db(1e6, frequency) + ntn.scintillation_loss_db(frequency, elevation)
        gas = ntn.line_of_sight_loss_db(1e6, frequency, elevation) - rest
        assert gas == pytest.approx(float(ntn.gaseous_loss_db(frequency, elevation)), abs=1e-4)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("frequency", [2e9, 20e9])
def test_drops_have_the_tables_statistics(environment, frequency):
    count, elevation = 40_000, 40.0
    drop = ntn.large_scale(
        jax.random.key(7), 1e6, frequency, jnp.full(count, elevation), environment
    )
    p = float(ntn.los_probability(elevation, environment))
    assert np.mean(drop.line_of_sight) == pytest.approx(p, abs=5.0 * np.sqrt(p * (1.0 - p) / count))
    for state in (True, False):
        chosen = np.asarray(drop.shadowing_db)[np.asarray(drop.line_of_sight) == state]
        std = float(ntn.shadowing_std_db(elevation, state, frequency, environment))
        assert np.mean(chosen) == pytest.approx(0.0, abs=5.0 * std / np.sqrt(chosen.size))
        assert np.std(chosen) == pytest.approx(std, abs=5.0 * std / np.sqrt(2.0 * chosen.size))
    clutter = float(ntn.clutter_loss_db(elevation, False, frequency, environment))
    assert np.array_equal(
        np.asarray(drop.clutter_db),
        np.where(drop.line_of_sight, np.float32(0.0), np.float32(clutter)),
    )
    spread = float(np.std(drop.total_db))
    mean = float(ntn.mean_loss_db(1e6, frequency, elevation, environment))
    assert np.mean(drop.total_db, dtype=float) == pytest.approx(
        mean, abs=5.0 * spread / np.sqrt(count)
    )


def test_shapes_broadcast_and_paths_are_independent():
    drop = ntn.large_scale(
        jax.random.key(1), jnp.full((5, 1), 1e6), 2e9, jnp.full(7, 30.0), "urban"
    )
    assert {part.shape for part in (*drop, drop.total_db)} == {(5, 7)}
    assert np.unique(drop.shadowing_db).size == 35


def test_compiled_and_plain_drops_agree():
    elevation = jnp.linspace(0.0, 90.0, 91)
    compiled = jax.jit(ntn.large_scale, static_argnames="environment")(
        jax.random.key(3), 1e6, 2e9, elevation, "urban"
    )
    plain = ntn.large_scale(jax.random.key(3), 1e6, 2e9, elevation, "urban")
    for found, expected in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_loss_has_a_gradient_in_distance_and_elevation():
    slopes = jax.grad(ntn.mean_loss_db, argnums=(0, 2))(1e6, 20e9, 33.0, "urban")
    assert slopes[0] == pytest.approx(20.0 / np.log(10.0) / 1e6, rel=1e-4)
    assert slopes[1] < 0.0
