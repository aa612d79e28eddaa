"""The relaying system as a scene, under a circular pass and under passing satellites."""

import math
from datetime import timedelta

import jax
import numpy as np
import pytest

from sagin.orbits import Site, satellites_in_view
from sagin.papers.relaying import run
from sagin.papers.relaying.scene import build_scene
from sagin.relaying import build_scenario, evaluate_drop, prepare_inputs, sample_drop
from sagin.relaying.sampling import Serving
from sagin.relaying.satellites import load_elements
from sagin.relaying.scenario import parse_start_time

WALKER = ("users.count=120", "base.capacity=60")


def make_scene(scenario, drops=3, seed=7):
    """Return a scenario's inputs and scene."""
    inputs = prepare_inputs(scenario, drops)
    return inputs, build_scene(inputs, drops, seed, "a title")


def test_passing_satellites_stand_where_the_orbits_say():
    scenario = build_scenario("walker", WALKER)
    inputs, found = make_scene(scenario)
    assert inputs.track is not None
    assert found.times_s == tuple(10.0 * np.arange(61))
    names = {number: point.name for number, point in enumerate(found.points) if point.kind == "LEO"}
    for time in (0, 17, 60):
        moment = parse_start_time(scenario) + timedelta(seconds=found.times_s[time])
        seen = satellites_in_view(load_elements(scenario), Site(59.9139, 10.7522), moment, 10.0)
        here = {
            name: found.places_m[time][number]
            for number, name in names.items()
            if found.places_m[time][number]
        }
        assert set(here) == {one.name for one in seen}
        for one in seen:
            east, north, up = np.subtract(here[one.name], (500.0, 500.0, 0.0))
            assert math.hypot(east, north, up) == pytest.approx(one.slant_range, abs=1.0)
            assert math.degrees(math.atan2(up, math.hypot(east, north))) == pytest.approx(
                one.elevation_deg, abs=1e-4
            )
            assert math.degrees(math.atan2(east, north)) % 360 == pytest.approx(
                one.azimuth_deg, abs=0.01
            )
        ends = {names[end] for _, end in found.links[time] if end in names}
        assert ends == {inputs.track.names[inputs.track.server[time]]}


def test_links_of_a_drop_are_those_of_the_model_under_each_satellite():
    scenario = build_scenario("walker", WALKER)
    _, found = make_scene(scenario)
    key = run.make_keys(7, 3)[0]
    base = next(number for number, point in enumerate(found.points) if point.kind == "GBS")
    one = jax.jit(
        lambda serving: (
            drop := sample_drop(key, scenario, 120, None, serving),
            evaluate_drop(scenario, drop)[1],
        )
    )
    full = prepare_inputs(scenario, 361).track
    assert full is not None
    for time in (0, 30):
        drop, detail = one(Serving(full.serving.slant_range[time], full.serving.visible[time]))
        served = np.asarray(detail.served[0])
        users = {
            end: {user for user, other in found.links[time] if other == end and user < base}
            for end in range(base, len(found.points))
        }
        assert users[base] == set(np.flatnonzero(np.asarray(detail.base)))
        assert users[base + 1] == set(np.flatnonzero(served[:, 0]))
        assert set().union(*list(users.values())[2:]) == set(np.flatnonzero(served[:, 1]))
        relay = found.places_m[time][base + 1]
        assert (relay is not None) == bool(detail.sent[0, 0])
        if relay is not None:
            np.testing.assert_allclose(
                relay, [*(np.asarray(detail.relays)[0] + 500.0), 30.0], atol=0.0501
            )
            assert sum(user == base + 1 for user, _ in found.links[time]) == 1
        np.testing.assert_allclose(
            [place[:2] for place in found.places_m[time][:120]],
            np.asarray(drop.users) + 500.0,
            atol=0.0501,
        )
    assert found.places_m[0][base] == (500, 500, 25)


@pytest.mark.slow
def test_a_circular_pass_stands_as_far_as_the_drop_has_it():
    scenario = build_scenario("paper", ("users.process=poisson", "users.count=50", "relay.count=2"))
    inputs, found = make_scene(scenario)
    assert inputs.track is None
    drop = jax.jit(sample_drop)(run.make_keys(7, 3)[0], scenario, 50)
    assert found.times_s == (0.0,)
    assert sum(point.kind == "user" for point in found.points) == int(
        np.asarray(drop.present).sum()
    )
    (row,) = found.places_m
    place = np.subtract(row[-1], (500.0, 500.0, 0.0))
    assert np.linalg.norm(place) == pytest.approx(float(drop.serving.slant_range), abs=1.0)
    # an orbit of 1000 km, seen from a sphere of 6371 km
    assert np.linalg.norm(place + (0.0, 0.0, 6_371_000.0)) == pytest.approx(
        7_371_000.0, abs=10_000.0
    )


@pytest.mark.parametrize(("rule", "height"), [("zenith", 1_000_000), ("any", None)])
def test_a_satellite_overhead_and_one_below_the_horizon(rule, height):
    row = make_scene(build_scenario("paper", ("users.count=20", f"satellite.time={rule}")), seed=0)[
        1
    ].places_m[0]
    if height is None and row[-1] is not None:
        pytest.skip("this drop's satellite is in view")
    assert row[-1] == (None if height is None else (500, 500, height))


@pytest.mark.slow
def test_a_run_that_is_seen_has_the_same_numbers():
    inputs = prepare_inputs(build_scenario("paper", ("users.count=40",)), 5)
    one, two = (
        run.simulate(inputs, 5, 1, lambda _: None, with_views=seen) for seen in (False, True)
    )
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_a_sparse_sky_begins_with_the_first_satellite_in_view():
    sparse = (
        "orbit.planes=3",
        "orbit.per_plane=2",
        "orbit.duration_s=43200",
        "orbit.phasing=1",
        "users.count=20",
        "relay.count=0",
    )
    inputs, found = make_scene(build_scenario("walker", sparse))
    assert inputs.track is not None
    assert found.times_s[0] == 10.0 * np.argmax(inputs.track.server >= 0) > 0
    assert any(place for place in found.places_m[0][21:])
