"""What is stored can be listed, filtered, exported and drawn again, also what another version made,
and damage is said.
"""

import json

import polars
import pytest

from sagin.cli.main import run
from sagin.errors import StoreError
from sagin.experiments import (
    learned,
    learned_rewards,
    relaying,
    relaying_run,
    runs,
    slicing,
    slicing_study,
)
from sagin.experiments.slicing_run import kpis
from sagin.experiments.store import Store
from sagin.parameters import read, read_toml
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.scenario import build_scenario as relaying_scenario
from sagin.report.old_reproduction import KEPT, keep, plain
from sagin.slicing.scenario import Scenario, build_scenario

PROFILE = slicing.Profile(2, 3)


def stored(folder, version=None, source=None):
    """Store made-up results of figure 8 as a version and source made them, and return their tasks."""
    scenario, figure, store = build_scenario("paper"), slicing.FIGURES[0], Store(folder)
    tasks = slicing_study.tasks([figure], scenario, PROFILE)
    for task in tasks:
        task |= {
            key: value
            for key, value in (("version", version), ("source", source))
            if value is not None
        }
        total = sum(task["counts"])
        samples = {
            one.name: [total / 3.0, total / 3.0 + 1.0, None]
            for one in kpis(read(Scenario, task["scenario"]))
        }
        store.put(task, {"samples": samples}, 2.0)
    keep(folder, plain("slicing", [figure], scenario, PROFILE))
    return tasks


def output(capsys, *arguments):
    assert run(list(map(str, arguments))) == 0, capsys.readouterr().err
    return capsys.readouterr()


def test_runs_are_listed_and_filtered(capsys, tmp_path):
    tasks = stored(tmp_path / "a")
    Store(tmp_path / "a").path(tasks[0]).write_text("{")
    found = json.loads(output(capsys, "runs", tmp_path, "--json").out)
    assert len(found) == len(tasks)
    assert [one["state"] for one in found].count("damaged") == 1
    whole = next(one for one in found if one["state"] == "finished")
    assert (whole["kind"], whole["study"], whole["seeds"], whole["seconds"], whole["version"]) == (
        "cell",
        "slicing",
        3,
        2.0,
        "0.1.0",
    )
    # the difference from the paper's scenario, and how many users take part, not how large the
    # arrays are
    assert "balancing.rule=none" in whole["scenario"]
    assert whole["users"] in {"/".join(map(str, task["counts"])) for task in tasks}
    assert "users" not in whole["scenario"]
    chosen = runs.table(
        tmp_path, ["policy=random", "counts=8/8/8", "balancing.rule=none", "state=finished"]
    )
    assert (chosen.height, chosen["method"].to_list()) == (1, ["random"])
    assert runs.table(tmp_path, ["balancing.rule=priority"]).is_empty()
    assert f"{len(tasks)} runs" in output(capsys, "runs", tmp_path).out


def test_a_relaying_cell_has_a_value_for_each_framework(tmp_path):
    scenario, store = relaying_scenario("paper"), Store(tmp_path)
    task = relaying_run.cells([relaying.FIGURES[0]], scenario, relaying.Profile(5))[0]
    names = [row.name for row in FRAMEWORKS]
    store.put(
        task,
        {
            "methods": names,
            "drops": 5,
            "metrics": {"capacity": {"mean": list(range(len(names))), "covariance": []}},
        },
        1.0,
    )
    table = runs.metrics(tmp_path)
    assert table["method"].to_list() == names
    assert table["value"].to_list() == list(range(len(names)))
    assert table["users"][0] == "20"
    assert "users" not in table["scenario"][0]


def trained(folder, names, number=0, amount="standard"):
    """Store made-up results of the cells of learned methods, whose throughput is their users of H."""
    store = Store(folder)
    for name in names:
        for task in learned.cells(
            learned.METHODS[name], build_scenario("paper"), learned.AMOUNTS[amount], number
        ):
            kpis = {
                learned.named(counts): {"throughput": counts[0], "delay": 0.5}
                for counts in task["counts"]
            }
            where = (
                {"movement": {"near_uav": 2.0}, "trace": {"users": [[1]]}}
                if task["layouts"]
                else {}
            )
            store.put(task, {"kpis": kpis, "score": 0.75, **where}, 3.0)


def test_every_learned_method_is_known_by_its_name_and_found_by_its_fields(tmp_path):
    trained(tmp_path, learned.METHODS, number=3)
    table = runs.table(tmp_path)
    assert set(table["method"]) == set(learned.METHODS)
    # what the method's name says stands in no other column, so that methods share a scenario
    assert table["scenario"].unique().len() == 1
    assert "network.kind=shared" in table["scenario"][0]
    assert set(table["users"]) == {"17 counts"}
    assert runs.table(tmp_path, ["balancing.rule=none"])["method"].to_list() == [learned.NONE]
    assert set(runs.table(tmp_path, ["algorithm=mappo"])["method"]) == {"MAPPO", "MAPPO, drop"}
    assert runs.table(tmp_path, ["number=2"]).is_empty()


def test_a_method_of_an_unknown_algorithm_is_called_by_that(tmp_path):
    (task,) = learned.cells(
        learned.METHODS["MAPPO"], build_scenario("paper"), learned.AMOUNTS["quick"], 0
    )
    task["plan"]["algorithm"] = "another"
    Store(tmp_path).put(task, {"kpis": {}, "score": 0.0}, 0.0)
    assert runs.table(tmp_path)["method"].to_list() == ["another"]


def test_a_study_of_one_s_own_tells_its_fields(tmp_path):
    Store(tmp_path).put({"study": "mine", "plan": "b", "number": 3, "users": 20}, {"found": 1}, 0.0)
    (row,) = runs.table(tmp_path).to_dicts()
    assert (row["scenario"], row["users"]) == ("number=3, plan=b", "20")
    assert runs.metrics(tmp_path).is_empty()


def test_a_trained_cell_has_a_value_for_each_metric_and_users(tmp_path):
    trained(tmp_path, [learned.PROPOSED, "MAPPO"], number=3)
    table = runs.metrics(tmp_path)
    chosen = table.filter(method=learned.PROPOSED, users="12/10/10")
    assert {one["metric"]: one["value"] for one in chosen.to_dicts()} == {
        "throughput": 12.0,
        "delay": 0.5,
    }
    assert set(table["seed"]) == {3}
    assert set(table["step"]) == {15_000}
    assert table.filter(metric="throughput").height == 2 * len(learned.sweeps())
    once = table.filter(polars.col("metric").is_in(["score", "near_uav"])).sort("method", "metric")
    expected = [
        ("MAPPO", None, "score", 0.75),
        (learned.PROPOSED, "10/10/10", "near_uav", 2.0),
        (learned.PROPOSED, None, "score", 0.75),
    ]
    assert once.select("method", "users", "metric", "value").rows() == expected
    tasks = runs.nested(runs.chosen(tmp_path, ()))["slicing-learned"]
    assert len(tasks) == len(learned.sweeps())
    assert all(set(methods) == {learned.PROPOSED, "MAPPO"} for methods in tasks.values())
    metrics = [
        set(seed["absolute_metrics"])
        for methods in tasks.values()
        for seeds in methods.values()
        for seed in seeds.values()
    ]
    assert all(one == {"throughput", "delay"} for one in metrics), (
        "tasks that marl-eval compares have the same metrics"
    )


def test_a_cell_of_one_number_of_users_tells_it(tmp_path):
    trained(tmp_path, [learned.FIXED], amount="paper")
    table = runs.table(tmp_path, ["method=fixed UAVs"])
    assert set(table["users"]) == {"8/8/8", "10/10/10", "12/12/12", "14/14/14", "16/16/16"}
    assert table["scenario"].unique().len() == 1


def test_rewards_of_figure_3_are_steps(tmp_path):
    task = learned_rewards.cells(build_scenario("paper"), learned.AMOUNTS["standard"])[2]
    Store(tmp_path).put(
        task,
        {"slots": [500.0, 1000.0], "rewards": {"delay_1": [0.1, 0.2], "delay_2": [0.3, 0.4]}},
        0.0,
    )
    table = runs.metrics(tmp_path)
    assert table.select("method", "seed", "step", "metric", "value").rows()[:3] == [
        (learned.PROPOSED, 2, 500, "reward/delay_1", 0.1),
        (learned.PROPOSED, 2, 1000, "reward/delay_1", 0.2),
        (learned.PROPOSED, 2, 500, "reward/delay_2", 0.3),
    ]
    assert table.height == 4


def test_exports_agree(capsys, tmp_path):
    stored(tmp_path / "a")
    for ending in ("csv", "parquet", "json"):
        output(
            capsys,
            "runs",
            tmp_path / "a",
            "--where",
            "policy=random",
            "--export",
            tmp_path / f"x.{ending}",
        )
    flat = polars.read_parquet(tmp_path / "x.parquet")
    assert flat.equals(runs.metrics(tmp_path / "a", ["policy=random"]))
    assert (
        flat.height
        == polars.read_csv(tmp_path / "x.csv").height
        == 9 * 3 * len(kpis(build_scenario("paper")))
    )
    nested = json.loads((tmp_path / "x.json").read_text())
    ((_, algorithms),) = [item for item in nested["slicing"].items() if "users=4/4/4" in item[0]]
    assert set(algorithms) == {"random"}
    assert list(algorithms["random"]) == ["seed_0", "seed_1", "seed_2"]
    first = algorithms["random"]["seed_1"]
    assert set(first) == {"step_0", "absolute_metrics"}
    assert first["step_0"]["step_count"] == 2
    assert first["step_0"]["delay"] == first["absolute_metrics"]["delay"] == [5.0]
    assert "step_count" not in first["absolute_metrics"]
    assert algorithms["random"]["seed_2"]["step_0"]["delay"] == [None]


@pytest.mark.parametrize(
    "arguments", [("--where", "colour=red"), ("--where", "policy"), ("--export", "x.xlsx")]
)
def test_wrong_questions_are_answered_in_one_line(capsys, tmp_path, arguments):
    stored(tmp_path)
    assert run(["runs", str(tmp_path), *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


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
    assert read_toml(Scenario, tmp_path / "run" / "scenario.toml") == plan.scenario
    assert read_toml(Settings, tmp_path / "run" / "settings.toml") == plan.settings
    table = runs.table(tmp_path)
    assert table["state"].to_list() == ["damaged", "1 of 2 seeds"]
    assert table["method"].to_list() == [None, "maddpg"]
    assert "users.high_throughput=2" in table["scenario"][1]
    assert "iterations=200" in table["scenario"][1]
    seeds = next(iter(runs.nested(runs.chosen(tmp_path, ()))["training"].values()))["maddpg"]
    assert [seeds["seed_0"][f"step_{n}"]["step_count"] for n in (0, 1)] == [100, 200]
    assert seeds["seed_0"]["absolute_metrics"] == {"score": [0.7]}


def test_a_report_is_drawn_from_the_store_alone(capsys, tmp_path):
    tasks = stored(tmp_path)
    first = output(capsys, "report", tmp_path, "--json")
    assert len(json.loads(first.out)) == 5
    assert "points" not in first.err
    assert "loads" in json.loads((tmp_path / "provenance.json").read_text())
    made = (tmp_path / "figure-8.csv").read_bytes()
    for name in ("figure-8.csv", "figure-8.svg", "index.html", "claims.md"):
        (tmp_path / name).unlink()
    path = Store(tmp_path).path(tasks[0])
    path.write_text(path.read_text().replace("4.0", "9.0"))
    again = output(capsys, "report", tmp_path)
    assert "1 point not there yet" in again.err
    assert "1 point damaged" in again.err
    assert (tmp_path / "index.html").exists()
    assert (tmp_path / "figure-8.csv").read_bytes() != made


def test_a_report_shows_what_another_version_made_and_says_so(capsys, tmp_path):
    tasks = stored(tmp_path, version="0.0.9", source="old")
    assert (
        slicing_study.sweep(
            Store(tmp_path), slicing.FIGURES[0], "random", build_scenario("paper"), PROFILE
        )
        == []
    )
    told = output(capsys, "report", tmp_path).err
    assert (
        f"{len(tasks)} points made by another version or state of the source (sagin 0.0.9)" in told
    )
    assert json.loads((tmp_path / "provenance.json").read_text())[
        "cells of another version or source"
    ] == len(tasks)


def test_the_newest_of_several_versions_is_shown_unless_there_is_the_present_one(
    tmp_path, monkeypatch
):
    task, store = {"study": "s", "version": "3", "source": "c"}, Store(tmp_path)
    for version, source, day in (("2", "b", "02"), ("1", "a", "03")):
        made = {"seconds": 1.0, "finished": f"2026-01-{day}T00:00:00+00:00"}
        store.keep(
            {
                "task": {**task, "version": version, "source": source},
                "result": {"from": version},
                "provenance": made,
            }
        )
    assert Store(tmp_path).find(task) is None
    assert Store(tmp_path, any_source=True).find(task) == {"from": "1"}
    store.put(task, {"from": "3"}, 1.0)
    assert Store(tmp_path, any_source=True).find(task) == {"from": "3"}


def test_what_is_kept_of_a_study_adds_up_and_damage_is_refused(tmp_path):
    from sagin.report.old_reproduction import kept
    from sagin.report.slicing import REPRODUCTION

    studies, scenario = {"slicing": REPRODUCTION}, build_scenario("paper")
    for figure in (*slicing.FIGURES[:2], slicing.FIGURES[0]):
        keep(tmp_path, plain("slicing", [figure], scenario, PROFILE))
    _, figures, (name, mapping), profile = kept(tmp_path / KEPT, studies)
    assert (list(figures), name, profile) == (list(slicing.FIGURES[:2]), "slicing", PROFILE)
    assert read(Scenario, mapping) == scenario
    keep(tmp_path, plain("slicing", [slicing.FIGURES[0]], scenario, slicing.Profile(9, 9)))
    assert list(kept(tmp_path / KEPT, studies)[1]) == [slicing.FIGURES[0]]
    for damage in ("{", "[]", '{"study": "weather"}'):
        (tmp_path / KEPT).write_text(damage)
        with pytest.raises(StoreError, match="damaged"):
            kept(tmp_path / KEPT, studies)
