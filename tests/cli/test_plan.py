"""`sagin plan` and `sagin gaps` as a user runs them: tables, files, unmet demands, wrong input."""

import csv
import importlib
import inspect
import json
import math
import os
import shutil
import signal
import time
import tomllib

import pytest

from sagin.cli import plan as plan_command
from sagin.cli.main import run
from stopping import stopped


def planned(capsys, *options):
    """Return the plan of the small scenario as data."""
    assert run(["plan", "small", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_plan_is_shown_beside_its_bounds_and_written(capsys, tmp_path):
    shown = planned(
        capsys, "--out", str(tmp_path), "--map", str(tmp_path / "map.svg"), "--ignore-priority"
    )
    stored = json.loads((tmp_path / "plan.json").read_text())
    assert stored["terms"] == shown["terms"]
    assert "commit" in stored["provenance"]
    assert (tmp_path / "map.svg").read_text().lstrip().startswith("<?xml")
    for row in shown["terms"]:
        better = (
            row["plan"] - row["bound"] if row["name"] == "delay" else row["bound"] - row["plan"]
        )
        assert better >= -1e-3 * abs(row["bound"]), row
    assert 0 <= shown["worth"]["gap"] < 1
    with (tmp_path / "users.csv").open() as file:
        users = list(csv.DictReader(file))
    assert len(users) == sum(shown["loads"].values()) > 0
    assert {row["node"] for row in users} <= set(shown["loads"])


def test_the_same_seed_is_the_same_plan_and_the_priority_has_a_price(capsys):
    free, again, kept = (
        planned(capsys, option)
        for option in ("--ignore-priority", "--ignore-priority", "--respect-priority")
    )
    assert free == again
    assert free["worth"]["bound"] >= kept["worth"]["plan"] * (1 - 1e-6), (
        "whoever keeps the priority is below the bound of all"
    )


def test_demands_that_cannot_be_met_are_named_with_what_is_missing(capsys):
    found = planned(capsys, "--min-throughput", "100000")["missed"]
    assert [one["name"] for one in found] == ["throughput"]
    assert found[0]["short"] >= found[0]["surely_short"] > 90_000
    assert run(["plan", "small", "--min-throughput", "100000"]) == 0
    assert "cannot be met" in " ".join(capsys.readouterr().out.split())
    assert not planned(capsys, "--max-delay", "100")["missed"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weights", "1,1"], ["--weights", "'1,1'", "H,L,C"]),
        (["--weights", "0,0,0"], ["--weights", "not all 0"]),
        (["--weights", "1,nan,1"], ["--weights", "'1,nan,1'"]),
        (["--weights", "-1,1,1"], ["--weights"]),
        (["--min-coverage", "101"], ["--min-coverage", "101"]),
        (["--time-limit", "-1"], ["--time-limit", "-1"]),
        (["--map", "plan.jpg"], ["--map", ".jpg", ".png"]),
        (
            [
                "--set",
                "users.high_throughput=0",
                "--set",
                "users.low_delay=0",
                "--set",
                "users.wide_coverage=0",
            ],
            ["users", "at least 1"],
        ),
    ],
)
def test_nonsense_is_refused_in_one_line(capsys, options, words):
    assert run(["plan", "small", *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(word in error for word in words), error


@pytest.mark.slow
def test_gaps_are_stored_and_not_measured_again(capsys, tmp_path, monkeypatch):
    asked = ["gaps", "small", "--users", "2", "--slots", "2", "--out", str(tmp_path), "--json"]
    assert run(asked) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["K_s"] for row in rows} == {"2"}
    planner = [row for row in rows if row["method"].startswith("planner")]
    assert len(planner) == 2 * 4
    assert (tmp_path / "optimum-sum.svg").exists()
    from sagin.papers.slicing import run as work

    monkeypatch.setattr(work, "make", lambda *_: pytest.fail("measured again"))
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out) == rows


def test_gains_too_small_for_a_float_are_gains_of_nobody(capsys):
    fields = ("uavs.altitude_m=50000", "uavs.exponent=8", "satellites.exponent=8")
    plan = planned(capsys, *(part for field in fields for part in ("--set", field)))
    assert plan["loads"] == {"BS 1": 2, "UAV 1": 0, "LEO 1": 0}
    assert all(row["bound"] is not None for row in plan["terms"])


def test_results_that_are_not_finite_are_named(capsys, monkeypatch):
    for command in ("relay", "slice", "plan", "plan_sparse", "relieve", "map"):
        module = importlib.import_module(f"sagin.cli.{command}")
        assert "    report_infinite(" in inspect.getsource(module)
    content = {"worth": {"plan": math.nan, "bound": 1.0}, "loads": [math.inf], "low": math.nan}
    monkeypatch.setattr(plan_command, "make_content", lambda *_: (content, None))
    assert run(["plan", "small", "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err.startswith("sagin: not finite: worth.plan, loads;")
    assert json.loads(shown.out)["worth"] == {"plan": None, "bound": 1.0}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_gives_one_line_and_writes_nothing(capsys, tmp_path, monkeypatch, number):
    find = plan_command.search

    def stop_then_find(*arguments):
        os.kill(os.getpid(), number)
        return find(*arguments)

    monkeypatch.setattr(plan_command, "search", stop_then_find)
    assert run(["plan", "small", "-q", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr() == ("", "sagin: interrupted; nothing was stored\n")
    assert not list(tmp_path.iterdir())


def test_a_stop_that_python_drops_is_a_stop(capsys, monkeypatch):
    class Callback:
        def __del__(self):
            raise KeyboardInterrupt

    def drop(*_):
        Callback()
        time.sleep(5.0)

    monkeypatch.setattr(plan_command, "search", drop)
    assert run(["plan", "small", "-q"]) == 130
    assert capsys.readouterr() == ("", "sagin: interrupted; nothing was stored\n")


def test_the_best_plan_so_far_is_kept_and_told(capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    find = plan_command.search
    monkeypatch.setattr(plan_command, "search", lambda *rest: find(*rest[:5], interrupt))
    assert run(["plan", "small", "-q", "--time-limit", "60", "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == "sagin: interrupted; the best plan so far follows\n"
    assert json.loads(shown.out)["worth"]["plan"] > 0


def test_a_folder_that_is_removed_meanwhile_is_made_again(capsys, tmp_path, monkeypatch):
    find, out = plan_command.search, tmp_path / "plan"

    def remove_and_find(*arguments):
        shutil.rmtree(out)
        return find(*arguments)

    monkeypatch.setattr(plan_command, "search", remove_and_find)
    planned(capsys, "--out", str(out))
    assert read_plan(out) == {"scenario.toml", "plan.json", "users.csv"}


def read_plan(folder):
    """Return the names of a folder's files, all of which are whole; temporaries are none."""
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if "scenario.toml" in names:
        tomllib.loads((folder / "scenario.toml").read_text())
    if "plan.json" in names:
        json.loads((folder / "plan.json").read_text())
    return names


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("wait", [None, 0.0, 0.004, 0.03])
def test_a_plan_stopped_at_any_moment_leaves_whole_files(tmp_path, number, wait):
    begun = tmp_path if wait is None else tmp_path / "scenario.toml"
    status, errors = stopped(
        number, begun, 3.0 if wait is None else wait, "plan", "small", "--out", str(tmp_path)
    )
    assert status in (-number if number == signal.SIGKILL else 130, 0)
    assert "Traceback" not in errors
    read_plan(tmp_path)
    assert run(["plan", "small", "-q", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == read_plan(tmp_path)


@pytest.mark.parametrize("users", ["", "0", "2,2", "1,x", "9999"])
def test_gaps_refuse_users_that_are_no_list(capsys, users, tmp_path):
    assert run(["gaps", "small", "--users", users, "--out", str(tmp_path)]) == 2
    assert "--users" in capsys.readouterr().err


def test_gaps_refuse_a_folder_without_a_run(capsys, tmp_path):
    assert run(["gaps", "small", "--run", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no training run" in capsys.readouterr().err
