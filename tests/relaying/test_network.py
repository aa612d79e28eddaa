"""Whole drops: compared with the oracle, laws of association and combining, float widths, compiled
Monte Carlo.
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.relaying.association import assign_users
from sagin.relaying.frameworks import FRAMEWORKS, build_branches, find_framework
from sagin.relaying.monte_carlo import run_drops, simulate
from sagin.relaying.sampling import Realisation
from sagin.relaying.scenario import Scenario, build_scenario, replace_counts
from sagin.units import from_db

from oracle import relaying as oracle

SCENES = {
    "paper": (),
    "ungated": ("algorithm.gate=ignored",),
    "masked hotspot": (
        "algorithm.gate=hotspot",
        "users.count=130",
        "base.capacity=50",
        "satellite.masking_db=6",
        "energy.link_hovering=included",
    ),
    "antennas": (
        "users.antennas=3",
        "users.count=120",
        "base.capacity=40",
        "relay.count=2",
        "power.objective=efficiency",
    ),
    "antennas by pilots": (
        "users.antennas=2",
        "csi.error_variance=0.1",
        "users.count=80",
        "base.capacity=25",
        "algorithm.gate=ignored",
        "radio.band_rule=shared",
        "energy.satellite=bands",
    ),
    "four": (
        "relay.count=4",
        "relay.capacity=12",
        "users.count=160",
        "base.capacity=60",
        "relay.radius_m=180",
    ),
    "anytime": ("satellite.time=any", "relay.count=2"),
    "density": ("algorithm.trigger=either", "algorithm.density_per_km2=900", "users.count=90"),
    "none": ("relay.count=0",),
    "clear": (
        "satellite.fading_user=light",
        "satellite.fading_relay=average",
        "algorithm.threshold_db=6",
    ),
    "turns": ("radio.band_rule=shared", "relay.count=2", "relay.capacity=30"),
    "divided": ("base.power_rule=shared", "base.capacity=20"),
    "beam": ("energy.satellite=beam", "energy.station_power_dbm=20"),
    "standing": ("energy.satellite=standing", "satellite.time=any"),
    "bands": ("energy.satellite=bands", "relay.count=2", "satellite.time=any"),
    "bands in turn": ("energy.satellite=bands", "radio.band_rule=shared"),
    "no room": ("algorithm.excess=no_room", "algorithm.trigger=excess", "base.capacity=40"),
    "random": ("base.admission=random", "base.capacity=50"),
    "few": ("users.count=60",),
    "padded": ("base.capacity=60",),
    "clusters": ("relay.count=2", "algorithm.placement=cluster", "relay.radius_m=200"),
    "efficient": ("power.objective=efficiency",),
    "cells": (
        "base.positions_m=[[350.0, 0.0], [-300.0, 250.0], [-50.0, -400.0]]",
        "base.capacity=15",
        "users.antennas=2",
        "csi.error_variance=0.1",
        "radio.band_rule=shared",
        "users.count=80",
        "relay.count=2",
    ),
}
LATER = ("clear", "divided", "beam", "bands", "few", "none")
"""Scenes of slow tests: each compiles a program of its own, and others stand for their choices."""
TAKING_PART = {"padded": 120}
"""Users, where they are fewer than the rows computed."""
TOLERANCE = {"efficient": 1e-6, "antennas": 1e-6}
"""Of the optimum that both find by iteration."""


def scene(name):
    return build_scenario("paper", SCENES[name])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LATER else ()) for name in SCENES],
)
def test_every_framework_agrees_with_the_oracle(float64, numbers, draw, run, name, seed):
    scenario = scene(name)
    found, plain = draw(scenario, seed, TAKING_PART.get(name))
    summary, detail = run(scenario, found)
    if scenario.algorithm.placement != "hotspot":
        plain["places"] = np.asarray(detail.relays).tolist()
    expected = oracle.drop(numbers(scenario), plain)
    assert sorted(expected["base"]) == np.flatnonzero(detail.base).tolist()
    assert expected["needy"] == np.flatnonzero(detail.needy).tolist()
    assert expected["triggered"] == bool(summary.triggered)
    assert expected["excess"] == np.flatnonzero(detail.excess).tolist()
    if expected["excess"]:
        np.testing.assert_allclose(
            detail.relays, np.reshape(expected["places"], (-1, 2)), atol=1e-9
        )
    for place, row in enumerate(FRAMEWORKS):
        for key, value in expected["by"][row.name].items():
            np.testing.assert_allclose(
                getattr(summary, key)[place],
                value,
                rtol=TOLERANCE.get(name, 1e-9),
                err_msg=f"{row.name}: {key}",
            )


@pytest.mark.parametrize("name", ["paper", "four", "none"])
def test_no_node_is_overfull_and_nobody_is_served_twice(draw, run, name):
    scenario = scene(name)
    for seed in range(4):
        found, _ = draw(scenario, seed)
        summary, detail = run(scenario, found)
        relayed = np.asarray(detail.served[:, :, :-1])
        assert summary.base_users <= scenario.base.capacity
        assert np.all(relayed.sum(axis=1) <= scenario.relay.capacity)
        assert np.all(np.asarray(detail.served).sum(axis=2) + np.asarray(detail.base) <= 1)
        assert not np.any(np.asarray(detail.served)[:, ~np.asarray(found.present)])
        assert np.all(
            np.broadcast_to(detail.links.distance, relayed.shape)[relayed]
            <= scenario.relay.radius_m
        )
        assert np.all(
            np.asarray(detail.snr)[np.asarray(detail.served)]
            >= float(from_db(scenario.algorithm.threshold_db)) * (1 - 1e-6)
        )


@pytest.mark.parametrize(
    "name",
    ["paper", "ungated", *(pytest.param(n, marks=pytest.mark.slow) for n in ("anytime", "four"))],
)
def test_order_of_frameworks(name):
    capacity = np.asarray(simulate(jax.random.key(5), scene(name), 64).capacity)
    by = {row.name: capacity[:, place] for place, row in enumerate(FRAMEWORKS)}
    slack = 1.0 + 1e-5
    assert all(np.all(by["gbs-only"] <= other * slack) for other in by.values())
    assert np.all(by["leo-gbs-half"] <= by["leo-gbs"] * slack)
    if scene(name).algorithm.gate == "user":
        assert np.all(by["leo-gbs"] <= by["cud"] * slack)
    if (
        scene(name).relay.count == 1
    ):  # full relays that compete for users needn't come to the greatest sum
        assert all(np.all(by[other] <= by["cud"] * slack) for other in ("egc", "egc-equal", "sc"))


def test_maximum_ratio_combining_is_best_for_every_user_and_relay(draw, run):
    found, _ = draw(scene("four"), 1)
    snr = np.asarray(run(scene("four"), found)[1].links.first)
    assert snr.shape == (4,)
    paths = build_branches(
        jnp.linspace(0.1, 20.0, 7),
        jnp.asarray(snr),
        jnp.geomspace(1e-2, 1e5, 28).reshape(7, 4),
        jnp.asarray(9.0),
    )
    best, *others = (
        FRAMEWORKS[find_framework(name)].combine(paths)
        for name in ("cud", "egc", "egc-equal", "sc")
    )
    assert all(np.all(np.asarray(other) <= np.asarray(best) * (1 + 1e-6)) for other in others)


@pytest.mark.slow
def test_without_relays_the_cooperative_frameworks_are_leo_gbs_or_gbs_only():
    gated, ungated = (
        simulate(jax.random.key(1), build_scenario("paper", ("relay.count=0", *more)), 16)
        for more in ((), ("algorithm.gate=ignored",))
    )
    for name in ("cud", "egc", "sc"):
        np.testing.assert_allclose(
            gated.capacity[:, find_framework(name)],
            gated.capacity[:, find_framework("leo-gbs")],
            rtol=1e-6,
        )
        np.testing.assert_allclose(
            ungated.capacity[:, find_framework(name)],
            ungated.capacity[:, find_framework("gbs-only")],
            rtol=1e-6,
        )


def test_an_invisible_satellite_leaves_relays_useless_but_not_stations(draw, run):
    scenario = scene("paper")
    found, _ = draw(scenario, 0)
    dark = found._replace(
        serving=found.serving._replace(visible=jnp.asarray(False), slant_range=jnp.asarray(jnp.inf))
    )
    summary, _ = run(scenario, dark)
    np.testing.assert_allclose(
        summary.capacity[: find_framework("gbs-only") + 1], summary.base_capacity, rtol=1e-6
    )
    assert np.all(
        np.asarray(summary.printed_power[: find_framework("gbs-only")])
        == summary.printed_power[find_framework("gbs-only")]
    )
    assert summary.relayed[find_framework("uav-bs")] > 0


@pytest.mark.parametrize("direct", [0.0, 1e6])
def test_stations_do_not_depend_on_the_satellites_channels_where_it_serves_nobody_or_everybody(
    draw, run, direct
):
    scenario = scene("paper")
    found, _ = draw(scenario, 0)
    dark = found._replace(serving=found.serving._replace(visible=jnp.asarray(False)))
    (one, _), (other, _) = (
        run(scenario, found._replace(direct_fading=jnp.full_like(found.direct_fading, direct))),
        run(scenario, dark),
    )
    station = find_framework("uav-bs")
    assert one.aircraft[station] == 1
    np.testing.assert_allclose(one.capacity[station], other.capacity[station], rtol=1e-6)
    assert one.aircraft[find_framework("cud")] == (direct == 0.0)


def test_what_is_sent_is_paid_for_alike_by_all_that_send_relays(draw, run):
    """A threshold that no combined signal reaches: relays hover and serve nobody."""
    scenario = build_scenario("paper", ("satellite.eirp_dbw_per_mhz=0", "relay.count=2"))
    found, _ = draw(scenario, 0)
    summary, _ = run(scenario, found)
    rows = [find_framework(name) for name in ("cud", "egc", "egc-equal", "sc")]
    assert not np.any(np.asarray(summary.relayed)[rows])
    assert np.asarray(summary.aircraft)[rows].tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(
        np.asarray(summary.printed_power)[rows] - summary.printed_power[find_framework("gbs-only")],
        2 * 168.7,
        atol=0.1,
    )
    np.testing.assert_allclose(
        np.asarray(summary.radiated_power)[rows],
        summary.radiated_power[find_framework("gbs-only")],
        rtol=1e-6,
    )


@pytest.mark.slow
def test_the_direct_link_needs_no_trigger():
    """With room left at the GBS and no crowd, users below its threshold are in excess, and the
    satellite serves some of them.
    """
    result = simulate(
        jax.random.key(4),
        build_scenario("paper", ("users.count=60", "algorithm.trigger=excess")),
        64,
    )
    assert not np.any(result.triggered)
    assert np.asarray(result.excess).mean() > 0
    assert np.all(np.asarray(result.direct)[:, find_framework("leo-gbs")].mean() > 0)
    np.testing.assert_array_equal(
        result.direct[:, find_framework("leo-gbs")], result.direct[:, find_framework("cud")]
    )
    assert not np.any(result.aircraft)


def test_user_order_does_not_matter(float64, draw, run):
    scenario = scene("four")
    found, _ = draw(scenario, 3)
    turn = np.random.default_rng(0).permutation(found.users.shape[0])
    by_user = ("users", "present", "order", "base_fading", "direct_fading", "hop_fading")
    turned = Realisation(
        **{key: value[turn] if key in by_user else value for key, value in found._asdict().items()}
    )
    for one, other in zip(run(scenario, found)[0], run(scenario, turned)[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_more_power_never_lowers_a_relayed_rate(draw, run):
    scenario = scene("paper")
    found, _ = draw(scenario, 2)
    strong = replace(scenario, relay=replace(scenario.relay, power_dbm=32.0))
    weak, strong = run(scenario, found)[0], run(strong, found)[0]
    assert weak.capacity[find_framework("cud")] <= strong.capacity[find_framework("cud")]


def test_path_loss_limit_and_greatest_power_never_bind_in_the_papers_geometry(draw, run):
    """Table I: at R_j the mean loss is below PL_max, γ_th needs less than p_max, by tens of dB."""
    scenario = scene("paper")
    found, _ = draw(scenario, 0)
    _, detail = run(scenario, found)
    inside = np.asarray(detail.links.distance) <= scenario.relay.radius_m
    assert np.all(
        np.asarray(detail.links.path_loss_db)[inside] < scenario.relay.path_loss_limit_db - 20.0
    )
    least_dbm = 10 * np.log10(float(from_db(3.0)) / np.asarray(detail.links.mean_hop)[inside]) + 30
    assert np.all(least_dbm < scenario.relay.power_dbm - 20.0)


def test_both_float_widths_agree(draw, run):
    scenario = scene("paper")
    found, _ = draw(scenario, 7)
    narrow, _ = run(scenario, found)
    with jax.enable_x64(True):
        wide, _ = run(
            scenario,
            jax.tree.map(
                lambda x: jnp.asarray(np.asarray(x, float)) if x.dtype.kind == "f" else x, found
            ),
        )
    assert wide.capacity.dtype == jnp.float64
    np.testing.assert_allclose(narrow.capacity, wide.capacity, rtol=2e-6)
    np.testing.assert_allclose(narrow.printed_power, wide.printed_power, rtol=2e-6)


def test_the_same_key_is_the_same_run_and_another_is_another():
    runs = [
        np.asarray(simulate(jax.random.key(seed), Scenario(), 8).capacity) for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.allclose(runs[0], runs[2])


def test_taking_turns_divides_rates_and_keeps_who_is_served():
    alone, turns = (
        simulate(jax.random.key(3), build_scenario("paper", (f"radio.band_rule={rule}",)), 8)
        for rule in ("per_user", "shared")
    )
    np.testing.assert_array_equal(alone.relayed, turns.relayed)
    np.testing.assert_allclose(
        turns.base_capacity * turns.base_users, alone.base_capacity, rtol=1e-5
    )
    assert np.all(np.asarray(turns.printed_power) <= np.asarray(alone.printed_power))


def test_one_round_assigns_as_many_rounds_do():
    """A node that takes everybody needs no limit, and one limited node no second round."""
    keys = jax.random.split(jax.random.key(5), 3)
    score = jax.random.uniform(keys[0], (50, 30, 2)).round(1)  # with equal scores
    eligible = jax.random.bernoulli(keys[1], 0.7, score.shape)
    rooms = jax.random.randint(keys[2], (50, 1), 0, 15)
    limits = jnp.concatenate([rooms, jnp.full_like(rooms, 30)], axis=1)
    assign = jax.jit(jax.vmap(assign_users))
    assert jnp.array_equal(assign(score, eligible, rooms), assign(score, eligible, limits))


@pytest.mark.slow
def test_relays_that_may_not_be_sent_change_nothing():
    """Sums may differ in the last digits, which depend on how a program is compiled."""
    scenario = build_scenario("paper", ("users.count=60", "base.capacity=20", "relay.capacity=9"))
    keys = jax.random.split(jax.random.key(8), 32)
    padded = run_drops(keys, replace_counts(scenario, 60, 3), 60, relays=2)
    exact = run_drops(keys, replace_counts(scenario, 60, 2), 60)
    assert padded.aircraft.max() == 2
    for name, values in exact._asdict().items():
        np.testing.assert_allclose(getattr(padded, name), values, rtol=1e-6, err_msg=name)


def test_a_far_base_station_adds_nothing_and_a_near_one_takes_users_and_disturbs(draw, run):
    place = "base.positions_m=[[{}, 0.0]]"
    alone, far, near = (
        build_scenario("paper", ("users.count=120", "base.capacity=200", *more))
        for more in ((), (place.format("50000.0"),), (place.format("250.0"),))
    )
    one, _ = run(alone, draw(alone, 1)[0])
    two, _ = run(far, draw(far, 1)[0])
    three, detail = run(near, draw(near, 1)[0])
    np.testing.assert_allclose(two.base_capacity, one.base_capacity, rtol=1e-2)
    assert three.base_capacity < one.base_capacity
    assert three.base_users < two.base_users == one.base_users
    np.testing.assert_allclose(two.radiated_power - one.radiated_power, 10.0**1.6, rtol=1e-4)
    assert detail.base.shape == (120,)
