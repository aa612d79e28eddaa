"""The judge: each kind of claim on tables with known answers, and verdicts it must not give."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sagin.studies.claim import Claim, Verdict, read_verdicts, write_verdicts
from sagin.studies.judge import judge
from sagin.studies.pairs import compute_gain, select_pairs
from sagin.studies.record import Table, make_sample
from sagin.studies.statistics import two_way_interval

RANDOM = np.random.default_rng(0)


def make_table(metric="m", spread=0.01, seeds=10, tests=1, **methods):
    """Return a table with the given means along the sweep, and noise that all methods share."""
    noise = spread * RANDOM.normal(size=(seeds, tests))
    samples = []
    for name, means in methods.items():
        for x, mean in enumerate(means, 1):
            own = 0.1 * spread * RANDOM.normal(size=(seeds, tests))
            samples.append(make_sample(name, metric, mean * (1 + noise + own), x=float(x)))
    return Table(samples)


def make_claim(kind, **fields):
    given_fields = {"metric": "m", "method": "a", "rival": "b", **fields}
    return Claim("c", "a beats b", "Fig. 1", "figure-1", kind, **given_fields)


def decide(kind, table, barred=None, **fields):
    (verdict,) = judge([make_claim(kind, **fields)], table, barred)
    return verdict


@pytest.mark.parametrize(
    ("a", "b", "printed", "word"),
    [
        ([1.1, 1.3], [1, 1], 32.0, "holds"),
        ([1.1, 1.3], [1, 1], 10.0, "holds in part"),
        ([0.8, 1.3], [1, 1], 30.0, "holds in part"),
        ([0.8, 0.9], [1, 1], 30.0, "does not hold"),
    ],
)
def test_a_gain_is_held_against_the_printed_one(a, b, printed, word):
    verdict = decide("gain", make_table(a=a, b=b), printed=printed)
    assert verdict.verdict == word
    assert verdict.estimate == pytest.approx(100 * (max(a) - 1), abs=1.0)
    assert verdict.low < verdict.estimate < verdict.high


def test_a_captions_factor_is_told_apart_from_the_gain():
    verdict = decide("gain", make_table(a=[1.0], b=[0.99]), printed=17.0, factor=1.16)
    assert verdict.scaled == pytest.approx(100 * (1.16 * (1 + verdict.estimate / 100) - 1))
    assert "about the printed one" in verdict.reason


def test_the_same_numbers_in_every_drop_are_no_gain():
    table = Table([make_sample(name, "m", [1.0, 2.0], x=1.0) for name in "ab"])
    assert decide("gain", table, printed=5.0).verdict == "does not hold"
    exact = Table(
        [
            make_sample(name, "m", [value] * 9, x=1.0)
            for name, value in zip("ab", (3, 2), strict=True)
        ]
    )
    assert decide("gain", exact, printed=50.0).verdict == "holds"


@pytest.mark.parametrize(
    ("a", "b", "direction", "word"),
    [
        ([2, 3], [1, 1], 1, "holds"),
        ([2, 3], [1, 1], -1, "does not hold"),
        ([0.5, 0.4], [1, 1], -1, "holds"),
        ([3, 0.9], [1, 1], 1, "holds in part"),
    ],
)
def test_an_excess_is_tested_over_all_points(a, b, direction, word):
    verdict = decide("exceeds", make_table(a=a, b=b), direction=direction)
    assert verdict.verdict == word
    assert verdict.p == pytest.approx(2 / 2**10)


def test_few_seeds_cannot_decide():
    assert decide("exceeds", make_table(seeds=5, a=[2], b=[1])).verdict == "undecided"
    assert decide("exceeds", make_table(seeds=10, spread=0.0, a=[1], b=[1])).verdict == "undecided"


def test_a_family_is_corrected():
    table = make_table(seeds=6, a=[2.0], b=[1.0], c=[1.0])
    claims = [make_claim("exceeds"), Claim("d", "", "", "figure-1", "exceeds", "m", "a", "c")]
    verdicts = judge(claims, table)
    assert [one.p_holm for one in verdicts] == [pytest.approx(2 * one.p) for one in verdicts]


@pytest.mark.parametrize(
    ("means", "direction", "word"),
    [
        ([1, 2, 3], 1, "holds"),
        ([3, 2, 1], 1, "does not hold"),
        ([3, 2, 1], -1, "holds"),
        ([1, 3, 2], 1, "holds in part"),
    ],
)
def test_a_trend(means, direction, word):
    assert decide("rises", make_table(a=means), rival="", direction=direction).verdict == word


def test_a_gain_that_grows_along_the_sweep():
    assert decide("rises", make_table(a=[1.1, 1.5], b=[1, 1])).verdict == "holds"
    assert decide("rises", make_table(a=[1.5, 1.1], b=[1, 1])).verdict == "holds in part"
    assert decide("rises", make_table(a=[1.1, 0.5], b=[1, 1])).verdict == "does not hold"
    falling = make_table(a=[0.9, 0.5], b=[1, 1])
    assert decide("rises", falling, direction=-1).verdict == "holds"


def test_almost_equal():
    assert decide("level", make_table(a=[1.02], b=[1])).verdict == "holds"
    assert decide("level", make_table(a=[1.5], b=[1])).verdict == "does not hold"
    assert decide("level", make_table(seeds=2, spread=9.0, a=[1.09], b=[1])).verdict == "undecided"


def test_a_crossing_is_found_between_points():
    table = make_table(spread=1e-4, a=[5, 9, 11])
    verdict = decide("crosses", table, rival="", limit=10.0, printed=2.5)
    assert (verdict.verdict, verdict.estimate) == ("holds", pytest.approx(2.5, abs=0.01))
    assert decide("crosses", table, rival="", limit=10.0, printed=1.0).verdict == "holds in part"
    assert decide("crosses", table, rival="", limit=12.0, printed=1.0).verdict == "does not hold"


def test_steadiness_is_of_the_last_third():
    settled = np.concatenate([np.linspace(0, 1, 20), np.ones(10)])
    rising = np.linspace(0, 1, 30)
    fields = {"rival": "", "tolerance": 0.1}
    assert decide("steady", make_table(a=settled), **fields).verdict == "holds"
    assert decide("steady", make_table(a=rising), **fields).verdict == "does not hold"
    assert decide("steady", make_table(a=settled), printed=25, **fields).verdict == "undecided"


def test_intervals_of_steady_claims_hold_together():
    table = make_table(a=np.ones(30), b=np.ones(30))
    alone = make_claim("steady", rival="")
    other = Claim("d", "", "", "figure-1", "steady", "m", "b")
    (one,), (wide, _) = judge([alone], table), judge([alone, other], table)
    assert wide.high - wide.low > one.high - one.low


def test_a_barred_method_does_not_judge():
    table = make_table(a=[2, 3], b=[1, 1])
    bar = {("a", None): "a is not trained"}
    verdict = decide("exceeds", table, bar)
    assert (verdict.verdict, verdict.reason) == ("not tested", "a is not trained")
    verdict = decide("exceeds", table, {("b", 1.0): "b is not trained at 1"})
    assert verdict.estimate == pytest.approx(200, abs=5)


def test_an_idle_mechanism_is_not_tested():
    samples = [*make_table(a=[2], b=[1]).samples(), *make_table("moved", a=[0.001]).samples()]
    verdict = decide("exceeds", Table(samples), acts="moved", acts_above=0.05)
    assert verdict.verdict == "not tested"
    assert verdict.reason.startswith("idle")


def test_points_without_what_a_claim_needs_say_nothing():
    samples = [*make_table(a=[9, 2], b=[1, 1]).samples()]
    samples += [make_sample("a", "aircraft", np.full(10, x - 1.0), x=x) for x in (1.0, 2.0)]
    verdict = decide("gain", Table(samples), printed=100.0, needs="aircraft")
    assert (verdict.verdict, verdict.at) == ("holds", 2.0)


def test_a_claim_without_data_has_no_verdict():
    assert judge([make_claim("gain")], make_table(a=[1])) == []


def test_one_test_gives_students_interval():
    values = RANDOM.normal(size=(7, 1))
    low, high = scipy.stats.t.interval(0.95, 6, values.mean(), values.std(ddof=1) / np.sqrt(7))
    assert two_way_interval(values)[1:] == pytest.approx((low, high))


def test_layouts_are_random_too():
    """Hold coverage of the two-way interval against truth, where layouts vary most."""
    hits = 0
    for _ in range(400):
        layouts, seeds = RANDOM.normal(size=(1, 8)), 0.1 * RANDOM.normal(size=(10, 1))
        interval = two_way_interval(layouts + seeds + 0.1 * RANDOM.normal(size=(10, 8)))
        hits += interval.low <= 0.0 <= interval.high
    assert hits / 400 > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 400)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_seeds_and_the_unit_do_not_matter(seed):
    random = np.random.default_rng(seed)
    a, b = random.uniform(1, 2, (2, 6, 3))
    order = random.permutation(6)

    def gain(scale, rows):
        rows = [make_sample(n, "m", scale * v[rows], x=1.0) for n, v in (("a", a), ("b", b))]
        return compute_gain(select_pairs(make_claim("gain"), Table(rows)))

    assert gain(1.0, slice(None)) == pytest.approx(gain(8.0, order))


def test_verdicts_are_read_back(tmp_path):
    verdicts = [
        decide("exceeds", make_table(a=[2], b=[1])),
        Verdict("d", "not tested", "why", low=float("-inf")),
    ]
    path = write_verdicts(tmp_path / "verdicts.json", verdicts, {"commit": "x"})
    read = read_verdicts(path.read_text(), "verdicts.json")
    assert list(read) == ["c", "d"]
    assert read["c"].estimate == pytest.approx(verdicts[0].estimate)
    assert read["d"].low == float("-inf")
