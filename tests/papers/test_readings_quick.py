"""Quick searches over the readings of both papers, from the first reading to the page."""

import json
from dataclasses import replace

import pytest

from sagin.cli.main import run
from sagin.cli.readings import build_laboratory
from sagin.papers import find_paper
from sagin.pool import Sequential
from sagin.report.readings_page import write_readings
from sagin.studies.answers import answer

WORDS = ("holds", "not under reading R", "under no reading found")


@pytest.mark.slow
def test_relaying_from_the_command_line(tmp_path):
    command = ["readings", "relaying", "--effort", "quick", "--out", str(tmp_path)]
    assert run([*command, "--workers", "1", "--quiet"]) == 0
    content = json.loads((tmp_path / "readings.json").read_text())
    assert len(content["claims"]) == len(content["verdicts"]) == 10
    assert all(row["over_readings"].startswith(WORDS) for row in content["verdicts"])
    assert "Every claim, by default and over all readings" in (tmp_path / "index.html").read_text()


@pytest.mark.slow
def test_slicing_without_its_kinds_of_interference(tmp_path):
    """Each kind is a program of its own, and one is enough here."""
    paper = find_paper("slicing")
    survey = paper.survey._replace(without=("radio.interference",))
    paper = replace(paper, survey=survey)
    scenario = paper.load_scenario("paper", ())
    lab = build_laboratory(paper, scenario, tmp_path, Sequential(), 0)
    check = paper.scenario_module().check_scenario
    content = answer(lab, paper.survey.efforts["quick"], check)
    assert len(content["verdicts"]) == len(paper.survey.claims)
    assert content["left_out"] is None
    content |= {"provenance": {}, "amount": {}}
    paths, tables = write_readings(paper, content, tmp_path)
    assert tmp_path / "index.html" in paths
    assert len(tables["Every claim, by default and over all readings"].rows) == 35
