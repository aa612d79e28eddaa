"""Each task is computed once, and a table contains all stored numbers, each at its point."""

import math

import pytest

from sagin.studies.collection import collect, fill, missing, provenance
from sagin.studies.figure import Point
from sagin.studies.record import Result, make_sample
from sagin.studies.store import Store

POINTS = [Point({"study": "numbers", "number": n}, 3, x=x) for n, x in ((1, 10.0), (2, 20.0))]


def test_a_task_of_several_points_is_done_once(tmp_path):
    store, steps = Store(tmp_path), []
    points = [POINTS[0], POINTS[1], POINTS[0]]
    log = [point._replace(task={**point.task, "log": str(tmp_path)}, steps=1) for point in points]
    assert fill(store, log, "studies.makers.square", steps.append) == 2
    assert sorted((tmp_path / "made").read_text().split()) == ["1", "2"]
    assert sum(steps) == 2


def test_a_table_has_what_is_there_at_the_x_of_its_point(tmp_path):
    store = Store(tmp_path)
    own = [make_sample("m", "reward", [0.5], x=500.0), make_sample("m", "reward", [0.75], x=1000.0)]
    store.put(POINTS[1].task, Result([make_sample("m", "delay", [0.1, math.nan]), *own]))
    assert missing(store, POINTS) == POINTS[:1]
    table = collect(store, POINTS)
    assert table.points("m", "delay") == [20.0]
    assert table.values("m", "delay", 20.0)[0].tolist() == [0.1]
    assert math.isnan(table.values("m", "delay", 20.0)[1][0])
    assert table.points("m", "reward") == [500.0, 1000.0]
    store.put(POINTS[0].task, Result([make_sample("m", "delay", [0.2, 0.3])]))
    assert missing(store, POINTS) == []
    assert collect(store, POINTS).points("m", "delay") == [10.0, 20.0]


def test_common_provenance_is_a_list_where_results_differ(tmp_path):
    store = Store(tmp_path)
    assert provenance(store, [POINTS[0].task]) == {"records": 0, "seconds": 0}
    for point, seconds in zip(POINTS, (1.0, 2.5), strict=True):
        store.put(point.task, Result([]), seconds)
    path = store.path(POINTS[1].task)
    from sagin.studies.store import encode_result, read_result

    stored = read_result(path)
    store.keep(encode_result(stored.task, stored.result, {**stored.provenance, "jax": "0.0"}))
    common = provenance(store, [point.task for point in POINTS])
    assert (common["records"], common["seconds"]) == (2, 3.5)
    assert common["jax"][0] == "0.0"
    assert len(common["jax"]) == 2
    assert isinstance(common["numpy"], str)


@pytest.mark.parametrize("fields", [{"behaviour": "old"}, {"version": "0.0"}])
def test_results_of_another_behaviour_are_counted(tmp_path, fields):
    task = {"study": "s", "version": "1", "behaviour": "new", "number": 1}
    Store(tmp_path).put({**task, **fields}, Result([]), 1.0)
    assert provenance(Store(tmp_path), [task])["records"] == 0
    common = provenance(Store(tmp_path, any_source=True), [task])
    assert common["records of another version or behaviour"] == 1
