"""Means, paired gains and their confidence intervals."""

from collections.abc import Sequence
from typing import NamedTuple

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
    """Return the normal-theory interval of a mean over `count` independent drops; count below 2 gives an infinite one.

    >>> mean_interval(10.0, 4.0, 100)
    Interval(estimate=10.0, low=9.608..., high=10.391...)
    """
    half = normal_quantile(confidence) * (variance / count) ** 0.5 if count > 1 else float("inf")
    return Interval(mean, mean - half, mean + half)


def sample_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return Student's interval of the mean of a small sample, such as one number a seed; fewer than two values give an infinite one.

    A NaN among the values (a number that can't be) makes all three NaN.

    >>> sample_interval([1.0, 2.0, 3.0])  # 2 ± 4.303/√3, from any table of t with 2 degrees of freedom
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


def gain_interval(means: tuple[float, float], covariance: Float[np.ndarray, "2 2"], count: int, confidence: float = 0.95) -> Interval:
    """Return the gain of a over b in percent, 100·(mean a / mean b − 1), with a paired interval.

    The interval is the delta method's: the variance of a ratio of means of paired samples is
    (s_aa − 2·r·s_ab + r²·s_bb)/(n·mean_b²), r = mean a / mean b. With mean b = 0 the gain is infinite, or NaN if mean a is 0 too.

    >>> gain_interval((3.0, 2.0), np.zeros((2, 2)), 10).estimate
    50.0
    """
    above, below = means
    if below == 0.0:
        infinite = float("nan") if above == 0.0 else float("inf")
        return Interval(infinite, infinite, infinite)
    ratio = above / below
    variance = (covariance[0, 0] - 2 * ratio * covariance[0, 1] + ratio**2 * covariance[1, 1]) / below**2
    # rounding can leave a variance of identical samples a few ulp below zero
    return Interval(*(100 * (value - 1) for value in mean_interval(ratio, max(float(variance), 0.0), count, confidence)))


def signed(value: float, digits: int = 2) -> str:
    """Return a number with two digits, or as many as asked for, and its sign, a minus as printed, and no negative zero.

    >>> signed(-0.001), signed(-2.5)
    ('0.00', '−2.50')
    """
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")
