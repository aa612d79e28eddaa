"""Verdicts on claims: the gain of one method over another along a sweep, against what the paper
prints.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagin.experiments.study import Claim, Judgement, Verdict
from sagin.studies.statistics import Interval, gain_interval, signed

SIZE_TOLERANCE = 0.2
"""A printed gain counts as reproduced where ours is within this share of it, since it depends on
what the paper leaves open.
"""

Cell = Mapping[str, Any]


def gain(cell: Cell, metric: str, method: str, rival: str, confidence: float = 0.95) -> Interval:
    """Return the gain of a method over a rival in percent, in one stored cell, paired over its
    drops.
    """
    stored = cell["metrics"][metric]
    pair = [cell["methods"].index(method), cell["methods"].index(rival)]
    means = np.asarray(stored["mean"])[pair]
    covariance = np.asarray(stored["covariance"])[np.ix_(pair, pair)]
    return gain_interval((float(means[0]), float(means[1])), covariance, cell["drops"], confidence)


def judge(claim: Claim, sweep: Sequence[tuple[float, Cell]], unit: str = "") -> Judgement:
    """Return the verdict on a claim over a sweep of (value, stored cell); `unit` is what the value
    counts.

    The points that decide are picked among all, so each point's interval has the confidence 1 −
    0.05/points (Bonferroni): together they hold with 95 %.
    """
    confidence = 1 - 0.05 / max(len(sweep), 1)
    there = [
        (value, cell)
        for value, cell in sweep
        if not claim.needs or _mean(cell, claim.needs, claim.method) > 0
    ]
    gains = [
        (value, gain(cell, claim.metric, claim.method, claim.rival, confidence))
        for value, cell in there
    ]
    known = [(value, one) for value, one in gains if np.isfinite(one.estimate)]
    # where nobody is in excess both do the same in every drop, which says nothing of the claim
    differing = [(value, one) for value, one in known if one.high > one.low]
    if not differing:
        at, raw = (
            known[-1]
            if known
            else (float("nan"), Interval(float("nan"), float("nan"), float("nan")))
        )
        verdict: Verdict = "does not hold" if known else "undecided"
        reason = (
            "both do the same in every drop of the sweep"
            if there
            else f"no point of the sweep has {claim.needs}"
        )
        return Judgement(claim, raw, at, unit, _scaled(claim, raw), verdict, reason)
    lowest, highest = (pick(differing, key=lambda item: item[1].estimate) for pick in (min, max))
    wherever = "wherever they differ" + (
        f", points without {claim.needs} aside" if len(there) < len(sweep) else ""
    )
    match claim.kind:
        case "gain":
            (at, raw), (verdict, reason) = highest, _size(claim, lowest, highest, wherever)
        case "above":
            (at, raw), (verdict, reason) = lowest, _above(lowest, highest, wherever)
        case _:
            (at, raw), (verdict, reason) = (
                differing[-1],
                _drift(claim.kind == "rises above", differing[0], differing[-1]),
            )
    return Judgement(claim, raw, at, unit, _scaled(claim, raw), verdict, reason)


def _mean(cell: Cell, metric: str, method: str) -> float:
    return cell["metrics"][metric]["mean"][cell["methods"].index(method)]


def _scaled(claim: Claim, raw: Interval) -> float:
    return 100 * ((1 + raw.estimate / 100) * claim.caption_factor - 1)


Point = tuple[float, Interval]
"""A value of the swept field, and the gain there."""


def _size(claim: Claim, lowest: Point, highest: Point, wherever: str) -> tuple[Verdict, str]:
    printed, raw = claim.printed or 0.0, highest[1]
    scaled = _scaled(claim, raw)
    factor = f"the caption's factor alone makes {100 * (claim.caption_factor - 1):.2f} %"
    if abs(scaled - printed) <= SIZE_TOLERANCE * printed:
        factor = f"{factor}, and with it the gain comes to {scaled:.2f} %, about the printed one"
    if raw.high < 0:
        return "does not hold", f"a loss {wherever}; {factor}"
    if raw.low <= 0:
        return "undecided", f"no gain shown at this number of drops; {factor}"
    below = (
        f"; a loss at {lowest[0]:g} ({signed(lowest[1].estimate)} %)" if lowest[1].high < 0 else ""
    )
    if abs(raw.estimate - printed) <= SIZE_TOLERANCE * printed:
        return (
            "holds in part" if below else "holds",
            f"within a fifth of the printed gain without the caption's factor; {factor}{below}",
        )
    side = "more" if raw.estimate > printed else "less"
    return "holds in part", f"a gain, but {side} than printed; {factor}{below}"


def _above(lowest: Point, highest: Point, wherever: str) -> tuple[Verdict, str]:
    if lowest[1].low > 0:
        return "holds", f"above {wherever}"
    if highest[1].high < 0:
        return "does not hold", f"below {wherever}"
    if lowest[1].high < 0 < highest[1].low:
        return "holds in part", f"above at {highest[0]:g}, below at {lowest[0]:g}"
    if highest[1].low > 0:
        return "holds in part", f"above at {highest[0]:g}, level at {lowest[0]:g}"
    return "undecided", "no difference shown at this number of drops"


def _drift(rising: bool, first: Point, last: Point) -> tuple[Verdict, str]:
    """Return whether the method ends above its rival, or below it if not `rising`, and further so
    than it began.
    """
    sign, side, other = (1, "above", "below") if rising else (-1, "below", "above")
    start, end = (sorted((sign * one.low, sign * one.high)) for _, one in (first, last))
    if end[0] > 0:
        if end[0] > start[1]:
            return (
                "holds",
                f"from {signed(first[1].estimate)} % at {first[0]:g} to {signed(last[1].estimate)} % at {last[0]:g}",
            )
        return (
            "holds in part",
            f"{side} at {last[0]:g}, but not shown to be further so than at {first[0]:g} ({signed(first[1].estimate)} %)",
        )
    if end[1] < 0:
        return "does not hold", f"{other} at {last[0]:g}, the end of the sweep"
    return "undecided", "no difference shown at this number of drops"
