"""Scenes: their file, the slicing system's slots, a policy's episode, and the relaying system under
passing satellites.
"""

import json
import math
from collections import Counter
from datetime import timedelta

import jax
import numpy as np
import pytest

from sagin.errors import StoreError
from sagin.experiments import relaying_run, slicing_run, training_scene
from sagin.experiments.relaying_scene import relaying_scene
from sagin.experiments.slicing import Profile
from sagin.experiments.slicing_scene import slicing_scene
from sagin.experiments.training_evaluation import Test as Slots
from sagin.experiments.training_evaluation import measured
from sagin.learning.settings import changed
from sagin.orbits import Site, satellites_in_view
from sagin.relaying import build_scenario as relaying
from sagin.relaying import evaluate_drop, prepare_inputs, sample_drop
from sagin.relaying.sampling import Serving
from sagin.relaying.satellites import load_elements
from sagin.relaying.scenario import parse_start_time
from sagin.slicing.evaluate import act, start
from sagin.slicing.policies import POLICIES
from sagin.slicing.scenario import named, slice_of
from sagin.studies.scene import (
    MAX_POSITIONS,
    NETWORK_FILE,
    Scene,
    ScenePoint,
    find_scenes,
    read_scene,
    write_scene,
)
from sagin.training.run import TrainingRun, compile_run, make_seed_key

PAIR = Scene(
    "<b>two</b>",
    (0.0, 0.1),
    100.0,
    (ScenePoint("user 1", "H"), ScenePoint("BS 1", "BS")),
    (((1.5, 2, 0), (50, 50, 0)), (None, (50, 50, 0))),
    (((0, 1),), ()),
)


def test_a_scene_is_read_as_written_and_found(tmp_path):
    path = write_scene(PAIR, tmp_path / "runs" / "paper" / NETWORK_FILE)
    assert read_scene(path) == PAIR
    write_scene(PAIR, tmp_path / "figure-7.scene.json")
    (tmp_path / "cut.scene.json").write_bytes(path.read_bytes()[:-20])
    assert find_scenes(tmp_path) == {
        "cut": "network",
        "figure-7": "<b>two</b>",
        "runs/paper/network": "paper: <b>two</b>",
    }
    assert set(json.loads(path.read_text())) == {
        "title",
        "times_s",
        "side_m",
        "points",
        "places_m",
        "links",
        "note",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"times_s": [0.1, 0.0]}, "times_s"),
        ({"times_s": []}, "times_s"),
        ({"side_m": 0}, "side_m"),
        ({"side_m": "wide"}, "side_m"),
        ({"title": None}, "title"),
        ({"points": [{"name": "user 1", "kind": "H"}]}, "places_m: not of 1 points"),
        (
            {"points": [{"name": "user 1", "kind": "tree"}, {"name": "BS 1", "kind": "BS"}]},
            "points.0.kind",
        ),
        ({"places_m": [[[0, 0, 0], None]]}, "places_m: of 1 times, not 2"),
        ({"places_m": [[[0, 0], None], [None, None]]}, "places_m.0.0"),
        ({"links": [[[0, 2]], []]}, "links"),
        ({"links": [[[-1, 0]], []]}, "links"),
        ({"links": [[], [[0, 1]]]}, "links: [0, 1] joins points that are absent"),
    ],
)
def test_a_damaged_scene_is_refused_with_one_line(tmp_path, change, says):
    path = write_scene(PAIR, tmp_path / "x.scene.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(StoreError, match="damaged") as caught:
        read_scene(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", "NaN", "[" * 100_000, '{"title": "x"', "\0"])
def test_what_is_no_scene_is_refused(tmp_path, text):
    path = tmp_path / "x.scene.json"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"x\.scene\.json: damaged"):
        read_scene(path)
    with pytest.raises(StoreError, match="cannot be read"):
        read_scene(tmp_path)


def watched(scenario, counts=None, slots=6):
    """Return the trace of a run and its samples."""
    traces: list[slicing_run.Trace] = []
    job = slicing_run.Job(scenario, "greedy", Profile(slots, 3, 5), counts)
    samples = slicing_run.simulate(job, lambda _: None, watch=traces.append)
    (trace,) = traces
    return trace, samples


def loads(found, time):
    """Return how many links end at each point."""
    return Counter(end for _, end in found.links[time])


def test_slots_are_shown_as_the_run_has_them():
    scenario = named("small", ("satellites.count=2", "uavs.altitude_m=120.0"))
    trace, samples = watched(scenario, (2, 2, 1))
    found = slicing_scene(scenario, trace, "a title")
    assert [point.kind for point in found.points] == [
        "H",
        "H",
        "L",
        "L",
        "C",
        "C",
        "BS",
        "UAV",
        "LEO",
        "LEO",
    ]
    assert found.times_s == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    assert (found.title, found.side_m) == ("a title", 1000.0)
    for row in found.places_m:
        assert row[5] is None
        assert row[6] == (500, 500, 0)
        assert row[7][2] == 120
        assert [place[2] for place in row[8:]] == [200_000, 200_000]
        assert row[8] != row[9]
    np.testing.assert_allclose(
        [row[1][:2] for row in found.places_m], np.asarray(trace.users)[:, 1], atol=0.05001
    )
    for number, point in enumerate(found.points[6:], 6):
        assert np.mean([loads(found, time)[number] for time in range(6)]) == pytest.approx(
            samples[point.name][0]
        )


def test_links_are_those_of_the_users_served():
    scenario = named("paper", ("base_stations.capacity=4", "uavs.capacity=3"))
    key = slicing_run.keys_of(5, 1)[0]
    _, shot = jax.jit(lambda state: act(key, scenario, POLICIES["greedy"], state))(
        start(key, scenario)
    )
    trace, _ = watched(scenario)
    found = slicing_scene(scenario, trace, "")
    served = shot.terrestrial.served | shot.non_terrestrial.served
    assert [user for user, _ in found.links[0]] == np.flatnonzero(served).tolist()
    assert {end for user, end in found.links[0] if shot.terrestrial.served[user]} <= {30, 31}
    assert {end for user, end in found.links[0] if shot.non_terrestrial.served[user]} <= {
        32,
        33,
        34,
    }
    np.testing.assert_allclose(
        [place[:2] for place in found.places_m[0][32:34]], shot.uav_positions, atol=0.05001
    )
    assert [point.kind for point in found.points][:30] == ["HLC"[one] for one in slice_of(scenario)]


def test_a_scene_of_very_many_users_has_fewer_slots():
    scenario = named(
        "small", ("users.high_throughput=1000", "users.low_delay=1000", "users.wide_coverage=1000")
    )
    none = np.full((50, 3000), -1)
    trace = slicing_run.Trace(np.zeros((50, 3000, 2)), none < 0, np.zeros((50, 1, 2)), none, none)
    found = slicing_scene(scenario, trace, "")
    assert MAX_POSITIONS - 3003 < len(found.times_s) * len(found.points) <= MAX_POSITIONS


@pytest.mark.parametrize(
    ("algorithm", "counts"), [("two-layer-maddpg", None), ("mappo", (1, 2, 1))]
)
def test_an_episode_of_actors_is_the_one_that_is_measured(algorithm, counts):
    plan = TrainingRun(named("small"), algorithm, changed(("network.widths=[8]",)), 100)
    networks = tuple(
        one.actors for one in jax.jit(compile_run(plan.task)[0])(make_seed_key(plan, 0)).learned
    )
    trace = training_scene.trace(plan, networks, 3, 5, counts)
    found = slicing_scene(plan.scenario, trace, "")
    samples = measured(plan, networks, Slots(5, 1, 3, True), counts)
    for number, point in enumerate(found.points[6:], 6):
        assert np.mean([loads(found, time)[number] for time in range(5)]) == pytest.approx(
            samples[point.name][0]
        )
    assert sum(map(len, found.links)) > 0
    assert found.places_m[0] != found.places_m[1]
    assert np.asarray(trace.active).sum(axis=1).tolist() == [sum(counts or (2, 2, 2))] * 5


WALKER = ("users.count=120", "base.capacity=60")


def relayed(scenario, drops=3, seed=7):
    """Return a scenario's inputs and scene."""
    inputs = prepare_inputs(scenario, drops)
    return inputs, relaying_scene(inputs, drops, seed, "a title")


def test_passing_satellites_stand_where_the_orbits_say():
    scenario = relaying("walker", WALKER)
    inputs, found = relayed(scenario)
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
    scenario = relaying("walker", WALKER)
    _, found = relayed(scenario)
    key = relaying_run.keys_of(7, 3)[0]
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


def test_a_circular_pass_stands_as_far_as_the_drop_has_it():
    scenario = relaying("paper", ("users.process=poisson", "users.count=50", "relay.count=2"))
    inputs, found = relayed(scenario)
    assert inputs.track is None
    drop = jax.jit(sample_drop)(relaying_run.keys_of(7, 3)[0], scenario, 50)
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
    row = relayed(relaying("paper", ("users.count=20", f"satellite.time={rule}")), seed=0)[
        1
    ].places_m[0]
    if height is None and row[-1] is not None:
        pytest.skip("this drop's satellite is in view")
    assert row[-1] == (None if height is None else (500, 500, height))


def test_a_run_that_is_seen_has_the_same_numbers():
    inputs = prepare_inputs(relaying("paper", ("users.count=40",)), 5)
    one, two = (
        relaying_run.simulate(inputs, 5, 1, lambda _: None, seen=seen) for seen in (False, True)
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
    inputs, found = relayed(relaying("walker", sparse))
    assert inputs.track is not None
    assert found.times_s[0] == 10.0 * np.argmax(inputs.track.server >= 0) > 0
    assert any(place for place in found.places_m[0][21:])
