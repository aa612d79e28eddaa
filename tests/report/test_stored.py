"""The verdicts in the package equal those of the results in the repository, by claim id."""

import importlib.util
import json
from pathlib import Path

import pytest

from sagin.papers import REGISTRY
from sagin.report import verdicts
from sagin.report.verdicts import STORED_FOLDER, find_stored_verdicts
from sagin.studies.claim import Verdict, write_verdicts

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools/store_verdicts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_they_are_those_of_the_results(tool):
    stored = (
        {Path(str(path)).stem for path in STORED_FOLDER.iterdir()}
        if (STORED_FOLDER.is_dir())
        else set()
    )
    sources = tool.find_sources()
    assert stored == set(sources), "run tools/store_verdicts.py"
    for name, path in sources.items():
        text = (STORED_FOLDER / f"{name}.json").read_text(encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), "run tools/store_verdicts.py"
        assert set(find_stored_verdicts(name)) <= {claim.id for claim in REGISTRY[name].claims}


def test_the_longest_study_of_a_paper_is_taken(tool, tmp_path, monkeypatch):
    for folder, profile in (("a", "standard"), ("b", "paper"), ("c", "quick")):
        place = tmp_path / "results" / "relaying" / folder
        place.mkdir(parents=True)
        write_verdicts(place / "verdicts.json", [Verdict("x", "holds", "")], {"profile": profile})
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    assert tool.find_sources() == {"relaying": tmp_path / "results/relaying/b/verdicts.json"}


def test_a_stored_verdict_is_shown_with_its_profile(tmp_path, monkeypatch):
    monkeypatch.setattr(verdicts, "STORED_FOLDER", tmp_path)
    rows = [Verdict("one", "holds", "why"), Verdict("two", "not tested", "no floor")]
    write_verdicts(tmp_path / "made-up.json", rows, {"profile": "standard"})
    assert find_stored_verdicts("made-up") == {
        "one": "holds, profile standard",
        "two": "not tested, profile standard",
    }
    assert find_stored_verdicts("another") == {}
    assert json.loads((tmp_path / "made-up.json").read_text())["verdicts"]["one"]["reason"] == "why"
