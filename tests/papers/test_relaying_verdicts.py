"""Verdicts on constructed relaying results with known answers."""

import numpy as np
import pytest

from sagin.studies.claim import Claim
from sagin.studies.judge import judge
from sagin.studies.record import Table, make_sample

BLOCKS = 100


def decide(kind, pairs, *, printed=None, direction=1, needs=""):
    """Return the verdict on A over B, whose means at each point are (a, b), with noise or the
    noise given; and A's number of aircraft after it.
    """
    noise = np.random.default_rng(0).normal(size=(2, BLOCKS))
    noise = (noise - noise.mean(axis=1, keepdims=True)) / noise.std(axis=1, keepdims=True)
    samples = []
    for x, (a, b, *more) in enumerate(pairs):
        scale = more[0] if more else 0.01
        samples += [
            make_sample("A", "capacity", a + scale * noise[0], x=float(x)),
            make_sample("B", "capacity", b + scale * noise[1], x=float(x)),
            make_sample("A", "aircraft", [more[1] if len(more) > 1 else 1.0] * BLOCKS, x=float(x)),
        ]
    claim = Claim(
        "x", "A", "Fig. 2", "f", kind, "capacity", "A", "B", "", direction, printed, needs=needs
    )
    (verdict,) = judge([claim], Table(samples))
    return verdict


@pytest.mark.parametrize(
    ("pairs", "word"),
    [
        ([(1.0, 1.0), (1.3, 1.0)], "holds"),
        ([(1.0, 1.0), (1.1, 1.0)], "holds in part"),
        ([(0.8, 1.0), (1.3, 1.0)], "holds in part"),
        ([(0.9, 1.0), (0.8, 1.0)], "does not hold"),
        ([(1.0, 1.0), (1.0, 1.0)], "undecided"),
        ([(1.0, 1.0, 0.0), (0.8, 1.0)], "does not hold"),
        ([(1.0, 1.0, 0.0), (1.0, 1.0, 0.0)], "does not hold"),
    ],
)
def test_gains(pairs, word):
    verdict = decide("gain", pairs, printed=30.0)
    assert verdict.verdict == word, verdict.reason


@pytest.mark.parametrize(
    ("direction", "pairs", "word"),
    [
        (-1, [(1.1, 1.0), (0.9, 1.0)], "holds"),
        (-1, [(1.1, 1.0), (1.2, 1.0)], "does not hold"),
        (-1, [(1.1, 1.0), (1.0, 1.0)], "undecided"),
        (-1, [(0.9, 1.0), (1.1, 1.0)], "does not hold"),
        (-1, [(0.8, 1.0), (0.9, 1.0)], "holds in part"),
        (1, [(0.9, 1.0), (1.1, 1.0)], "holds"),
        (1, [(1.1, 1.0), (1.2, 1.0)], "holds"),
        (1, [(1.2, 1.0), (1.2, 1.0)], "holds in part"),
        (1, [(1.2, 1.0), (0.9, 1.0)], "does not hold"),
        (1, [(1.1, 1.0), (1.0, 1.0)], "undecided"),
    ],
)
def test_gains_along_the_sweep(direction, pairs, word):
    verdict = decide("rises", pairs, direction=direction)
    assert verdict.verdict == word, verdict.reason


@pytest.mark.parametrize(
    ("pairs", "word"),
    [([(1.2, 1.0), (1.1, 1.0)], "holds"), ([(0.9, 1.0), (0.8, 1.0)], "does not hold")],
)
def test_excesses(pairs, word):
    assert decide("exceeds", pairs).verdict == word


@pytest.mark.parametrize(
    ("kind", "pairs", "before", "after"),
    [
        ("gain", [(1.3, 1.0, 0.01, 0.0), (0.9, 1.0)], "holds in part", "does not hold"),
        ("rises", [(1.3, 1.0, 0.01, 0.0), (1.1, 1.0), (1.2, 1.0)], "holds in part", "holds"),
        ("gain", [(1.3, 1.0, 0.01, 0.0)], "holds", "not tested"),
    ],
)
def test_points_without_aircraft_decide_nothing(kind, pairs, before, after):
    printed = 30.0 if kind == "gain" else None
    assert decide(kind, pairs, printed=printed).verdict == before
    assert decide(kind, pairs, printed=printed, needs="aircraft").verdict == after


def test_noise_leaves_a_gain_undecided():
    assert decide("gain", [(1.03, 1.0, 3.0)], printed=3.0).verdict == "undecided"
