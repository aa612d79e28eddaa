"""Stored benchmark results: their file, the change since the last run, and their table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import (
    STORED,
    Figure,
    compare,
    describe_move,
    read_figures,
    remember,
    tabulate,
)

ROOT = Path(__file__).parents[2]


def entry(value, unit, reference, scales=True):
    return {**Figure("x", value, unit, scales=scales)._asdict(), "reference": reference}


@pytest.mark.parametrize(
    ("unit", "scales", "value", "moved"),
    [
        ("CPU s", True, 2.0, 1.0),
        ("slots/s", True, 0.5, 1.0),
        ("CPU s", True, 1.0, 0.5),
        ("slots/s", True, 1.0, 2.0),
        ("MiB", False, 3.0, 3.0),
    ],
)
def test_another_machines_speed_cancels_out(unit, scales, value, moved):
    """On a machine of half the speed the reference takes twice as long."""
    before, now = entry(1.0, unit, 0.1, scales), entry(value, unit, 0.2, scales)
    assert compare(now, before) == pytest.approx(moved)


def test_a_figure_is_remembered_and_moves(tmp_path):
    path = tmp_path / "figures.json"
    assert remember("slots", Figure("a slot", 2.0, "CPU s", "≤ 3"), 0.5, path) is None
    assert remember("slots", Figure("a slot", 3.0, "CPU s", "≤ 3"), 0.5, path) == pytest.approx(1.5)
    assert remember("other", Figure("a slot", 3.0, "CPU s"), 0.5, path) is None
    stored = read_figures(path)["slots"]
    assert stored["figures"]["a slot"]["value"] == 3.0
    assert {"machine", "python", "jax", "numpy", "commit"} <= set(stored["origin"])
    table = tabulate(["slots"], path)
    assert "| a slot | ≤ 3 | 3 CPU s | +50 % |" in table
    assert stored["origin"]["machine"] in table
    assert tabulate(["none"], path) == "Nothing is measured yet."
    assert describe_move(None) == "new"


def test_a_quick_run_measures_prints_and_remembers_where_it_is_told(tmp_path):
    path = tmp_path / "figures.json"
    before = STORED.read_bytes() if STORED.exists() else b""
    command = [sys.executable, "-m", "benchmarks", "start", "orbits", "--quick"]
    done = subprocess.run(
        [*command, "--figures", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert sum(line.endswith("| new |") for line in rows) == len(rows) == 5
    content = json.loads(path.read_text(encoding="utf-8"))
    assert set(content) == {"start", "orbits"}
    assert all(row["value"] > 0 for group in content.values() for row in group["figures"].values())
    assert (STORED.read_bytes() if STORED.exists() else b"") == before
