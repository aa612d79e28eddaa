"""Verdicts on claims: the gain of one method over another along a sweep, against what the paper prints."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagin.experiments.statistics import Interval, gain_interval, signed
from sagin.experiments.study import Claim, Judgement, Verdict

SIZE_TOLERANCE = 0.2
"""A printed gain counts as reproduced where ours is within this share of it, since it depends on what the paper leaves open."""

Cell = Mapping[str, Any]


def gain(cell: Cell, metric: str, method: str, rival: str, confidence: float = 0.95) -> Interval:
    """Return the gain of a method over a rival in percent, in one stored cell, paired over its drops."""
    stored = cell["metrics"][metric]
    pair = [cell["methods"].index(method), cell["methods"].index(rival)]
    means = np.asarray(stored["mean"])[pair]
    covariance = np.asarray(stored["covariance"])[np.ix_(pair, pair)]
    return gain_interval((float(means[0]), float(means[1])), covariance, cell["drops"], confidence)


def judge(claim: Claim, sweep: Sequence[tuple[float, Cell]], unit: str = "") -> Judgement:
    """Return the verdict on a claim over a sweep of (value, stored cell); `unit` is what the value counts.

    The points that decide are picked among all, so each point's interval has the confidence 1 − 0.05/points (Bonferroni):
    together they hold with 95 %.
    """
    confidence = 1 - 0.05 / max(len(sweep), 1)
    there = [(value, cell) for value, cell in sweep if not claim.without or _differ(cell, claim.metric, claim.rival, claim.without)]
    gains = [(value, gain(cell, claim.metric, claim.method, claim.rival, confidence)) for value, cell in there]
    known = [(value, one) for value, one in gains if np.isfinite(one.estimate)]
    # where nobody is in excess both do the same in every drop, which says nothing of the claim
    differing = [(value, one) for value, one in known if one.high > one.low]
    if not differing:
        at, raw = known[-1] if known else (float("nan"), Interval(float("nan"), float("nan"), float("nan")))
        verdict: Verdict = "does not hold" if known else "undecided"
        return Judgement(claim, raw, at, unit, _scaled(claim, raw), verdict, "both do the same in every drop of the sweep")
    lowest, highest = (pick(differing, key=lambda item: item[1].estimate) for pick in (min, max))
    if claim.kind == "falls below":
        at, raw = differing[-1]
        verdict, reason = _decline(differing[0], differing[-1])
    else:
        at, raw = highest if claim.kind == "gain" else lowest
        verdict, reason = _size(claim, lowest, highest) if claim.kind == "gain" else _above(lowest, highest)
    return Judgement(claim, raw, at, unit, _scaled(claim, raw), verdict, reason)


def _differ(cell: Cell, metric: str, method: str, other: str) -> bool:
    """Return whether two methods differ in any drop of a cell."""
    between = gain(cell, metric, method, other)
    return bool(between.high > between.low)


def _scaled(claim: Claim, raw: Interval) -> float:
    return 100 * ((1 + raw.estimate / 100) * claim.caption_factor - 1)


Point = tuple[float, Interval]
"""A value of the swept field, and the gain there."""


def _size(claim: Claim, lowest: Point, highest: Point) -> tuple[Verdict, str]:
    printed, raw = claim.printed or 0.0, highest[1]
    scaled = _scaled(claim, raw)
    factor = f"the caption's factor alone makes {100 * (claim.caption_factor - 1):.2f} %"
    if abs(scaled - printed) <= SIZE_TOLERANCE * printed:
        factor = f"{factor}, and with it the gain comes to {scaled:.2f} %, about the printed one"
    if raw.high < 0:
        return "does not hold", f"a loss wherever they differ; {factor}"
    if raw.low <= 0:
        return "undecided", f"no gain shown at this number of drops; {factor}"
    below = f"; a loss at {lowest[0]:g} ({signed(lowest[1].estimate)} %)" if lowest[1].high < 0 else ""
    if abs(raw.estimate - printed) <= SIZE_TOLERANCE * printed:
        return "holds in part" if below else "holds", f"within a fifth of the printed gain without the caption's factor; {factor}{below}"
    side = "more" if raw.estimate > printed else "less"
    return "holds in part", f"a gain, but {side} than printed; {factor}{below}"


def _above(lowest: Point, highest: Point) -> tuple[Verdict, str]:
    if lowest[1].low > 0:
        return "holds", "above wherever they differ"
    if highest[1].high < 0:
        return "does not hold", "below wherever they differ"
    if lowest[1].high < 0 < highest[1].low:
        return "holds in part", f"above at {highest[0]:g}, below at {lowest[0]:g}"
    if highest[1].low > 0:
        return "holds in part", f"above at {highest[0]:g}, level at {lowest[0]:g}"
    return "undecided", "no difference shown at this number of drops"


def _decline(first: Point, last: Point) -> tuple[Verdict, str]:
    """Return whether the method ends below its rival, and further below than it began."""
    if last[1].high < 0:
        if last[1].estimate < first[1].estimate:
            return "holds", f"from {signed(first[1].estimate)} % at {first[0]:g} to {signed(last[1].estimate)} % at {last[0]:g}"
        return "holds in part", f"below at {last[0]:g}, but no further than at {first[0]:g} ({signed(first[1].estimate)} %)"
    if last[1].low > 0:
        return "does not hold", f"above at {last[0]:g}, the end of the sweep"
    return "undecided", "no difference shown at this number of drops"
