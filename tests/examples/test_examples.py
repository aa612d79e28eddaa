"""The examples run as their READMEs describe, from outside the package."""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_example(name, *command):
    """Run Python in an example's folder and return what it prints."""
    paths = [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    folder = ROOT / "examples" / name
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def slice_small(name, method):
    """Return the KPIs of an example's method on a few slots of the small scenario."""
    short = ("--slots", "2", "--seeds", "2", "-q", "--json")
    text = run_example(name, "-m", "sagin", "slice", "small", "--method", method, *short)
    (report,) = json.loads(text)["runs"]
    assert report["policy"] == method.partition(":")[2]
    return report["kpis"]


def test_a_numpy_rule_enters_the_command_line():
    kpis = slice_small("numpy_rule", "rule:Rule")
    assert 0.0 < kpis["score"]["mean"] < 3.0
    assert kpis["unserved"]["mean"] < 100.0


def test_an_evolution_strategy_runs_in_ten_steps():
    lines = run_example("evolution", "evolve.py", "--quick").splitlines()
    scores = [float(re.fullmatch(r"step \d+: score (-?[\d.]+)", line)[1]) for line in lines]
    assert len(scores) == 10
    assert all(map(math.isfinite, scores))


@pytest.mark.slow
def test_a_pytorch_policy_enters_the_command_line():
    pytest.importorskip("torch")
    kpis = slice_small("torch_policy", "policy:TorchPolicy")
    assert math.isfinite(kpis["score"]["mean"])
