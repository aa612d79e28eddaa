"""The fidelity page names every field of the slicing scenario and of a training."""

import importlib.util
from pathlib import Path

import pytest

from sagin.learning.settings import Settings
from sagin.parameters import list_fields
from sagin.slicing.scenario import Scenario

ROOT = Path(__file__).parents[2]
UNNAMED: frozenset[str] = frozenset()
"""Fields that the page need not name."""


def test_every_field_of_scenario_and_training_is_named():
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    text = (ROOT / "docs" / "slicing" / "fidelity.md").read_text(encoding="utf-8")
    page = hooks.on_page_markdown(text)
    fields = {
        name: parameter
        for cls in (Scenario, Settings)
        for name, parameter, _ in list_fields(cls)
        if name not in UNNAMED
    }
    assert [name for name in fields if f"| `{name}` |" not in page] == []
    # an open field says what else it may be
    silent = [
        name
        for name, parameter, _ in list_fields(Scenario)
        if parameter.mark == "open" and not parameter.other
    ]
    assert silent == []
