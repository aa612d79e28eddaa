"""Engines give the same numbers, lose nothing and do nothing twice, whoever is killed, stopped or
out of space.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from sagin.errors import InputError, StoreError
from sagin.experiments import engines
from sagin.experiments.engine_local import Local
from sagin.experiments.store import Store, asked, recorded
from sagin.machine import count_cores

TESTS = Path(__file__).parents[1]
LAUNCH = """
import sys, json
from pathlib import Path
from sagin.experiments import engines
from sagin.experiments.store import Store

def main(store, log, count, workers, seconds):
    tasks = [{"study": "squares", "number": n, "log": log, "seconds": float(seconds)} for n in range(int(count))]
    engine = engines.engine("local", int(workers))
    engines.fill(Store(Path(store)), tasks, "experiments.makers.square", lambda _: 1, lambda _: None, engine=engine)
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
    return engines.fill(
        store, tasks, f"experiments.makers.{maker}", lambda _: 1, advance, engine=engine
    )


def made(folder):
    """Return how often each number was made."""
    return Counter((folder / "made").read_text().split())


@pytest.fixture
def two():
    engine = Local(2)
    yield engine
    engine.stop()


@pytest.fixture
def launcher(tmp_path):
    """Start a process that fills a store; whatever of it is left is ended afterwards."""
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
    apart = [store.find(task) for task in tasks]
    in_turn, told = Store(tmp_path / "in turn"), []
    assert fill(in_turn, tasks, "square", None, told.append) == 4
    assert sum(told) == 4
    assert apart == [in_turn.find(task) for task in tasks]
    assert None not in apart
    assert made(tmp_path) == dict.fromkeys("0123", 2)
    assert not [path for path in store.cells.iterdir() if path.suffix != ".json"]


def test_a_store_that_is_complete_needs_no_worker(tmp_path):
    store, told = Store(tmp_path), []
    for task in numbered(3):
        store.put(task, {}, 0.0)
    engine = Local(2)
    engine.begin = None
    assert fill(store, numbered(3), "dies", engine, told.append) == 0
    assert sum(told) == 3


def test_what_a_dead_worker_had_is_given_out_again(tmp_path, two):
    store, told = Store(tmp_path), []
    assert fill(store, numbered(3), "dies_once", two, told.append) == 3
    assert [store.find(task) for task in numbered(3)] == [{"number": n} for n in range(3)]
    assert sum(told) == 3


def test_a_cell_that_ends_every_worker_is_given_up(tmp_path):
    with pytest.raises(StoreError, match=r"its worker ended 5 times without a result") as error:
        fill(Store(tmp_path), numbered(1), "dies", Local(2))
    assert "\n" not in str(error.value)
    assert not list(Store(tmp_path).cells.glob("*"))


def test_a_cell_is_given_up_with_what_was_said_of_its_last_worker(tmp_path):
    class Lost(engines.InTurn):
        def hear(self, seconds):
            (job, _), self._next = self._next, None
            return [engines.Outcome(job.name, lost="at last NodeDied: no room left")]

    with pytest.raises(
        StoreError, match=r"ended 5 times without a result, at last NodeDied: no room left$"
    ):
        fill(Store(tmp_path), numbered(1), "any", Lost())


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_cell_stops_the_rest_and_says_where(tmp_path, workers):
    with pytest.raises(ValueError, match=r"number [01]") as error:
        fill(Store(tmp_path), numbered(3), "fails", engines.engine("local", workers))
    assert workers == 1 or "in fails" in "".join(error.value.__notes__)
    assert not list(Store(tmp_path).cells.glob("*"))


def test_a_stop_saves_what_is_under_way_and_the_next_attempt_goes_on_from_there(tmp_path):
    store, tasks, told = Store(tmp_path), [{"study": "counts", "number": n} for n in (3, 400)], []

    def stopping(count):
        told.append(count)
        if sum(told) > 30:
            raise KeyboardInterrupt

    engine = Local(2)
    assert fill(store, tasks[:1], "saves", engine) == 1
    with pytest.raises(KeyboardInterrupt):
        fill(store, tasks, "saves", engine, stopping)
    assert store.find(tasks[0]) == {"count": 3, "began": 0}
    assert store.find(tasks[1]) is None
    saved = int((store.beside(tasks[1]) / "checkpoint").read_text())
    assert saved > 20
    assert fill(store, tasks, "saves", engine) == 1
    assert store.find(tasks[1]) == {"count": 400, "began": saved}
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
    assert [store.find(task) for task in tasks] == [whole.find(task) for task in tasks]


def test_two_launchers_share_a_store(tmp_path, launcher):
    store = Store(tmp_path / "store")
    both = [launcher(store.folder, 8, workers, 0.3) for workers in (1, 2)]
    for process in both:
        assert process.communicate(timeout=300)[1] == ""
    assert all(store.find(task) is not None for task in squares(tmp_path, 8, 0.3))
    assert made(tmp_path) == dict.fromkeys("01234567", 1)


def test_a_disk_that_is_full_is_said_in_one_line_and_spoils_nothing(tmp_path):
    import resource

    store, task = Store(tmp_path), {"study": "numbers", "number": 7, "log": str(tmp_path)}
    store.put(numbered(1)[0], {}, 0.0)
    before = {path: path.read_bytes() for path in store.cells.iterdir()}
    limits, handler = (
        resource.getrlimit(resource.RLIMIT_FSIZE),
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    engine = Local(1)
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
    assert {path: path.read_bytes() for path in store.cells.iterdir()} == before
    assert fill(store, [task], "square", None) == 1


def test_workers_share_out_the_cores(tmp_path):
    if count_cores() < 2:
        pytest.skip("one core")
    engine, store = Local(2), Store(tmp_path)
    tasks = [{"study": "who", "number": n} for n in range(2)]
    fill(store, tasks, "who", engine)
    engine.stop()
    found = [store.find(task) for task in tasks]
    assert not set(found[0]["cores"]) & set(found[1]["cores"])
    assert all(("multi_thread_eigen=false" in one["flags"]) == (count_cores() < 4) for one in found)
    assert not any(one["jax"] for one in found)


def test_a_worker_of_another_source_is_refused(tmp_path):
    task = {**asked("numbers", number=1), "source": "other"}
    with pytest.raises(StoreError, match="another one than the launcher's"):
        fill(Store(tmp_path), [task], "fails", None)


def test_a_claim_is_one_processs_until_it_ends(tmp_path):
    store, task = Store(tmp_path), numbered(1)[0]
    first = store.claim(task)
    assert first is not None
    assert store.claim(task) is None
    assert Store(tmp_path).claim(task) is None
    first.end()
    again = store.claim(task)
    assert again is not None
    again.end()
    assert not list(store.cells.iterdir())


def test_options_that_fit_no_engine_are_refused(monkeypatch):
    with pytest.raises(InputError, match="--address head:6379"):
        engines.engine("local", 2, "head:6379")
    monkeypatch.setattr("sagin.experiments.engine_ray.installed", lambda _: False)
    with pytest.raises(InputError, match=r"sagin\[ray\]"):
        engines.engine("ray")


def test_by_default_one_worker_a_gpu_or_a_core(monkeypatch):
    from sagin.experiments import engine_local

    monkeypatch.setattr("sagin.machine.count_cores", lambda: 64)
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    monkeypatch.setattr(engine_local, "installed", lambda _: False)
    assert engines.engine("local").workers == engines.MOST
    monkeypatch.setattr(engine_local, "installed", lambda _: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3,5")
    assert engine_local.devices() == ["1", "3", "5"]
    assert engines.engine("local").workers == 3
    assert isinstance(engines.engine("local", 1), engines.InTurn)


def test_a_worker_keeps_to_its_programs(tmp_path):
    """Two kinds of tasks, given in turns: each worker is to meet one kind as far as it can."""
    order = []

    class Two(engines.InTurn):
        """Two workers that end in turns."""

        def __init__(self):
            self.jobs = []

        def room(self):
            return 2 - len(self.jobs)

        def begin(self, job, tell):
            order.append(job.task["kind"])
            self.jobs.append(job)

        def hear(self, seconds):
            job = self.jobs.pop(0)
            return [engines.Outcome(job.name, recorded(job.task, {}, 0.0))]

        def stop(self):
            return []

    tasks = [asked("kinds", kind=kind, number=number) for number in range(4) for kind in "abc"]
    engines.fill(
        Store(tmp_path),
        tasks,
        "any",
        lambda _: 1,
        lambda _: None,
        engine=Two(),
        program=lambda task: task["kind"],
    )
    assert "".join(order) == "ababababcccc"
