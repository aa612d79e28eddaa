"""The store finds finished cells again as long as the code is the same, and survives damage, kills
and a full disk.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sagin
from sagin.errors import StoreError
from sagin.experiments import store
from sagin.experiments.store import Store, source_digest
from sagin.files import write_atomically

TASK = {"study": "relaying", "users": 20, "seed": 0}
RESULT = {"capacity": [1.0, 2.5]}


def test_a_finished_cell_is_found_again(tmp_path):
    store = Store(tmp_path)
    assert store.find(TASK) is None
    store.put(TASK, RESULT, 1.0)
    assert Store(tmp_path).find(dict(reversed(TASK.items()))) == RESULT
    assert store.find({**TASK, "seed": 1}) is None
    assert [record["task"] for record in store.records()] == [TASK]


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
def test_a_damaged_cell_counts_as_missing(tmp_path, damage):
    store = Store(tmp_path)
    store.put(TASK, RESULT, 1.0)
    path = store.path(TASK)
    path.write_text(damage(path.read_text()))
    assert store.find(TASK) is None
    assert list(store.records()) == []
    store.put(TASK, RESULT, 1.0)
    assert store.find(TASK) == RESULT


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


def test_a_killed_writer_leaves_only_whole_cells(tmp_path):
    code = (
        "import sys; from pathlib import Path; from sagin.files import write_atomically\n"
        "n = 0\n"
        "while True:\n"
        "    write_atomically(Path(sys.argv[1]) / f'{n % 7}.json', b'[' + b'1,' * 50000 + str(n).encode() + b']'); n += 1\n"
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


def package(folder, **files):
    """Write a package of modules, given as room__module, and return its folder."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_source_digest_changes_with_what_decides_results_alone(tmp_path):
    files = {
        "units": "a = 1",
        "radio__sinr": "b = 2",
        "cli__main": "c = 3",
        "report__page": "d = 4",
        "interop__gymnasium": "e = 5",
    }
    same = source_digest(package(tmp_path / "same", **files))

    def changed(folder, **others):
        return source_digest(package(tmp_path / folder, **files | others)) != same

    assert not changed("copy")
    assert not changed(
        "shown", cli__main="", report__page="", interop__gymnasium="", interop__more=""
    )
    assert changed("edited", radio__sinr="b = 3")
    assert changed("added", radio__more="")
    assert changed("moved", units="b = 2", radio__sinr="a = 1")


def test_the_digest_in_a_task_is_that_of_this_package():
    assert store.asked("any")["source"] == source_digest(Path(sagin.__file__).parent)
