"""The store finds finished results while their behaviour is unchanged, and survives damage, kills
and a full disk.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from sagin.errors import StoreError
from sagin.files import compute_digest, write_atomically
from sagin.provenance import SETTINGS, read_settings
from sagin.studies import store as rooms
from sagin.studies.record import Result, make_sample, to_plain
from sagin.studies.store import Store, build_task, read_result

TASK = {"study": "relaying", "users": 20, "seed": 0}
RESULT = Result([make_sample("cud", "capacity", [1.0, 2.5])], {"trace": [1]})


def test_a_finished_result_is_found_again(tmp_path):
    store = Store(tmp_path)
    assert store.find(TASK) is None
    store.put(TASK, RESULT, 1.0)
    assert to_plain(Store(tmp_path).find(dict(reversed(TASK.items())))) == to_plain(RESULT)
    assert store.find({**TASK, "seed": 1}) is None
    assert [stored.task for stored in store.results()] == [TASK]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("2.5", "9.5"),
        lambda text: "[]",
        lambda text: "",
        lambda text: '{"digest": "x", "a": NaN}',
        lambda text: "[" * 200_000,
    ],
)
def test_a_damaged_result_counts_as_missing(tmp_path, damage):
    store = Store(tmp_path)
    store.put(TASK, RESULT, 1.0)
    path = store.path(TASK)
    path.write_text(damage(path.read_text()))
    assert store.find(TASK) is None
    assert list(store.results()) == []
    store.put(TASK, RESULT, 1.0)
    assert to_plain(store.find(TASK)) == to_plain(RESULT)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_killed_writer_leaves_only_whole_files(tmp_path):
    code = (
        "import sys; from pathlib import Path; from sagin.files import write_atomically\n"
        "n = 0\n"
        "while True:\n"
        "    data = b'[' + b'1,' * 50000 + str(n).encode() + b']'\n"
        "    write_atomically(Path(sys.argv[1]) / f'{n % 7}.json', data); n += 1\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.json"))) < 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    files = list(tmp_path.glob("*.json"))
    assert len(files) == 7
    assert all(len(json.loads(path.read_text())) == 50001 for path in files)


def old_content(task):
    """Return the file of a result as sagin 0.1.0 wrote it."""
    content = {"task": task, "result": {"samples": {"delay": [1.0]}}, "provenance": {}}
    return {**content, "digest": compute_digest(content)}


def test_files_are_told_apart(tmp_path):
    store = Store(tmp_path)
    path = store.path(TASK)
    assert read_result(path) == "missing"
    path.parent.mkdir()
    path.write_text(json.dumps(old_content(TASK)))
    assert read_result(path) == "old"
    assert store.find(TASK) is None
    path.write_text("{")
    assert read_result(path) == "damaged"
    content = {"schema": 2, "task": TASK, "result": {"schema": 2}, "provenance": {}}
    path.write_text(json.dumps({**content, "digest": compute_digest(content)}))
    assert read_result(path) == "damaged"
    store.put(TASK, RESULT)
    assert to_plain(read_result(path).result) == to_plain(RESULT)


def test_a_task_is_what_is_asked_who_answers_and_what_changes_numbers(monkeypatch):
    maker = "studies.makers.square"
    task = build_task("squares", maker, number=3)
    assert set(task) == {"study", "number", "version", "behaviour", "settings"}
    assert task == build_task("squares", maker, number=3)
    assert task["behaviour"] != build_task("squares", maker, ["sagin.units"], number=3)["behaviour"]
    monkeypatch.setattr(rooms, "__version__", "99")
    assert build_task("squares", maker, number=3)["version"] == "99"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"JAX_ENABLE_X64": "true", "JAX_DEFAULT_PRNG_IMPL": "rbg"},
        {"JAX_THREEFRY_PARTITIONABLE": "0", "JAX_DEFAULT_MATMUL_PRECISION": "highest"},
    ],
)
def test_settings_are_those_of_jax_whether_it_is_loaded_or_not(environment):
    code = (
        "import json\nfrom sagin.provenance import read_settings\nbefore = read_settings()\n"
        "import jax\nprint(json.dumps([before, read_settings()]))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAX")}
    output = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    before, after = json.loads(output)
    assert before == after
    assert sum(after[name] != default for name, default in SETTINGS.items()) == len(environment)
    assert set(read_settings()) == set(SETTINGS)


NEW = {"version": "2", "behaviour": "b"}


def test_results_are_found_by_the_behaviour_that_made_them_alone(tmp_path):
    task = {**TASK, **NEW}
    Store(tmp_path).put({**task, "behaviour": "a"}, RESULT)
    assert Store(tmp_path).find(task) is None
    assert to_plain(Store(tmp_path, any_source=True).find(task)) == to_plain(RESULT)


def test_a_stamp_makes_results_of_a_former_behaviour_valid(tmp_path):
    former = {"version": "1", "behaviour": "a"}
    task, store = {**TASK, **NEW}, Store(tmp_path)
    store.put({**TASK, **former}, RESULT)
    assert store.locate_folder(task) == store.path(task).with_suffix("")
    store.add_stamp({"study": "another", "present": NEW, "former": former})
    assert store.find(task) is None
    store.add_stamp({"study": TASK["study"], "present": NEW, "former": former})
    for place in (store, Store(tmp_path)):
        assert to_plain(place.find(task)) == to_plain(RESULT)
        assert place.locate_folder(task) == place.path({**TASK, **former}).with_suffix("")
        assert place.find({**task, "behaviour": "c"}) is None
        assert place.find({**task, "users": 21}) is None
    (tmp_path / rooms.STAMPS).write_text("[")
    assert Store(tmp_path).find(task) is None


def test_stamps_are_written_by_one_process_at_a_time(tmp_path):
    from sagin.files import Lock

    lock = Lock.acquire(tmp_path / f"{rooms.STAMPS}.lock")
    with pytest.raises(StoreError, match="another process is writing it"):
        Store(tmp_path).add_stamp({"study": "s", "present": NEW, "former": NEW})
    lock.release()
    Store(tmp_path).add_stamp({"study": "s", "present": NEW, "former": NEW})


def test_the_newest_of_several_behaviours_is_shown_unless_there_is_the_present_one(tmp_path):
    task, store = {"study": "s", "version": "3", "behaviour": "c"}, Store(tmp_path)
    for version, day in (("2", "02"), ("1", "03")):
        result = Result([make_sample("m", "version", float(version))])
        made = {"seconds": 1.0, "finished": f"2026-01-{day}T00:00:00+00:00"}
        store.keep(rooms.encode_result({**task, "version": version}, result, made))

    def version():
        return Store(tmp_path, any_source=True).find(task).samples[0].values[0, 0]

    assert Store(tmp_path).find(task) is None
    assert version() == 1.0
    store.put(task, Result([make_sample("m", "version", 3.0)]))
    assert version() == 3.0
