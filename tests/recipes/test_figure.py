"""The recipe of a figure with a claim and a baseline, without a change to the package."""

import dataclasses

import numpy as np

from sagin.papers.slicing import PAPER
from sagin.slicing.scenario import build_scenario
from sagin.studies.claim import Claim
from sagin.studies.figure import find_figures
from sagin.studies.judge import judge
from sagin.studies.record import Table, make_sample


def test_a_figure_a_claim_and_a_baseline_are_rows():
    (pattern,) = find_figures(PAPER.figures, ["10"])
    figure = dataclasses.replace(
        pattern,
        id="figure-100",
        methods=("greedy", "nearest-random"),
        baselines=("selfish",),
        values=(8.0, 10.0),
    )
    claim = Claim(
        id="greedy-throughput",
        text="greedy carries more than a random subcarrier",
        source="here",
        figure=figure.id,
        kind="exceeds",
        metric="throughput",
        method="greedy",
        rival="nearest-random",
    )
    paper = dataclasses.replace(
        PAPER, figures=(*PAPER.figures, figure), claims=(*PAPER.claims, claim)
    )
    profile = paper.profiles["quick"]
    points = paper.points(figure, build_scenario("paper"), profile)
    pairs = {(point.task["method"], point.task["counts"][0]) for point in points}
    names = ("greedy", "nearest-random", "selfish")
    assert pairs == {(name, size) for name in names for size in (8, 10)}
    rng = np.random.default_rng(0)
    table = Table(
        make_sample(name, "throughput", rng.normal(mean, 0.1, (8, 1)), x=size)
        for name, mean in (("greedy", 2.0), ("nearest-random", 1.0))
        for size in figure.values
    )
    own = [one for one in paper.claims if one.figure == figure.id]
    (verdict,) = judge(own, table)
    assert (verdict.claim, verdict.verdict) == ("greedy-throughput", "holds")
