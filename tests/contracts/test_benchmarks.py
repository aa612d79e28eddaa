"""Every benchmark has a description and is in the list."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_benchmark():
    written = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if "\ndef rows(" in path.read_text(encoding="utf-8")
    }
    found = ask("--help")
    assert found.returncode == 0, found.stderr
    lines = found.stdout.split("names, in the order in which they run:\n")[1].splitlines()
    assert len(written) >= 8
    assert {line.split()[0] for line in lines} == written
    assert all(line.endswith(".") and len(line.split()) > 3 for line in lines)


def test_a_wrong_name_is_refused_with_the_names_there_are():
    found = ask("slicing", "slcing")
    assert found.returncode == 2
    assert found.stdout == ""
    assert "unknown: slcing (allowed: start, orbits, relaying, slicing," in found.stderr
