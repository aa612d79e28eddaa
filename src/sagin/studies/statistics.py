"""Means, gains, intervals, the probability of improvement, and paired tests."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float


class Interval(NamedTuple):
    """An estimate with the ends of its confidence interval, all in the unit of the estimate."""

    estimate: float
    low: float
    high: float


def normal_quantile(confidence: float) -> float:
    """Return z with P(|Z| <= z) = confidence for a standard normal Z.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + confidence / 2)


def mean_interval(mean: float, variance: float, count: int, confidence: float = 0.95) -> Interval:
    """Return the normal-theory interval of a mean over independent drops.

    Args:
        mean: mean over the drops.
        variance: sample variance of one drop.
        count: number of drops; below 2 the interval is infinite.
        confidence: coverage of the interval, 0 to 1.

    >>> mean_interval(10.0, 4.0, 100)
    Interval(estimate=10.0, low=9.608..., high=10.391...)
    """
    half = normal_quantile(confidence) * (variance / count) ** 0.5 if count > 1 else float("inf")
    return Interval(mean, mean - half, mean + half)


def sample_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return Student's interval of the mean of a small sample, such as one number per seed.

    Fewer than two values give an infinite one.

    A NaN among the values makes all three NaN.

    2 ± 4.303/√3, from any table of t with 2 degrees of freedom:

    >>> sample_interval([1.0, 2.0, 3.0])
    Interval(estimate=2.0, low=-0.484..., high=4.484...)
    """
    from scipy.special import stdtrit

    count = len(values)
    mean = float(np.mean(values))
    if count < 2 or np.isnan(mean):
        half = float("nan") if np.isnan(mean) else float("inf")
    else:
        half = float(stdtrit(count - 1, 0.5 + confidence / 2) * np.std(values, ddof=1) / count**0.5)
    return Interval(mean, mean - half, mean + half)


def two_way_interval(
    values: Float[np.ndarray, "seeds tests"], confidence: float = 0.95
) -> Interval:
    """Return the mean over seeds and tests with Student's interval; both are random effects.

    All seeds were tested on the same layouts, so neither a seed's nor a layout's numbers are
    independent: Var(mean) = s²_seeds/S + s²_tests/T − s²_rest/(S·T), from the variances of the
    seeds' means, of the tests' means, and of the remainder (crossed random effects, Searle
    et al. 1992), with min(S, T) − 1 degrees of freedom. One test: Student's interval over seeds.
    One seed: an infinite one. A NaN among the values makes all three NaN.

    >>> two_way_interval(np.array([[1.0], [2.0], [3.0]]))
    Interval(estimate=2.0, low=-0.484..., high=4.484...)
    """
    from scipy.special import stdtrit

    seeds, tests = values.shape
    if tests == 1 or seeds == 1 or np.isnan(values).any():
        return sample_interval(values.mean(axis=1).tolist(), confidence)
    by_seed, by_test = values.mean(axis=1), values.mean(axis=0)
    mean_of_all = float(values.mean())
    residual = values - by_seed[:, None] - by_test + mean_of_all
    noise = np.sum(residual**2) / ((seeds - 1) * (tests - 1))
    variance = by_seed.var(ddof=1) / seeds + by_test.var(ddof=1) / tests - noise / (seeds * tests)
    # the estimate of the variance is not below that of the seeds alone
    variance = max(float(variance), float(by_seed.var(ddof=1)) / seeds)
    half = float(stdtrit(min(seeds, tests) - 1, 0.5 + confidence / 2)) * variance**0.5
    return Interval(mean_of_all, mean_of_all - half, mean_of_all + half)


def format_signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign, a typographic minus, and no negative zero.

    >>> format_signed(-0.001), format_signed(-2.5)
    ('0.00', '−2.50')
    """
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")


Values = Sequence[float] | np.ndarray
Strata = Sequence[Values] | np.ndarray
"""Numbers by stratum, such as a number of users K_s, and within it by seed."""
RESAMPLES = 10_000
"""Number of bootstrap resamples; an end of a 95 % interval is then known to about a fortieth of the
interval's width.
"""
EXACT_UP_TO = 14
"""Largest number of differences for which every choice of signs is tried; at most 16 384 choices.
"""
FLIPS = 99_999
"""Number of random choices of signs beyond that."""


def mean(values: Values) -> Any:
    """Return the mean over the last axis."""
    return np.mean(values, axis=-1)


def interquartile_mean(values: Values) -> Any:
    """Return the mean of the middle half over the last axis.

    A quarter of the values, rounded down, is left out at each end.

    >>> float(interquartile_mean([1.0, 2.0, 4.0, 100.0]))
    3.0
    """
    values = np.sort(np.asarray(values, dtype=float), axis=-1)
    cut = values.shape[-1] // 4
    return values[..., cut : values.shape[-1] - cut].mean(axis=-1)


def bootstrap_interval(
    strata: Strata,
    statistic: Callable[[np.ndarray], Any] = mean,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return a statistic of all values with its percentile interval.

    Seeds are resampled within each stratum (stratified bootstrap). A NaN among the values makes all
    three NaN.

    Args:
        strata: values by seed, for each stratum.
        statistic: function of the last axis: `mean` or `interquartile_mean`.
        confidence: coverage of the interval, 0 to 1.
        resamples: number of bootstrap samples.
        seed: seed of the resampling.

    >>> bootstrap_interval([[1.0, 1.0], [3.0, 3.0]])
    Interval(estimate=2.0, low=2.0, high=2.0)
    """
    generator = np.random.default_rng(seed)
    drawn = np.concatenate([_resample(generator, stratum, resamples) for stratum in strata], axis=1)
    return _percentiles(
        float(statistic(np.concatenate([np.asarray(stratum, float) for stratum in strata]))),
        statistic(drawn),
        confidence,
    )


def probability_of_improvement(x: Strata, y: Strata) -> float:
    """Return P(X > Y) over all pairs of runs in a stratum, averaged over strata.

    Ties count half.

    The mean of (1 + 0.5 + 1 + 1)/4 and 0.5:

    >>> probability_of_improvement([[2.0, 3.0], [1.0]], [[1.0, 2.0], [1.0]])
    0.6875
    """
    return float(
        np.mean(
            [
                _wins(np.asarray(first, float), np.asarray(other, float))
                for first, other in zip(x, y, strict=True)
            ]
        )
    )


def improvement_interval(
    x: Strata, y: Strata, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Return the probability of improvement with its percentile interval.

    Args:
        x: values of X by run, for each stratum.
        y: values of Y by run, for each stratum; runs are resampled within each stratum.
        confidence: coverage of the interval, 0 to 1.
        resamples: number of bootstrap samples.
        seed: seed of the resampling.
    """
    generator = np.random.default_rng(seed)
    pairs = [
        (_resample(generator, first, resamples), _resample(generator, other, resamples))
        for first, other in zip(x, y, strict=True)
    ]
    return _percentiles(
        probability_of_improvement(x, y),
        np.mean([_wins(*pair) for pair in pairs], axis=0),
        confidence,
    )


def _resample(generator: np.random.Generator, values: Values, resamples: int) -> np.ndarray:
    return np.asarray(values, float)[generator.integers(len(values), size=(resamples, len(values)))]


def _wins(x: np.ndarray, y: np.ndarray) -> Any:
    difference = x[..., :, None] - y[..., None, :]
    return (0.5 + 0.5 * np.sign(difference)).mean(axis=(-2, -1))


def _percentiles(estimate: float, drawn: np.ndarray, confidence: float) -> Interval:
    low, high = np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(estimate, float(low), float(high))


def paired_test(x: Strata, y: Strata, shared: bool = False, seed: int = 0) -> float:
    """Return the p-value of "the mean of X is above that of Y", paired over (stratum, seed).

    It is the probability of such a lead with random signs: a sign-flip permutation test of the mean
    difference. Unlike Wilcoxon's test, it tests the shown number itself, a mean, and it can respect
    pairs that belong together: with `shared`, one run of a seed gave its numbers in all strata (a
    network evaluated at each K_s), so their differences share one sign. The test is exact up to
    EXACT_UP_TO differences, and uses FLIPS random signs beyond that.

    Only one of the eight choices of signs sums up to 6:

    >>> paired_test([[2.0, 3.0, 4.0]], [[1.0, 1.0, 1.0]])
    0.125
    """
    differences = [
        np.asarray(first, float) - np.asarray(other, float)
        for first, other in zip(x, y, strict=True)
    ]
    flat = np.sum(differences, axis=0) if shared else np.concatenate(differences)
    if np.isnan(flat).any():
        return float("nan")
    count, exact = len(flat), len(flat) <= EXACT_UP_TO
    if exact:
        signs = 1 - 2 * (np.arange(2**count)[:, None] >> np.arange(count) & 1)
    else:
        signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (FLIPS, count))
    # sums that are equal up to rounding are equal
    reached = signs @ flat >= flat.sum() - 1e-9 * np.abs(flat).sum()
    return float(reached.mean()) if exact else float((reached.sum() + 1) / (FLIPS + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for a family of tests by Holm's method.

    Of m values, the i-th smallest is multiplied by m − i + 1, and is never below a smaller one's.

    >>> [round(p, 4) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values, kind="stable")
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(
        np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1.0
    )
    return corrected.tolist()
