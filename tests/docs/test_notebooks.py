"""The notebooks: they are stored without outputs, can be read, and run."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def tool():
    """Return the tool that runs notebooks."""
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools" / "run_notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_its_code_can_be_read(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["nbformat"] == 4
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert code
    for cell in code:
        assert cell["outputs"] == []
        ast.parse("".join(cell["source"]))


def test_there_are_four():
    assert [path.stem for path in NOTEBOOKS] == ["algorithm", "city", "network", "readings"]


def test_the_algorithm_notebook_runs(tool, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = next(path for path in NOTEBOOKS if path.stem == "algorithm")
    content = tool.run_notebook(path, quick=True)
    texts = [
        output["text"]
        for cell in content["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    ]
    assert "nobody" in texts[0]
    assert texts[1].split()[0] == "set-policy"


def test_a_value_and_what_is_printed_are_stored(tool):
    outputs = tool.run_cell("print('a')\n1 + 1", {}, 3)
    assert [output["output_type"] for output in outputs] == ["stream", "execute_result"]
    assert outputs[1]["data"] == {"text/plain": "2"}
