"""What the slicing study writes says how much was run of what is drawn, and of nothing else."""

import json

import pytest

from sagin.experiments.store import Store
from sagin.report.slicing import REPRODUCTION, write_seeds
from sagin.slicing.scenario import build_scenario


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("figure-8",), {"loads"}),
        (("figure-3",), {"figure 3"}),
        (("figure-4", "figure-9"), {"loads", "learned methods"}),
        (("figure-7",), {"learned methods"}),
    ],
)
def test_provenance_tells_the_amounts_of_the_figures_asked_for(monkeypatch, tmp_path, names, told):
    monkeypatch.setattr("sagin.report.slicing.draw", lambda *_: [])
    figures = [one for one in REPRODUCTION.figures if one.name in names]
    REPRODUCTION.write(
        Store(tmp_path), figures, build_scenario("paper"), REPRODUCTION.profiles["standard"]
    )
    assert (
        set(json.loads((tmp_path / "provenance.json").read_text()))
        & {"loads", "learned methods", "figure 3"}
        == told
    )


def test_the_numbers_behind_the_verdicts_are_kept(tmp_path):
    found = {"a, b": {"delay": {8: [0.1, 0.2], 10: [1 / 3, 0.0]}}, "c": {"near_uav": {10: [2.0]}}}
    assert write_seeds(found, tmp_path / "seeds.csv").read_text().splitlines() == [
        "method,metric,users of each slice,seed,value",
        '"a, b",delay,8,0,0.1',
        '"a, b",delay,8,1,0.2',
        '"a, b",delay,10,0,0.3333333',
        '"a, b",delay,10,1,0',
        "c,near_uav,10,0,2",
    ]
