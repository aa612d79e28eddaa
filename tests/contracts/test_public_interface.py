"""The names of `import sagin` are loaded on first use, and all files agree on the version."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sagin
from sagin.cli.main import run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(sagin.PUBLIC))
def test_a_public_name_is_what_its_place_holds_and_has_a_docstring(name):
    module, _, attribute = sagin.PUBLIC[name].partition(":")
    assert getattr(sagin, name) is getattr(importlib.import_module(module), attribute)
    assert getattr(sagin, name).__doc__


def test_public_names_are_listed_and_others_are_refused():
    assert set(sagin.__all__) == {"__version__", *sagin.PUBLIC} <= set(dir(sagin))
    assert {"load_scenario", "find_passes", "compute_link_budget"} <= set(sagin.PUBLIC)
    with pytest.raises(AttributeError, match="no attribute 'load_scenery'"):
        _ = sagin.load_scenery


def test_sagin_is_imported_in_no_time():
    script = "import time; t = time.process_time(); import sagin; print(time.process_time() - t)"
    times = [
        float(
            subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
        )
        for _ in range(2)
    ]
    assert min(times) < 0.2


def test_all_files_tell_the_same_version(capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert project["version"] == sagin.__version__
    assert f"version: {sagin.__version__}" in citation
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"sagin {sagin.__version__}\n"


def test_a_scenario_is_loaded_by_system_and_name():
    scenario = sagin.load_scenario("small", ("users.low_delay=1",), system="slicing")
    assert scenario.users.low_delay == 1
