"""SGP4, the Earth-fixed frame and look angles compared with verification vectors and Skyfield."""

import os
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import numpy as np
import pytest
import sgp4
from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load, wgs84
from skyfield.sgp4lib import theta_GMST1982

from sagin import orbits
from sagin.constants import SPEED_OF_LIGHT
from sagin.errors import ElementsError
from sagin.orbits.elements import GRAVITY, ElementSet
from sagin.orbits.ephemeris import julian
from sagin.orbits.lifetime import is_orbit
from sagin.orbits.site import after, to_datetime64

from authorities import check, entries

OSLO = orbits.Site(59.91, 10.75, 23.0)
SITES = [
    OSLO,
    orbits.Site(0.0, 0.0),
    orbits.Site(-33.87, 151.21, 100.0),
    orbits.Site(40.0, -105.0, 1600.0),
]
TLE = """STARLINK-LIKE
1 44713U 19074A   23231.68957540  .00010004  00000+0  68944-3 0  9993
2 44713  53.0543  55.0193 0001126  68.4718 291.6391 15.06404368208297
MOLNIYA-LIKE
1 22674U 93035D   23231.55909107  .00002121  00000-0  29868-3 0  6560
2 22674  63.5035 354.4452 7541712 253.3264  18.7754  1.96679808 93877
"""
START = datetime(2023, 8, 20, tzinfo=UTC)


def whole_lines(tle):
    """The two lines of a verification satellite, from the file that python-sgp4 ships: the entries'
    blanks and some digits are lost.
    """
    lines = (Path(sgp4.__file__).parent / "SGP4-VER.TLE").read_text().splitlines()
    number = tle[0].split()[1].rstrip("U")
    found = [line[:69] for line in lines if line[:7] in (f"1 {number}", f"2 {number}")][:2]
    for short, full in zip(tle, found, strict=True):
        assert all(
            whole.startswith(part)
            for part, whole in zip(short.split(), full.split(), strict=False)
            if part != "4."
        ), short
    return found


def vector(entry):
    satellite = Satrec.twoline2rv(
        *whole_lines(entry["inputs"]["tle"]), GRAVITY[entry["inputs"]["gravity"]]
    )
    element = ElementSet("verification", 0, satellite)
    # the minutes count from the epoch itself, which a time to the microsecond would round
    minutes = entry["inputs"]["tsince_min"]
    motion = orbits.teme([element], after(to_datetime64(element.epoch), np.array([60.0 * minutes])))
    drift = (
        (satellite.jdsatepoch - 2_440_587.5) * 86400
        + satellite.jdsatepochF * 86400
        - element.epoch.timestamp()
    )
    assert motion.valid.all()
    position = motion.position[0, 0] + motion.velocity[0, 0] * drift
    return np.concatenate([position, motion.velocity[0, 0]]) / 1e3


def constant(entry):
    if entry["id"] == "const.earth":
        from sagin import constants as c

        return [
            c.EARTH_MEAN_RADIUS,
            c.WGS84_SEMI_MAJOR,
            c.WGS84_SEMI_MINOR,
            c.WGS84_INVERSE_FLATTENING,
            c.EARTH_RADIUS,
            c.EARTH_MU,
            c.EARTH_ROTATION,
        ]
    satellite = orbits.parse_elements(TLE, entry["id"].rsplit(".", 1)[1])[0].satellite
    return [satellite.mu, satellite.radiusearthkm, satellite.j2]


@pytest.mark.parametrize(
    "entry", entries("constants", "sgp4_vectors"), ids=lambda entry: entry["id"]
)
def test_authorities(entry):
    check(
        entry,
        (vector if "inputs" in entry and entry["group"] == "sgp4_vectors" else constant)(entry),
    )


def skyfields(element, site, times):
    scale = load.timescale(builtin=True)
    stamps = scale.from_datetimes([time.replace(tzinfo=UTC) for time in times.tolist()])
    place = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.altitude_m)
    seen = (EarthSatellite.from_satrec(element.satellite, scale) - place).at(stamps)
    elevation, azimuth, distance, _, _, rate = seen.frame_latlon_and_rates(place)
    return elevation.degrees, azimuth.degrees, distance.m, rate.m_per_s


@pytest.mark.parametrize("site", SITES, ids=str)
def test_look_angles_are_skyfields(site):
    elements = orbits.parse_elements(TLE)
    times = orbits.time_grid(START, 86_400.0, 300.0)
    seen = orbits.look(elements, site, times)
    for row, element in enumerate(elements):
        elevation_deg, azimuth_deg, distance, rate = skyfields(element, site, times)
        assert np.abs(np.rad2deg(seen.elevation_rad[row]) - elevation_deg).max() < 0.02
        off = (np.rad2deg(seen.azimuth_rad[row]) - azimuth_deg + 180.0) % 360.0 - 180.0
        assert np.abs(off * np.cos(np.deg2rad(elevation_deg))).max() < 0.02
        assert np.abs(seen.slant_range_m[row] - distance).max() < 200.0
        assert np.abs(seen.range_rate_m_s[row] - rate).max() < 1.0


def test_range_rate_and_doppler_are_the_derivative_of_the_range():
    elements = orbits.parse_elements(TLE)
    times = orbits.time_grid(START, 7200.0, 1.0)
    seen = orbits.look(elements, OSLO, times)
    slope = (seen.slant_range_m[:, 2:] - seen.slant_range_m[:, :-2]) / 2.0
    # SGP4's velocities leave terms out that its positions have: some m/s near the perigee of a long
    # orbit
    np.testing.assert_allclose(seen.range_rate_m_s[:, 1:-1], slope, atol=5.0)
    np.testing.assert_allclose(
        orbits.doppler(seen.range_rate_m_s[:, 1:-1], 2e9), -slope * 2e9 / SPEED_OF_LIGHT, atol=35.0
    )


def test_sidereal_angle_is_skyfields():
    times = np.array(
        [
            "1960-02-29T01:02:03",
            "2000-01-01T12:00:00",
            "2023-08-20T00:00:00.123456",
            "2050-12-31T23:59:59",
        ],
        "datetime64[us]",
    )
    theirs = theta_GMST1982(*julian(times))[0]
    np.testing.assert_allclose(
        np.exp(1j * orbits.sidereal_angle(times)), np.exp(1j * theirs), atol=1e-9
    )


def test_inertial_coordinates_are_not_earth_fixed():
    elements, times = orbits.parse_elements(TLE), orbits.time_grid(START, 5400.0, 600.0)
    inertial, fixed = orbits.teme(elements, times), orbits.earth_fixed(elements, times)
    np.testing.assert_allclose(
        np.linalg.norm(inertial.position, axis=-1), np.linalg.norm(fixed.position, axis=-1)
    )
    assert np.linalg.norm(inertial.position[:, 0] - fixed.position[:, 0], axis=-1).min() > 1e6
    steps = orbits.time_grid(START, 2.0, 1.0)
    around = orbits.earth_fixed(elements, steps)
    np.testing.assert_allclose(
        around.velocity[:, 1], (around.position[:, 2] - around.position[:, 0]) / 2.0, atol=1.0
    )


@pytest.mark.parametrize("year", [1700, 2024, 2300])
def test_a_time_far_from_the_epoch_is_refused(year):
    with pytest.raises(
        ElementsError,
        match=r"^time \d{4}-01-01T00:00:00Z is .* days from the nearest epoch, "
        r"2023-08-19T.* allowed: at most 30 days$",
    ):
        orbits.look(
            orbits.parse_elements(TLE), OSLO, orbits.time_grid(datetime(year, 1, 1), 10.0, 5.0)[:1]
        )


def test_the_limit_can_be_moved_and_an_old_element_among_new_ones_is_masked():
    elements, times = orbits.parse_elements(TLE), orbits.time_grid(datetime(2023, 10, 1), 10.0, 5.0)
    assert orbits.look(elements, OSLO, times, 60.0).valid.all()
    fresh = orbits.constellation(orbits.Walker(550, 53.0, 1, 2), datetime(2023, 10, 1))
    seen = orbits.look([*elements, *fresh], OSLO, times)
    assert seen.valid.all(axis=1).tolist() == [False, False, True, True]
    assert np.isnan(seen.elevation_rad[:2]).all()
    assert np.isfinite(seen.elevation_rad[2:]).all()


def test_no_elements_are_refused():
    with pytest.raises(ElementsError, match="no element sets"):
        orbits.look([], OSLO, orbits.time_grid(START, 10.0, 5.0))


def test_a_decayed_satellite_is_not_a_number():
    lines = TLE.splitlines()[1:3]
    satellite = Satrec.twoline2rv(lines[0], lines[1][:52] + "17.90000000208297")
    motion = orbits.teme(
        [ElementSet("low", 1, satellite)], orbits.time_grid(START, 86_400.0 * 5, 3600.0)
    )
    assert not motion.valid.all()
    assert np.array_equal(np.isnan(motion.position).any(axis=-1), ~motion.valid)


def test_results_do_not_depend_on_the_chunk(monkeypatch):
    elements = orbits.constellation(orbits.Walker(550, 53.0, 5, 7), START)
    times = orbits.time_grid(START, 3600.0, 60.0)
    whole = orbits.look(elements, OSLO, times)
    monkeypatch.setattr("sagin.orbits.ephemeris.CHUNK", 100)
    for one, other in zip(whole, orbits.look(elements, OSLO, times), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.slow
def test_a_day_of_a_real_constellation_takes_seconds():
    if not (folder := os.environ.get("SAGIN_REAL_DATA")):
        pytest.skip("SAGIN_REAL_DATA names no folder")
    elements = orbits.read_elements(Path(folder) / "starlink-2023-08.tle")
    times = orbits.time_grid(START, 86_340.0, 60.0)
    begun = process_time()
    seen = orbits.look(elements, OSLO, times)
    assert process_time() - begun < 20.0
    assert seen.elevation_rad.shape == (4587, 1440)
    for row in (0, 2000, 4586):
        elevation_deg, _, distance, _ = skyfields(elements[row], OSLO, times)
        assert np.abs(np.rad2deg(seen.elevation_rad[row]) - elevation_deg).max() < 0.05
        assert np.abs(seen.slant_range_m[row] - distance).max() < 1000.0


FALLING = """FALLING
1 90001U          24281.50000000  .09000000  25000+0  45000-1 0  9997
2 90001  98.0000   0.0000 0001400 270.0000  90.0000 15.92000000    10
"""
# circular, without drag; and with the drag of any satellite
LASTING = """LASTING
1 00001U          24281.50000000  .00000000  00000-0  00000+0 0    05
2 00001  86.4000   0.0000 0000000   0.0000   0.0000 14.33216344    02
"""


def test_a_satellite_that_has_decayed_does_not_come_back():
    # SGP4 gives errors from the first day to about the fourth, then any distance without one
    elements = orbits.parse_elements(FALLING + LASTING)
    times = np.datetime64("2024-09-20T12:00", "us") + np.arange(0, 47 * 8) * np.timedelta64(3, "h")
    motion = orbits.teme(elements, times)
    error, position, _ = elements[0].satellite.sgp4_array(*julian(times))
    radius_km = np.linalg.norm(position, axis=-1)
    assert np.any((error == 0) & (radius_km > 1e6))
    falling, lasting = motion.valid
    days = (times - np.datetime64("2024-10-07T12:00")) / np.timedelta64(1, "D")
    assert lasting.sum() == np.count_nonzero(days <= 30)
    assert falling[(days >= 0) & (days < 0.9)].all()
    assert not falling[days > 1].any()
    radius_m = np.linalg.norm(motion.position[0][falling], axis=-1)
    assert 6.37e6 < radius_m.min() <= radius_m.max() < 7.5e6
    np.testing.assert_array_equal(orbits.find_lost(elements, times[-60:-40]), [True, False])
    # one time alone tells the same, and so does a time before the epoch
    for time, valid in zip(times[::16], falling[::16], strict=True):
        assert orbits.teme(elements, time[None]).valid[0, 0] == valid


def test_an_orbit_is_judged_by_radius_and_speed_against_its_elements():
    elements = orbits.parse_elements(LASTING)
    _, position, velocity = (
        np.array(part)[None]
        for part in elements[0].satellite.sgp4_array(
            *julian(np.array(["2024-10-07T12:00"], "datetime64[us]"))
        )
    )
    assert is_orbit(elements, position, velocity).all()
    for wrong in (
        (1.3 * position, velocity),
        (position, 1.3 * velocity),
        (position, np.nan * velocity),
    ):
        assert not is_orbit(elements, *wrong).any()
