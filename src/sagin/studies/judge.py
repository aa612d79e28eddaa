"""The judge: verdicts on claims from the table of records of their figures."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sagin.studies.claim import Claim, Verdict, Word
from sagin.studies.pairs import Pairs, compute_gain, mean_metric, select_pairs
from sagin.studies.record import Table
from sagin.studies.statistics import Interval, format_signed, holm, paired_test, two_way_interval

SIGNIFICANT = 0.05
SIZE_TOLERANCE = 0.2
"""A printed number counts as reproduced if ours is within this share of it, since it depends on the
paper's open values.
"""
Barred = Mapping[tuple[str, float | None], str]
"""Reason why a method may not judge at a value of the swept parameter (None: at any value)."""


class Answer(NamedTuple):
    """Result of a kind of claim, before it is written as a verdict."""

    word: Word
    reason: str
    value: Interval
    at: float | None = None
    unit: str = "%"


class Case(NamedTuple):
    """A claim with its data and, if it is tested over all points, the test's p-values."""

    claim: Claim
    pairs: Pairs
    p: float | None = None
    p_holm: float | None = None
    family: int = 1
    """Number of claims of the same kind on the figure, whose intervals have to hold together."""


def judge(claims: Sequence[Claim], table: Table, barred: Barred | None = None) -> list[Verdict]:
    """Return the verdicts on the claims of one figure, the family of Holm's correction.

    Claims whose methods the table lacks have no verdict.

    Args:
        claims: claims on one figure.
        table: records of that figure.
        barred: methods that may not judge, such as a learner below the floor.
    """
    verdicts: dict[str, Verdict] = {}
    cases: list[Case] = []
    for claim in claims:
        pairs = select_pairs(claim, table)
        if pairs is None:
            continue
        reason = _find_bar(claim, pairs, table, barred or {})
        if reason:
            verdicts[claim.id] = Verdict(claim.id, "not tested", reason, seeds=pairs.seeds)
        else:
            cases.append(Case(claim, _allow_points(claim, pairs, barred or {})))
    for case in _correct(cases):
        verdicts[case.claim.id] = _write(case, KINDS[case.claim.kind](case))
    return [verdicts[claim.id] for claim in claims if claim.id in verdicts]


def _find_bar(claim: Claim, pairs: Pairs, table: Table, barred: Barred) -> str:
    """Return the reason why a claim cannot be tested at any point; empty if it can."""
    if not pairs.x:
        return f"no point of the sweep has {claim.needs}"
    for method in filter(None, (claim.method, claim.rival)):
        reasons = [barred.get((method, None), "") or barred.get((method, x), "") for x in pairs.x]
        if all(reasons):
            return reasons[0]
    if claim.acts:
        amount = mean_metric(table, claim.method, claim.acts)
        if not amount > claim.acts_above:
            return f"idle: {claim.acts} is {amount:.2g} on average, at most {claim.acts_above:g}"
    return ""


def _allow_points(claim: Claim, pairs: Pairs, barred: Barred) -> Pairs:
    """Return the pairs at the points at which both methods may judge."""
    methods = [method for method in (claim.method, claim.rival) if method]
    rows = [
        row
        for row, x in enumerate(pairs.x)
        if not any((method, x) in barred or (method, None) in barred for method in methods)
    ]
    return Pairs([pairs.x[row] for row in rows], pairs.ours[rows], pairs.theirs[rows])


def _correct(cases: Sequence[Case]) -> list[Case]:
    """Return the cases with corrected p-values, for those tested over all points."""
    tested = [case for case in cases if _is_tested(case.claim)]
    values = [_test(case) for case in tested]
    kinds = [case.claim.kind for case in cases]
    corrected = dict(zip((case.claim.id for case in tested), holm(values), strict=True))
    p_values = dict(zip(corrected, values, strict=True))
    return [
        case._replace(
            p=p_values.get(case.claim.id),
            p_holm=corrected.get(case.claim.id),
            family=kinds.count(case.claim.kind),
        )
        for case in cases
    ]


def _is_tested(claim: Claim) -> bool:
    return claim.kind == "exceeds" or (claim.kind == "rises" and not claim.rival)


def _steps(case: Case) -> Pairs:
    """Return the two sides of a test: method and rival, or for a trend each point and the last."""
    if case.claim.kind != "rises":
        return case.pairs
    ours = case.pairs.ours
    return Pairs(case.pairs.x[1:], ours[1:], ours[:-1])


def _test(case: Case) -> float:
    """Return the two-sided p-value of a paired test over seeds, with one sign per seed."""
    sides = _steps(case)
    if not sides.x:
        return 1.0
    ours, theirs = sides.ours.mean(axis=2), sides.theirs.mean(axis=2)
    p = min(paired_test(ours, theirs, shared=True), paired_test(theirs, ours, shared=True))
    return min(1.0, 2.0 * p)


def _write(case: Case, answer: Answer) -> Verdict:
    claim, value = case.claim, answer.value
    scaled = None
    if claim.factor != 1.0 and answer.unit == "%":
        scaled = scale_gain(value.estimate, claim.factor)
    return Verdict(
        claim=claim.id,
        verdict=answer.word,
        reason=answer.reason,
        **value._asdict(),
        unit=answer.unit,
        at=answer.at,
        scaled=scaled,
        p=case.p,
        p_holm=case.p_holm,
        seeds=case.pairs.seeds,
    )


def scale_gain(gain: float, factor: float) -> float:
    """Return a gain in percent after the method's series was multiplied by a caption's factor.

    >>> round(scale_gain(14.2, 1.16), 2)
    32.47
    """
    return 100.0 * ((1.0 + gain / 100.0) * factor - 1.0)


class Gain(NamedTuple):
    """A gain at a point of the sweep."""

    x: float
    value: Interval


def _gains(case: Case) -> list[Gain]:
    """Return the gain at each point, with intervals that hold together with 95 % (Bonferroni).

    Points at which both do the same in every drop are left out.
    """
    count = len(case.pairs.x)
    confidence = 1 - 0.05 / max(count, 1)
    gains = [
        Gain(x, compute_gain(case.pairs.at(row), confidence, case.claim.absolute))
        for row, x in enumerate(case.pairs.x)
    ]
    known = [gain for gain in gains if np.isfinite(gain.value.estimate)]
    return [
        gain for gain in known if gain.value.high > gain.value.low or gain.value.estimate != 0.0
    ]


def judge_gain(case: Case) -> Answer:
    """Judge whether the largest gain along the sweep is about the printed one."""
    claim, gains = case.claim, _gains(case)
    if not gains:
        return Answer("does not hold", "both do the same in every drop", Interval(0.0, 0.0, 0.0))
    lowest = min(gains, key=lambda gain: gain.value.estimate)
    highest = max(gains, key=lambda gain: gain.value.estimate)
    word, reason = _compare_size(claim, lowest, highest)
    return Answer(word, reason, highest.value, highest.x)


def _compare_size(claim: Claim, lowest: Gain, highest: Gain) -> tuple[Word, str]:
    printed, value = claim.printed or 0.0, highest.value
    scaled = scale_gain(value.estimate, claim.factor)
    caption = ""
    if claim.factor != 1.0:
        caption = f"; the caption's factor alone makes {100 * (claim.factor - 1):.2f} %"
    if caption and abs(scaled - printed) <= SIZE_TOLERANCE * printed:
        caption = f"{caption}, and with it the gain is {scaled:.2f} %, about the printed one"
    if value.high < 0:
        return "does not hold", f"a loss wherever they differ{caption}"
    if value.low <= 0:
        return "undecided", f"no gain shown at this number of drops{caption}"
    loss = ""
    if lowest.value.high < 0:
        loss = f"; a loss at {lowest.x:g} ({format_signed(lowest.value.estimate)} %)"
    if abs(value.estimate - printed) <= SIZE_TOLERANCE * printed:
        word: Word = "holds in part" if loss else "holds"
        return word, f"within a fifth of the printed gain without the factor{caption}{loss}"
    side = "more" if value.estimate > printed else "less"
    return "holds in part", f"a gain, but {side} than printed{caption}{loss}"


def judge_excess(case: Case) -> Answer:
    """Judge whether the method is better than its rival, over all points and at each of them."""
    claim, sides = case.claim, _steps(case)
    value = compute_gain(sides, absolute=claim.absolute)
    unit = "" if claim.absolute else "%"
    word, reason = _decide(case, sides, value)
    return Answer(word, f"{reason}; {sides.seeds} seeds", value, None, unit)


def _decide(case: Case, sides: Pairs, value: Interval) -> tuple[Word, str]:
    """Combine the corrected test, the interval and the single points into a verdict."""
    sign, p = case.claim.direction, case.p_holm if case.p_holm is not None else 1.0
    least = 2.0 / 2.0**sides.seeds
    if least >= SIGNIFICANT:
        return "undecided", f"so few seeds cannot decide: no p below {least:g}"
    means = sign * (sides.ours - sides.theirs).mean(axis=(1, 2))
    if not p < SIGNIFICANT:
        return "undecided", "no difference shown at this number of seeds"
    low, high = sorted((sign * value.low, sign * value.high))
    if low <= 0 <= high:
        return "undecided", "no difference shown once the layouts of the tests are random too"
    if means.mean() < 0:
        other = [x for x, mean in zip(sides.x, means, strict=True) if mean > 0]
        at = f", but not at {', '.join(f'{x:g}' for x in other)}" if other else ""
        return "does not hold", f"the other way round{at}"
    if np.all(means > 0):
        return "holds", "at every point of the sweep"
    count = int(np.sum(means <= 0))
    return "holds in part", f"on the whole, but not at {count} of {len(means)} points or steps"


def judge_rise(case: Case) -> Answer:
    """Judge whether a metric, or with a rival the gain over it, grows along the sweep."""
    if not case.claim.rival:
        if len(case.pairs.x) < 2:
            return Answer("undecided", "the sweep has one point", _nothing())
        return judge_excess(case)
    gains = _gains(case)
    if len(gains) < 2:
        return Answer("undecided", "they differ at fewer than two points", _nothing())
    word, reason = _compare_ends(case.claim.direction, gains[0], gains[-1])
    return Answer(word, reason, gains[-1].value, gains[-1].x)


def _compare_ends(sign: int, first: Gain, last: Gain) -> tuple[Word, str]:
    """Return whether the method ends better than its rival, and further so than it began."""
    side, other = ("above", "below") if sign > 0 else ("below", "above")
    start, end = (sorted((sign * g.value.low, sign * g.value.high)) for g in (first, last))
    begin = f"{format_signed(first.value.estimate)} %"
    if end[1] < 0:
        return "does not hold", f"{other} at {last.x:g}, the end of the sweep"
    if end[0] <= 0:
        return "undecided", "no difference shown at this number of drops"
    if end[0] > start[1]:
        final = format_signed(last.value.estimate)
        return "holds", f"from {begin} at {first.x:g} to {final} % at {last.x:g}"
    return "holds in part", f"{side} at {last.x:g}, but not shown to be more so than at {first.x:g}"


def judge_level(case: Case) -> Answer:
    """Judge whether two methods are almost equal, over all points."""
    claim = case.claim
    value = compute_gain(case.pairs, absolute=claim.absolute)
    limit = claim.tolerance if claim.absolute else 100 * claim.tolerance
    text = f"{limit:g}" if claim.absolute else f"{limit:.0f} %"
    unit = "" if claim.absolute else "%"
    if value.low > -limit and value.high < limit:
        return Answer("holds", f"within {text}", value, None, unit)
    if value.low > limit or value.high < -limit:
        return Answer("does not hold", f"apart by more than {text}", value, None, unit)
    return Answer("undecided", f"neither within {text} nor beyond it", value, None, unit)


def judge_crossing(case: Case) -> Answer:
    """Judge the value of the swept parameter from which on the metric's mean exceeds the limit.

    The interval is that of its bounds' crossings; the bounds have the confidence 1 − 0.05/points at
    each point (Bonferroni), so that they hold at all points together with 95 %.
    """
    claim, pairs = case.claim, case.pairs
    limit, confidence = claim.limit or 0.0, 1 - 0.05 / len(pairs.x)
    bounds = [two_way_interval(values, confidence) for values in pairs.ours]
    lines = ([getattr(bound, part) for bound in bounds] for part in ("estimate", "high", "low"))
    passes = Interval(*(find_crossing(pairs.x, line, limit) for line in lines))
    last = bounds[-1]
    mean = f"mean {last.estimate:.1f} at {pairs.x[-1]:g}"
    if not np.isfinite(passes.estimate):
        word: Word = "undecided" if last.high > limit else "does not hold"
        return Answer(word, f"{mean} ({last.low:.1f} to {last.high:.1f})", passes, None, "x")
    printed = claim.printed or 0.0
    if abs(passes.estimate - printed) <= SIZE_TOLERANCE * printed:
        return Answer("holds", f"within a fifth of the printed number; {mean}", passes, None, "x")
    side = "fewer" if passes.estimate < printed else "more"
    return Answer("holds in part", f"it does, but from {side} on; {mean}", passes, None, "x")


def find_crossing(x: Sequence[float], y: Sequence[float], limit: float) -> float:
    """Return the smallest x from which on y stays above the limit; infinite if there is none.

    Points are joined by straight lines.

    >>> find_crossing([10.0, 20.0, 30.0], [5.0, 9.0, 11.0], 10.0)
    25.0
    """
    passes = [value > limit for value in y]
    if not passes[-1]:
        return math.inf
    first = next((row + 1 for row in reversed(range(len(y))) if not passes[row]), 0)
    if first == 0:
        return x[0]
    share = (limit - y[first - 1]) / (y[first] - y[first - 1])
    return x[first - 1] + share * (x[first] - x[first - 1])


def judge_steadiness(case: Case) -> Answer:
    """Judge whether a metric has no trend over the last third of the sweep.

    The change is that of the fitted straight line (least squares), from its start to its end.
    The intervals of all such claims of a figure hold together with 95 % (Bonferroni).
    """
    claim, pairs = case.claim, case.pairs
    if len(pairs.x) < 3:
        return Answer("undecided", "too few points in the last third", _nothing(), None, "")
    x = np.array(pairs.x) - np.mean(pairs.x)
    slope = np.einsum("p,pst->st", x, pairs.ours) / (x @ x)
    change = two_way_interval(slope * (x[-1] - x[0]), 1 - 0.05 / case.family)
    word, reason = _compare_change(claim, pairs.x[0], change)
    return Answer(word, reason, change, None, "")


def _compare_change(claim: Claim, start: float, change: Interval) -> tuple[Word, str]:
    if claim.printed is not None and start < claim.printed:
        return "undecided", f"too short: the last third begins before {claim.printed:g}"
    if not np.isfinite(change.low):
        return "undecided", "no interval: it takes two seeds and finite values"
    if change.low > 0 or change.high < 0:
        return "does not hold", "still changing over the last third"
    reach = max(-change.low, change.high)
    if reach > claim.tolerance:
        return "undecided", f"no trend shown, but its interval reaches {reach:.3f}: more seeds"
    return "holds", "no trend over the last third"


def _nothing() -> Interval:
    return Interval(math.nan, math.nan, math.nan)


KINDS: dict[str, Callable[[Case], Answer]] = {
    "gain": judge_gain,
    "exceeds": judge_excess,
    "rises": judge_rise,
    "level": judge_level,
    "crosses": judge_crossing,
    "steady": judge_steadiness,
}
"""Judging function of each kind of claim."""
