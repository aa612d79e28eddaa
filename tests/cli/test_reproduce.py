"""A study's numbers don't depend on who runs it, and the launcher of workers is light."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sagin.cli.main import run
from sagin.experiments.store import Store

SCRIPT = """
import sys
from sagin.cli.main import run
from sagin.experiments import engines, slicing

fill = engines.fill
slicing.PROFILES["quick"] = slicing.Profile(2, 2)

def watched(*given, **named):
    made = fill(*given, **named)
    print("made", made, "with jax" if "jax" in sys.modules else "without jax")
    return made

if __name__ == "__main__":
    engines.fill = watched
    sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def reproduce(tmp_path, quick_programs):
    """Reproduce figure 8 with options, and return what is printed and the results."""
    (tmp_path / "script.py").write_text(SCRIPT)

    def start(name, *options):
        command = [
            sys.executable,
            str(tmp_path / "script.py"),
            "reproduce",
            "slicing",
            "8",
            "-q",
            "--out",
            str(tmp_path / name),
            *options,
        ]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, {
            json.dumps(one["task"], sort_keys=True): one["result"]
            for one in Store(tmp_path / name).records()
        }

    return start


def test_workers_give_the_numbers_of_one_process_and_their_launcher_loads_no_jax(reproduce):
    said, results = reproduce("beside", "--workers", "2")
    assert "made 45 without jax" in said
    alone, same = reproduce("alone", "--workers", "1")
    assert "made 45 with jax" in alone
    assert results == same
    assert alone.split("jax", 1)[1] == said.split("jax", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("figure-4-alone",),
            "figure 'figure-4-alone': the profile quick has not all that it shows (allowed with: --profile standard, --profile paper)",
        ),
        (("--optimum",), "--optimum: the study 'slicing' has none (allowed with: relaying)"),
    ],
)
def test_what_a_study_lacks_is_told_with_where_it_is(capsys, tmp_path, arguments, line):
    assert run(["reproduce", "slicing", *arguments, "--workers", "1", "--out", str(tmp_path)]) == 2
    assert line in capsys.readouterr().err


def test_a_wrong_name_is_answered_with_the_figures_of_all_profiles(capsys, tmp_path):
    assert run(["reproduce", "slicing", "99", "--workers", "1", "--out", str(tmp_path)]) == 2
    assert "figure-4-alone" in capsys.readouterr().err


@pytest.mark.slow
def test_a_cluster_gives_the_numbers_of_one_process(reproduce):
    pytest.importorskip("ray")
    said, results = reproduce("cluster", "--engine", "ray", "--workers", "2")
    assert "made 45 without jax" in said
    assert results == reproduce("alone", "--workers", "1")[1]
