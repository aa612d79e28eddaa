"""Verdicts on constructed results whose answer is known."""

from dataclasses import replace

import pytest

from sagin.experiments.claims import gain, judge
from sagin.experiments.relaying import CLAIMS, FIGURES
from sagin.experiments.study import Claim


def cell(a: float, b: float, noise: float = 0.01, drops: int = 100):
    covariance = [[noise**2, 0.0], [0.0, noise**2]]
    return {
        "methods": ["A", "B"],
        "drops": drops,
        "metrics": {"capacity": {"mean": [a, b], "covariance": covariance}},
    }


def claim(kind, printed=None, factor=1.0):
    return Claim("x", "A beats B", "Fig. 2", "f", "capacity", "A", "B", kind, printed, factor)


@pytest.mark.parametrize(
    ("kind", "printed", "pairs", "verdict"),
    [
        ("gain", 30.0, [(1.0, 1.0), (1.3, 1.0)], "holds"),
        ("gain", 30.0, [(1.0, 1.0), (1.1, 1.0)], "holds in part"),
        ("gain", 30.0, [(0.8, 1.0), (1.3, 1.0)], "holds in part"),
        ("gain", 30.0, [(0.9, 1.0), (0.8, 1.0)], "does not hold"),
        ("gain", 30.0, [(1.0, 1.0), (1.0, 1.0)], "undecided"),
        ("gain", 30.0, [(1.0, 1.0, 0.0), (0.8, 1.0)], "does not hold"),
        ("gain", 30.0, [(1.0, 1.0, 0.0), (1.0, 1.0, 0.0)], "does not hold"),
        ("above", None, [(1.0, 1.0, 0.0), (1.1, 1.0)], "holds"),
        ("falls below", None, [(1.0, 1.0, 0.0), (1.1, 1.0)], "does not hold"),
        ("above", None, [(1.2, 1.0), (1.1, 1.0)], "holds"),
        ("above", None, [(0.9, 1.0), (1.1, 1.0)], "holds in part"),
        ("above", None, [(0.9, 1.0), (0.8, 1.0)], "does not hold"),
        ("falls below", None, [(1.1, 1.0), (0.9, 1.0)], "holds"),
        ("falls below", None, [(1.1, 1.0), (1.2, 1.0)], "does not hold"),
        ("falls below", None, [(1.1, 1.0), (1.0, 1.0)], "undecided"),
        ("falls below", None, [(0.9, 1.0), (1.1, 1.0)], "does not hold"),
        ("falls below", None, [(0.8, 1.0), (0.9, 1.0)], "holds in part"),
        ("rises above", None, [(0.9, 1.0), (1.1, 1.0)], "holds"),
        ("rises above", None, [(1.1, 1.0), (1.2, 1.0)], "holds"),
        ("rises above", None, [(1.2, 1.0), (1.2, 1.0)], "holds in part"),
        ("rises above", None, [(1.2, 1.0), (0.9, 1.0)], "does not hold"),
        ("rises above", None, [(1.1, 1.0), (1.0, 1.0)], "undecided"),
        ("gain", 30.0, [(0.0, 0.0)], "undecided"),
    ],
)
def test_verdicts(kind, printed, pairs, verdict):
    judged = judge(claim(kind, printed), [(float(x), cell(*pair)) for x, pair in enumerate(pairs)])
    assert judged.verdict == verdict, judged.reason


def test_noise_leaves_a_claim_undecided():
    assert (
        judge(claim("gain", 3.0), [(1.0, cell(1.03, 1.0, noise=1.0, drops=10))]).verdict
        == "undecided"
    )


def test_picking_the_best_of_many_points_is_allowed_for():
    import numpy as np

    generator = np.random.default_rng(0)
    found = 0
    for _ in range(300):
        points = [
            (float(x), cell(1.0 + 0.01 * generator.normal() / 10, 1.0, noise=0.00707107 * 1.0))
            for x in range(10)
        ]
        found += judge(claim("gain", 3.0), points).verdict != "undecided"
    assert found / 300 < 0.08


def test_the_caption_factor_multiplies_the_ratio():
    judged = judge(claim("gain", 3.65, 1.16 / 1.12), [(200.0, cell(1.01, 1.0))])
    assert judged.scaled == pytest.approx(100 * (1.01 * 1.16 / 1.12 - 1))
    assert judged.at == 200.0


def test_gain_of_a_method_over_itself_is_exactly_zero():
    assert gain({**cell(3.0, 3.0), "methods": ["A", "B"]}, "capacity", "A", "A").estimate == 0.0


def flown(a: float, b: float, aircraft: float):
    """A cell in which A flies so many aircraft and B none."""
    one = cell(a, b)
    return {**one, "metrics": {**one["metrics"], "aircraft": {"mean": [aircraft, 0.0]}}}


@pytest.mark.parametrize(
    ("kind", "pairs", "before", "after"),
    [
        ("gain", [(1.3, 1.0, 0.0), (0.9, 1.0, 1.0)], "holds in part", "does not hold"),
        ("above", [(2.0, 1.0, 0.0), (0.5, 1.0, 0.9)], "holds in part", "does not hold"),
        (
            "rises above",
            [(1.3, 1.0, 0.0), (1.1, 1.0, 1.0), (1.2, 1.0, 2.0)],
            "holds in part",
            "holds",
        ),
        ("gain", [(1.3, 1.0, 0.0)], "holds", "undecided"),
    ],
)
def test_points_without_what_a_claim_is_about_decide_nothing(kind, pairs, before, after):
    sweep = [(float(x), flown(*pair)) for x, pair in enumerate(pairs)]
    about = claim(kind, 30.0 if kind == "gain" else None)
    assert judge(about, sweep).verdict == before
    judged = judge(replace(about, needs="aircraft"), sweep)
    assert judged.verdict == after
    assert (
        "wherever they differ" not in judged.reason
        or "points without aircraft aside" in judged.reason
    )
    assert judged.at != 0.0


def test_every_claim_of_relays_leaves_out_points_without_aircraft():
    assert all((one.needs == "aircraft") == (one.method == "cud") for one in CLAIMS)


def test_each_relaying_figure_decides_claims_of_its_own_metric():
    drawn = {figure.name: figure.metric for figure in FIGURES}
    assert {(one.figure, one.metric) for one in CLAIMS} == set(drawn.items())
    assert len({one.text for one in CLAIMS}) == len(CLAIMS)
