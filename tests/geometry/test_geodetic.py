"""WGS-84 coordinates compared with published values, Skyfield, and their own inverses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skyfield.api import wgs84

from sagin.constants import WGS84_SEMI_MAJOR, WGS84_SEMI_MINOR
from sagin.geometry import (
    from_earth_fixed,
    from_local,
    local_axes,
    look_angles,
    surface_distance,
    to_earth_fixed,
    to_local,
)

from authorities import check, entries

LATITUDE = st.floats(-90.0, 90.0).map(np.deg2rad)
LONGITUDE = st.floats(-179.99, 180.0).map(np.deg2rad)
ALTITUDE = st.floats(-10_000.0, 4.5e7)


def seen(given):
    satellite = to_earth_fixed(
        np.deg2rad(given["sat_lat_deg"]),
        np.deg2rad(given["sat_lon_deg"]),
        1e3 * given["sat_alt_km"],
    )
    elevation, azimuth, reach = look_angles(
        to_local(
            satellite, np.deg2rad(given["station_lat_deg"]), np.deg2rad(given["station_lon_deg"])
        )
    )
    return np.rad2deg(elevation), np.rad2deg(azimuth), reach / 1e3


QUANTITIES = {
    "surface distance": lambda x: surface_distance(*np.deg2rad([*x["a_latlon"], *x["b_latlon"]])),
    "elevation of a geostationary satellite": lambda x: seen(x)[0],
    "azimuth (from north, clockwise)": lambda x: seen(x)[1],
    "slant range": lambda x: seen(x)[2],
}


@pytest.mark.parametrize("entry", entries("geodesy", "look_angles"), ids=lambda entry: entry["id"])
def test_authorities(entry):
    check(entry, QUANTITIES[entry["quantity"]](entry["inputs"]))


@given(LATITUDE, LONGITUDE, ALTITUDE)
def test_geodetic_round_trip(latitude, longitude, altitude):
    back = from_earth_fixed(to_earth_fixed(latitude, longitude, altitude))
    assert abs(back[0] - latitude) < 1e-14 + 4 * np.spacing(abs(latitude))
    assert abs(back[1] - longitude) * np.cos(latitude) < 1e-14
    assert abs(back[2] - altitude) < 1e-7


@given(LATITUDE, LONGITUDE, st.floats(-9000.0, 4e7))
def test_earth_fixed_is_skyfields(latitude, longitude, altitude):
    theirs = wgs84.latlon(np.rad2deg(latitude), np.rad2deg(longitude), altitude).itrs_xyz.m
    assert np.linalg.norm(to_earth_fixed(latitude, longitude, altitude) - theirs) < 1e-3


def test_poles_and_equator_are_at_the_axes_of_the_ellipsoid():
    np.testing.assert_allclose(
        to_earth_fixed(np.pi / 2, 1.0), [0.0, 0.0, WGS84_SEMI_MINOR], atol=1e-8
    )
    np.testing.assert_allclose(
        to_earth_fixed(0.0, np.pi / 2), [0.0, WGS84_SEMI_MAJOR, 0.0], atol=1e-8
    )
    latitude, longitude, altitude = from_earth_fixed(np.array([0.0, 0.0, -WGS84_SEMI_MINOR - 5.0]))
    np.testing.assert_allclose([latitude, longitude, altitude], [-np.pi / 2, 0.0, 5.0], atol=1e-8)


@given(LATITUDE, LONGITUDE, st.floats(0.0, 5000.0), st.tuples(*[st.floats(-1e6, 1e6)] * 3))
def test_local_round_trip_keeps_lengths(latitude, longitude, altitude, local):
    position = from_local(np.array(local), latitude, longitude, altitude)
    np.testing.assert_allclose(to_local(position, latitude, longitude, altitude), local, atol=1e-8)
    assert np.linalg.norm(
        position - to_earth_fixed(latitude, longitude, altitude)
    ) == pytest.approx(np.linalg.norm(local), abs=1e-8)


@given(LATITUDE, LONGITUDE)
def test_local_axes_are_a_right_handed_frame(latitude, longitude):
    axes = local_axes(latitude, longitude)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-15)


@given(LATITUDE, LONGITUDE, st.floats(1.0, 1e6))
def test_up_is_the_way_the_altitude_grows(latitude, longitude, rise):
    local = to_local(to_earth_fixed(latitude, longitude, 100.0 + rise), latitude, longitude, 100.0)
    np.testing.assert_allclose(local, [0.0, 0.0, rise], atol=1e-8)


@pytest.mark.parametrize(
    ("local", "azimuth_deg"),
    [((0, 1, 0), 0), ((1, 0, 0), 90), ((0, -1, 0), 180), ((-1, 0, 0), 270), ((-1e-30, 1, 0), 0)],
)
def test_azimuth_counts_from_north_clockwise_within_a_turn(local, azimuth_deg):
    elevation, azimuth, reach = look_angles(np.array(local, float))
    assert np.rad2deg(azimuth) == pytest.approx(azimuth_deg)
    assert 0.0 <= azimuth < 2.0 * np.pi
    assert (elevation, reach) == (0.0, pytest.approx(1.0))


def test_arrays_broadcast():
    places = to_earth_fixed(np.zeros((3, 1)), np.linspace(0, 1, 4), 10.0)
    assert places.shape == (3, 4, 3)
    assert to_local(places, np.zeros(4), np.linspace(0, 1, 4)).shape == (3, 4, 3)
    assert from_earth_fixed(places)[2] == pytest.approx(np.full((3, 4), 10.0))


@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_surface_distance_is_a_metric_on_the_sphere(
    latitude, longitude, other_latitude, other_longitude
):
    there = surface_distance(latitude, longitude, other_latitude, other_longitude, 1.0)
    assert there == pytest.approx(
        surface_distance(other_latitude, other_longitude, latitude, longitude, 1.0)
    )
    assert 0.0 <= there <= np.pi
    antipode = surface_distance(latitude, longitude, -other_latitude, other_longitude + np.pi, 1.0)
    assert there + antipode == pytest.approx(np.pi)
