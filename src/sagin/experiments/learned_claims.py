"""What the slicing paper says of figures 4 to 6 and 10 to 12, and what the stored runs say: comparisons, and trends with users."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from sagin.experiments.statistics import bootstrap_interval, holm, improvement_interval, paired_test, signed
from sagin.experiments.study import Verdict

LEVEL = 0.1
"""Two means count as almost the same where they differ by less than this share."""
SIGNIFICANT = 0.05
BETTER = {"throughput": 1, "delay": -1, "coverage": 1}
"""Whether more of it is better (1) or worse (−1)."""

Values = Mapping[int, Sequence[float]]
"""By K_s, a number for each seed."""
Found = Mapping[str, Mapping[str, Values]]
"""Of each method, of each metric."""


class Claim(NamedTuple):
    """A statement of the paper: a method against a rival, or its trend with users (no rival)."""

    text: str
    source: str
    metric: str
    method: str
    rival: str | None
    kind: Literal["better", "level", "rises", "falls"]


PROPOSED, UNIFORM, NONE, FIXED = "two-layer MADDPG", "uniform balancing", "no balancing", "fixed UAVs"
SINGLE = ("MADDPG", "MAPPO", "MADDPG, drop", "MAPPO, drop")
FIGURE = {"throughput": (4, 10), "delay": (5, 11), "coverage": (6, 12)}
CLAIMS = (
    Claim("proposed balancing has less delay than uniform", "Fig. 5", "delay", PROPOSED, UNIFORM, "better"),
    Claim("proposed and uniform balancing have almost the same throughput", "Fig. 4", "throughput", PROPOSED, UNIFORM, "level"),
    Claim("proposed and uniform balancing have almost the same coverage", "Fig. 6", "coverage", PROPOSED, UNIFORM, "level"),
    *(
        Claim(f"no balancing is worst in {metric}", f"Fig. {FIGURE[metric][0]}", metric, better, NONE, "better")
        for metric in FIGURE
        for better in (PROPOSED, UNIFORM)
    ),
    Claim("throughput rises with users", "Fig. 10", "throughput", PROPOSED, None, "rises"),
    Claim("delay rises with users", "Fig. 11", "delay", PROPOSED, None, "rises"),
    Claim("coverage falls with users", "Fig. 12", "coverage", PROPOSED, None, "falls"),
    *(
        Claim(f"two-layer MADDPG is better in {metric}", f"Fig. {FIGURE[metric][1]}", metric, PROPOSED, rival, "better")
        for rival in (FIXED, *SINGLE)
        for metric in FIGURE
    ),
)
COLUMNS = ("claim", "method", "against", "ours", "P(better)", "p", "p (Holm)", "verdict", "why")


def judgements(found: Found) -> list[tuple[str, ...]]:
    """Return a row of text for each claim whose methods are there, in the order of COLUMNS.

    A seed's policy was evaluated at every K_s, so its differences share one sign in the tests (`paired_test`); p is two-sided, corrected
    over all claims of a difference (Holm).
    """
    known = [claim for claim in CLAIMS if all(_values(found, name, claim.metric) for name in (claim.method, claim.rival) if name)]
    tested = [claim for claim in known if claim.kind != "level"]
    sides = {claim: _sides(found, claim) for claim in tested}
    corrected = dict(zip(tested, holm([_two_sided(sides[claim]) for claim in tested]), strict=True)) if tested else {}
    return [_row(found, claim, sides.get(claim), corrected.get(claim)) for claim in known]


def _values(found: Found, method: str, metric: str) -> Values:
    return found.get(method, {}).get(metric, {})


def pairs(found: Found, claim: Claim) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Return the K_s, and two arrays (K_s, seeds) that a claim compares, greater meaning what is claimed; as many seeds as both have.

    Of a trend: the values at all K_s but the first, and at all but the last.
    """
    ours = _values(found, claim.method, claim.metric)
    theirs = ours if claim.rival is None else _values(found, claim.rival, claim.metric)
    sizes = sorted(set(ours) & set(theirs))
    seeds = min(len(one[size]) for one in (ours, theirs) for size in sizes)
    first, second = (np.array([one[size][:seeds] for size in sizes]) for one in (ours, theirs))
    if claim.rival is None:
        sign = 1 if claim.kind == "rises" else -1
        return sizes, sign * first[1:], sign * second[:-1]
    return sizes, BETTER[claim.metric] * first, BETTER[claim.metric] * second


def _sides(found: Found, claim: Claim) -> tuple[float, float]:
    _, first, second = pairs(found, claim)
    return paired_test(first, second, shared=True), paired_test(second, first, shared=True)


def _two_sided(sides: tuple[float, float]) -> float:
    return min(1.0, 2.0 * min(sides))


def _row(found: Found, claim: Claim, sides: tuple[float, float] | None, corrected: float | None) -> tuple[str, ...]:
    sizes, first, second = pairs(found, claim)
    difference = first - second
    by_seed, scale = difference.mean(axis=0), abs(second.mean())
    shown = bootstrap_interval([100.0 * by_seed / scale])
    sign = BETTER[claim.metric] if claim.rival is not None else (1 if claim.kind == "rises" else -1)
    ends = sorted((sign * shown.low, sign * shown.high))
    ours = f"{signed(sign * shown.estimate, 1)} % ({signed(ends[0], 1)} to {signed(ends[1], 1)})"
    if claim.rival is None:
        ours += " a step"
    wins = improvement_interval(first, second)
    chance = f"{wins.estimate:.2f} ({wins.low:.2f} to {wins.high:.2f})" if claim.rival is not None else ""
    verdict, why = (
        _level(shown.low / 100, shown.high / 100) if sides is None or corrected is None else _better(difference, sides, corrected)
    )
    where = "" if claim.rival is None else f"K_s = {sizes[0]} to {sizes[-1]}, "
    why = f"{why}; {where}{difference.shape[1]} seeds"
    p = ("", "") if sides is None or corrected is None else (f"{_two_sided(sides):.3f}", f"{corrected:.3f}")
    return (f"{claim.text} ({claim.source})", claim.method, claim.rival or "", ours, chance, *p, verdict, why)


def _level(low: float, high: float) -> tuple[Verdict, str]:
    share = f"{100 * LEVEL:.0f} %"
    if low > -LEVEL and high < LEVEL:
        return "holds", f"within {share}"
    if low > LEVEL or high < -LEVEL:
        return "does not hold", f"apart by more than {share}"
    return "undecided", f"neither within {share} nor beyond it"


def _better(difference: np.ndarray, sides: tuple[float, float], corrected: float) -> tuple[Verdict, str]:
    steps = difference.mean(axis=1)
    if corrected >= SIGNIFICANT:
        return "undecided", "no difference shown at this number of seeds"
    if sides[1] < sides[0]:
        return "does not hold", "the other way round"
    if np.all(steps > 0):
        return "holds", "at every number of users"
    return "holds in part", f"on the whole, but not at {np.sum(steps <= 0)} of {len(steps)} numbers of users or steps between them"
