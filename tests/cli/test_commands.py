"""The commands as a user runs them: results, JSON, files, wrong input, interruption, resuming."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sagin.cli import common
from sagin.cli.main import run
from sagin.orbits import PRESETS, constellation, write_tle
from sagin.studies.scene import find_scenes

AT = "2024-10-07T12:00:00Z"


@pytest.fixture(scope="module")
def walker(tmp_path_factory):
    path = tmp_path_factory.mktemp("elements") / "walker.tle"
    write_tle(constellation(PRESETS["iridium"], datetime(2024, 10, 7, tzinfo=UTC)), path)
    return str(path)


def output(capsys, *arguments: str):
    """Run a command that has to succeed, and return what it prints."""
    assert run(list(arguments)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def complaint(capsys, *arguments: str) -> str:
    """Run a command with wrong input, and return its one line."""
    assert run(list(arguments)) == 2
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert captured.out == ""
    assert len(lines) == 1, captured.err
    assert "Traceback" not in captured.err
    return lines[0]


def test_relay_prints_json_and_files(capsys, tmp_path):
    report = json.loads(
        output(capsys, "relay", "--drops", "64", "--json", "-q", "--out", str(tmp_path))
    )
    names = [row["name"] for row in report["frameworks"]]
    capacity = {row["name"]: row["capacity"]["mean"] for row in report["frameworks"]}
    assert names[0] == "cud"
    assert capacity["cud"] > capacity["gbs-only"] > 0
    assert report["common"]["users"] == 200
    assert json.loads((tmp_path / "result.json").read_text())["frameworks"] == report["frameworks"]
    assert len((tmp_path / "kpis.csv").read_text().splitlines()) == len(names) + 1
    assert find_scenes(tmp_path) == {"network": "CUD, first of the drops of seed 0"}
    again = json.loads(
        output(capsys, "relay", str(tmp_path / "scenario.toml"), "--drops", "64", "--json", "-q")
    )
    assert again["frameworks"] == report["frameworks"]


def test_a_log_says_how_far_a_long_command_is(capsys, monkeypatch):
    monkeypatch.setattr(common, "LOG_INTERVAL_S", 0.0)
    assert run(["relay", "--drops", "64"]) == 0
    assert re.fullmatch(r"drops: 64 of 64, \d+ min", capsys.readouterr().err.splitlines()[-1])
    assert run(["relay", "--drops", "64", "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_relay_prints_a_table(capsys):
    text = output(capsys, "relay", "--drops", "64", "-q", "--set", "users.count=120")
    assert "CUD" in text
    assert "users 120.0" in text


OWN_RULE = """
import numpy as np
from sagin.relaying.decision import Decision


def decide(request):
    return Decision(np.zeros((request.relays, 2)))
"""


@pytest.mark.slow
def test_relay_shows_methods_on_the_same_drops(capsys, tmp_path, monkeypatch):
    (tmp_path / "own_rule.py").write_text(OWN_RULE)
    monkeypatch.chdir(tmp_path)
    asked = ("relay", "--drops", "64", "-q", "--method", "hotspot", "--method", "own_rule:decide")
    report = json.loads(output(capsys, *asked, "--json", "--out", "out"))
    hotspot, own = report["methods"]
    assert (hotspot["name"], own["name"]) == ("hotspot", "decide")
    assert own["capacity"]["mean"] < hotspot["capacity"]["mean"]
    rule = json.loads(output(capsys, "relay", "--drops", "64", "--json", "-q"))["frameworks"][0]
    assert hotspot["capacity"]["mean"] == pytest.approx(rule["capacity"]["mean"], rel=1e-5)
    assert (tmp_path / "out" / "kpis.csv").read_text().startswith("method,capacity Gbit/s mean")


def test_passes_agree_in_table_and_json(capsys, walker):
    asked = ("passes", walker, "--site", "59.91,10.75", "--at", AT, "--hours", "2", "-q")
    found = json.loads(output(capsys, *asked, "--json"))
    text = output(capsys, *asked)
    assert f"{len(found['in_view'])} of 66 satellites in view" in text
    assert f"{len(found['passes'])} passes within 2 h" in text
    assert all(one["maximum_elevation_deg"] >= 10 for one in found["passes"])


def test_scenarios_and_schema(capsys):
    listed = json.loads(output(capsys, "scenarios", "--json"))
    for system, own in (("relaying", "relay"), ("slicing", "balancing")):
        assert json.loads(output(capsys, "scenarios", system, "--json")) == {system: listed[system]}
        for name in listed[system]:
            shown = output(capsys, "scenarios", system, "--show", name)
            assert own in tomllib.loads(shown)
            assert "[GHz]" in shown
        assert own in json.loads(output(capsys, "schema", system))["properties"]
    assert output(capsys, "scenarios", "--show", "paper") == output(
        capsys, "scenarios", "relaying", "--show", "paper"
    )
    assert output(capsys, "schema") == output(capsys, "schema", "relaying")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (
            ("relay", "--set", "relay.altitude_m=-5"),
            ("relay.altitude_m", "-5", "0.1 to 20000 m"),
        ),
        (("relay", "--set", "relay.altitude_m=nan"), ("relay.altitude_m", "nan", "20000 m")),
        (("relay", "--set", "relay.hight=5"), ("relay.hight", "altitude_m")),
        (("relay", "--set", "users.count=0"), ("users.count", "0", "1 to")),
        (("relay", "--set", "nonsense"), ("nonsense", "section.field=value")),
        (("relay", "nope"), ("nope", "paper")),
        (("relay", "missing.toml"), ("missing.toml", "No such file")),
        (("relay", "--drops", "1"), ("--drops", "2")),
        (("relay", "--drops", "many"), ("--drops", "many")),
        (("relay", "--seed", "-1"), ("--seed",)),
        (("relay", "--bogus"), ("--bogus",)),
        (("relay", "--method", "best"), ("method 'best'", "hotspot", "package.module:object")),
        (("relay", "--set", "sites.file=missing.csv"), ("missing.csv", "No such file")),
        (("relay", "--set", "satellite.source=elements"), ("orbit.elements", "TLE or OMM")),
        (
            ("relay", "--set", "satellite.source=walker", "--set", "orbit.time=noon"),
            ("orbit.time", "noon"),
        ),
        (("passes", "missing.tle", "--site", "0,0", "--at", AT), ("missing.tle", "No such file")),
        (("passes", "missing.tle", "--site", "91,0", "--at", AT), ("latitude 91", "-90 to 90")),
        (("passes", "missing.tle", "--site", "0", "--at", AT), ("LAT,LON",)),
        (("passes", "missing.tle", "--site", "0,0", "--at", "noon"), ("noon", "ISO 8601")),
        (("passes", "--site", "0,0"), ("Missing",)),
        (("reproduce", "weather"), ("weather", "relaying")),
        (("reproduce", "relaying", "7"), ("figure-7", "figure-2")),
        (("reproduce", "all", "2"), ("[FIGURE]", "relaying, slicing")),
        (("reproduce", "all", "--workers", "0"), ("--workers", "0")),
        (
            ("reproduce", "all", "--address", "head:6379"),
            ("--address", "head:6379", "--engine ray"),
        ),
        (("runs", "missing"), ("missing", "no such folder")),
        (("report", "missing"), ("missing", "sagin reproduce")),
        (("scenarios", "--show", "none"), ("none", "paper")),
        (("scenarios", "weather"), ("weather", "slicing")),
        (("reproduce", "relaying", "--profile", "x"), ("--profile", "'x'", "quick")),
        (
            ("relay", "--set", "users.count=" + "9" * 5000),
            ("users.count", "characters", "1 to 5000"),
        ),
        (("relay", "--set", "users.count=" + "[" * 5000), ("users.count",)),
        (("relay", "--set", "users.count=1\nrelay.count=2"), ("users.count",)),
        (("relay", "--out", "/dev/null/x"), ("--out", "/dev/null/x")),
        (("reproduce", "relaying", "--out", "/dev/null/x"), ("--out",)),
        (("relay", "--set", "users.count=true"), ("users.count", "true", "1 to 5000")),
        (("relay", "--set", 'base.power_dbm="46"'), ("base.power_dbm", "'46'", "valid number")),
        (("relay", "--set", "orbit.time=0"), ("orbit.time", "a time such as")),
        (("relay", "--set", "users.count=0x" + "f" * 5000), ("an integer of 6021 digits",)),
        (("relay", "--set", "\x1b[2J\n=1"), (r"\x1b[2J",)),
        (("relay", "--drops", "\x1b[2J\n"), (r"\x1b[2J\n",)),
        (("relay", "/dev/zero"), ("/dev/zero", "stream or device")),
        (("relay", "--set", "sites.file=/dev/zero"), ("/dev/zero", "stream or device")),
        (("passes", "/dev/zero", "--site", "0,0", "--at", AT), ("/dev/zero", "stream or device")),
        (("passes", "missing.tle", "--site", "1_0,0", "--at", AT), ("'1_0,0'", "LAT,LON")),
        (("passes", "missing.tle", "--site", "١,0", "--at", AT), ("LAT,LON",)),
        (("slice", "small", "--set", "game.least_users=false"), ("game.least_users", "false")),
        (("frobnicate",), ("frobnicate",)),
        (("relay", "--drops", "1_28"), ("--drops", "'1_28'")),
        (("relay", "--drops", "١٢٨"), ("--drops",)),
        (("passes", "a.tle", "--site", "0,0", "--at", AT, "--hours", "nan"), ("--hours", "nan")),
        (("sites", "a.csv", "--centre", "0,0", "--spacing", "inf"), ("--spacing", "'inf'")),
        (("sites", "a.csv", "--centre", "0,0", "--operator", "٢-١"), ("--operator", "MCC-NET")),
        (("sites", "/dev/zero", "--centre", "0,0"), ("/dev/zero", "stream or device")),
        (("gaps", "--users", "²"), ("--users '²'", "1 to 200")),
        (("plan", "small", "--weights", "1_0,1,1"), ("--weights '1_0,1,1'", "H,L,C")),
        (("relieve", "--hours", "١"), ("--hours", "0 to 23")),
        (("relieve", "--target", "unserved<101%"), ("--target", "at most 100 %")),
        (("relay", "--set", "radio.bandwidth_mhz=1e-300"), ("radio.bandwidth_mhz", "0.001 to")),
        (("readings", "relaying", "--judged", "none"), ("--judged none", "no verdicts.json")),
    ],
)
def test_wrong_input_gives_one_line_and_status_2(capsys, arguments, parts):
    line = complaint(capsys, *arguments)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize("option", [["train", "small", "--algorithm"], ["slice", "--rule"]])
def test_long_values_are_cut(capsys, option):
    assert complaint(capsys, *option, "9" * 5000).count("9" * 30) == 2


def test_wrong_files_are_named_with_line_and_value(capsys, tmp_path, walker):
    rows = (
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples\n"
        "LTE,1,1,1,7,0,10.7,59.9,500,3\nLTE,1,1,1,8,0,east,59.9,500,3\n"
    )
    (tmp_path / "sites.csv").write_text(rows)
    line = complaint(capsys, "relay", "--set", f"sites.file={tmp_path / 'sites.csv'}")
    assert all(part in line for part in ("sites.csv", "line 3", "lon", "east"))
    text = Path(walker).read_text().splitlines()
    text[4] = text[4][:20] + "x" + text[4][21:]
    (tmp_path / "broken.tle").write_text("\n".join(text))
    line = complaint(capsys, "passes", str(tmp_path / "broken.tle"), "--site", "0,0", "--at", AT)
    assert "broken.tle" in line
    assert "line 5" in line


def test_elements_centuries_away_and_an_empty_sky_are_said(capsys, walker, tmp_path):
    line = complaint(capsys, "passes", walker, "--site", "0,0", "--at", "2524-10-07")
    assert "2524" in line
    assert "30 days" in line
    from sagin.orbits import Walker

    path = tmp_path / "equator.tle"
    write_tle(constellation(Walker(600.0, 0.0, 1, 4), datetime(2024, 10, 7, tzinfo=UTC)), path)
    chosen = (
        "--set",
        "satellite.source=elements",
        "--set",
        f"orbit.elements={path}",
        "--set",
        f"orbit.time={AT}",
    )
    assert "no satellite" in complaint(
        capsys, "relay", "--drops", "64", "-q", *chosen, "--set", "orbit.latitude_deg=80"
    )


FALLING = """FALLING\x1b[2J
1 90001U          24281.50000000  .09000000  25000+0  45000-1 0  9997
2 90001  98.0000   0.0000 0001400 270.0000  90.0000 15.92000000    10
"""


def test_satellites_that_have_decayed_are_left_out_and_counted(capsys, walker, tmp_path):
    mixed, alone = tmp_path / "mixed.tle", tmp_path / "falling.tle"
    mixed.write_text(FALLING + Path(walker).read_text())
    alone.write_text(FALLING)
    later, told = "2024-10-27T12:00:00Z", "1 of 67 satellites left out: decayed by SGP4"
    asked = ("passes", str(mixed), "--site", "59.91,10.75", "--at", later, "--elevation", "0", "-q")
    assert run([*asked, "--json"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert told in captured.err
    assert (found["satellites"], found["left_out"]) == (67, 1)
    assert found["in_view"]
    assert not any("FALLING" in one["name"] for one in found["in_view"] + found["passes"])
    assert run([*asked]) == 0
    captured = capsys.readouterr()
    assert told in captured.out
    assert told in captured.err
    # before the decay the satellite is there, and its name does nothing to the terminal
    now = ("passes", str(alone), "--site", "0,0", "--at", AT, "--hours", "20", "-q")
    assert r"FALLING\x1b[2J" in output(capsys, *now)
    chosen = ("satellite.source=elements", f"orbit.time={later}", "orbit.duration_s=60")
    options = [part for item in chosen for part in ("--set", item)]
    asked = ("relay", "--drops", "64", "--json", "-q", *options, "--set")
    assert run([*asked, f"orbit.elements={mixed}"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["left_out"] == 1
    assert told in captured.err
    assert run([*asked, f"orbit.elements={alone}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no satellite of 1" in line
    assert "1 of 1 satellites left out" in line


class Closed(io.TextIOWrapper):
    """A stream whose disk is full."""

    def write(self, text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_output_to_any_encoding_and_to_closed_streams(tmp_path, monkeypatch, form):
    (tmp_path / "é.tle").write_text(FALLING.replace("FALLING", "É"))
    asked = ["passes", str(tmp_path / "é.tle"), "--site", "0,0", "--at", AT, "--hours", "20", "-q"]
    plain = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", plain)
    assert run([*asked, *form]) == 0
    written = plain.buffer.getvalue().decode("ascii")
    assert json.loads(written)["passes"][0]["name"] == "É\\x1b[2J" if form else "\\xc9" in written
    for stream, status in ((None, 0), (Closed(io.BytesIO()), 1)):
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        assert run([*asked, *form]) == status
        if stream is None:
            # what took their place
            sys.stdout.close()
            sys.stderr.close()


def test_a_study_is_stored_and_not_run_again(capsys, tmp_path, monkeypatch):
    from sagin.papers.relaying import run as points

    monkeypatch.setitem(points.PROFILES, "quick", points.Profile(64))
    asked = ("reproduce", "relaying", "2", "-q", "--json", "--workers", "1", "--out", str(tmp_path))
    first = json.loads(output(capsys, *asked))
    assert len(first) == 6
    assert {path.name for path in tmp_path.iterdir()} >= {
        "figure-2.png",
        "figure-2.svg",
        "figure-2.csv",
        "claims.md",
        "verdicts.json",
        "index.html",
        "records",
    }

    def never(*_):
        raise AssertionError("a stored cell was run again")

    monkeypatch.setattr(points, "simulate", never)
    for number, damage in enumerate(("garbage", "a,b\n1\n")):
        (tmp_path / "runs" / str(number)).mkdir(parents=True)
        (tmp_path / "runs" / str(number) / "kpis.csv").write_text(damage)
    assert json.loads(output(capsys, *asked)) == first
    assert (tmp_path / "index.html").read_text().count("is damaged") == 2


STUDY = """
import sys
from sagin.cli import common
from sagin.cli.main import run
from sagin.papers.relaying.run import PROFILES, Profile

PROFILES["quick"] = Profile(64)

if __name__ == "__main__":
    sys.exit(run(["reproduce", "relaying", "2", "-q", *sys.argv[1:]]))
"""
"""As many drops as the study above, whose programs it then finds."""


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_ctrl_c_stops_cleanly_and_keeps_what_is_finished(tmp_path, workers):
    (tmp_path / "study.py").write_text(STUDY)
    command = [
        sys.executable,
        str(tmp_path / "study.py"),
        "--out",
        str(tmp_path),
        "--workers",
        workers,
    ]
    study = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    deadline = time.monotonic() + 240
    while (
        not list(tmp_path.glob("records/*.json"))
        and time.monotonic() < deadline
        and study.poll() is None
    ):
        time.sleep(0.05)
    study.send_signal(signal.SIGINT)
    _, errors = study.communicate(timeout=120)
    assert study.returncode == 130
    assert "Traceback" not in errors
    assert "interrupted" in errors
    assert list(tmp_path.glob("records/*.json"))
    assert not list(tmp_path.glob("records/*.lock"))


def test_the_shell_completes_commands():
    asked = {"_SAGIN_COMPLETE": "complete_bash", "COMP_WORDS": "sagin rel", "COMP_CWORD": "1"}
    answer = subprocess.run(
        [sys.executable, "-m", "sagin"], env=os.environ | asked, capture_output=True, text=True
    )
    assert answer.stdout.split() == ["relay", "relieve"]
