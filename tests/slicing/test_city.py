"""A slicing scenario with a location: fields that its sections set, link models, refusals."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.links import LINKS, Link, check_link, compute_link
from sagin.orbits.circular import slant_range
from sagin.parameters import read, to_mapping
from sagin.planning.certificates.bounds import bound_worth
from sagin.planning.goals import build_goal
from sagin.planning.network import build_slot
from sagin.slicing import layers, links, step
from sagin.slicing.city import count_users, follow_day
from sagin.slicing.evaluation import begin_run
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


FREE = {"models": ["free-space"]}
LOG = {"models": ["log-distance"], "log_distance": {"exponent": 3.5, "coverage_percent": 90.0}}
AIR = {"models": ["air-to-ground"], "air_to_ground": {"environment": "dense_urban"}}
SIGHT = {"models": ["ntn"], "ntn": {"sight": "line_of_sight", "coverage_percent": 95.0}}
MEAN, STUDY = {"models": ["ntn"]}, {"models": ["ntn-budget"]}
GASES = {"models": ["free-space", "gases"]}
RAIN = {"models": ["free-space", "rain"], "rain": {"rate_mm_h": 30.0, "height_km": 3.0}}
ROWS = {
    "base_stations": (FREE, LOG, AIR, GASES),
    "uavs": (FREE, LOG, AIR, GASES),
    "satellites": (FREE, LOG, SIGHT, MEAN, STUDY, GASES, RAIN),
}
"""Loss models that hold on a system's links; the others are refused."""
CASES = [(name, losses) for name, rows in ROWS.items() for losses in rows]


def set_row(name, losses, ghz=2.0):
    """Return the town with a loss model in the place of a node type's own."""
    plain = f"{name}.link={{frequency_ghz={ghz}, losses={write_inline(losses)}}}"
    return build_scenario("town", (*SMALL, plain))


def write_inline(value):
    """Write a mapping as TOML has it in a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={write_inline(part)}" for key, part in value.items()) + "}"
    return repr(value)


@pytest.mark.parametrize(("name", "losses"), CASES)
def test_every_loss_model_is_the_budget_of_its_geometry(name, losses):
    ghz = 20.0 if name == "satellites" else 2.0
    scenario, user = set_row(name, losses, ghz), jnp.array([[1000.0, 1200.0]])
    if name == "base_stations":
        gain = links.base_path_gain(scenario, user)
        way = {"ground_distance_m": float(np.hypot(500.0, 300.0)), "upper_height_m": 0.0}
        budget = budget_of(way, losses, ghz)
    elif name == "uavs":
        gain = links.uav_path_gain(scenario, user, jnp.array([[1300.0, 1600.0]]))
        way = {"ground_distance_m": 500.0, "upper_height_m": 100.0}
        budget = budget_of(way, losses, ghz)
    else:
        gain = links.satellite_gains(scenario)
        budget = list_satellite_losses(scenario, losses, ghz)
    loss = -10 * np.log10(np.asarray(gain)[0])
    if name != "satellites":
        loss = loss[0]
    np.testing.assert_allclose(loss, budget, atol=0.02)


@pytest.mark.parametrize(
    ("name", "losses"),
    [("base_stations", MEAN), ("base_stations", RAIN), ("uavs", STUDY), ("satellites", AIR)],
)
def test_a_model_outside_its_validity_is_one_line(name, losses):
    with pytest.raises(InputError, match=f"loss model {losses['models'][-1]}") as caught:
        set_row(name, losses)
    assert "\n" not in str(caught.value)


def budget_of(way, losses, ghz):
    """Return the loss by `sagin link` over a way, dB."""
    plain = {
        key: value for key, value in LINKS["SC9-downlink"][1].items() if key != "elevation_deg"
    }
    content = plain | {"frequency_ghz": ghz, "lower_height_m": 0.0, "losses": losses} | way
    return compute_link(check_link(read(Link, content))).path_loss_db


def list_satellite_losses(town, losses, ghz):
    """Return free space at the real range and the model's other losses."""
    sky, found = town.satellites.sky, []
    exponent = 3.5 if losses is LOG else 2.0
    for reach, elevation in zip(sky.ranges_km, sky.elevations_deg, strict=True):
        total = budget_of({"elevation_deg": elevation, "upper_height_m": 570e3}, losses, ghz)
        # the sphere's range in the place of the real one
        sphere = float(slant_range(570e3, np.deg2rad(elevation)))
        found.append(total + 10 * exponent * np.log10(reach * 1e3 / sphere))
    return found


def test_the_gain_of_an_antenna_adds_to_the_budget(town):
    user = jnp.array([[1000.0, 1200.0]])
    way = {"ground_distance_m": float(np.hypot(500.0, 300.0)), "upper_height_m": 0.0}
    plain = {"models": ["log-distance"], "log_distance": {"exponent": 3.5}}
    loss = -10 * np.log10(float(links.base_path_gain(town, user)[0, 0]))
    assert loss == pytest.approx(budget_of(way, plain, 2.0) - 15.0, abs=0.02)


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
        (("base_stations.exponent=3.0",), "no value together with base_stations.link"),
        (("base_stations.positions_m=[[1, 1]]",), "no value together with .sites."),
        (("schedule.low_delay=[1]",), "none together with a profile"),
        (("density.weights=sites",), "no value together with .density."),
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
    assert not {"location", "sites", "density", "orbit", "costs"} & set(plain)
    assert "link" not in plain["uavs"]
    assert "spots" not in plain["area"]


def test_sectors_point_where_the_site_says(tmp_path):
    aimed = ("base_stations.link.pointing=azimuth", "base_stations.link.antenna.pattern=sector")
    sectors = build_scenario("town", (*SMALL, *aimed, "sites.azimuths_deg=[0, 120, 240]"))
    assert len(sectors.base_stations.positions_m) == 24
    assert sectors.base_stations.positions_m[:3] == ((1500.0, 1500.0),) * 3
    bearing = np.deg2rad([0.0, 32.5, 90.0, 180.0])
    users = 1500.0 + 400.0 * np.stack([np.sin(bearing), np.cos(bearing)], axis=1)
    gain = 10 * np.log10(np.asarray(links.base_path_gain(sectors, jnp.asarray(users)))[:, :3])
    # TR 38.901 Table 7.3-1 by hand: 12·(φ/65)² dB, at most 30 dB
    off = np.abs((np.rad2deg(bearing)[:, None] - [0.0, 120.0, 240.0] + 180.0) % 360.0 - 180.0)
    lost = np.minimum(12.0 * (off / 65.0) ** 2, 30.0)
    np.testing.assert_allclose(gain - gain[0, 0], -lost, atol=1e-3)
    file = tmp_path / "cells.csv"
    file.write_text("lat,lon,azimuth\n47.65,9.47,90\n47.65,9.47,270\n")
    town = (*SMALL, *aimed, f"sites={{file='{file}'}}")
    cells = build_scenario("town", town).base_stations
    assert sorted(cells.azimuths_deg) == [90.0, 270.0]
    for wrong, words in (
        ((*town, "sites.azimuths_deg=[0]"), "column 'azimuth'"),
        ((*SMALL, "sites.azimuths_deg=[0]"), "link.pointing = azimuth"),
        ((*SMALL, *aimed), "24 directions|8 directions"),
        ((*SMALL, "uavs.link.pointing=azimuth"), "azimuth is for base stations"),
    ):
        with pytest.raises(InputError, match=words):
            build_scenario("town", wrong)


@pytest.mark.parametrize("reuse", [1, 3])
def test_beams_of_other_colours_do_not_disturb_and_have_a_part_of_the_band(reuse):
    sizes = ("satellites.count=4", "uavs.count=1", "base_stations.capacity=0")
    scenario = build_scenario("paper", (*sizes, f"satellites.reuse={reuse}"))
    keys = jax.random.split(jax.random.key(2), 2)
    state = begin_run(keys[0], scenario)
    users = state.active.shape[0]
    # all users at satellites in turn and one subcarrier, and the last one at the UAV
    node = np.append(1 + np.arange(users - 1) % 4, 0)
    claim = layers.Claims(jnp.asarray(node), jnp.zeros(users, int), jnp.ones(users), state.active)
    places = jnp.array([[500.0, 500.0]])
    layer = layers.link_non_terrestrial(scenario, state, claim, state.active, places)
    gain = np.asarray(links.satellite_gains(scenario))[0, 0]
    power, noise, band = 1e3, float(links.noise_power(scenario)), 30e6 / 10 / reuse
    load = np.bincount(node)
    for user in (0, 3, 12):
        own = node[user]
        others = sum(
            power / load[other] * (load[other] - (other == own))
            for other in range(1, 5)
            if (other - own) % reuse == 0
        )
        sinr = power / load[own] * gain / (others * gain + noise / reuse)
        assert float(layer.sinr[user]) == pytest.approx(sinr, rel=1e-4)
        assert float(layer.rate[user]) == pytest.approx(band * np.log2(1.0 + sinr), rel=1e-4)
    # the UAV's user has the UAV's band to itself
    aerial = float(links.uav_gains(scenario, state, places)[-1, 0, 0]) * 100.0 / noise
    assert float(layer.sinr[-1]) == pytest.approx(aerial, rel=1e-4)


def test_what_does_not_know_the_reuse_of_beams_refuses_it():
    scenario = build_scenario("small", ("satellites.reuse=3",))
    for what, call in (
        ("plan", lambda state: build_slot(scenario, state)),
        ("bounds", lambda state: bound_worth(scenario, state, build_goal())),
    ):
        with pytest.raises(InputError, match=rf"{what}: satellites.reuse = 3 .*allowed: 1"):
            call(begin_run(jax.random.key(0), scenario))
