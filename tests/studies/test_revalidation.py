"""A renamed function is revalidated and stamped; a changed number is found and named."""

import sys

import pytest

from sagin.studies import digest, store
from sagin.studies.collection import fill
from sagin.studies.figure import Point
from sagin.studies.revalidation import MIN_RECORDS, repeat_result, revalidate_store
from sagin.studies.store import Store, build_task

MAKER = """
from sagin.studies.record import Result, make_sample

def {name}(number):
    return {factor} * number

def make(task, advance, folder):
    with open(task["log"], "a") as log:
        log.write("made ")
    advance(1)
    values = [{name}(task["number"]), float("nan")]
    return Result([make_sample("rule", "delay", values)], {{"trace": [task["number"]]}})
"""
HOOK = """
def revalidate(task, folder, result):
    if task["number"] != 3:
        return None
    return Result([make_sample("rule", "delay", {values})], {extra})
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A package with a maker, written anew with another text."""
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "lib" / "toymaker").mkdir(parents=True)

    def write(name="compute", factor=2.0, more=""):
        text = MAKER.format(name=name, factor=factor) + more
        (tmp_path / "lib" / "toymaker" / "rows.py").write_text(text)
        for module in ("toymaker", "toymaker.rows"):
            sys.modules.pop(module, None)
        digest.present_behaviour.cache_clear()
        digest._find_package.cache_clear()

    write()
    yield write
    for module in ("toymaker", "toymaker.rows"):
        sys.modules.pop(module, None)


def list_points(log, count=10):
    maker = "toymaker.rows.make"
    return [
        Point(build_task("toy", maker, number=number, log=str(log)), 1, f"program {number % 2}")
        for number in range(count)
    ]


def fill_store(tmp_path):
    place, points = Store(tmp_path / "store"), list_points(tmp_path / "log")
    assert fill(place, points, "toymaker.rows.make", lambda _: None) == 10
    (tmp_path / "log").write_text("")
    return place


def count_made(tmp_path):
    return len((tmp_path / "log").read_text().split())


def test_a_renamed_function_is_revalidated_and_stamped(tmp_path, toy):
    place = fill_store(tmp_path)
    assert revalidate_store(place) == []
    former = list_points(tmp_path / "log")
    toy(name="renamed")
    present = list_points(tmp_path / "log")
    assert place.find(present[0].task) is None
    (entry,) = revalidate_store(place)
    assert (entry.study, entry.results, entry.repeated) == ("toy", 10, 2 * MIN_RECORDS)
    assert (entry.difference, entry.exact) == (None, True)
    assert count_made(tmp_path) == 2 * MIN_RECORDS
    (stamp,) = place.stamps
    assert stamp["former"]["behaviour"] == former[0].task["behaviour"]
    assert (stamp["tolerance"], stamp["repeated"]) == (0.0, 6)
    assert fill(place, present, "toymaker.rows.make", lambda _: None) == 0
    assert all(Store(place.folder).find(point.task) is not None for point in present)
    assert revalidate_store(place) == []


def test_a_changed_number_is_found_and_named(tmp_path, toy):
    place = fill_store(tmp_path)
    toy(factor=2.5)
    (entry,) = revalidate_store(place)
    number = entry.difference.task["number"]
    assert (entry.difference.method, entry.difference.metric) == ("rule", "delay")
    assert (entry.difference.stored, entry.difference.new) == (2.0 * number, 2.5 * number)
    assert "delay of rule: stored" in entry.difference.describe()
    assert f"number={number}" in entry.difference.describe()
    assert place.stamps == []
    assert place.find(list_points(tmp_path / "log")[1].task) is None


def test_a_maker_that_has_moved_is_told_by_its_study(tmp_path, toy):
    place = fill_store(tmp_path)
    source = tmp_path / "lib" / "toymaker" / "rows.py"
    source.rename(source.with_name("moved.py"))
    for module in ("toymaker", "toymaker.rows"):
        sys.modules.pop(module, None)
    (gone,) = revalidate_store(place)
    assert (gone.repeated, gone.difference.metric) == (0, "maker")
    assert place.stamps == []
    (entry,) = revalidate_store(place, {"toy": "toymaker.moved.make"}, share=1.0)
    assert (entry.repeated, entry.difference) == (10, None)


@pytest.mark.parametrize(
    ("jax", "parts", "exact"),
    [
        (None, ("[6.0, float('nan')]", {}), True),
        ("0.0", ("[6.00001, float('nan')]", {"trace": [9]}), False),
        ("0.0", ("[6.001, float('nan')]", {}), None),
        (None, ("[6.00001, float('nan')]", {}), None),
        (None, ("[6.0, float('nan')]", {"trace": [9]}), None),
    ],
)
def test_a_maker_may_check_its_dear_results_another_way(
    tmp_path, toy, monkeypatch, jax, parts, exact
):
    """Bit for bit on the same machine, within 1e-5 under another version of jax."""
    if jax is not None:
        describe = store.collect_provenance
        monkeypatch.setattr(store, "collect_provenance", lambda: {**describe(), "jax": jax})
    place = fill_store(tmp_path)
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    values, extra = parts
    toy(more=HOOK.format(values=values, extra=extra))
    (entry,) = revalidate_store(place, share=1.0)
    assert count_made(tmp_path) == 9
    if exact is None:
        assert entry.difference.task["number"] == 3
        assert place.stamps == []
    else:
        assert entry.difference is None
        assert entry.exact == exact
        assert place.stamps[0]["tolerance"] == (0.0 if exact else 1e-5)


def test_a_repeated_result_leaves_the_stored_folder_alone(tmp_path, toy):
    task = list_points(tmp_path / "log")[1].task
    plain = {"schema": 2, "samples": [], "extra": {}}
    argument = {"maker": "toymaker.rows.make", "task": task, "result": plain}
    folder = tmp_path / "beside"
    repeated = repeat_result({**argument, "scratch": str(tmp_path / "s")}, lambda _: None, folder)
    assert repeated["result"]["samples"][0]["values"] == [[2.0], ["nan"]]
    assert not repeated["partial"]
    assert not folder.exists()
