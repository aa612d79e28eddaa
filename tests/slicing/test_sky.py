"""Slots under a constellation compared with a dense computation, and in parts with the whole."""

from datetime import UTC, datetime

import numpy as np
import pytest

from sagin.errors import InputError
from sagin.geometry import look_angles, to_earth_fixed, to_local
from sagin.geometry.sight import list_sights
from sagin.orbits import Walker, constellation, earth_fixed, time_grid
from sagin.pool import Completion, call_function
from sagin.slicing import sky_slot
from sagin.slicing.scenario import build_scenario
from sagin.slicing.sky import Constellation, Region, draw_ground
from sagin.slicing.sky_slot import SkySettings, play_sky_slot

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SCENARIO = build_scenario("paper", ("satellites.capacity=3", "satellites.exponent=2"))
COUNTS = (40, 50, 60)


def make_shell(altitude_km, planes, per_plane):
    """Return positions of a shell on a sphere; the test of sight needs no outside model."""
    rows = np.arange(planes * per_plane)
    node, turn = 2 * np.pi * (rows // per_plane) / planes, 2 * np.pi * rows / per_plane + rows
    tilt, radius = np.deg2rad(53.0), 6378e3 + 1e3 * altitude_km
    in_plane = np.stack([np.cos(turn), np.sin(turn) * np.cos(tilt), np.sin(turn) * np.sin(tilt)])
    x, y, z = in_plane
    return radius * np.stack(
        [x * np.cos(node) - y * np.sin(node), x * np.sin(node) + y * np.cos(node), z], axis=1
    )


SKY = Constellation(
    np.concatenate([make_shell(550.0, 12, 11), make_shell(1200.0, 5, 7)]), mask_deg=15.0
)
SETTINGS = SkySettings(3, COUNTS, SKY)


@pytest.fixture(scope="module")
def result():
    return play_sky_slot(SCENARIO, SETTINGS)


def look_from(ground):
    """Return elevations, rad, and slant ranges, m, [users, satellites], one user at a time."""
    looks = [
        look_angles(to_local(SKY.positions, latitude, longitude))
        for latitude, longitude in zip(ground.latitude_rad, ground.longitude_rad, strict=True)
    ]
    return np.stack([look[0] for look in looks]), np.stack([look[2] for look in looks])


@pytest.mark.parametrize("mask_deg", [0.0, 25.0])
def test_sights_hold_every_satellite_above_the_mask_once(mask_deg):
    ground = draw_ground(1, 0, 300, SCENARIO)
    elevation, distance = look_from(ground)
    found = np.zeros(elevation.shape, int)
    places = []
    for sight in list_sights(
        ground.latitude_rad, ground.longitude_rad, SKY.positions, np.deg2rad(mask_deg)
    ):
        cells = np.ix_(sight.users, sight.satellite)
        found[cells] += sight.visible
        places += sight.users.tolist()
        np.testing.assert_allclose(np.sqrt(sight.square), distance[cells], rtol=1e-9)
    assert sorted(places) == list(range(300))
    np.testing.assert_array_equal(found, elevation >= np.deg2rad(mask_deg))


def test_it_is_the_dense_slot(result):
    ground = draw_ground(3, 0, sum(COUNTS), SCENARIO)
    elevation, distance = look_from(ground)
    visible = elevation >= np.deg2rad(SKY.mask_deg)
    nearest = np.where(visible.any(axis=1), np.where(visible, distance, np.inf).argmin(axis=1), -1)
    slices = np.repeat([0, 1, 2], COUNTS)
    expected = np.zeros(len(slices))
    kept = np.full(len(slices), -1)
    for satellite in range(len(SKY.positions)):
        users = np.flatnonzero(nearest == satellite)
        first = sorted(users, key=lambda user: (slices[user], ground.tiebreak[user]))[:3]
        kept[first] = satellite
    load = np.array([max((kept == node).sum(), 1) for node in range(len(SKY.positions))])
    gain = (299792458.0 / (4 * np.pi * 2e9)) ** 2 / distance**2
    for user in np.flatnonzero(kept >= 0):
        disturbance = 0.0
        for other in np.flatnonzero((kept >= 0) & (ground.subcarrier == ground.subcarrier[user])):
            if other != user and visible[user, kept[other]]:
                disturbance += 1000.0 / load[kept[other]] * gain[user, kept[other]]
        signal = 1000.0 / load[kept[user]] * gain[user, kept[user]]
        expected[user] = signal / (disturbance + 3e6 * 1e-16)
    np.testing.assert_array_equal(result.node, kept)
    np.testing.assert_array_equal(result.in_sight, visible.sum(axis=1))
    np.testing.assert_array_equal(result.refused, (nearest >= 0) & (kept < 0))
    np.testing.assert_allclose(result.sinr, expected, rtol=2e-5)
    rate = 3e6 * np.log2(1 + expected)
    np.testing.assert_allclose(result.rate, rate, rtol=2e-5)
    assert result.throughput == pytest.approx(rate[slices == 0].sum(), rel=2e-5)
    assert result.coverage == pytest.approx((expected[slices == 2] > 1).mean(), abs=1e-6)
    assert result.refused.any()
    assert (result.node < 0).any()


class Backwards:
    """Run the jobs from last to first, as a cluster may."""

    def __init__(self):
        self.jobs, self.done = [], 0

    def room(self):
        return 1

    def begin(self, job, tell):
        self.jobs.append((job, tell))

    def listen(self, seconds):
        jobs, self.jobs = self.jobs[::-1], []
        self.done += len(jobs)
        return [Completion(job.name, call_function(job, tell)) for job, tell in jobs]

    def stop(self):
        return []


def test_parts_in_any_order_are_the_whole(monkeypatch):
    monkeypatch.setattr(sky_slot, "PART", 64)
    engine = Backwards()
    one, other = play_sky_slot(SCENARIO, SETTINGS), play_sky_slot(SCENARIO, SETTINGS, engine)
    assert engine.done == 6
    for name, value in one._asdict().items():
        np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)


def test_users_live_in_their_region_and_do_not_depend_on_their_number():
    region = Region(50.0, 60.0, 10.0, 30.0)
    few, many = (draw_ground(5, 2, users, SCENARIO, region) for users in (10, 1000))
    for one, other in zip(few, many, strict=True):
        np.testing.assert_array_equal(one, other[:10])
    degrees = np.rad2deg([many.latitude_rad, many.longitude_rad])
    assert (degrees.min(axis=1) >= [50.0, 10.0]).all()
    assert (degrees.max(axis=1) <= [60.0, 30.0]).all()
    # uniform by area: the mean sine of the latitude is the middle one
    middle = np.mean(np.sin(np.deg2rad([50.0, 60.0])))
    spread = np.ptp(np.sin(np.deg2rad([50.0, 60.0]))) / np.sqrt(12 * 1000)
    assert abs(np.sin(many.latitude_rad).mean() - middle) < 5.0 * spread


def test_a_real_shell_is_seen_as_orbits_see_it():
    elements = constellation(Walker(550.0, 53.0, planes=6, per_plane=6), EPOCH)
    positions = earth_fixed(elements, time_grid(EPOCH, 0.0, 60.0)).position.reshape(-1, 3)
    assert len(positions) == 36
    latitude, longitude = np.deg2rad([48.0]), np.deg2rad([11.0])
    (sight,) = list_sights(latitude, longitude, positions, 0.0)
    local = positions - to_earth_fixed(latitude, longitude)
    assert len(sight.satellite) <= 36
    np.testing.assert_allclose(
        np.sqrt(sight.square[0]), np.linalg.norm(local[sight.satellite], axis=1), rtol=1e-9
    )


@pytest.mark.parametrize("users", [(0, 0, 0), (1, -1, 1)])
def test_impossible_numbers_are_refused(users):
    with pytest.raises(InputError, match="allowed"):
        play_sky_slot(SCENARIO, SETTINGS._replace(users=users))
