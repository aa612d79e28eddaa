"""Compiled programs are stored once, found by other processes, and not used if damaged."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import psutil
import pytest

from sagin import compile_cache
from sagin.compile_cache import (
    ProgramCache,
    ProgramLimit,
    find_root,
    list_entries,
    name_platform,
)
from sagin.machine import measure_resident

SCRIPT = """
import sys
from sagin.compile_cache import keep_programs
keep_programs()
assert "jax" not in sys.modules
import jax, jax.numpy as jnp
jax.monitoring.register_event_listener(
    lambda event, **_: event.endswith("cache_hits") and print("hit")
)
print(jax.jit(lambda x: jnp.sin(x) + 1)(jnp.zeros(3)).sum(), jax.config.jax_compilation_cache_dir)
"""


def begin(folder, **variables):
    """Start a process that compiles a program and stores it in a folder."""
    keys = ("JAX_COMPILATION_CACHE_DIR", "SAGIN_CACHE")
    environment = {key: value for key, value in os.environ.items() if key not in keys}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env={**environment, "XDG_CACHE_HOME": str(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Return the output of a process, which must have no errors."""
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    return output.split()


def test_processes_share_programs_and_mend_damaged_ones(tmp_path):
    both = [begin(tmp_path), begin(tmp_path)]
    root = tmp_path / "sagin" / "programs"
    folder = str(root / name_platform())
    assert all(finish(one)[-2:] == ["3.0", folder] for one in both)
    whole = {entry.path: entry.path.read_bytes() for entry in list_entries(root)}
    assert whole
    assert all(path.name.startswith("jit_") for path in whole)
    for path, content in whole.items():
        path.write_bytes(content[:-9])
    assert finish(begin(tmp_path)) == ["3.0", folder]
    assert all(entry.size == len(whole[entry.path]) for entry in list_entries(root))
    assert finish(begin(tmp_path)) == ["hit"] * len(whole) + ["3.0", folder]


def test_a_user_keeps_programs_elsewhere_or_not_at_all(tmp_path):
    elsewhere = begin(tmp_path / "a", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "own"))
    off = begin(tmp_path / "a", SAGIN_CACHE="off")
    assert finish(elsewhere)[-1] == str(tmp_path / "own")
    assert finish(off)[-1] == "None"
    assert not (tmp_path / "a").exists()


def test_the_folder_is_the_users(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("SAGIN_CACHE", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for value, base in (("/big/cache", "/big/cache"), ("cache", "/home/someone/.cache")):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert find_root() == Path(base) / "sagin" / "programs"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert find_root() == Path("/home/someone/Library/Caches/sagin/programs")
    monkeypatch.setenv("SAGIN_CACHE", "~/programs-of-mine")
    assert find_root() == Path("/home/someone/programs-of-mine/programs")


def test_programs_unused_for_longest_give_way(tmp_path):
    old = ProgramCache(tmp_path / "old-version")
    old.put("a", b"x" * 400)
    os.utime(tmp_path / "old-version" / "a", (1.0, 1.0))
    cache = ProgramCache(tmp_path / "version", limit_bytes=1000)
    for age, key in enumerate("bcd"):
        cache.put(key, b"x" * 200)
        os.utime(tmp_path / "version" / key, (9.0 - age, 9.0 - age))
    assert old.get("a") is None
    assert cache.get("d") == b"x" * 200
    cache.put("e", b"x" * 500)
    # of b, c and d, d was the oldest before it was read
    assert {entry.path.name for entry in list_entries(tmp_path)} == {"b", "d", "e"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything can be written")
def test_a_folder_that_cannot_be_written_is_read(tmp_path):
    ProgramCache(tmp_path / "version").put("a", b"x")
    (tmp_path / "version").chmod(0o500)
    cache = ProgramCache(tmp_path / "version")
    cache.put("b", b"x")
    assert (cache.get("a"), cache.get("b")) == (b"x", None)


def test_a_full_disk_keeps_nothing(tmp_path, monkeypatch):
    cache = ProgramCache(tmp_path / "version")

    def fill(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compile_cache.os, "replace", fill)
    cache.put("a", b"x")
    assert cache.get("a") is None
    assert not list((tmp_path / "version").iterdir())


def test_too_few_addresses_and_an_unknown_user_are_one_line_at_most(tmp_path, monkeypatch):
    command = f"ulimit -v {3 << 19}; exec '{sys.executable}' -m sagin slice small --slots 5"
    ended = subprocess.run(
        ["sh", "-c", command],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = "sagin: ulimit -v: 1536 MB of addresses are too few for JAX (allowed: at least 2048 MB)"
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (2, "", told)

    def fail():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("SAGIN_CACHE", raising=False)
    monkeypatch.setattr(Path, "home", fail)
    assert find_root() is None


def test_programs_are_forgotten_once_they_take_much(monkeypatch):
    sizes, cleared = iter([100, 150, 300, 120, 130, 260, 120]), []
    monkeypatch.setattr(compile_cache, "measure_resident", lambda: next(sizes))
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(True))
    limit = ProgramLimit(150)
    # 100 is where it begins; 300 is too much, and 120 is left after that; so is 260, but no more
    assert [limit.check() for _ in range(5)] == [False, False, True, False, False]
    assert len(cleared) == 1


def test_nothing_is_forgotten_while_a_function_is_traced():
    limit, told = ProgramLimit(-(2**40)), []
    jax.jit(lambda x: told.append(limit.check()) or x)(1.0)
    assert told == [False]


def test_a_process_knows_what_memory_it_takes():
    held = np.ones(2**24)
    assert measure_resident() == pytest.approx(psutil.Process().memory_info().rss, rel=0.05)
    assert measure_resident() > held.nbytes


SWEEP = """
import jax
from sagin import compile_cache
from sagin.machine import measure_resident

compile_cache.PROGRAM_LIMIT = limit = compile_cache.ProgramLimit(2**26)
from sagin.methods import evaluate_slicing, find_method
from sagin.slicing.scenario import build_scenario

sizes = []
for users in range(1, 15):
    scenario = build_scenario("small", (f"users.high_throughput={users}",))
    evaluate_slicing(find_method("greedy"), scenario, slots=2, seeds=2)
    sizes.append(measure_resident() >> 20)
print(max(sizes[-5:]) - sizes[2])
"""


@pytest.mark.slow
def test_a_sweep_over_sizes_takes_a_bounded_memory():
    done = subprocess.run([sys.executable, "-c", SWEEP], capture_output=True, text=True, check=True)
    # without the limit eleven further sizes take more than 200 MB
    assert int(done.stdout) < 130
