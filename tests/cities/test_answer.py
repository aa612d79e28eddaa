"""Sentences, targets and energy of a comparison, from invented numbers checked by hand."""

import dataclasses

import numpy as np
import pytest

from sagin.cities.answer import (
    CityAnswer,
    find_energy,
    find_useful_uavs,
    list_day_rows,
    list_hour_rows,
    list_sentences,
    meet_target,
)
from sagin.cities.scene import build_scene, follow_uavs
from sagin.cities.target import parse_target
from sagin.cities.variants import Variant, list_variants, parse_hours
from sagin.errors import InputError
from sagin.slicing.scenario import build_scenario
from sagin.studies.record import Table, make_sample

UNSERVED = {
    (0, False): [40, 42, 41, 41],
    (0, True): [23, 23, 22, 24],
    (1, False): [20, 21, 20, 21],
    (1, True): [3, 4, 3, 2],
    (2, False): [6, 5, 7, 6],
    (2, True): [0, 0, 0, 0],
    (3, False): [6, 6, 6, 6],
    (3, True): [0, 0, 0, 0],
}


def make_tables():
    """Return hours 3, without overload, and 19, of four drops."""
    tables = {}
    for key, unserved in UNSERVED.items():
        samples = []
        for hour in (3, 19):
            busy = hour == 19
            values = {
                "users": [300.0 if busy else 30.0] * 4,
                "unserved": np.array(unserved) * busy,
                "covered": [0.9] * 4,
                "throughput": [1e8] * 4,
                "delay": [0.02] * 4,
                "power": [100.0 + 170.0 * key[0]] * 4,
                **{
                    f"offered to BS {cell}": [(60.0 if cell in (2, 3) else 10.0) * busy] * 4
                    for cell in range(1, 9)
                },
                "load of BS 1": [10.0] * 4,
            }
            samples += [make_sample("greedy", name, row, x=hour) for name, row in values.items()]
        tables[Variant(*key)] = Table(samples)
    return tables


@pytest.fixture(scope="module")
def town():
    return build_scenario("town", ("orbit.handover=highest",))


@pytest.fixture
def answer(town):
    return CityAnswer(town, "greedy", (3, 19), make_tables())


def test_the_sentences_say_what_an_operator_asks(answer):
    sentences = list_sentences(answer, parse_target("unserved<1%"))
    assert answer.busiest == 19
    assert sentences == [
        "At 19 h 2 of 8 cells are overloaded (BS 2, BS 3), and 41 (40 to 42) of 300 users are "
        "unserved.",
        "2 UAVs bring unserved users from 41 to 6 (5 to 7); a further one changes nothing.",
        "The satellites alone: 23 (22 to 24).",
        "2 UAVs and the satellites: 0.",
        "Energy of 2 UAVs: 0.3 kWh a day in the 1 hour in which UAVs help, 0.7 kWh in all 2.",
        "For users unserved below 1 % in every hour: without satellites not met by 3 UAVs at 19 h; "
        "with the satellites 2 UAVs.",
    ]


def test_a_further_uav_has_to_change_something(answer):
    assert find_useful_uavs(answer, 19) == 2
    assert find_useful_uavs(answer, 19, satellites=True) == 2
    assert find_useful_uavs(answer, 3) == 0
    assert find_energy(answer, Variant(2), [3, 19]) == pytest.approx(2 * 2 * 0.170)


def test_a_network_that_serves_all_needs_nothing(town):
    answer = CityAnswer(town, "greedy", (3,), make_tables())
    assert (
        list_sentences(answer)[1] == "The network as it is serves everybody: nothing needs relief."
    )


def test_targets(answer):
    assert meet_target(answer, Variant(1, True), parse_target("unserved<1%")) == [19]
    assert meet_target(answer, Variant(1, True), parse_target("unserved < 2 %")) == []
    assert meet_target(answer, Variant(), parse_target("delay<20ms")) == [3, 19]
    assert meet_target(answer, Variant(), parse_target("throughput>99Mbit/s")) == []
    numbers = ("unserved<101%", "delay<" + "9" * 5000, "delay<١", "delay<1_0")
    for text in ("unserved", "speed<1", "delay<1%", "unserved<<1", *numbers):
        with pytest.raises(InputError, match="--target"):
            parse_target(text)


def test_rows_hold_the_numbers_of_the_tables(answer):
    day = {row["variant"]: row for row in list_day_rows(answer)}
    assert day["2 UAVs"]["unserved"]["estimate"] == pytest.approx(6 / 330)
    assert day["2 UAVs and satellites"]["peak"] == 0.0
    assert day["as it is"]["energy_kwh"] == pytest.approx(0.2)
    hours = list_hour_rows(answer)
    assert [row["overloaded"] for row in hours] == [[], [2, 3]]
    assert hours[1]["variants"]["satellites"]["unserved"]["estimate"] == 23.0
    assert hours[1]["variants"]["as it is"]["load"] == {"BS 1": 10.0}


def test_hours_and_variants(town):
    assert parse_hours("22-1, 8") == [22, 23, 0, 1, 8]
    for text in ("24", "a", "3-", ""):
        with pytest.raises(InputError, match="--hours"):
            parse_hours(text)
    assert [variant.name for variant in list_variants(town, 1)] == [
        "as it is",
        "satellites",
        "1 UAV",
        "1 UAV and satellites",
    ]
    alone = dataclasses.replace(town, satellites=dataclasses.replace(town.satellites, count=0))
    assert len(list_variants(alone, 2)) == 3


def test_a_day_becomes_a_scene(town):
    row = {"node": [0, -1, -2, 8] + [-2] * 296, "users": [[10.0, 20.0]] * 300, "uavs": [[5.0, 6.0]]}
    scene = build_scene(town, Variant(1), {"19": row, "3": row}, "town")
    assert scene.times_s == (3 * 3600.0, 19 * 3600.0)
    assert scene.links[0] == ((0, 300), (3, 308))
    assert scene.places_m[0][2] is None
    assert scene.places_m[0][308] == (5, 6, 100)
    assert scene.origin_deg == (47.65, 9.47)


def test_a_uav_is_the_one_that_flew_there():
    first = {"node": [8, 9, -1], "uavs": [[0.0, 0.0], [100.0, 100.0]]}
    second = {"node": [8, 9, 0], "uavs": [[90.0, 100.0], [10.0, 0.0]]}
    rows = follow_uavs([first, second], 8)
    assert rows[0] == first
    assert rows[1] == {"node": [9, 8, 0], "uavs": [[10.0, 0.0], [90.0, 100.0]]}
