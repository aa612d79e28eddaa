"""`sagin slice` and the slicing study as a user runs them."""

import json

import pytest

from sagin.cli.main import run
from sagin.studies.scene import NETWORK_FILE, find_scenes, read_scene

SMALL = ("slice", "small", "-q", "--slots", "6", "--seeds", "3")


def output(capsys, *arguments: str):
    """Run a command that has to succeed, and return what it prints."""
    assert run(list(arguments)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_a_run_agrees_in_table_json_and_files(capsys, tmp_path):
    report = json.loads(
        output(capsys, *SMALL, "--json", "--out", str(tmp_path), "--map", str(tmp_path / "map.svg"))
    )
    (found,) = report["runs"]
    assert (found["policy"], found["rule"]) == ("greedy", "priority")
    names = [one["name"] for one in report["kpis"]]
    assert [name for name in names if name[:3] in ("BS ", "UAV", "LEO")] == [
        "BS 1",
        "UAV 1",
        "LEO 1",
    ]
    assert found["kpis"]["BS 1"]["mean"] <= 2
    assert len((tmp_path / "kpis.csv").read_text().splitlines()) == len(names) + 1
    assert json.loads((tmp_path / "result.json").read_text())["runs"] == report["runs"]
    assert len(read_scene(tmp_path / NETWORK_FILE).times_s) == 6
    assert find_scenes(tmp_path) == {"network": "greedy, load balancing: priority"}
    assert "BS 1: " in (tmp_path / "map.svg").read_text()
    table = output(capsys, *SMALL, "--set", "users.low_delay=2")
    assert f"{found['kpis']['throughput']['mean']:.1f} ±" in table
    again = json.loads(
        output(capsys, "slice", str(tmp_path / "scenario.toml"), *SMALL[2:], "--json")
    )
    assert again["runs"] == report["runs"]


@pytest.mark.slow
def test_all_policies_and_rules_are_compared(capsys):
    report = json.loads(output(capsys, *SMALL, "--json", "--policy", "all", "--rule", "all"))
    assert (
        len({(one["policy"], one["rule"]) for one in report["runs"]}) == len(report["runs"]) == 18
    )
    free = [one["kpis"]["offloaded"]["mean"] for one in report["runs"] if one["rule"] == "none"]
    assert free == [0.0] * 6


OWN = """
import numpy as np
from sagin.methods import find_method

POLICY = find_method("greedy").policy._replace(name="mine")


class Vectors:
    def reset(self, game):
        self.sizes = game.action_size

    def act(self, seen):
        return {agent: np.full(self.sizes[agent], 0.5) for agent in seen}
"""


@pytest.mark.slow
def test_methods_of_others_meet_the_slots_of_sagins(capsys, tmp_path, monkeypatch):
    (tmp_path / "own_methods.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    names = ("own_methods:POLICY", "greedy", "own_methods:Vectors", "planner")
    options = [part for name in names for part in ("--method", name)]
    short = ("slice", "small", "-q", "--slots", "2", "--seeds", "2", "--json", *options)
    report = json.loads(output(capsys, *short, "--out", "out", "--rule", "none"))
    mine, greedy, vectors, planner = report["runs"]
    assert [run["policy"] for run in report["runs"]] == ["mine", "greedy", "Vectors", "planner"]
    assert mine["kpis"]["score"] == pytest.approx(greedy["kpis"]["score"], rel=1e-5)
    scores = [run["kpis"]["score"]["mean"] for run in (vectors, greedy, planner)]
    assert scores == sorted(scores)
    assert find_scenes(tmp_path / "out") == {"network": "mine, load balancing: none"}
    # a method of any kind leaves its network and its map
    one = ("--method", "own_methods:Vectors", "--out", "vectors", "--map", "map.svg")
    output(capsys, *short[:7], *one)
    assert find_scenes(tmp_path / "vectors") == {"network": "Vectors, load balancing: priority"}
    assert "BS 1: " in (tmp_path / "map.svg").read_text()


def test_empty_slices_have_no_percentiles(capsys):
    none = ("--set", "users.low_delay=0", "--seeds", "1")
    report = json.loads(output(capsys, *SMALL, *none, "--json"))
    assert report["runs"][0]["kpis"]["delay_median"]["mean"] is None
    assert "–" in output(capsys, *SMALL, *none)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("slice", "nope"), ("nope", "paper")),
        (("slice", "--policy", "best"), ("best", "greedy", "all")),
        (("slice", "--method", "best"), ("method 'best'", "greedy", "package.module:object")),
        (("slice", "--method", "nothing:here"), ("nothing:here", "ModuleNotFoundError")),
        (("slice", "--rule", "best"), ("--rule", "best", "priority")),
        (("slice", "--slots", "0"), ("--slots", "0")),
        (("slice", "--map", "map.jpg"), ("map.jpg", ".png, .svg, .pdf")),
        (("slice", "--policy", "all", "--map", "map.png"), ("map.png", "one run")),
        (("slice", "--map", "/dev/null/map.png"), ("--map", "/dev/null")),
        (("slice", "--out", "/dev/null/x"), ("--out", "/dev/null/x")),
        (("slice", "--set", "users.low_delay=-1"), ("users.low_delay", "-1", "0 to")),
        (("slice", "--set", "base_stations.power=3"), ("base_stations.power", "power_dbw")),
        (("reproduce", "slicing", "2"), ("figure-2", "figure-8")),
        (("reproduce", "slicing", "--optimum"), ("--optimum", "relaying")),
    ],
)
def test_wrong_input_gives_one_line_and_status_2(capsys, arguments, parts):
    assert run(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.strip().splitlines()
    assert all(part in line for part in parts), line


@pytest.mark.slow
def test_the_study_is_stored_and_not_run_again(capsys, tmp_path, monkeypatch):
    from dataclasses import replace

    from sagin.papers import slicing as paper
    from sagin.papers.slicing import run as maker

    short = [replace(figure, values=(12.0, 60.0)) for figure in paper.FIGURES]
    profiles = {"quick": replace(paper.PROFILES["quick"], runs=2, slots=2)}
    changed = replace(paper.PAPER, figures=short, profiles=profiles)
    monkeypatch.setattr(paper, "PAPER", changed)
    asked = ("reproduce", "slicing", "8", "-q", "--json", "--workers", "1", "--out", str(tmp_path))
    first = json.loads(output(capsys, *asked))
    assert len(first) == 5
    assert {path.name for path in tmp_path.iterdir()} >= {
        "figure-8.png",
        "figure-8.svg",
        "figure-8.csv",
        "claims.md",
        "verdicts.json",
        "index.html",
        "records",
    }

    def never(*_):
        raise AssertionError("a stored result was computed again")

    monkeypatch.setattr(maker, "make", never)
    assert json.loads(output(capsys, *asked)) == first
