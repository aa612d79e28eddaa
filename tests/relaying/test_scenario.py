"""Scenarios: every field states its source, TOML in both directions, one-line errors."""

import tomllib

import pytest

from sagin.errors import ScenarioError
from sagin.parameters import list_fields, read, to_toml
from sagin.relaying.scenario import (
    SCENARIOS,
    Scenario,
    build_scenario,
    check_scenario,
    parse_start_time,
)


def test_every_field_is_described_and_every_open_one_names_the_alternatives():
    for name, parameter, _ in list_fields(Scenario):
        assert parameter.text, name
        assert parameter.source or parameter.mark != "paper", name
        assert parameter.other or parameter.mark not in ("open", "erratum"), name


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_named_scenario_survives_toml(name):
    scenario = build_scenario(name)
    assert read(Scenario, tomllib.loads(to_toml(scenario))) == scenario


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("users.count=0", ["users.count", "0", "1 to 5000"]),
        ("users.number=3", ["users.number", "count"]),
        ("relay.altitude_m=-1", ["relay.altitude_m", "-1"]),
        ("radio.bandwidth_mhz=nan", ["radio.bandwidth_mhz", "nan"]),
        ("satellite.source=elements", ["orbit.elements", "TLE"]),
        (
            "users.hotspot_radius_m=500",
            ["users.hotspot_radius_m", "below base.cell_radius_m = 500 m"],
        ),
        ("orbit.phasing=24", ["orbit.phasing", "23"]),
        ("orbit.time=noon", ["orbit.time", "noon"]),
    ],
)
def test_wrong_input_is_one_line_with_field_value_and_range(override, words):
    with pytest.raises(ScenarioError) as caught:
        build_scenario("paper", (override,))
    text = str(caught.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_too_many_placements_and_an_unknown_name_are_refused():
    with pytest.raises(ScenarioError, match="at most 4000000"):
        build_scenario("paper", ("algorithm.placement=exhaustive", "relay.count=3"))
    with pytest.raises(ScenarioError, match="allowed: paper"):
        build_scenario("papers")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("power.limit=relay", ["power.limit", "'relay'", "allowed: link"]),
        ("base.power_rule=shared", ["base.power_rule", "'shared'", "allowed: full"]),
    ],
)
def test_a_shared_band_refuses_what_it_would_ignore(other, words):
    build_scenario("paper", (other,))
    with pytest.raises(ScenarioError) as caught:
        build_scenario("paper", ("radio.band_rule=shared", other))
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in [*words, "radio.band_rule = shared"])


def test_a_missing_element_file_is_named():
    with pytest.raises(ScenarioError, match=r"'orbit.elements'.*nowhere.tle.*an existing file"):
        build_scenario("paper", ("satellite.source=elements", "orbit.elements=nowhere.tle"))


def test_time_may_be_toml_or_text_and_is_utc_without_an_offset():
    for text in ("2023-08-20T12:00:00Z", "2023-08-20T12:00:00", "'2023-08-20T14:00:00+02:00'"):
        assert (
            parse_start_time(build_scenario("paper", (f"orbit.time={text}",))).isoformat()
            == "2023-08-20T12:00:00+00:00"
        )
    assert check_scenario(Scenario()) == build_scenario("paper")
