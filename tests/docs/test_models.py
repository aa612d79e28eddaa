"""Pages of models and curves of algorithms, generated from one table."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sagin.links import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages():
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("models", ROOT / "docs" / "models.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_loss_model_has_a_page_with_range_and_source(pages):
    rows = [row for model in pages.MODELS.values() for row in model.rows]
    assert sorted(rows) == sorted(MODELS)
    text = pages.write_page("air-to-ground", pages.MODELS["air-to-ground"])
    assert "0.7 to 5.8 GHz, elevation 0 to 90°; Al-Hourani" in text
    assert "](air-to-ground.svg)" in text
    assert "::: sagin.propagation.air_to_ground" in text
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [name for name in pages.MODELS if f"models/{name}.md" not in menu] == []


def test_every_model_is_drawn_where_it_holds(pages):
    for name, model in pages.MODELS.items():
        for label, (_, values) in model.draw().items():
            assert np.isfinite(np.asarray(values)).all(), (name, label)
    rayleigh = pages.MODELS["rayleigh"]
    first = pages.draw_lines(rayleigh.draw(), rayleigh.axes, rayleigh.scales)
    assert first == pages.draw_lines(rayleigh.draw(), rayleigh.axes, rayleigh.scales)
    assert b"<svg" in first


def test_every_curve_has_its_stored_numbers_and_stands_on_its_page(pages):
    for name, read in pages.ALGORITHMS.items():
        lines, _ = read()
        assert lines, name
        assert all(len(x) == len(y) > 3 for x, y in lines.values()), name
        page = (ROOT / "docs" / "learning" / f"{name}.md").read_text(encoding="utf-8")
        assert f"](curves/{name}.svg)" in page
