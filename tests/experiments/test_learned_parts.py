"""What is made of learned policies, on made-up slots and cells: where UAVs are, figure 3, open
choices, and what stands beside.
"""

import numpy as np
import pytest

from sagin.experiments import (
    learned,
    learned_choices,
    learned_movement,
    learned_rewards,
    slicing_study,
)
from sagin.experiments.learned_claims import FAMILIES
from sagin.experiments.slicing import FIGURES, PROFILES
from sagin.experiments.slicing_run import Trace, keys_of, nodes, states_of
from sagin.experiments.store import Store
from sagin.experiments.study import Figure
from sagin.slicing.scenario import build_scenario, slice_sizes

PAPER, STANDARD = build_scenario("paper"), learned.AMOUNTS["standard"]


def flight():
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


def test_movement_by_hand():
    overrides = [f"users.{name}=1" for name in ("high_throughput", "low_delay", "wide_coverage")]
    scenario = build_scenario(
        "paper", (*overrides, "base_stations.positions_m=[[0,0]]", "uavs.count=1")
    )
    found = learned_movement.movement(scenario, [flight()])
    # within 500 m: in slot 0 users 1 and 2 (0 and 500 m), in slot 1 user 2 alone (316 m)
    expected = {
        "near_uav": 1.5,
        "uav_gap": 750.0,
        "uav_hop": np.hypot(300, 600),
        "access_H": 0.0,
        "access_L": 1.0,
        "access_C": 0.5,
    }
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_trace_survives_plain_data():
    again = learned_movement.trace_of(learned_movement.plain(flight()))
    assert all(np.array_equal(one, other) for one, other in zip(flight(), again, strict=True))


def test_figure_3_is_made_of_the_seeds_that_are_there(tmp_path):
    store, cells = Store(tmp_path), learned_rewards.cells(PAPER, STANDARD)
    assert learned_rewards.curves(store, PAPER, STANDARD) is None
    for number in (0, 3):
        store.put(
            cells[number],
            {"slots": [500.0, 1000.0], "rewards": {"delay_1": [0.1, 0.2 + number]}},
            0.0,
        )
    found = learned_rewards.curves(store, PAPER, STANDARD)
    assert (found.seeds, found.slots.tolist()) == (2, [500.0, 1000.0])
    assert found.rewards["delay_1"].tolist() == [[0.1, 0.2], [0.1, 3.2]]


def test_what_stands_beside_learned_methods_is_drawn_from_its_cells(tmp_path):
    store = Store(tmp_path)
    for size in learned.SIZES:
        task = slicing_study.reference(PAPER, "greedy", size, STANDARD)
        store.put(task, {"samples": {"throughput": [1e6 * size, 3e6 * size]}}, 0.0)
    figure = Figure("figure-10", "", "users", (), "throughput", "", "", 1e-6)
    (line,) = slicing_study.references(store, figure, PAPER, STANDARD)
    assert (line.method, [y.estimate for y in line.y]) == (
        "greedy",
        [2.0 * size for size in learned.SIZES],
    )
    undisturbed = build_scenario("paper", ("radio.interference=none",))
    assert slicing_study.beside(undisturbed, STANDARD) == ["greedy", "random"], (
        "planner and bound count interference"
    )


def test_the_bound_beside_learned_methods_is_of_the_slots_of_the_planner_s_and_not_passed_by_it():
    tasks = {
        name: slicing_study.reference(PAPER, name, 10, STANDARD) for name in ("planner", "bound")
    }
    assert [(task["slots"], task["seeds"], task["seed"]) for task in tasks.values()] == [
        (1, STANDARD.runs, 0),
        (1, 10, 0),
    ]
    scenario, told = build_scenario("small"), []
    states = states_of(keys_of(0, 2), scenario, np.asarray(slice_sizes(scenario)))
    most = slicing_study.bounded(scenario, states, told.append)
    found = slicing_study.planned(scenario, states, told.append)
    assert told == [1, 1, 2]
    assert np.all(np.asarray(most["throughput"]) > np.asarray(found["throughput"]))
    assert np.all(np.asarray(most["delay"]) < np.asarray(found["delay"]))
    assert np.all(np.asarray(most["coverage"]) >= np.asarray(found["coverage"]))


def test_open_choices_are_told_once_there_are_two(tmp_path):
    store, profile = Store(tmp_path), PROFILES["standard"]
    assert learned_choices.rows(store, PAPER, profile) == []
    for task in learned_choices.tasks(PAPER, profile):
        chosen = task.get("scenario", {})
        if (
            chosen.get("radio", {}).get("interference") == "none"
            or chosen.get("base_stations", {}).get("capacity") == 10
        ):
            worse = 2.0 if chosen["balancing"]["rule"] == "none" else 1.0
            noise = np.linspace(0.9, 1.1, task["seeds"])
            kinds = {"throughput": 1e8 / worse, "delay": 0.01 * worse, "coverage": 0.5 / worse}
            store.put(
                task,
                {"samples": {name: (value * noise).tolist() for name, value in kinds.items()}},
                0.0,
            )
    rows = learned_choices.rows(store, PAPER, profile)
    (row,) = [one for one in rows if one[0].startswith("no balancing is worst in delay, two-layer")]
    assert row[1].startswith("greedy")
    assert row[3].startswith("holds: −50.0 %")
    assert row[-1] == "", "what was not run stays empty"


def test_a_choices_cell_follows_its_interval():
    claim = next(
        one for one in FAMILIES["Figs. 4 to 6"] if one.metric == "delay" and one.kind == "better"
    )
    made = {
        name: {"delay": {size: [value, value + 0.1, value - 0.1] for size in learned.SIZES}}
        for name, value in ((claim.method, 2.0),)
    }
    for value, verdict in ((4.0, "holds"), (1.0, "does not hold"), (2.0, "undecided")):
        other = {"delay": {size: [value, value - 0.1, value + 0.1] for size in learned.SIZES}}
        assert learned_choices.cell(made | {claim.rival: other}, claim).startswith(f"{verdict}: ")
    assert learned_choices.cell(made, claim) == ""


def test_loads_of_the_learned_method_stand_beside_those_of_the_policies(tmp_path):
    store, profile = Store(tmp_path), PROFILES["standard"]
    for number in range(3):
        (task,) = learned.cells(learned.METHODS[learned.NONE], PAPER, STANDARD, number)
        kpis = {
            learned.named((size, size, size)): dict.fromkeys(nodes(PAPER), size - 4.0 + number)
            for size in learned.SIZES
        }
        store.put(task, {"kpis": kpis, "score": 0.0}, 0.0)
    (figure,) = [one for one in FIGURES if one.name == "figure-8"]
    (panel,) = slicing_study.panels(store, figure, PAPER, profile).items()
    assert panel[0] == "no balancing, learned"
    assert [line.method for line in panel[1]] == list(nodes(PAPER))
    assert panel[1][0].x == (24.0, 30.0, 36.0, 42.0, 48.0)
    assert [y.estimate for y in panel[1][0].y] == [5.0, 7.0, 9.0, 11.0, 13.0]
    (row,) = slicing_study.judgements(store, [figure], PAPER, profile)
    assert row[1] == "no balancing, learned"
    assert row[3].startswith("from 39.0 users on")
