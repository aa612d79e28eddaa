"""Atomic writing: what a reader finds, and what killed writers leave."""

import subprocess
import sys

import pytest

from sagin import files
from sagin.errors import StoreError


def test_temporaries_of_dead_writers_are_removed_and_those_of_living_ones_kept(tmp_path):
    path, other = tmp_path / "record.json", tmp_path / "other.json"
    names = [f".record.json.{'a' * 32}", f".record.json.{'b' * 32}", f".other.json.{'c' * 32}"]
    for name in (*names, ".record.json.lock"):
        (tmp_path / name).write_bytes(b"half")
    code = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'rb')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\nprint('locked', flush=True)\nsys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / names[1])], **pipes
    ) as living:
        assert living.stdout.readline() == "locked\n"
        files.write_atomically(path, b"whole")
        assert path.read_bytes() == b"whole"
        left = {name.name for name in tmp_path.iterdir()}
        assert left == {"record.json", names[1], names[2], ".record.json.lock"}
        living.communicate("")
    files.write_atomically(path, b"again")
    files.write_atomically(other, b"")
    left = {name.name for name in tmp_path.iterdir()}
    assert left == {"record.json", "other.json", ".record.json.lock"}


def test_what_a_spreadsheet_would_compute_is_text():
    rows = [["=1+2", "-5.5", "@x", "+a", "a=b"], [-1, 2.5, None, "−", ""]]
    assert files.format_csv(rows) == "'=1+2,-5.5,'@x,'+a,a=b\n-1,2.5,,−,\n"


def test_a_lock_empties_no_file_that_a_link_leads_to(tmp_path):
    precious, link = tmp_path / "precious", tmp_path / "run.lock"
    precious.write_text("numbers")
    link.symlink_to(precious)
    with pytest.raises(StoreError, match=r"run\.lock: can't be written"):
        files.Lock.acquire(link)
    assert precious.read_text() == "numbers"
    (tmp_path / "a.json").symlink_to(precious)
    files.write_atomically(tmp_path / "a.json", b"new")
    assert (precious.read_text(), (tmp_path / "a.json").read_text()) == ("numbers", "new")
