"""Numbers in the README and verdicts on the claims pages equal the stored results."""

import importlib.util
from pathlib import Path

import pytest

from sagin.report.verdicts import STORED_FOLDER
from sagin.studies.claim import Verdict, read_verdicts

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stored() -> dict[str, Verdict]:
    """Verdicts of the relaying paper by the claims' ids."""
    return read_verdicts((STORED_FOLDER / "relaying.json").read_text(encoding="utf-8"), "relaying")


def test_the_claims_page_shows_stored_verdicts(stored):
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    table = hooks.verdicts("relaying")
    rows = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()[2:]]
    assert len(rows) == len(stored) >= 50
    assert [one.verdict for one in stored.values()] == [row[-3] for row in rows]
    written = (ROOT / "results" / "relaying" / "claims.md").read_text(encoding="utf-8")
    assert table == written.rstrip()


def test_the_pages_name_the_markers():
    """The claims stand on the pages, not on the README."""
    for paper in ("relaying", "slicing"):
        page = (ROOT / "docs" / paper / "claims.md").read_text(encoding="utf-8")
        assert f"<!-- generated: verdicts {paper} -->" in page


@pytest.mark.parametrize(
    ("claim", "digits"), [("figure-2-gbs-only", 1), ("figure-2-egc", 2), ("figure-2-sc", 2)]
)
def test_the_readme_has_stored_numbers(stored, claim, digits):
    assert f"{stored[claim].estimate:.{digits}f}" in README


def test_no_learned_claim_holds_in_the_readme():
    for line in README.splitlines():
        if "MADDPG" in line or "learned" in line.lower():
            assert "| holds" not in line


def test_the_readme_is_short_and_shows_a_moving_picture_of_the_project():
    assert len(README.split()) < 400
    picture = ROOT / "results" / "city" / "day.svg"
    assert "](results/city/day.svg)" in README
    assert picture.stat().st_size < 1_000_000
    assert "<animateTransform" in picture.read_text(encoding="utf-8")
