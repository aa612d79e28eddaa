"""Scenes: their file, the slicing system's slots, a policy's episode, and the relaying system under
passing satellites.
"""

from collections import Counter

import jax
import numpy as np
import pytest

from sagin.learning.settings import make_settings
from sagin.methods.play import make_run_keys
from sagin.papers.slicing.evaluation import Trial, evaluate, evaluate_actors, play_actors
from sagin.papers.slicing.scene import make_scene
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.scenario import build_scenario, slice_of
from sagin.slicing.trace import Trace
from sagin.studies.scene import MAX_POSITIONS
from sagin.training.run import TrainingRun, compile_run, make_seed_key


def watched(scenario, counts=None, slots=6):
    """Return the trace of a run and its samples."""
    traces: list[Trace] = []
    job = Trial(scenario, "greedy", 3, slots, 5, counts)
    samples = evaluate(job, lambda _: None, watch=traces.append)
    (trace,) = traces
    return trace, samples


def loads(found, time):
    """Return how many links end at each point."""
    return Counter(end for _, end in found.links[time])


def test_slots_are_shown_as_the_run_has_them():
    scenario = build_scenario("small", ("satellites.count=2", "uavs.altitude_m=120.0"))
    trace, samples = watched(scenario, (2, 2, 1))
    found = make_scene(scenario, trace, "a title")
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


@pytest.mark.slow
def test_links_are_those_of_the_users_served():
    scenario = build_scenario("paper", ("base_stations.capacity=4", "uavs.capacity=3"))
    key = make_run_keys(5, 1)[0]
    _, shot = jax.jit(lambda state: play_slot(key, scenario, POLICIES["greedy"], state))(
        begin_run(key, scenario)
    )
    trace, _ = watched(scenario)
    found = make_scene(scenario, trace, "")
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
    scenario = build_scenario(
        "small", ("users.high_throughput=1000", "users.low_delay=1000", "users.wide_coverage=1000")
    )
    none = np.full((50, 3000), -1)
    trace = Trace(np.zeros((50, 3000, 2)), none < 0, np.zeros((50, 1, 2)), none, none)
    found = make_scene(scenario, trace, "")
    assert MAX_POSITIONS - 3003 < len(found.times_s) * len(found.points) <= MAX_POSITIONS


@pytest.mark.parametrize(
    ("algorithm", "counts"),
    [("two-layer-maddpg", None), pytest.param("mappo", (1, 2, 1), marks=pytest.mark.slow)],
)
def test_an_episode_of_actors_is_the_one_that_is_measured(algorithm, counts):
    plan = TrainingRun(
        build_scenario("small"), algorithm, make_settings(("network.widths=[8]",)), 100
    )
    state = compile_run(plan.task).start(make_seed_key(plan, 0))
    networks = tuple(one.actors for one in state.learned)
    _, traces = play_actors(plan, networks, Trial(plan.scenario, "", 1, 5, 3, counts))
    trace = jax.tree.map(lambda leaf: leaf[0], traces)
    found = make_scene(plan.scenario, trace, "")
    samples = evaluate_actors(plan, networks, Trial(plan.scenario, "", 1, 5, 3, counts))
    for number, point in enumerate(found.points[6:], 6):
        assert np.mean([loads(found, time)[number] for time in range(5)]) == pytest.approx(
            samples[point.name][0]
        )
    assert sum(map(len, found.links)) > 0
    assert found.places_m[0] != found.places_m[1]
    assert np.asarray(trace.active).sum(axis=1).tolist() == [sum(counts or (2, 2, 2))] * 5
