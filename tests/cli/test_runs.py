"""Stored results can be listed, filtered and exported, also of other versions; damage is named."""

import json

import polars
import pytest

from sagin.cli.main import run
from sagin.cli.runs import read_trainings
from sagin.files import compute_digest
from sagin.parameters import read_toml, to_mapping
from sagin.slicing.scenario import Scenario, build_scenario
from sagin.studies import runs
from sagin.studies.record import Result, make_sample
from sagin.studies.store import Store


def store_former(folder):
    """Store a result of figure 8 in the layout of sagin 0.1.0."""
    task = {
        "study": "slicing",
        "scenario": to_mapping(build_scenario("paper")),
        "policy": "greedy",
        "counts": [4] * 3,
        "seeds": 3,
    }
    record = {
        "task": task,
        "result": {"samples": {"throughput": [4.0, 5.0, None]}},
        "provenance": {"seconds": 2.0, "finished": "2026-01-03T00:00:00+00:00"},
    }
    folder.mkdir(parents=True)
    text = json.dumps({**record, "digest": compute_digest(record)})
    (folder / "former.json").write_text(text, encoding="utf-8")


def output(capsys, *arguments):
    assert run(list(map(str, arguments))) == 0, capsys.readouterr().err
    return capsys.readouterr()


def store_results(folder):
    """Store made-up results of two tasks in the present schema."""
    for drops in (1, 2):
        task = {"study": "relaying", "scenario": {"users": {"count": 100 * drops}}, "drops": drops}
        Store(folder).put(task, Result([make_sample("cud", "capacity", [1.0, 2.0])]), 2.0)


def test_runs_are_listed_filtered_and_exported(capsys, tmp_path):
    store_results(tmp_path / "a")
    store_former(tmp_path / "old" / "cells")
    rows = json.loads(output(capsys, "runs", tmp_path, "--json").out)
    assert {row["state"] for row in rows} == {"finished", "old"}
    whole = [row for row in rows if row["state"] == "finished"]
    assert [(row["method"], row["seeds"]) for row in whole] == [("cud", 2), ("cud", 2)]
    # 200 users are the paper scenario's own
    assert {row["task"] for row in whole} == {"drops=1, users.count=100", "drops=2"}
    place = tmp_path / "x.csv"
    output(capsys, "runs", tmp_path, "--where", "drops=2", "--export", place)
    assert polars.read_csv(place)["value"].to_list() == [1.0, 2.0]
    assert f"{len(rows)} runs" in output(capsys, "runs", tmp_path).out


@pytest.mark.parametrize(
    "arguments",
    [("--where", "colour=red"), ("--where", "drops"), ("--export", "x.xlsx")],
)
def test_wrong_questions_are_answered_in_one_line(capsys, tmp_path, arguments):
    store_results(tmp_path)
    assert run(["runs", str(tmp_path), *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_results_are_validated_again(capsys, tmp_path, monkeypatch):
    """A result of another behaviour is computed again, unchanged and with one number changed."""
    from sagin.studies.collection import fill
    from sagin.studies.figure import Point
    from sagin.studies.store import build_task, encode_result

    maker, store = "studies.makers.square", Store(tmp_path / "store")
    task = build_task("squares", maker, number=3, log=str(tmp_path))
    fill(store, [Point(task, 1)], maker, lambda _: None)
    (whole,) = store.results()
    store.path(task).unlink()
    store.keep(encode_result({**task, "behaviour": "former"}, whole.result, whole.provenance))
    options = "--revalidate", "--workers", 1, "--quiet"
    assert "equal" in output(capsys, "runs", tmp_path, *options).out
    assert Store(tmp_path / "store").find(task) is not None
    wrong = Result([whole.result.samples[0]._replace(values=whole.result.samples[0].values + 1)])
    store.keep(encode_result({**task, "behaviour": "older"}, wrong, whole.provenance))
    assert run(["runs", str(tmp_path), *map(str, options)]) == 1
    assert "sum of any: stored" in capsys.readouterr().err
    assert run(["runs", str(tmp_path / "nothing"), *map(str, options)]) == 2


def test_training_runs_are_listed_with_their_validations(tmp_path):
    from sagin.learning.settings import Settings
    from sagin.training.records import encode_table
    from sagin.training.run import TrainingRun, locate_seed, write_run

    plan = TrainingRun(build_scenario("small"), "maddpg", Settings(), 200)
    write_run(tmp_path / "run", plan, 2, resume=False)
    for number, end in enumerate((200, 100)):
        folder = locate_seed(tmp_path / "run", number)
        folder.mkdir()
        (folder / "metrics.parquet").write_bytes(encode_table([{"slot": end, "reward/a": 0.5}]))
        scores = [
            {"slot": slot, "score": score}
            for slot, score in ((100, 0.7), (200, 0.6))
            if slot <= end
        ]
        (folder / "validation.parquet").write_bytes(encode_table(scores))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run.json").write_text("[]")
    for name, origin in (("odd", "text"), ("odder", {"sagin": [1], "commit": 5})):
        content = json.loads((tmp_path / "run" / "run.json").read_text()) | {"provenance": origin}
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps(content))
    assert read_toml(Scenario, tmp_path / "run" / "scenario.toml") == plan.scenario
    assert read_toml(Settings, tmp_path / "run" / "settings.toml") == plan.settings
    found = runs.list_runs(tmp_path, readers=[read_trainings])
    table = runs.build_table(found)
    assert table["state"].to_list() == ["damaged", *["0 of 2 seeds"] * 2, "1 of 2 seeds"]
    assert table["method"].to_list() == [None, *["maddpg"] * 3]
    assert "users.high_throughput=2" in table["task"][3]
    assert "iterations=200" in table["task"][3]
    seeds = next(iter(runs.nest_metrics(found)["training"].values()))["maddpg"]
    assert [seeds["seed_0"][f"step_{n}"]["step_count"] for n in (0, 1)] == [100, 200]
    assert seeds["seed_0"]["absolute_metrics"] == {"score": [0.7]}
