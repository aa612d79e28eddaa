"""Stored results can be listed, filtered and exported, even if some are damaged or old."""

import json
import math
import os
from pathlib import Path

import numpy as np
import polars
import pytest

from sagin.errors import InputError
from sagin.files import compute_digest
from sagin.studies.record import Result, make_sample
from sagin.studies.runs import (
    Run,
    build_table,
    build_values,
    export_runs,
    list_runs,
    make_row,
    nest_metrics,
)
from sagin.studies.store import Store

METHODS = ("cud", "greedy")
DEFAULTS = {"toy": {"users.count": 20, "balancing.rule": "priority"}}


def store_results(folder, count=3):
    """Store results of two methods by two seeds and two tests, and return their tasks."""
    tasks = [
        {
            "study": "toy",
            "version": "1",
            "behaviour": "b",
            "settings": {"jax_enable_x64": False},
            "scenario": {"users": {"count": 20}, "balancing": {"rule": "none"}},
            "drops": drops,
            "counts": [4, 4, 4],
        }
        for drops in range(1, count + 1)
    ]
    for task in tasks:
        samples = [
            make_sample(method, metric, task["drops"] + np.arange(4.0).reshape(2, 2), seed=5)
            for method in METHODS
            for metric in ("delay", "coverage")
        ]
        samples[0].values[1, 1] = math.nan
        Store(folder).put(task, Result(samples), 2.0)
    return tasks


def test_results_are_rows_and_flaws_say_so(tmp_path):
    tasks = store_results(tmp_path / "a")
    Store(tmp_path / "a").path(tasks[0]).write_text("{")
    old = tmp_path / "b" / "cells" / "0123.json"
    old.parent.mkdir(parents=True)
    content = {"task": tasks[0], "result": {"samples": {}}, "provenance": {}}
    old.write_text(json.dumps({**content, "digest": compute_digest(content)}))
    runs = list_runs(tmp_path, defaults=DEFAULTS)
    table = build_table(runs)
    assert sorted(table["state"]) == ["damaged", "finished", "finished", "old"]
    whole = table.filter(state="finished").sort("task").to_dicts()[0]
    assert (whole["kind"], whole["study"], whole["method"]) == ("result", "toy", "2 methods")
    assert (whole["seeds"], whole["seconds"], whole["version"]) == (2, 2.0, "1")
    # what differs from the default scenario, and nothing of settings that are as usual
    assert whole["task"] == "counts=4/4/4, drops=2, balancing.rule=none"
    # 2 results, 2 methods, 2 metrics, 2 seeds, 2 tests
    assert build_values(runs).height == 32


def test_conditions_choose_runs_and_numbers(tmp_path):
    store_results(tmp_path)
    assert len(list_runs(tmp_path, ["drops=2", "balancing.rule=none", "counts=4/4/4"])) == 1
    assert list_runs(tmp_path, ["balancing.rule=priority"]) == []
    chosen = list_runs(tmp_path, ["method=greedy", "metric=delay", "drops=3", "state=finished"])
    values = build_values(chosen)
    assert set(values["method"]) == {"greedy"}
    rows = values.select("seed", "test", "metric", "value").rows()
    assert rows == [
        (5, 0, "delay", 3.0),
        (5, 1, "delay", 4.0),
        (6, 0, "delay", 5.0),
        (6, 1, "delay", 6.0),
    ]
    for wrong in ("colour=red", "drops"):
        with pytest.raises(InputError, match=f"--where {wrong}: not KEY=VALUE"):
            list_runs(tmp_path, [wrong])
    with pytest.raises(InputError, match="no such folder"):
        list_runs(tmp_path / "nowhere")


def test_exports_agree(tmp_path):
    store_results(tmp_path / "a")
    runs = list_runs(tmp_path / "a")
    paths = [export_runs(runs, tmp_path / f"x.{ending}") for ending in ("csv", "parquet", "json")]
    flat = polars.read_parquet(paths[1])
    assert flat.equals(build_values(runs), null_equal=True)
    assert flat.height == polars.read_csv(paths[0]).height == 48
    tree = json.loads(Path(paths[2]).read_text())
    ((_, methods),) = [item for item in tree["toy"].items() if "drops=2" in item[0]]
    assert list(methods) == list(METHODS)
    assert list(methods["cud"]) == ["seed_5", "seed_6"]
    seed = methods["cud"]["seed_6"]
    assert set(seed) == {"step_0", "absolute_metrics"}
    assert seed["step_0"]["step_count"] == 0
    assert seed["step_0"]["delay"] == seed["absolute_metrics"]["delay"] == [4.0, None]
    assert "step_count" not in seed["absolute_metrics"]
    with pytest.raises(InputError, match=r"unknown ending '\.xlsx'"):
        export_runs(runs, tmp_path / "x.xlsx")


def test_a_swept_result_is_a_task_per_point_with_the_same_metrics(tmp_path):
    task = {"study": "toy", "number": 1}
    samples = [make_sample("m", "delay", [0.1], x=8.0), make_sample("m", "delay", [0.2], x=10.0)]
    Store(tmp_path).put(task, Result([*samples, make_sample("m", "score", [0.75])]))
    tree = nest_metrics(list_runs(tmp_path))["toy"]
    assert list(tree) == ["number=1, x=8", "number=1, x=10"]
    sets = [set(methods["m"]["seed_0"]["absolute_metrics"]) for methods in tree.values()]
    assert sets == [{"delay"}, {"delay"}]


def test_a_reader_brings_trainings_whose_best_step_counts(tmp_path):
    def read(folder):
        samples = [
            make_sample("maddpg", "score", score, x=x, seed=1)
            for x, score in ((100.0, 0.7), (200.0, 0.6))
        ]
        place = {"name": "run", "kind": "training", "study": "training", "path": str(folder)}
        yield Run(make_row(place, method="maddpg", task="a=1"), {"a": 1}, samples)

    (run,) = list_runs(tmp_path, ["a=1"], readers=[read])
    seed = nest_metrics([run])["training"]["a=1"]["maddpg"]["seed_1"]
    assert [seed[f"step_{n}"]["step_count"] for n in (0, 1)] == [100, 200]
    assert seed["absolute_metrics"] == {"score": [0.7]}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("result", "samples", 0, "values"), [[None, 1.0], [2.0, 3.0]]),
        (("result", "samples", 0, "values"), [[True, 1.0], [2.0, 3.0]]),
        (("result", "samples", 0, "values"), [["2.5", 1.0], [2.0, 3.0]]),
        (("result", "samples", 0, "values"), 5),
        (("result", "samples", 0, "seed"), "5"),
        (("result", "samples", 0, "x"), "here"),
        (("result", "samples", 0, "metric"), 7),
        (("provenance",), "text"),
        (("provenance", "seconds"), "long"),
        (("provenance", "finished"), 5),
        (("task",), [1]),
        (("task", "study"), "\ud800"),
    ],
)
def test_a_foreign_record_whose_checksum_fits_stops_nothing(tmp_path, place, value):
    task, *_ = store_results(tmp_path)
    path = Store(tmp_path).path(task)
    content = json.loads(path.read_text())
    part = content
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    content.pop("digest")
    path.write_text(json.dumps({**content, "digest": compute_digest(content)}))
    runs = list_runs(tmp_path)
    assert sorted(build_table(runs)["state"]) == ["damaged", "finished", "finished"]
    assert build_values(runs).height == 32
    assert Store(tmp_path).find(task) is None


def test_links_and_pipes_in_a_store_stop_nothing(tmp_path):
    store_results(tmp_path / "a", 1)
    records = tmp_path / "a" / "records"
    (records / "dangling.json").symlink_to(tmp_path / "nowhere")
    (records / "loop.json").symlink_to(records / "loop.json")
    (records / "zero.json").symlink_to("/dev/zero")
    (records / "above").symlink_to(tmp_path)
    os.mkfifo(records / "pipe.json")
    (records / "folder.json").mkdir()
    table = build_table(list_runs(tmp_path))
    states = dict(zip((Path(path).name for path in table["path"]), table["state"], strict=True))
    assert sorted(states.values()) == [*["damaged"] * 3, "finished", *["missing"] * 2]
    assert states["zero.json"] == states["pipe.json"] == "damaged"
    # a folder's name may be no text
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    (tmp_path / "a").rename(odd)
    assert len(list_runs(tmp_path)) == len(table)
    build_table(list_runs(tmp_path)).write_csv()
    Path(odd).rename(tmp_path / "a")
    # a store whose folder is a link is read through it
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert len(list(Store(tmp_path / "link").results())) == 1


def test_no_name_is_a_formula_in_an_export(tmp_path):
    task = {"study": "toy", "formula": "=1+1", "version": "@x", "behaviour": "b"}
    Store(tmp_path).put(task, Result([make_sample("=cmd()", "+metric", [-1.5])]))
    text = export_runs(list_runs(tmp_path), tmp_path / "x.csv").read_text()
    cells = text.splitlines()[1].split(",")
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@") and cell != "-1.5"]
    assert {"'=cmd()", "'+metric", "'@x", "-1.5"} <= set(cells)
