"""A Ray cluster of several nodes on this machine gives the same numbers, also if a node is killed;
needs `sagin[ray]`.
"""

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from sagin.errors import InputError
from sagin.machine import list_descendants
from sagin.studies.collection import fill
from sagin.studies.engine import build_engine
from sagin.studies.figure import Point
from sagin.studies.record import to_plain
from sagin.studies.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
TESTS = Path(__file__).parents[1]


@pytest.fixture
def cluster(monkeypatch):
    """A head and two further nodes of one core each."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent / "src")]))
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    ray.shutdown()
    made.shutdown()


def kill_one(cluster):
    """Kill a node that isn't the head and through which the launcher isn't connected."""
    import ray

    mine = ray._private.worker.global_worker.node._raylet_socket_name
    cluster.remove_node(
        next(node for node in cluster.worker_nodes if node._raylet_socket_name != mine),
        allow_graceful=False,
    )


def test_a_study_outlives_a_node(cluster, tmp_path):
    tasks = [
        {"study": "squares", "number": number, "log": str(tmp_path), "seconds": 2.0}
        for number in range(9)
    ]
    store, told, gone = Store(tmp_path / "cluster"), [], []

    def advance(count):
        told.append(count)
        if (
            not gone
            and len((tmp_path / "made").read_text().split() if (tmp_path / "made").exists() else [])
            >= 4
        ):
            gone.append(kill_one(cluster))

    crew = build_engine("ray", address=cluster.address)
    try:
        points = [Point(task, 1) for task in tasks]
        assert fill(store, points, "studies.makers.square", advance, engine=crew) == 9
    finally:
        crew.stop()
    assert gone
    assert sum(told) == 9
    begun = Counter((tmp_path / "made").read_text().split())
    assert set(begun) == set("012345678")
    # what the node was at has been begun twice
    assert 9 <= begun.total() <= 11
    assert len(list(store.records.iterdir())) == 9
    here = Store(tmp_path / "here")
    fill(here, points, "studies.makers.square", lambda _: None)
    both = [[to_plain(place.find(task)) for task in tasks] for place in (store, here)]
    assert both[0] == both[1]


def test_an_address_where_nobody_answers():
    pytest.importorskip("ray")
    crew = build_engine("ray", address="127.0.0.1:1")
    with pytest.raises(InputError, match=r"--address 127\.0\.0\.1:1: no Ray cluster answers"):
        crew.room()


@pytest.mark.parametrize("maker", ["fails", "stops"])
def test_errors_and_stops_leave_nothing_behind(cluster, tmp_path, maker):
    def advance(count):
        if maker == "stops":
            raise KeyboardInterrupt

    store, tasks = Store(tmp_path), [{"study": "numbers", "number": number} for number in range(2)]
    points = [Point(task, 1) for task in tasks]
    crew = build_engine("ray", workers=1, address=cluster.address)
    try:
        with pytest.raises(KeyboardInterrupt if maker == "stops" else ValueError):
            fill(store, points, "studies.makers.fails", advance, engine=crew)
    finally:
        crew.stop()
    assert not list(store.records.iterdir())


def test_a_cluster_of_ones_own_is_for_this_machine_alone_and_outlives_a_worker(
    tmp_path, monkeypatch
):
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent / "src")]))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    before = set(list_descendants())
    crew = build_engine("ray", workers=1)
    try:
        try:
            assert crew.room() == 1
        except InputError as error:  # on a machine that is too busy
            assert not set(list_descendants()) - before
            pytest.skip(str(error))
        assert [node["NodeManagerAddress"] for node in ray.nodes()] == ["127.0.0.1"]
        assert not ray._private.worker.global_worker.node.webui_url
        assert os.environ["RAY_AUTH_MODE"] == "token"
        store, point = Store(tmp_path / "store"), Point({"study": "numbers", "number": 7}, 1)
        assert fill(store, [point], "studies.makers.dies_once", lambda _: None, engine=crew) == 1
        assert len(list(store.records.glob("*.json"))) == 1
    finally:
        crew.stop()
    deadline = time.monotonic() + 30
    while set(list_descendants()) - before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not set(list_descendants()) - before
