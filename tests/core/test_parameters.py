"""Scenario sections: ranges, one-line errors, TOML in both directions, tracing."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import jax
import jax.numpy as jnp
import pytest

from sagin.choices import Choice, put_value, select_case
from sagin.errors import ScenarioError
from sagin.parameters import (
    Parameter,
    apply_overrides,
    list_fields,
    make_schema,
    read,
    read_toml,
    section,
    to_mapping,
    to_toml,
)


def test_a_choice_selects_among_all_its_cases():
    cases = {"a": lambda: 1.0, "b": lambda: jnp.array([2.0, 3.0])}
    assert select_case("a", cases) == 1.0
    for number, expected in enumerate(([1.0, 1.0], [2.0, 3.0])):
        selected = jax.jit(lambda number: select_case(Choice(number, ("a", "b")), cases))(number)
        assert selected.tolist() == expected


def test_a_value_is_put_at_a_dotted_name():
    system = System()
    assert put_value(system, "relay.mode", "half").relay.mode == "half"
    assert system.relay.mode == "full"


@section
class Relay:
    altitude_m: Annotated[
        float, Parameter("altitude", unit="m", low=1.0, high=20e3, source="Table I")
    ] = 30.0
    count: Annotated[int, Parameter("number of relays", low=0, high=1000)] = 1
    mode: Annotated[Literal["full", "half"], Parameter("band", mark="open", other="half")] = "full"
    places: Annotated[tuple[tuple[float, float], ...], Parameter("positions", unit="m")] = (
        (0.0, 0.0),
    )
    limit: Annotated[float | None, Parameter("limit", unit="W", above=0.0)] = None
    flag: Annotated[bool, Parameter("flag")] = False
    time: Annotated[datetime, Parameter("start")] = datetime(2024, 10, 7, tzinfo=UTC)
    file: Annotated[str | None, Parameter("table", is_path=True)] = None


@section
class System:
    name: Annotated[str, Parameter("name")] = "test"
    relay: Relay = Relay()


def test_toml_there_and_back():
    system = read(
        System,
        {
            "name": 'a "quoted" \\ name\nin two lines é',
            "relay": {"altitude_m": 12.5, "places": [[1, 2], [3, 4]]},
        },
    )
    assert read(System, tomllib.loads(to_toml(system))) == system
    assert read(System, to_mapping(system)) == system


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"relay": {"altitude_m": -1}}, ["relay.altitude_m", "-1", "1 to 20000 m"]),
        ({"relay": {"altitude_m": float("nan")}}, ["relay.altitude_m", "nan", "1 to 20000 m"]),
        ({"relay": {"altitude_m": "high"}}, ["relay.altitude_m", "'high'", "1 to 20000 m"]),
        ({"relay": {"count": 1.5}}, ["relay.count", "1.5", "0 to 1000"]),
        ({"relay": {"mode": "third"}}, ["relay.mode", "'third'", "'full' or 'half'"]),
        ({"relay": {"limit": 0}}, ["relay.limit", "0", "more than 0 W"]),
        ({"relay": {"altitud_m": 3}}, ["relay.altitud_m", "altitude_m, count"]),
        ({"rely": {}}, ["rely", "name, relay"]),
        ({"relay": {"places": [[1, 2, 3]]}}, ["relay.places"]),
        # one kind of value is never taken for another
        ({"relay": {"altitude_m": True}}, ["relay.altitude_m", "true", "valid number"]),
        ({"relay": {"altitude_m": "12"}}, ["relay.altitude_m", "'12'", "valid number"]),
        ({"relay": {"count": False}}, ["relay.count", "false", "valid integer"]),
        ({"relay": {"count": 1.0}}, ["relay.count", "1.0", "valid integer"]),
        ({"relay": {"places": [[True, 2]]}}, ["relay.places", "true"]),
        ({"relay": {"places": [["1", 2]]}}, ["relay.places", "'1'"]),
        ({"relay": {"limit": "3"}}, ["relay.limit", "'3'"]),
        ({"relay": {"flag": 1}}, ["relay.flag", "1", "valid boolean"]),
        ({"relay": {"time": 0}}, ["relay.time", "0", "a time such as"]),
        ({"relay": {"time": "0"}}, ["relay.time", "'0'", "a time such as"]),
        # what is long or would act on a terminal is cut and escaped
        ({"relay": {"altitude_m": 10**5000}}, ["an integer of 5001 digits"]),
        ({"relay": {"count": -(10**5000)}}, ["an integer of 5001 digits"]),
        ({"relay": {"mode": "\x1b[2J" + "x" * 10**6}}, [r"'\x1b[2J", "(1000004 characters)"]),
        ({"relay": {"\x1b\n": 3}}, [r"'relay.\x1b\n'"]),
        ({"name": "x" * 10**6, "\ud800": {"a": 1}}, [r"'\ud800'"]),
    ],
)
def test_wrong_input_gives_one_line_with_field_value_and_range(values, parts):
    with pytest.raises(ScenarioError) as caught:
        read(System, values, "file.toml")
    text = str(caught.value)
    assert text.startswith("file.toml: ")
    assert text.isprintable()
    assert len(text) < 400
    assert all(part in text for part in parts), text


def test_overrides():
    assert apply_overrides({"relay": {"count": 1}}, ("relay.count=3", "name=walker")) == {
        "relay": {"count": 3},
        "name": "walker",
    }
    for wrong in ("relay.count", "=3", "name.x=3"):
        with pytest.raises(ScenarioError, match="--set"):
            apply_overrides({"name": "x"}, (wrong,))


def test_files(tmp_path):
    with pytest.raises(ScenarioError, match=r"missing\.toml: cannot be read: No such file"):
        read_toml(System, tmp_path / "missing.toml")
    path = tmp_path / "broken.toml"
    path.write_text("name = ")
    with pytest.raises(ScenarioError, match="not valid TOML"):
        read_toml(System, path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="not UTF-16-LE text"):
        read_toml(System, path)


def test_long_integers_and_deep_tables_in_options():
    for wrong in ("relay.count=0x" + "f" * 5000, "relay.altitude_m=0x" + "f" * 5000):
        with pytest.raises(ScenarioError, match="an integer of 6021 digits is not allowed"):
            read(System, apply_overrides({}, (wrong,)))
    deep = apply_overrides({}, (".".join("a" * 5000) + "=1",))
    with pytest.raises(ScenarioError, match="unknown field 'a'"):
        read(System, deep)


def test_an_integer_stands_for_a_float_and_a_time_may_be_text():
    system = read(System, {"relay": {"altitude_m": 30, "time": "2024-10-07T12:00:00Z"}})
    assert isinstance(system.relay.altitude_m, float)
    assert system.relay.time == datetime(2024, 10, 7, 12, tzinfo=UTC)
    times = apply_overrides({}, ("relay.time=2024-10-07T12:00:00Z",))
    assert read(System, times).relay.time == system.relay.time


def test_no_number_is_a_negative_zero():
    written = tomllib.loads("places = [[-0.0, -1.0], [0, -0.0]]")
    assert "-0.0" not in to_toml(read(System, {"relay": written}))


def test_paths_in_a_file_are_relative_to_it_and_those_of_options_to_the_folder(
    tmp_path, monkeypatch
):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "s.toml"
    path.write_bytes("\ufeffname = 'é'\n[relay]\nfile = 'a.csv'\n".encode())
    monkeypatch.chdir(tmp_path)
    system = read_toml(System, Path("in/s.toml"))
    assert (system.name, system.relay.file) == ("é", str(tmp_path / "in" / "a.csv"))
    changed = read_toml(System, path, ("relay.file=b.csv",))
    assert changed.relay.file == str(tmp_path / "b.csv")


def test_numbers_are_traced_and_counts_are_static():
    leaves = jax.tree.leaves(System())
    assert leaves == [30.0, 0.0, 0.0]
    scaled = jax.jit(lambda system: jax.tree.map(lambda x: 2 * x, system))(System())
    assert float(scaled.relay.altitude_m) == 60.0
    assert scaled.relay.count == 1


def test_schema_and_table_come_from_the_same_parameters():
    properties = make_schema(System)["$defs"]["Relay"]["properties"]
    assert properties["altitude_m"]["minimum"] == 1.0
    assert properties["altitude_m"]["description"] == "altitude [m]"
    assert [name for name, _, _ in list_fields(System)][:2] == ["name", "relay.altitude_m"]
