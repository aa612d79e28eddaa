"""Intervals cover the truth as often as they state, and gains are paired."""

import numpy as np
import pytest

from sagin.studies.pairs import Pairs, compute_gain
from sagin.studies.statistics import (
    bootstrap_interval,
    holm,
    improvement_interval,
    interquartile_mean,
    mean_interval,
    normal_quantile,
    paired_test,
    probability_of_improvement,
)

from authorities import check, entries

OURS = {
    "interquartile mean": lambda x: interquartile_mean(x.ravel()),
    "probability of improvement": lambda x, y: probability_of_improvement(x.T, y.T),
    "interval of the interquartile mean": lambda x: bootstrap_interval(
        x.T, interquartile_mean, resamples=50_000
    )[1:],
    "interval of the mean": lambda x: bootstrap_interval(x.T, resamples=50_000)[1:],
    "interval of the probability of improvement": lambda x, y: improvement_interval(x.T, y.T)[1:],
}
"""By quantity; rliable has seeds in rows and tasks, our strata, in columns."""


@pytest.mark.parametrize("entry", entries("rliable"), ids=lambda entry: entry["id"])
def test_parity_with_rliable(entry):
    check(
        entry, OURS[entry["quantity"]](*(np.array(values) for values in entry["inputs"].values()))
    )


def test_quantile_against_scipy():
    from scipy.stats import norm

    assert normal_quantile(0.99) == pytest.approx(norm.ppf(0.995), rel=1e-12)


def compare(ours, theirs):
    """Return the gain of one number per seed over another, at one point."""
    sides = (np.asarray(values, float).reshape(1, -1, 1) for values in (ours, theirs))
    return compute_gain(Pairs([1.0], *sides))


def test_paired_gain_covers_the_true_ratio():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        shared = generator.normal(10, 3, 200)
        gain = compare(1.2 * shared + generator.normal(0, 0.5, 200), shared)
        covered += gain.low <= 20 <= gain.high
    assert 0.91 <= covered / 400 <= 0.98


def test_the_interval_of_a_gain_against_scipys_bootstrap():
    from scipy.stats import bootstrap

    rng = np.random.default_rng(3)
    a, b = rng.gamma(4.0, 1.0, 200), rng.gamma(2.0, 0.5, 200)
    theirs = bootstrap(
        (a, b),
        lambda x, y, axis=-1: 100 * (np.mean(x, axis=axis) / np.mean(y, axis=axis) - 1),
        paired=True,
        vectorized=True,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(4),
    ).confidence_interval
    ours = compare(a, b)
    assert ours.estimate == pytest.approx(100 * (a.mean() / b.mean() - 1))
    # of many seeds, percentiles and Student's interval of the linearised ratio agree
    width = theirs.high - theirs.low
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.1 * width)


def test_pairing_narrows_the_interval():
    generator = np.random.default_rng(1)
    shared = generator.normal(10, 3, 500)
    paired = compare(1.1 * shared, shared)
    unpaired = compare(1.1 * shared, generator.permutation(shared))
    assert paired.high - paired.low < 0.1 * (unpaired.high - unpaired.low)


def test_degenerate_cases():
    assert np.isinf(mean_interval(1.0, 0.0, 1).high)
    assert np.isnan(compare([0.0, 0.0], [0.0, 0.0]).estimate)
    assert np.isinf(compare([1.0, 1.0], [0.0, 0.0]).estimate)


def test_bootstrap_covers_the_true_mean():
    generator = np.random.default_rng(2)
    truth = np.array([[5.0], [7.0], [9.0]])
    found = [
        bootstrap_interval(truth + generator.normal(0, 1, (3, 10)), resamples=500, seed=trial)
        for trial in range(300)
    ]
    # percentile intervals of ten seeds a stratum are a little too narrow
    assert 0.88 <= np.mean([one.low <= 7 <= one.high for one in found]) <= 0.98


def test_strata_of_unlike_size_and_a_number_that_can_not_be():
    assert bootstrap_interval([[1.0], [4.0, 4.0]]).estimate == 3.0
    assert np.isnan(bootstrap_interval([[1.0, float("nan")]])).all()
    assert np.isnan(paired_test([[1.0, float("nan")]], [[0.0, 0.0]]))


def test_paired_test_against_scipy():
    from scipy.stats import permutation_test

    generator = np.random.default_rng(3)
    x, y = generator.normal(0.3, 1, (2, 5)), generator.normal(0, 1, (2, 5))

    def lead(one, other, axis):
        return np.mean(one - other, axis=axis)

    known = permutation_test(
        (x.ravel(), y.ravel()),
        lead,
        permutation_type="samples",
        alternative="greater",
        n_resamples=2000,
    )
    assert paired_test(x, y) == pytest.approx(known.pvalue, abs=1e-12)


def test_paired_test_of_ranks_is_wilcoxons():
    from scipy.stats import wilcoxon

    ranks = np.array([[-1.0, 2, 3, -4, 5, 6, 7, 8, 9, -10]])
    assert paired_test(ranks, 0 * ranks) == pytest.approx(
        wilcoxon(ranks[0], alternative="greater").pvalue, abs=1e-12
    )


def test_many_pairs_and_shared_seeds():
    generator = np.random.default_rng(4)
    seeds = generator.normal(0, 1, 10)
    x = np.tile(seeds, (5, 1)) + generator.normal(0, 0.1, (5, 10))
    apart, together = paired_test(x, 0 * x), paired_test(x, 0 * x, shared=True)
    assert paired_test(x + 9, 0 * x) == pytest.approx(1e-5, rel=1e-6)
    assert paired_test(x + 9, 0 * x, shared=True) == 2.0**-10
    # five copies of ten seeds are not fifty of them
    assert abs(together - 0.5) < abs(apart - 0.5)


def test_p_values_are_as_rare_as_they_say():
    generator = np.random.default_rng(5)
    found = [paired_test(generator.normal(0, 1, (2, 5)), np.zeros((2, 5))) for _ in range(400)]
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_holm_in_any_order():
    values = [0.04, 0.01, 0.03, 0.9]
    assert holm(values) == pytest.approx([0.09, 0.04, 0.09, 0.9])
    assert holm(values[::-1]) == holm(values)[::-1]
    assert holm([]) == []
    assert holm([0.7, 0.8]) == [1.0, 1.0]
