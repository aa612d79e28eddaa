"""Circular orbits compared with 3GPP's numbers and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin import orbits
from sagin.constants import EARTH_RADIUS

from authorities import check, entries

ALTITUDE = st.floats(1.5e5, 4e7)
ELEVATION = st.floats(0.0, 90.0).map(np.deg2rad)


def visibility(x):
    altitude, least, radius = (
        x["altitude_m"],
        jnp.deg2rad(x["min_elevation_deg"]),
        x["earth_radius_m"],
    )
    reach = orbits.slant_range(altitude, least, radius)
    return [
        reach,
        jnp.rad2deg(orbits.central_angle(altitude, least, radius)),
        orbits.pass_duration(altitude, least, radius, x["mu"]),
        orbits.visible_fraction(altitude, least, radius),
        orbits.coverage_fraction(altitude, least, radius),
        orbits.visibility_threshold(altitude, reach, radius),
    ]


def kepler(x):
    given = x["altitude_m"], x["earth_radius_m"], x["mu"]
    return [
        orbits.period(*given),
        orbits.speed(*given),
        orbits.mean_motion(*given) * 86400 / (2 * np.pi),
    ]


def longest_delay(x):
    reach = orbits.slant_range(x["altitude_m"], jnp.deg2rad(x["min_elevation_deg"]))
    return 1e3 * orbits.round_trip_delay(reach, reach if x["payload"] == "transparent" else 0.0)


QUANTITIES = {
    "[orbital period": kepler,
    "[max slant range m": visibility,
    "slant range": lambda x: orbits.slant_range(
        x["altitude_m"], jnp.deg2rad(x["elevation_deg"]), x["earth_radius_m"]
    ),
    "central beam edge": lambda x: (
        orbits.slant_range(x["altitude_m"], jnp.deg2rad(x["elevation_deg"])) / 1e3
    ),
    "minimum propagation": lambda x: (
        1e3 * orbits.round_trip_delay(x["altitude_m"], x["altitude_m"])
    ),
    "maximum satellite-UE": lambda x: (
        orbits.slant_range(x["altitude_m"], jnp.deg2rad(x["min_elevation_deg"])) / 1e3
    ),
    "maximum propagation": longest_delay,
}


@pytest.mark.parametrize(
    "entry",
    entries("orbit_circular", "leo_visibility", "3gpp_slant_range", "3gpp_tr38821_geometry"),
    ids=lambda entry: entry["id"],
)
def test_authorities(entry, float64):
    function = next(
        function for start, function in QUANTITIES.items() if entry["quantity"].startswith(start)
    )
    check(entry, function(entry["inputs"]))


@given(ALTITUDE, ELEVATION)
def test_32_bits_keep_six_digits(altitude, elevation):
    for function in (
        orbits.slant_range,
        orbits.central_angle,
        orbits.coverage_fraction,
        orbits.pass_duration,
    ):
        with jax.enable_x64(True):
            exact = float(function(altitude, elevation))
        scale = altitude if function is orbits.slant_range else float(function(altitude, 0.0))
        assert float(function(altitude, elevation)) == pytest.approx(
            exact, rel=5e-6, abs=1e-6 * scale
        )


@given(ALTITUDE, ELEVATION)
def test_slant_range_and_elevation_are_inverse(altitude, elevation):
    with jax.enable_x64(True):
        reach = orbits.slant_range(altitude, elevation)
        assert altitude <= float(reach) * (1 + 1e-14)
        assert float(orbits.elevation_at(altitude, reach)) == pytest.approx(elevation, abs=1e-7)
        angle = orbits.central_angle(altitude, elevation)
        assert float(orbits.slant_range_at(angle, altitude)) == pytest.approx(
            float(reach), rel=1e-12
        )
        assert float(orbits.elevation_over(angle, altitude)) == pytest.approx(elevation, abs=1e-10)


@given(ALTITUDE, st.floats(-20.0, 20.0))
def test_overhead_pass_agrees_with_plane_geometry(altitude, angle):
    with jax.enable_x64(True):
        satellite = (EARTH_RADIUS + altitude) * np.array([np.sin(angle), np.cos(angle)]) - [
            0.0,
            EARTH_RADIUS,
        ]
        assert float(orbits.slant_range_at(angle, altitude)) == pytest.approx(
            np.hypot(*satellite), rel=1e-9
        )
        assert float(orbits.elevation_over(angle, altitude)) == pytest.approx(
            np.arctan2(satellite[1], abs(satellite[0])), abs=1e-9
        )


@pytest.mark.parametrize("minimum_deg", [0.0, 10.0, 40.0])
def test_visible_for_its_share_of_the_time_and_only_above_the_least_elevation(minimum_deg, float64):
    altitude, least, phase = 1e6, np.deg2rad(minimum_deg), 0.7
    turn = orbits.period(altitude)
    threshold = orbits.visibility_threshold(altitude, orbits.slant_range(altitude, least))
    time = jnp.linspace(0.0, float(turn), 100_000, endpoint=False)
    seen = jax.jit(orbits.visible)(time, turn, phase, threshold)
    assert float(seen.mean()) == pytest.approx(
        float(orbits.visible_fraction(altitude, least)), abs=2e-5
    )
    height = orbits.elevation_over(orbits.orbit_angle(time, turn, phase), altitude)
    clear = jnp.abs(height - least) > 1e-9
    assert jnp.array_equal(seen[clear], (height >= least)[clear])
    assert jnp.array_equal(seen, orbits.visible(time + 3 * turn, turn, phase, threshold))


def test_geostationary_orbit_takes_a_sidereal_day(float64):
    assert float(orbits.period(42_164_170.0 - 6_378_137.0, 6_378_137.0)) == pytest.approx(
        86_164.09, abs=0.5
    )


def test_impossible_distance_is_not_a_number():
    assert np.isnan(orbits.elevation_at(6e5, 5e5))
    assert np.isnan(orbits.elevation_at(6e5, 2e7))


def test_gradient_and_batch():
    heights = jnp.array([5e5, 1e6])
    slope = jax.vmap(jax.grad(lambda h: orbits.slant_range(h, 0.5)))(heights)
    step = (orbits.slant_range(heights + 1e4, 0.5) - orbits.slant_range(heights - 1e4, 0.5)) / 2e4
    np.testing.assert_allclose(slope, step, rtol=1e-3)
