"""`sagin plan` and `sagin gaps` as a user runs them: tables, files, unmet demands, wrong input."""

import csv
import json

import pytest

from sagin.cli.main import run


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


@pytest.mark.parametrize("users", ["", "0", "2,2", "1,x", "9999"])
def test_gaps_refuse_users_that_are_no_list(capsys, users, tmp_path):
    assert run(["gaps", "small", "--users", users, "--out", str(tmp_path)]) == 2
    assert "--users" in capsys.readouterr().err


def test_gaps_refuse_a_folder_without_a_run(capsys, tmp_path):
    assert run(["gaps", "small", "--run", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no training run" in capsys.readouterr().err
