"""Sentences, targets and energy of a comparison, from invented numbers with known answers."""

import dataclasses
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from sagin.cities.answer import (
    CityAnswer,
    find_cost,
    find_energy,
    find_useful_uavs,
    list_day_rows,
    list_hour_rows,
    list_sentences,
    meet_target,
)
from sagin.cities.bound import list_bound_points
from sagin.cities.run import list_city_content, list_points
from sagin.cities.scene import build_scene, follow_uavs
from sagin.cities.target import parse_target
from sagin.cities.variants import Variant, list_variants, parse_hours
from sagin.errors import InputError, InputNotice
from sagin.exports.city import list_day_features
from sagin.exports.czml import format_day
from sagin.files import compute_digest
from sagin.methods import find_method
from sagin.orbits import Walker, constellation, write_tle
from sagin.papers import load_scenario
from sagin.places.settings import Costs
from sagin.report.page import write_page
from sagin.report.relief import list_city_sections, write_relief
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
    """Return tables of four drops for hour 3, without overload, and hour 19."""
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
                "satellite_rate": [2e7 * key[1]] * 4,
                "score": [1.5] * 4,
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
        "Energy of 2 UAVs: 0.3 kWh in the 1 hour in which UAVs help, 0.7 kWh in all 2 computed "
        "hours.",
        "For users unserved below 1 % in every hour: without satellites not met by 3 UAVs at 19 h; "
        "with the satellites 2 UAVs.",
    ]


def test_money_is_counted_with_prices_alone(answer, town):
    costs = Costs(currency="NOK", energy_per_kwh=2.0, uav_per_hour=30.0, satellite_per_gbyte=0.5)
    priced = answer._replace(scenario=dataclasses.replace(town, costs=costs))
    # two UAVs of 170 W for two hours, and 20 Mbit/s for two hours are 18 GB
    assert find_cost(priced, Variant(2), (3, 19)) == pytest.approx(0.68 * 2 + 4 * 30.0)
    assert find_cost(priced, Variant(0, True), (3, 19)) == pytest.approx(9.0)
    assert find_cost(answer, Variant(2), (3, 19)) == 0.0
    told = list_sentences(priced)
    assert "Cost of 2 UAVs: 60.68 NOK a day in those 1, 121.36 NOK in all 2 hours." in told
    assert "Cost of the satellites: 9.00 NOK a day in all 2 hours." in told
    assert not any("Cost" in sentence for sentence in list_sentences(answer))
    rows = {row["variant"]: row for row in list_day_rows(priced)}
    assert rows["2 UAVs and satellites"]["cost"] == pytest.approx(130.36)
    assert "cost" not in list_day_rows(answer)[0]
    # prices are no part of what is computed
    assert list_city_content(priced.scenario) == list_city_content(town)


def test_a_further_uav_has_to_change_something(answer):
    assert find_useful_uavs(answer, 19) == 2
    assert find_useful_uavs(answer, 19, satellites=True) == 2
    assert find_useful_uavs(answer, 3) == 0
    assert find_energy(answer, Variant(2), [3, 19]) == pytest.approx(2 * 2 * 0.170)


def test_a_network_that_serves_all_needs_nothing(town):
    answer = CityAnswer(town, "greedy", (3,), make_tables())
    assert list_sentences(answer)[1] == "The present network serves all users: no relief is needed."


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


def test_a_citys_files_are_known_by_their_content(tmp_path):
    paths = {name: tmp_path / name for name in ("sky.tle", "hours.csv", "sites.csv", "people.csv")}
    epoch = datetime(2024, 10, 7, tzinfo=UTC)
    write_tle(constellation(Walker(550.0, 53.0, 40, 20), epoch), paths["sky.tle"])
    shares = "".join(f"{hour},0.5\n" for hour in range(24))
    paths["hours.csv"].write_text(f"hour,share\n{shares}")
    paths["sites.csv"].write_text("lat,lon\n47.65,9.47\n47.655,9.48\n")
    paths["people.csv"].write_text("lat,lon,weight\n47.65,9.47,1\n47.66,9.48,2\n")
    (tmp_path / "city.toml").write_text(
        "[location]\nlatitude_deg = 47.65\nlongitude_deg = 9.47\nprofile_file = 'hours.csv'\n"
        "start = '2024-10-07T00:00:00Z'\n[area]\nside_m = 3000\n[sites]\nfile = 'sites.csv'\n"
        "[density]\nfile = 'people.csv'\n[orbit]\nelements = 'sky.tle'\nhandover = 'highest'\n"
        "[satellites]\nlink.losses.models = ['ntn']\n"
    )

    def digest_tasks():
        city = load_scenario(str(tmp_path / "city.toml"), (), system="slicing")
        variants, greedy = list_variants(city, 1), [find_method("greedy")]
        points = list_points(city, variants, greedy, (3,), drops=1, seed=0)
        points += list_bound_points(city, variants, (3,), 0)
        return [compute_digest(point.task) for point in points]

    first = digest_tasks()
    assert first == digest_tasks()
    assert len(set(first)) == len(first)
    seen = set(first)
    for path, old, new in (
        (paths["sky.tle"], "", "\n"),
        (paths["hours.csv"], "23,0.5", "23,0.6"),
        (paths["sites.csv"], "9.48", "9.481"),
        (paths["people.csv"], ",2", ",3"),
    ):
        path.write_text(path.read_text().replace(old, new, 1))
        changed = digest_tasks()
        assert seen.isdisjoint(changed), path
        seen |= set(changed)


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


def test_a_day_is_read_by_czml3(answer, town, tmp_path):
    reader = pytest.importorskip("czml3.core", reason="czml3 is in the test group")
    row = {"node": [0, -1, -2, 8] + [-2] * 296, "users": [[10.0, 20.0]] * 300, "uavs": [[5.0, 6.0]]}
    later = row | {"uavs": [[1505.0, 6.0]]}
    day = build_scene(town, Variant(1), {"3": row, "19": later}, "town")
    features = list_day_features(town, day, list_hour_rows(answer), "grid")
    assert list(features) == [3, 19]
    file = tmp_path / "day.czml"
    file.write_text(format_day(day, features, town.location.start, "a town's day"))
    packets = {packet.id: packet for packet in reader.Document.load(file).packets}
    # 0 h there is 22 h of the day before in UTC
    interval = json.loads(file.read_text())[0]["clock"]["interval"]
    assert interval == "2024-10-07T01:00:00Z/2024-10-07T18:00:00Z"
    assert {"area", "UAV 1", *(f"BS {number}" for number in range(1, 9))} <= set(packets)
    plain = {packet["id"]: packet for packet in json.loads(file.read_text())}
    samples = np.reshape(plain["UAV 1"]["position"]["cartographicDegrees"], (-1, 4))
    assert samples[:, 0].tolist() == [0.0, 16 * 3600.0]
    # 1.5 km east at 47.65°
    east = np.deg2rad(samples[1, 1] - samples[0, 1]) * 6_378_137.0 * np.cos(np.deg2rad(47.65))
    assert east == pytest.approx(1500.0, rel=0.01)
    assert samples[0, 3] == pytest.approx(100.0, abs=1.0)
    texts = [part["string"] for part in plain["BS 2"]["label"]["text"]]
    assert texts == ["BS 2: 0 of 28, offered 0", "BS 2: 0 of 28, offered 60"]
    users = [packet for name, packet in plain.items() if " h, " in name]
    assert {packet["availability"] for packet in users} == {
        "2024-10-07T01:00:00Z/2024-10-07T02:00:00Z",
        "2024-10-07T17:00:00Z/2024-10-07T18:00:00Z",
    }


def test_a_stored_day_becomes_a_chapter_of_the_page(answer, tmp_path):
    row = {"method": "greedy", "sentences": list_sentences(answer), "day": list_day_rows(answer)}
    row |= {"by_hour": list_hour_rows(answer)}
    content = {"scenario": "town", "place_deg": [47.65, 9.47], "side_m": 3000.0, "drops": 4}
    content |= {"seed": 0, "start": "2024-10-07T00:00:00+02:00", "methods": [row]}
    stored, out = tmp_path / "stored", tmp_path / "out"
    write_relief(content, stored / "city")
    (stored / "city" / "result.json").write_text(json.dumps(content))
    sections = list_city_sections(out, stored)
    assert list(sections) == ["city-day"]
    assert sections["city-day"].title == "town: what relieves its cells (stored day)"
    page = write_page(out, sections).read_text()
    assert "2 UAVs bring unserved users from 41 to 6" in page
    assert (out / "city-day" / "unserved.svg").exists()
    assert list_city_sections(tmp_path / "other", None) == {}
    # damaged ones are told, and leave the others as they are
    (out / "city").mkdir()
    for text in ("{", "[]", '{"methods": [{}]}', json.dumps(content | {"methods": 5})):
        (out / "city" / "result.json").write_text(text)
        with pytest.warns(InputNotice, match="damaged.*left out"):
            assert list(list_city_sections(out, stored)) == ["city-day"]
