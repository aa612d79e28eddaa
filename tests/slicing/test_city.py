"""A slicing scenario with a place: what its sections put in, link models, and what is refused."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.links import LINKS, Link, check_link, compute_link
from sagin.orbits.circular import slant_range
from sagin.parameters import read, to_mapping
from sagin.slicing import links, step
from sagin.slicing.city import count_users, follow_day
from sagin.slicing.scenario import Scenario, build_scenario, check_scenario

SMALL = (
    *("users.high_throughput=4", "users.low_delay=4", "users.wide_coverage=4"),
    "radio.subcarriers=8",
)


@pytest.fixture(scope="module")
def town():
    return build_scenario("town", SMALL)


def test_a_placed_scenario_is_whole_and_stays(town):
    assert town.location.placed
    assert len(town.base_stations.positions_m) == 8
    assert town.base_stations.positions_m[0] == (1500.0, 1500.0)
    # 0.0072° of latitude north, as 111.2 km a degree on the sphere
    assert town.base_stations.positions_m[1][1] == pytest.approx(1500.0 + 0.0072 * 111_200, abs=3)
    assert town.schedule.low_delay == tuple(count_users(town)[:, 1].tolist())
    assert town.schedule.step_slots == 36_000
    assert max(town.schedule.low_delay) == 4
    again = check_scenario(read(Scenario, to_mapping(town)))
    assert again == town


def test_users_stand_in_the_discs_by_their_weights(town):
    rows = [[500.0, 500.0, 3.0, 40.0], [2500.0, 1000.0, 1.0, 10.0]]
    area = dataclasses.replace(town.area, spots=type(town.area.spots)(rows))
    many = dataclasses.replace(town, area=area)
    keys = jax.random.split(jax.random.key(0), 200)
    places = np.asarray(jax.vmap(lambda key: step.draw_places(key, many))(keys)).reshape(-1, 2)
    first = np.hypot(*(places - rows[0][:2]).T) <= 40.001
    second = np.hypot(*(places - rows[1][:2]).T) <= 10.001
    assert (first | second).all()
    # a binomial share of 2400 users, five standard errors
    assert first.mean() == pytest.approx(0.75, abs=5 * (0.75 * 0.25 / len(places)) ** 0.5)
    # uniform in the disc: a quarter within half the radius
    inner = np.hypot(*(places[first] - rows[0][:2]).T) <= 20.0
    assert inner.mean() == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("name", ["base_stations", "uavs", "satellites"])
def test_a_link_model_is_the_budget_of_its_geometry(name, town):
    user = jnp.array([[1000.0, 1200.0]])
    if name == "base_stations":
        gain = links.base_path_gain(town, user)
        way = {"ground_distance_m": float(np.hypot(500.0, 300.0)), "upper_height_m": 0.0}
        losses = {"models": ["log-distance"], "log_distance": {"exponent": 3.5}}
        budget = budget_of(way, losses) - 15.0
    elif name == "uavs":
        gain = links.uav_path_gain(town, user, jnp.array([[1300.0, 1600.0]]))
        way = {"ground_distance_m": 500.0, "upper_height_m": 100.0}
        budget = budget_of(way, {"models": ["air-to-ground"]})
    else:
        gain, budget = links.satellite_gains(town), _list_satellite_losses(town)
    loss = -10 * np.log10(np.asarray(gain)[0])
    if name != "satellites":
        loss = loss[0]
    np.testing.assert_allclose(loss, budget, atol=0.02)


def budget_of(way, losses):
    """Return the loss by `sagin link` over a way at 2 GHz, dB."""
    plain = {
        key: value for key, value in LINKS["SC9-downlink"][1].items() if key != "elevation_deg"
    }
    content = plain | {"frequency_ghz": 2.0, "lower_height_m": 0.0, "losses": losses} | way
    return compute_link(check_link(read(Link, content))).path_loss_db


def _list_satellite_losses(town):
    """Return free space at the real range and the model's other losses, less the gain of 30 dBi."""
    sky, losses = town.satellites.sky, []
    for reach, elevation in zip(sky.ranges_km, sky.elevations_deg, strict=True):
        way = {"elevation_deg": elevation, "upper_height_m": 570e3}
        total = budget_of(way, {"models": ["ntn"], "ntn": {"sight": "line_of_sight"}})
        # the sphere's range in the place of the real one
        sphere = float(slant_range(570e3, np.deg2rad(elevation)))
        losses.append(total + 20 * np.log10(reach * 1e3 / sphere) - 30.0)
    return losses


def test_a_satellite_out_of_sight_serves_nobody(town):
    sky = dataclasses.replace(town.satellites.sky, ranges_km=(0.0, 900.0))
    scenario = dataclasses.replace(town, satellites=dataclasses.replace(town.satellites, sky=sky))
    gains = np.asarray(links.satellite_gains(scenario))
    assert (gains[:, 0] == 0.0).all()
    assert (gains[:, 1] > 0.0).all()
    visible = np.asarray(links.find_visible(scenario))
    assert visible.tolist() == [True] * town.uavs.count + [False, True]


def test_satellites_move_with_the_hour(town):
    day = follow_day(town, 2)
    later = day.find(60)
    assert later.ranges_km != town.satellites.sky.ranges_km
    assert all(reach == 0 or 500.0 < reach < 1700.0 for reach in later.ranges_km)
    assert day.count_handovers(0) >= 4


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("sites.count=9", "sites.spacing_m=10"), "sites.spacing_m"),
        (("location.latitude_deg=95",), "location.latitude_deg"),
        (("orbit.phasing=40",), "orbit.phasing"),
        (("base_stations.exponent=3.0",), "no value beside base_stations.link"),
        (("base_stations.positions_m=[[1, 1]]",), "no value beside .sites."),
        (("schedule.low_delay=[1]",), "none beside a profile"),
        (("density.weights=sites",), "no value beside .density."),
        (("density.scatter_m=9", "area.spots=[[1, 1, 1, 1]]"), "density.scatter_m"),
        (("satellites.count=0",), "satellites.count"),
        (("uavs.link.losses.models=['ntn']",), "loss model ntn"),
        (("area.spots=[[1, 1, -1, 1]]",), "weights of at least 0"),
        (("area.side_m=1000",), "not in the square of 1000 m"),
    ],
)
def test_what_disagrees_is_one_line(overrides, words):
    with pytest.raises(InputError, match=words) as caught:
        build_scenario("town", overrides)
    assert "\n" not in str(caught.value)


def test_sections_of_a_place_need_a_location():
    with pytest.raises(InputError, match=r"only with a section \[location\]"):
        build_scenario("paper", ("density.weights=uniform",))
    with pytest.raises(InputError, match=r"location\.latitude_deg"):
        build_scenario("paper", ("location.profile=constant",))


def test_nothing_of_a_place_is_in_other_scenarios():
    plain = to_mapping(build_scenario("paper"))
    assert not {"location", "sites", "density", "orbit"} & set(plain)
    assert "link" not in plain["uavs"]
    assert "spots" not in plain["area"]
