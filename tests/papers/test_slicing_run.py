"""The computation of the slicing paper's tasks, on small networks and invented slots."""

import dataclasses

import jax
import numpy as np
import pytest

from sagin.methods import play
from sagin.methods.indicators import average_slots, list_indicators
from sagin.methods.play import make_run_keys
from sagin.papers.slicing.evaluation import Trial, evaluate
from sagin.papers.slicing.figures import FIGURES, MAP
from sagin.papers.slicing.methods import LEARNED
from sagin.papers.slicing.points import resize, train
from sagin.papers.slicing.profiles import Profile
from sagin.papers.slicing.reports import describe_run, format_value
from sagin.papers.slicing.run import make, revalidate
from sagin.papers.slicing.scene import draw_map
from sagin.policies.constant import ConstantEffort
from sagin.policies.table import POLICIES
from sagin.slicing import evaluation as simulator
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import build_scenario
from sagin.slicing.trace import Trace, measure_movement, parse_trace
from sagin.studies.record import Result, Table, make_sample
from sagin.studies.scene import read_scene

SMALL = build_scenario("small")


def make_flight():
    """Two slots of one user of each slice, one BS at (0, 0), one UAV that flies from (300, 400) to
    (0, 1000).
    """
    places = np.array([[300.0, 400.0], [300.0, 900.0], [900.0, 400.0]])
    return Trace(
        users=np.stack([places, places]),
        active=np.ones((2, 3), bool),
        uavs=np.array([[[300.0, 400.0]], [[0.0, 1000.0]]]),
        first=np.array([[0, -1, -1], [0, -1, -1]]),
        second=np.array([[-1, 0, -1], [-1, 0, 1]]),
    )


def name_flight():
    """The scenario of the flight."""
    users = [f"users.{name}=1" for name in ("high_throughput", "low_delay", "wide_coverage")]
    return build_scenario("paper", (*users, "base_stations.positions_m=[[0,0]]", "uavs.count=1"))


def test_movement_by_hand():
    # within 500 m: in slot 0 users 1 and 2 (0 and 500 m), in slot 1 user 2 alone (316 m)
    expected = {
        "near_uav": 1.5,
        "uav_gap": 750.0,
        "uav_hop": np.hypot(300, 600),
        "access_H": 0.0,
        "access_L": 1.0,
        "access_C": 0.5,
    }
    assert measure_movement(name_flight(), make_flight()) == pytest.approx(expected, rel=1e-6)


def test_a_trace_survives_plain_data():
    again = parse_trace(make_flight().to_plain())
    assert all(np.array_equal(a, b) for a, b in zip(make_flight(), again, strict=True))


def test_the_map_is_of_the_seed_of_the_best_validation(tmp_path):
    flights = {0.2: make_flight()._replace(uavs=np.zeros((2, 1, 2))), 0.9: make_flight()}
    results = [
        Result(
            [make_sample("two-layer MADDPG", "near_uav", [1.0])],
            {"score": score, "trace": flight.to_plain()},
        )
        for score, flight in flights.items()
    ]
    (scene_path,) = draw_map(MAP, results, name_flight(), tmp_path)
    scene = read_scene(scene_path)
    uav = [point.kind for point in scene.points].index("UAV")
    assert scene.places_m[0][uav] == (300, 400, 100)
    assert [point.kind for point in scene.points][-3:] == ["LEO", "fixed UAV", "fixed UAV"]
    assert scene.places_m[1][-2:] == ((1000, 2000, 100), (2000, 1000, 100))
    assert draw_map(MAP, [], name_flight(), tmp_path) == []


def test_a_policy_is_evaluated_as_the_simulator_plays_it():
    job, slots = Trial(SMALL, "greedy", runs=2, slots=3), []
    samples = evaluate(job, slots.append)
    kpis = [
        jax.jit(lambda key: simulator.evaluate(key, SMALL, POLICIES["greedy"], 3))(key)
        for key in make_run_keys(0, 2)
    ]
    for name in ("throughput", "delay", "coverage", "offloaded"):
        direct = [float(np.mean(getattr(one, name))) for one in kpis]
        np.testing.assert_allclose(samples[name], direct, rtol=1e-5)
    direct = [float(np.mean(normalise_terms(SMALL, one).sum(axis=-1))) for one in kpis]
    np.testing.assert_allclose(samples["score"], direct, rtol=1e-5)
    assert sum(slots) == 6


@pytest.mark.slow
def test_no_method_passes_the_bound_on_the_same_slots():
    limits, plans = (
        evaluate(Trial(SMALL, name, 2, 1), lambda _: None) for name in ("bound", "planner")
    )
    greedy = evaluate(Trial(SMALL, "greedy", 2, 1), lambda _: None)
    for samples in (plans, greedy):
        assert np.all(limits["throughput"] >= samples["throughput"])
        assert np.all(limits["delay"] <= samples["delay"])
        assert np.all(limits["coverage"] >= samples["coverage"])
        assert np.all(limits["score"] >= samples["score"])
    assert plans["score"].mean() >= greedy["score"].mean()


def test_a_planner_for_one_term_neglects_the_others():
    alone = evaluate(Trial(SMALL, "planner, free: C alone", 2, 1), lambda _: None)
    free = evaluate(Trial(SMALL, "planner, free", 2, 1), lambda _: None)
    assert alone["score"].mean() < free["score"].mean()
    assert np.all(alone["coverage"] >= free["coverage"] - 1e-6)


TINY = Profile(
    runs=2,
    slots=3,
    iterations=200,
    seeds=1,
    settings=("network.widths=[8]", "reinforce.environments=2", "reinforce.samples=2"),
    layouts=2,
)


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_numbers(tmp_path):
    (point,) = train(LEARNED["two-layer MADDPG"], build_scenario("paper"), TINY, 0)
    whole = make(point.task, lambda _: None, tmp_path / "whole")
    steps = []

    def stop(count):
        steps.append(count)
        if sum(steps) >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(point.task, stop, tmp_path / "parts")
    again = make(point.task, lambda _: None, tmp_path / "parts")
    assert again.extra == whole.extra
    for one, other in zip(again.samples, whole.samples, strict=True):
        assert one._replace(values=0) == other._replace(values=0)
        np.testing.assert_array_equal(one.values, other.values)
    tests = {one._replace(values=0): one.values for one in whole.samples}
    part = revalidate(point.task, tmp_path / "parts", again)
    assert part is not None
    assert {one.metric for one in part.samples} >= {"score", "delay_alone"}
    for one in part.samples:
        np.testing.assert_array_equal(one.values, tests[one._replace(values=0)])
    table = Table(whole.samples)
    alone = next(figure for figure in FIGURES if figure.id == "figure-5-alone")
    assert tuple(table.points("two-layer MADDPG", alone.metrics[0])) == alone.values
    (tests,) = table.values("two-layer MADDPG", "delay_alone", 10.0).values()
    (same,) = table.values("two-layer MADDPG", "delay", 10.0).values()
    np.testing.assert_array_equal(tests, same)
    (layouts,) = table.values("two-layer MADDPG", "near_uav", 10.0).values()
    assert layouts.shape == (TINY.layouts,)
    assert table.points("two-layer MADDPG", "BS 1") == [24.0, 30.0, 36.0, 42.0, 48.0]


def test_only_a_training_with_a_policy_is_revalidated_by_its_policy(tmp_path):
    (point,) = train(LEARNED["two-layer MADDPG"], build_scenario("paper"), TINY, 0)
    for kind in ("train", "evaluate"):
        assert revalidate({**point.task, "kind": kind}, tmp_path, Result([])) is None


@pytest.mark.slow
def test_figure_3_is_of_windows_of_slots(tmp_path):
    from sagin.papers.slicing.points import train_curve

    tiny = dataclasses.replace(TINY, curve_iterations=200)
    result = make(train_curve(build_scenario("paper"), tiny, 0).task, lambda _: None, tmp_path)
    table = Table(result.samples)
    assert table.points("two-layer MADDPG", "delay_2") == [100.0, 200.0]
    assert table.points("two-layer MADDPG", "score") == [10.0]


@pytest.mark.slow
def test_a_constant_is_searched_for_the_users_who_take_part():
    effort = ConstantEffort(slots=2, trials=64, moves=8, width=8)
    padded = resize(SMALL, 3)
    jobs = [
        Trial(SMALL, "constant", 2, 2, effort=effort),
        Trial(padded, "constant", 2, 2, counts=(2, 2, 2), effort=effort),
    ]
    alone, among = (evaluate(job, lambda _: None)["score"] for job in jobs)
    np.testing.assert_allclose(alone, among, rtol=1e-5)
    assert alone.mean() > evaluate(Trial(SMALL, "random", 2, 2), lambda _: None)["score"].mean()


@pytest.mark.slow
def test_samples_depend_neither_on_pieces_nor_on_the_number_of_seeds(monkeypatch):
    job = Trial(SMALL, "round-robin", 3, 10, 0, (2, 2, 1))
    told = []
    whole = evaluate(job, told.append)
    assert sum(told) == 30
    monkeypatch.setattr(play, "CHUNK", 4)
    pieces = evaluate(job._replace(runs=2), told.append)
    for name, values in pieces.items():
        assert values == pytest.approx(whole[name][:2], rel=1e-5), name
    assert set(whole) == {one.name for one in list_indicators(SMALL)}


def test_percentiles_are_of_the_delays_of_l():
    # a delay of 0 is that of a user who is absent
    delays = 1.0 + np.arange(2 * 5 * 4, dtype=float).reshape(2, 5, 4)
    energy = {"power": 2.0 * np.ones((2, 5)), "total_rate": np.arange(10.0).reshape(2, 5)}
    found = average_slots(
        [
            {"delays": delays[:, part], "delay": delays[:, part, 0]}
            | {name: values[:, part] for name, values in energy.items()}
            for part in (slice(2), slice(2, None))
        ]
    )
    assert found["delay_median"] == pytest.approx([10.5, 30.5])
    assert found["delay_95"] == pytest.approx([19.05, 39.05])
    assert found["delay"] == pytest.approx([9.0, 29.0])
    assert found["efficiency"] == pytest.approx([1.0, 3.5])


def test_the_table_gives_means_and_intervals_in_the_unit_shown():
    samples = {one.name: np.array([0.001, 0.002, 0.003]) for one in list_indicators(SMALL)}
    row = describe_run(SMALL, "greedy", samples)
    assert row["kpis"]["delay"]["mean"] == pytest.approx(2.0)
    assert row["kpis"]["delay"]["half_width"] == pytest.approx(4.303 / 3**0.5, rel=1e-3)
    assert format_value(row["kpis"]["delay"]) == "2.0 ± 2.5"
