"""Verdicts that come with the package: those of the results in the repository."""

import importlib.util
from pathlib import Path

from sagin.parameters import to_mapping
from sagin.report.old_stored import COLUMN, beside, key, verdicts
from sagin.report.old_tables import Table
from sagin.report.page import Section
from sagin.slicing.scenario import build_scenario

ROOT = Path(__file__).parents[2]


def test_they_are_those_of_the_results():
    spec = importlib.util.spec_from_file_location(
        "store_verdicts", ROOT / "tools/store_verdicts.py"
    )
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.TARGET.read_text(encoding="utf-8") == tool.text(), "run tools/store_verdicts.py"


def test_a_short_runs_verdicts_are_marked_and_stand_beside_the_stored_ones():
    (about, verdict), *_ = verdicts()["slicing"].items()
    claim, policy = about.split(" | ")
    row = (claim, policy, "undecided")
    section = Section(
        "",
        "",
        Table(("claim", "policy", "verdict"), [row, ("another", "", "holds")]),
        {},
        "",
        {},
        {},
    )
    scenario = build_scenario("paper")
    shown = beside("slicing", "quick", to_mapping(scenario), section)
    assert shown.claims.columns == ("claim", "policy", COLUMN, "verdict")
    assert shown.claims.rows == [
        (claim, policy, verdict, "undecided"),
        ("another", "", "", "holds"),
    ]
    assert "quick" in shown.note
    assert key({"claim": "a", "verdict": "holds"}) == "a"
    assert beside("slicing", "standard", to_mapping(scenario), section) == section
    other = build_scenario("paper", ("base_stations.capacity=5",))
    assert beside("slicing", "quick", to_mapping(other), section) == section, (
        "stored verdicts are of the paper's scenario"
    )
