"""The leaderboard: content of entries, refused entries, and confirmation by a new run."""

import dataclasses
import json
import os
import shutil
import signal

import numpy as np
import pytest

from sagin.cli.main import run
from sagin.errors import InputError, StoreError
from sagin.files import compute_digest
from sagin.leaderboard import protocol
from sagin.leaderboard.entry import (
    Entry,
    find_difference,
    read_entries,
    read_entry,
    write_entry,
)
from sagin.leaderboard.protocol import TRACKS, measure
from sagin.leaderboard.table import list_columns, list_rows
from sagin.methods import find_method
from sagin.studies.record import Result, make_sample
from stopping import stopped

TRACK = dataclasses.replace(TRACKS["slicing-free"], values=(2,), repeats=3, slots=2)


def make_entry(name="greedy", scores=(1.0, 2.0, 3.0), **fields):
    samples = [
        make_sample(name, metric, np.array(scores) * (place + 1), x=2.0)
        for place, (metric, *_) in enumerate(TRACK.metrics)
    ]
    given = {"text": "", "authors": "us", "trained": "", "source": "sagin", "digest": ""} | fields
    return Entry(TRACK.name, name, seconds=0.001, result=Result(samples), **given)


def test_an_entry_is_read_back(tmp_path):
    entry = read_entry(write_entry(tmp_path, make_entry()))
    assert (entry.method, entry.authors) == ("greedy", "us")
    np.testing.assert_array_equal(entry.result.samples[0].values[:, 0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize("damage", ["edit", "cut", "list"])
def test_a_damaged_entry_is_refused_in_one_line(tmp_path, damage):
    path = write_entry(tmp_path, make_entry())
    content = json.loads(path.read_text())
    if damage == "edit":
        content["result"]["samples"][0]["values"][0][0] = 9.0
    text = {"edit": json.dumps(content), "cut": path.read_text()[:-40], "list": "[]"}[damage]
    path.write_text(text)
    with pytest.raises(StoreError) as caught:
        read_entry(path)
    assert "\n" not in str(caught.value)


def test_the_best_entry_comes_first_with_paired_differences(tmp_path):
    write_entry(tmp_path, make_entry("worse", (0.5, 1.5, 2.5)))
    write_entry(tmp_path, make_entry("best", (1.0, 2.0, 3.0)))
    rows = list_rows(TRACK, read_entries(tmp_path, TRACK))
    assert [row[0] for row in rows] == ["best", "worse"]
    # the difference is the same in every episode, so that its interval has no width
    assert rows[1][3] == "−0.500 (−0.500 to −0.500)"
    assert len(rows[0]) == len(list_columns(TRACK))


def test_no_entries_are_told(tmp_path, capsys):
    folder = ["--folder", str(tmp_path)]
    assert run(["leaderboard", "show", TRACK.name, *folder]) == 0
    assert "no entries in" in " ".join(capsys.readouterr().out.split())
    assert run(["leaderboard", "verify", TRACK.name, "--method", "Nope", *folder]) == 1
    assert "no entry Nope in" in capsys.readouterr().err


def test_an_entry_of_fewer_episodes_is_refused(tmp_path):
    write_entry(tmp_path, make_entry(scores=(1.0, 2.0)))
    with pytest.raises(StoreError, match="does not match the present track"):
        list_rows(TRACK, read_entries(tmp_path, TRACK))


def test_damaged_entries_are_told_and_the_others_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(protocol, "TRACKS", {TRACK.name: TRACK})
    write_entry(tmp_path, make_entry("whole"))
    write_entry(tmp_path, make_entry("short", (1.0,)))
    write_entry(tmp_path, make_entry("cut")).write_text("{")
    foreign = {**make_entry("foreign").to_plain(), "authors": 5}
    foreign.pop("checksum")
    text = json.dumps({**foreign, "checksum": compute_digest(foreign)})
    write_entry(tmp_path, make_entry("foreign")).write_text(text)
    assert run(["leaderboard", "show", TRACK.name, "--folder", str(tmp_path), "--json"]) == 0
    shown = capsys.readouterr()
    assert [row["method"] for row in json.loads(shown.out)[TRACK.name]] == ["whole"]
    lines = shown.err.splitlines()
    assert len(lines) == 3
    assert all("left out" in line for line in lines)


def test_a_difference_beyond_the_tolerance_is_named():
    entry = make_entry()
    assert find_difference(entry, make_entry(scores=(1.0, 2.0, 3.0 + 1e-6)).result) == ""
    message = find_difference(entry, make_entry(scores=(1.0, 2.0, 3.1)).result)
    assert message.startswith("score at 2, episode 2: 3 stored")


def test_a_method_of_another_system_is_refused():
    with pytest.raises(InputError, match="of slicing"):
        measure(TRACKS["relaying"], find_method("greedy"), lambda _: None)


@pytest.fixture
def small_tracks(monkeypatch):
    relaying = dataclasses.replace(TRACKS["relaying"], values=(1,), repeats=3)
    small = {"slicing-free": TRACK, "relaying": relaying}
    monkeypatch.setattr(protocol, "TRACKS", small)
    return small


@pytest.mark.parametrize(
    ("track", "method", "other"),
    [("slicing-free", "nearest-random", "random"), ("relaying", "hotspot", "cluster")],
)
def test_entries_are_verified_by_a_new_run(small_tracks, tmp_path, capsys, track, method, other):
    folder = ["--folder", str(tmp_path)]
    assert run(["leaderboard", "enter", track, method, other, "-q", *folder]) == 0
    assert run(["leaderboard", "verify", track, "-q", *folder]) == 0
    assert "confirmed" in capsys.readouterr().out
    # an entry with another's numbers is not confirmed
    path = next((tmp_path / track / method).iterdir())
    entry, wrong = read_entry(path), read_entry(next((tmp_path / track / other).iterdir()))
    write_entry(tmp_path, dataclasses.replace(entry, result=wrong.result))
    status = run(["leaderboard", "verify", track, "--method", method, "-q", *folder])
    shown = capsys.readouterr()
    if find_difference(entry, wrong.result):
        assert status == 1
        assert f"not confirmed: {method}" in shown.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_between_entries_keeps_the_finished_one(
    small_tracks, tmp_path, capsys, monkeypatch, number
):
    command = ["leaderboard", "enter", "slicing-free", "nearest-random", "random", "-q"]
    command += ["--folder", str(tmp_path)]
    find = protocol.measure

    def stop_at_the_second(track, method, advance):
        if method.name == "random":
            os.kill(os.getpid(), number)
        return find(track, method, advance)

    with monkeypatch.context() as patch:
        patch.setattr(protocol, "measure", stop_at_the_second)
        assert run(command) == 130
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["wrote", "sagin:"]
    assert lines[-1] == "sagin: interrupted; finished results are stored"
    assert [entry.method for entry in read_entries(tmp_path, TRACK)] == ["nearest-random"]
    assert run(command) == 0
    assert len(read_entries(tmp_path, TRACK)) == 2


def test_a_folder_that_is_removed_meanwhile_is_made_again(
    small_tracks, tmp_path, capsys, monkeypatch
):
    find, folder = protocol.measure, tmp_path / "board"

    def remove_and_measure(*arguments):
        shutil.rmtree(folder)
        return find(*arguments)

    monkeypatch.setattr(protocol, "measure", remove_and_measure)
    command = ["leaderboard", "enter", "slicing-free", "random", "-q", "--folder", str(folder)]
    assert run(command) == 0
    assert [entry.method for entry in read_entries(folder, TRACK)] == ["random"]


PROGRAM = """
import dataclasses, sys
from sagin.cli import main
from sagin.leaderboard import protocol

track = protocol.TRACKS["slicing-free"]
protocol.TRACKS["slicing-free"] = dataclasses.replace(track, values=(2,), repeats=3, slots=2)
methods = ["nearest-random", "random"]
sys.argv[1:] = ["leaderboard", "enter", "slicing-free", *methods, "--folder", sys.argv[1]]
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("wait", [0.0, 0.05])
@pytest.mark.parametrize("method", ["nearest-random", "random"])
def test_an_entry_stopped_at_any_moment_is_whole_or_absent(
    small_tracks, tmp_path, number, wait, method
):
    program, folder = tmp_path / "program.py", tmp_path / "board"
    program.write_text(PROGRAM)
    begun = folder / "slicing-free" / method
    status, errors = stopped(number, begun, wait, str(folder), program=program)
    assert status in (-number if number == signal.SIGKILL else 130, 0)
    assert "Traceback" not in errors
    kept = {entry.method for entry in read_entries(folder, TRACK)}
    assert kept <= {"nearest-random", "random"}
    command = ["leaderboard", "enter", "slicing-free", "nearest-random", "random", "-q"]
    assert run([*command, "--folder", str(folder)]) == 0
    assert len(read_entries(folder, TRACK)) == 2
    assert all(len(list(path.iterdir())) == 1 for path in (folder / "slicing-free").iterdir())


def test_methods_are_listed(capsys):
    assert run(["methods", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"greedy", "planner", "hotspot"} <= {row["name"] for row in rows}
    assert run(["methods", "nowhere"]) == 2
    assert "allowed: slicing, relaying" in capsys.readouterr().err
