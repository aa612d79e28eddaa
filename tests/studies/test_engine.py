"""All engines give the same numbers and compute each task once, through kills, stops and full
disks.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from sagin import pool
from sagin.errors import InputError, StoreError
from sagin.machine import count_cores
from sagin.pool import Completion, Pool, Sequential
from sagin.studies import collection, ray
from sagin.studies.engine import build_engine
from sagin.studies.figure import Point
from sagin.studies.record import Result
from sagin.studies.store import Store, build_task, encode_result

TESTS = Path(__file__).parents[1]
LAUNCH = """
import sys
from pathlib import Path
from sagin.studies.collection import fill
from sagin.studies.engine import build_engine
from sagin.studies.figure import Point
from sagin.studies.store import Store

def main(store, log, count, workers, seconds):
    shared = {"study": "squares", "log": log, "seconds": float(seconds)}
    tasks = [{"number": n, **shared} for n in range(int(count))]
    engine = build_engine("local", int(workers))
    points = [Point(task, 1) for task in tasks]
    fill(Store(Path(store)), points, "studies.makers.square", lambda _: None, engine=engine)
    print("jax" in sys.modules)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


def squares(folder, count, seconds=0.0):
    return [
        {"study": "squares", "number": n, "log": str(folder), "seconds": seconds}
        for n in range(count)
    ]


def numbered(count):
    return [{"study": "numbers", "number": n} for n in range(count)]


def fill(store, tasks, maker, engine, advance=lambda _: None):
    points = [Point(task, 1) for task in tasks]
    return collection.fill(store, points, f"studies.makers.{maker}", advance, engine=engine)


def plain(store, task):
    """Return the numbers of a stored result by metric, or None if it is missing."""
    result = store.find(task)
    return result and {sample.metric: float(sample.values[0, 0]) for sample in result.samples}


def made(folder):
    """Return how often each number was computed."""
    return Counter((folder / "made").read_text().split())


@pytest.fixture
def two():
    engine = Pool(2)
    yield engine
    engine.stop()


@pytest.fixture
def launcher(tmp_path):
    """Start a process that fills a store; its remaining processes are ended afterwards."""
    script = tmp_path / "launch.py"
    script.write_text(LAUNCH)
    begun = []

    def start(store, count, workers, seconds=0.0, **options):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")]),
        }
        arguments = [
            sys.executable,
            str(script),
            str(store),
            str(tmp_path),
            *map(str, (count, workers, seconds)),
        ]
        process = subprocess.Popen(
            arguments,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def until(condition, seconds=120):
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_give_the_numbers_of_one_process_and_the_launcher_loads_no_jax(tmp_path, launcher):
    store, tasks = Store(tmp_path / "beside"), squares(tmp_path, 4)
    process = launcher(store.folder, 4, 2)
    assert process.communicate(timeout=300)[0].strip() == "False"
    apart = [plain(store, task) for task in tasks]
    in_turn, told = Store(tmp_path / "in turn"), []
    assert fill(in_turn, tasks, "square", None, told.append) == 4
    assert sum(told) == 4
    assert apart == [plain(in_turn, task) for task in tasks]
    assert None not in apart
    assert made(tmp_path) == dict.fromkeys("0123", 2)
    assert not [path for path in store.records.iterdir() if path.suffix != ".json"]


def test_a_store_that_is_complete_needs_no_worker(tmp_path):
    store, told = Store(tmp_path), []
    for task in numbered(3):
        store.put(task, Result([]))
    engine = Pool(2)
    engine.begin = None
    assert fill(store, numbered(3), "dies", engine, told.append) == 0
    assert sum(told) == 3


def test_what_a_dead_worker_had_is_given_out_again(tmp_path, two):
    store, told = Store(tmp_path), []
    assert fill(store, numbered(3), "dies_once", two, told.append) == 3
    assert [plain(store, task) for task in numbered(3)] == [{"number": n} for n in range(3)]
    assert sum(told) == 3


def test_a_task_that_ends_every_worker_is_given_up(tmp_path):
    with pytest.raises(StoreError, match=r"its worker ended 5 times without a result") as error:
        fill(Store(tmp_path), numbered(1), "dies", Pool(2))
    assert "\n" not in str(error.value)
    assert not list(Store(tmp_path).records.glob("*"))


def test_a_task_is_given_up_with_what_was_said_of_its_last_worker(tmp_path):
    class Lost(Sequential):
        def listen(self, seconds):
            (job, _), self._next = self._next, None
            return [Completion(job.name, lost="NodeDied: no room left")]

    with pytest.raises(
        StoreError,
        match=r"ended 5 times without a result; the last reason: NodeDied: no room left$",
    ):
        fill(Store(tmp_path), numbered(1), "any", Lost())


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_task_stops_the_rest_and_says_where(tmp_path, workers):
    with pytest.raises(ValueError, match=r"number [01]") as error:
        fill(Store(tmp_path), numbered(3), "fails", build_engine("local", workers))
    assert workers == 1 or "in fails" in "".join(error.value.__notes__)
    assert not list(Store(tmp_path).records.glob("*"))


def test_a_stop_saves_what_is_under_way_and_the_next_attempt_goes_on_from_there(tmp_path):
    store, tasks, told = Store(tmp_path), [{"study": "counts", "number": n} for n in (3, 400)], []

    def stopping(count):
        told.append(count)
        if sum(told) > 30:
            raise KeyboardInterrupt

    engine = Pool(2)
    assert fill(store, tasks[:1], "saves", engine) == 1
    with pytest.raises(KeyboardInterrupt):
        fill(store, tasks, "saves", engine, stopping)
    assert plain(store, tasks[0]) == {"count": 3, "began": 0}
    assert store.find(tasks[1]) is None
    saved = int((store.locate_folder(tasks[1]) / "checkpoint").read_text())
    assert saved > 20
    assert fill(store, tasks, "saves", engine) == 1
    assert plain(store, tasks[1]) == {"count": 400, "began": saved}
    engine.stop()


@pytest.mark.parametrize("finished", [0, 1, 3])
def test_a_killed_launcher_leaves_no_worker_and_its_successor_ends_with_the_same_numbers(
    tmp_path, launcher, finished
):
    store, tasks = Store(tmp_path / "store"), squares(tmp_path, 5, 0.3)
    process = launcher(store.folder, 5, 2, 0.3)
    until(lambda: (tmp_path / "made").exists() and len(store.paths()) >= finished)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    kept = {path: path.read_bytes() for path in store.paths()}
    until(
        lambda: (
            not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers)
        )
    )
    assert fill(store, tasks, "square", None) == 5 - len(kept)
    assert all(path.read_bytes() == content for path, content in kept.items())
    whole = Store(tmp_path / "whole")
    fill(whole, tasks, "square", None)
    assert [plain(store, task) for task in tasks] == [plain(whole, task) for task in tasks]


def test_two_launchers_share_a_store(tmp_path, launcher):
    store = Store(tmp_path / "store")
    both = [launcher(store.folder, 8, workers, 0.3) for workers in (1, 2)]
    for process in both:
        assert process.communicate(timeout=300)[1] == ""
    assert all(store.find(task) is not None for task in squares(tmp_path, 8, 0.3))
    assert made(tmp_path) == dict.fromkeys("01234567", 1)


def test_a_disk_that_is_full_is_said_in_one_line_and_spoils_nothing(tmp_path, monkeypatch):
    import resource

    # Python would cut its byte code short for good
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    store, task = Store(tmp_path), {"study": "numbers", "number": 7, "log": str(tmp_path)}
    store.put(numbered(1)[0], Result([]))
    before = {path: path.read_bytes() for path in store.records.iterdir()}
    limits, handler = (
        resource.getrlimit(resource.RLIMIT_FSIZE),
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    engine = Pool(1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(
            StoreError, match="can't be written: File too large; what was stored before is kept"
        ):
            fill(store, [task], "square", engine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
        engine.stop()
    assert {path: path.read_bytes() for path in store.records.iterdir()} == before
    assert fill(store, [task], "square", None) == 1


def test_workers_share_out_the_cores(tmp_path):
    if count_cores() < 2:
        pytest.skip("one core")
    engine, store = Pool(2), Store(tmp_path)
    tasks = [{"study": "who", "number": n} for n in range(2)]
    fill(store, tasks, "who", engine)
    engine.stop()
    found = [store.find(task).extra for task in tasks]
    assert not set(found[0]["cores"]) & set(found[1]["cores"])
    assert all(one["flags"] == os.environ.get("XLA_FLAGS", "") for one in found)
    assert not any(one["jax"] for one in found)


def test_a_worker_of_another_source_is_refused(tmp_path):
    task = {**build_task("numbers", "studies.makers.fails", number=1), "behaviour": "other"}
    with pytest.raises(StoreError, match="differs from the launcher's"):
        fill(Store(tmp_path), [task], "fails", None)


def test_a_lock_is_of_one_process_until_it_is_released(tmp_path):
    store, task = Store(tmp_path), numbered(1)[0]
    first = store.lock(task)
    assert first is not None
    assert store.lock(task) is None
    assert Store(tmp_path).lock(task) is None
    first.release()
    again = store.lock(task)
    assert again is not None
    again.release()
    assert not list(store.records.iterdir())


def test_options_that_fit_no_engine_are_refused(monkeypatch):
    with pytest.raises(InputError, match="--address head:6379"):
        build_engine("local", 2, "head:6379")
    monkeypatch.setattr("sagin.studies.ray.is_installed", lambda _: False)
    with pytest.raises(InputError, match=r"sagin\[ray\]"):
        build_engine("ray")


def test_by_default_one_worker_a_gpu_or_a_core(monkeypatch):
    monkeypatch.setattr(pool, "count_cores", lambda: 64)
    monkeypatch.setattr(pool, "measure_memory", lambda: 2**40)
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    monkeypatch.setattr(pool, "is_installed", lambda _: False)
    assert build_engine("local").workers == pool.MAX_WORKERS
    monkeypatch.setattr(pool, "measure_memory", lambda: 2 * pool.WORKER_BYTES + 1)
    assert build_engine("local").workers == 2
    monkeypatch.setattr(pool, "is_installed", lambda _: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3,5")
    assert pool.list_devices() == ["1", "3", "5"]
    assert build_engine("local").workers == 3
    assert isinstance(build_engine("local", 1), Sequential)


def test_a_worker_keeps_to_its_programs(tmp_path):
    """Two kinds of tasks, given in turns: each worker is to meet one kind as far as it can."""
    order = []

    class Two(Sequential):
        """Two workers that end in turns."""

        def __init__(self):
            self.jobs = []

        def room(self):
            return 2 - len(self.jobs)

        def begin(self, job, tell):
            order.append(job.argument["task"]["kind"])
            self.jobs.append(job)

        def listen(self, seconds):
            job = self.jobs.pop(0)
            content = encode_result(job.argument["task"], Result([]), {})
            return [Completion(job.name, content)]

        def stop(self):
            return []

    tasks = [{"study": "s", "kind": kind, "number": n} for n in range(4) for kind in "abc"]
    points = [Point(task, 1, task["kind"]) for task in tasks]
    collection.fill(Store(tmp_path), points, "any", lambda _: None, engine=Two())
    assert "".join(order) == "ababababcccc"


def test_a_worker_computes_with_the_settings_of_the_task(tmp_path, two):
    """A launcher with other settings than its environment's gets what it would compute itself."""
    import jax

    jax.config.update("jax_enable_x64", True)
    try:
        task = build_task("numbers", "studies.makers.precise", number=1)
    finally:
        jax.config.update("jax_enable_x64", False)
    assert task["settings"]["jax_enable_x64"]
    for engine, number in ((two, 1), (None, 2)):
        fill(Store(tmp_path), [{**task, "number": number}], "precise", engine)
        third = plain(Store(tmp_path), {**task, "number": number})["third"]
        assert abs(third - 1 / 3) < 1e-9
    assert not jax.config.jax_enable_x64


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(StoreError, match="nothing: returned a dict"):
        fill(Store(tmp_path), numbered(1), "nothing", None)


def test_a_start_of_ray_that_fails_is_one_line_and_leaves_nothing(monkeypatch):
    started = []

    def fail(*_, **settings):
        assert settings["_node_ip_address"] == "127.0.0.1"
        assert settings["include_dashboard"] is False
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        raise Exception("The current node timed out\nduring startup")

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=fail, shutdown=bool))
    monkeypatch.setattr(ray, "is_installed", lambda name: True)
    with pytest.raises(InputError, match="does not start on this machine: The current node timed"):
        ray.RayCluster().room()
    assert started[0].wait(timeout=10) == -signal.SIGKILL
