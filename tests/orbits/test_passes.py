"""Passes, satellites in view and serving satellites, compared with Skyfield and a slow search."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skyfield.api import EarthSatellite, load, wgs84

from sagin import orbits
from sagin.errors import ElementsError, InputError

OSLO = orbits.Site(59.91, 10.75, 23.0)
START = datetime(2023, 8, 20, tzinfo=UTC)
TLE = """A
1 44713U 19074A   23231.68957540  .00010004  00000+0  68944-3 0  9993
2 44713  53.0543  55.0193 0001126  68.4718 291.6391 15.06404368208297
"""
STATIONARY = orbits.constellation(orbits.Walker(35_786, 0.0, 1, 8), START, "GEO")


def theirs(element, site, minimum_deg, days=1):
    scale = load.timescale(builtin=True)
    place = wgs84.latlon(site.latitude_deg, site.longitude_deg, site.altitude_m)
    satellite = EarthSatellite.from_satrec(element.satellite, scale)
    moments, kinds = satellite.find_events(
        place,
        scale.from_datetime(START),
        scale.from_datetime(START + timedelta(days=days)),
        altitude_degrees=minimum_deg,
    )
    return [(time.utc_datetime(), kind) for time, kind in zip(moments, kinds, strict=True)]


@pytest.mark.filterwarnings(
    "ignore:Setting the dtype:DeprecationWarning"
)  # skyfield 1.55 with numpy 2.5
@pytest.mark.parametrize("minimum_deg", [0.0, 10.0, 45.0])
@pytest.mark.parametrize("site", [OSLO, orbits.Site(5.0, 100.0)], ids=str)
def test_passes_are_skyfields(minimum_deg, site):
    elements = [
        *orbits.parse_elements(TLE),
        *orbits.constellation(orbits.Walker(780, 86.4, 1, 2), START),
    ]
    found = orbits.passes(elements, site, START, 86_400.0, minimum_deg)
    assert found == sorted(found, key=lambda one: one.rise)
    for element in elements:
        ours = [
            one
            for one in found
            if one.name == element.name and one.rise > START and one.set < START + timedelta(days=1)
        ]
        events = theirs(element, site, minimum_deg)
        rises = [time for time, kind in events if kind == 0]
        for one in ours:
            assert min(abs((one.rise - time).total_seconds()) for time in rises) < 1.0
            assert (
                min(abs((one.set - time).total_seconds()) for time, kind in events if kind == 2)
                < 1.0
            )
            assert (
                min(
                    abs((one.culmination - time).total_seconds())
                    for time, kind in events
                    if kind == 1
                )
                < 2.0
            )
            assert one.maximum_elevation_deg >= minimum_deg
        assert abs(len(rises) - len(ours)) <= 1


def test_a_pass_shorter_than_the_step_is_found():
    elements = orbits.constellation(orbits.PRESETS["starlink_g1_s1"], START)[:200]
    site = orbits.Site(50.0, 10.0)
    times = orbits.time_grid(START, 21_600.0, 2.0)
    high = np.rad2deg(orbits.look(elements, site, times).elevation_rad).max(axis=1)
    found = orbits.passes(elements, site, START, 21_600.0, 80.0)
    assert {elements[row].name for row in np.flatnonzero(high > 80.05)} <= {
        one.name for one in found
    }
    assert {one.name for one in found} <= {
        elements[row].name for row in np.flatnonzero(high > 79.0)
    }
    assert any(one.duration < 60.0 for one in found)


def test_a_satellite_that_never_sets_passes_through_the_whole_window():
    site = orbits.Site(0.0, 0.0)
    found = orbits.passes(STATIONARY, site, START, 7200.0, 20.0)
    assert {(one.rise, one.set) for one in found} == {(START, START + timedelta(hours=2))}
    seen = orbits.satellites_in_view(STATIONARY, site, START, 20.0)
    assert {one.name for one in found} == {one.name for one in seen}
    assert all(one.remaining == np.inf for one in seen)


def test_satellites_in_view_are_those_above_the_least_elevation_highest_first():
    elements = orbits.constellation(orbits.PRESETS["starlink_g1_s1"], START)
    seen = orbits.satellites_in_view(elements, OSLO, START, 25.0, 12e9)
    elevation = np.rad2deg(
        orbits.look(elements, OSLO, orbits.time_grid(START, 0.0, 1.0)[:1]).elevation_rad[:, 0]
    )
    assert [one.name for one in seen] == [
        elements[row].name for row in np.argsort(-elevation) if elevation[row] >= 25.0
    ]
    assert len(seen) > 3
    overhead = orbits.passes(elements, OSLO, START, 3600.0, 25.0)
    for one in seen:
        (now,) = [path for path in overhead if path.name == one.name and path.rise == START]
        assert one.remaining == pytest.approx(now.duration, abs=0.3)
        assert 550e3 < one.slant_range < 1300e3
        assert abs(one.doppler) < 12e9 * 8e3 / 3e8
        assert (one.doppler > 0) == (one.range_rate < 0)
        assert 0.0 <= one.azimuth_deg < 360.0


def test_no_satellite_in_view_is_an_empty_list_and_old_elements_are_an_error():
    elements = orbits.parse_elements(TLE)
    assert orbits.satellites_in_view(elements, OSLO, START, 89.9) == []
    with pytest.raises(ElementsError, match="days from the nearest epoch"):
        orbits.satellites_in_view(elements, OSLO, datetime(2323, 8, 20))
    with pytest.raises(InputError, match="window of 0"):
        orbits.passes(elements, OSLO, START, 0.0)


HEIGHTS = arrays(
    float,
    st.tuples(st.integers(0, 5), st.integers(1, 30)),
    elements=st.one_of(st.floats(-1.0, 1.5), st.just(np.nan)),
)


@given(HEIGHTS)
def test_highest_serves_the_highest_in_view(height):
    chosen = orbits.serving(height, 0.2, "highest")
    for time, one in enumerate(chosen):
        visible = [row for row in range(len(height)) if height[row, time] >= 0.2]
        assert (one == -1) == (not visible)
        assert not visible or height[one, time] == max(height[row, time] for row in visible)


@given(HEIGHTS)
def test_longest_keeps_its_satellite_until_it_sets_and_then_takes_the_longest(height):
    chosen = orbits.serving(height, 0.2, "longest")

    def left(row, time):
        return (
            next(
                (t for t in range(time, height.shape[1]) if not height[row, t] >= 0.2),
                height.shape[1],
            )
            - time
        )

    for time, one in enumerate(chosen):
        visible = [row for row in range(len(height)) if left(row, time) > 0]
        assert (one == -1) == (not visible)
        if visible and time and chosen[time - 1] in visible:
            assert one == chosen[time - 1]
        elif visible:
            assert left(one, time) == max(left(row, time) for row in visible)
    assert orbits.handovers(chosen) <= orbits.handovers(orbits.serving(height, 0.2, "highest"))


def test_wrong_rule_is_named():
    with pytest.raises(InputError, match="'nearest'; allowed: longest, highest"):
        orbits.serving(np.zeros((1, 1)), 0.0, "nearest")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-08-20", "2023-08-20T00:00:00+00:00"),
        ("2023-08-20T12:00Z", "2023-08-20T12:00:00+00:00"),
        (" 2023-08-20 12:00:00.5+05:30 ", "2023-08-20T06:30:00.500000+00:00"),
    ],
)
def test_times_are_utc(text, expected):
    assert orbits.parse_time(text).isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "now", "2023-13-01", "2023-08-20T25:00", "0001-01-01T00:00+10:00", "nan"]
)
def test_wrong_times_get_one_line(text):
    with pytest.raises(InputError) as caught:
        orbits.parse_time(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["-33.9,18.4", "-33.9, 18.4, 20"])
def test_sites(text):
    site = orbits.parse_site(text)
    assert (site.latitude_deg, site.longitude_deg) == (-33.9, 18.4)


WRONG_SITES = {
    "": "expected LAT,LON",
    "1": "expected LAT,LON",
    "1,b": "expected LAT,LON",
    "1,2,3,4": "expected LAT,LON",
    "nan,1": "expected LAT,LON",
    "91,0": "latitude 91; allowed: -90 to 90",
    "0,-181": "longitude -181; allowed: -180 to 180",
    "0,0,1e9": "altitude 1e+09; allowed: -1000 to 100000",
}


@pytest.mark.parametrize(("text", "said"), WRONG_SITES.items())
def test_wrong_sites_get_one_line(text, said):
    with pytest.raises(InputError) as caught:
        orbits.parse_site(text)
    assert said in str(caught.value)
    assert repr(text) in str(caught.value)
