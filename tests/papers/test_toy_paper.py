"""A paper outside the package runs through the study machine without a change to it."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from papers import toy_paper
from sagin.papers import find_paper

FOLDER = Path(__file__).parent


def reproduce(folder, *options):
    """Run `sagin reproduce` in a process of its own, from an empty folder."""
    command = [sys.executable, "-m", "sagin", "reproduce", "toy_paper:PAPER"]
    paths = [str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    root = str(Path(__file__).parents[2] / "src")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*paths, root])}
    options = ("--profile", "quick", "-q", "--out", str(folder / "out"), *options)
    return subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    run = reproduce(folder, "--workers", "1")
    assert run.returncode == 0, run.stderr
    return folder / "out"


def test_its_figure_is_drawn(done):
    for ending in ("png", "svg", "pdf", "csv"):
        assert (done / f"figure-1.{ending}").stat().st_size > 0
    assert "slotted ALOHA" in (done / "figure-1.csv").read_text()


def test_its_claims_are_judged(done):
    """Against the known throughputs G·exp(−G) and G·exp(−2G): the gain at G = 1 is e − 1."""
    verdicts = json.loads((done / "verdicts.json").read_text())["verdicts"]
    words = {claim: verdict["verdict"] for claim, verdict in verdicts.items()}
    assert words == {"slotted-gain": "holds", "slotted": "holds", "pure": "does not hold"}
    gain = verdicts["slotted-gain"]
    assert gain["at"] == 1.0
    assert gain["estimate"] == pytest.approx(100 * (math.e - 1), abs=gain["high"] - gain["low"])


def test_its_page_stands_alone(done):
    page = (done / "index.html").read_text()
    assert "ALOHA, reproduced" in page
    assert "slots more than double the throughput" in page


@pytest.mark.slow
def test_what_is_stored_is_not_computed_again(done):
    before = {path: path.stat().st_mtime_ns for path in (done / "records").glob("*.json")}
    assert len(before) == 4
    run = reproduce(done.parent, "--workers", "1")
    assert run.returncode == 0, run.stderr
    assert {path: path.stat().st_mtime_ns for path in (done / "records").glob("*.json")} == before


def test_the_package_does_not_know_it():
    assert find_paper("papers.toy_paper:PAPER") is toy_paper.PAPER
    assert len((FOLDER / "toy_paper.py").read_text().splitlines()) < 150
