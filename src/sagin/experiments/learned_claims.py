"""What the slicing paper says of figures 4 to 6 and 10 to 12, and what the stored runs say:
comparisons, and trends with users.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from sagin.experiments.learned import DROPPING, FIXED, NONE, PROPOSED, SINGLE, UNIFORM
from sagin.experiments.study import Verdict
from sagin.studies.statistics import (
    Interval,
    gain_bootstrap,
    holm,
    improvement_interval,
    paired_test,
    signed,
)

LEVEL = 0.1
"""Two means count as almost the same where they differ by less than this share."""
SIGNIFICANT = 0.05
BETTER = {
    "throughput": 1,
    "delay": -1,
    "coverage": 1,
    "near_uav": 1,
    "uav_gap": 1,
    "access_L": -1,
    "collided": 1,
}
"""Whether more of it is what is claimed of the method (1), or less (−1)."""

BESIDE = {"access_H": "slice H", "access_C": "slice C"}
"""What a metric that another one of the same method is held against is of."""

Values = Mapping[int, Sequence[float]]
"""By K_s, a number for each seed."""
Found = Mapping[str, Mapping[str, Values]]
"""Of each method, of each metric."""


class Claim(NamedTuple):
    """A statement of the paper: a method against a rival, one of its metrics against another, or
    its trend with users (no rival).
    """

    text: str
    source: str
    metric: str
    method: str
    rival: str | None
    kind: Literal["better", "level", "rises", "falls"]
    beside: str = ""
    """The rival's metric, where it isn't the same."""


TRENDS: tuple[tuple[str, Literal["rises", "falls"]], ...] = (
    ("throughput", "rises"),
    ("delay", "rises"),
    ("coverage", "falls"),
)
FIGURE = {"throughput": (4, 10), "delay": (5, 11), "coverage": (6, 12)}
FAMILIES: dict[str, tuple[Claim, ...]] = {
    "Figs. 4 to 6": (
        *(
            Claim(
                f"proposed balancing is better in {metric} than uniform",
                f"Fig. {figure}",
                metric,
                PROPOSED,
                UNIFORM,
                "better",
            )
            for metric, (figure, _) in FIGURE.items()
        ),
        Claim(
            "proposed and uniform balancing have almost the same throughput",
            "Fig. 4",
            "throughput",
            PROPOSED,
            UNIFORM,
            "level",
        ),
        Claim(
            "proposed and uniform balancing have almost the same coverage",
            "Fig. 6",
            "coverage",
            PROPOSED,
            UNIFORM,
            "level",
        ),
        *(
            Claim(
                f"no balancing is worst in {metric}",
                f"Fig. {figure}",
                metric,
                better,
                NONE,
                "better",
            )
            for metric, (figure, _) in FIGURE.items()
            for better in (PROPOSED, UNIFORM)
        ),
    ),
    "Figs. 4 to 6, trends": tuple(
        Claim(
            f"{metric} {trend} with users", f"Fig. {FIGURE[metric][0]}", metric, scheme, None, trend
        )
        for metric, trend in TRENDS
        for scheme in (PROPOSED, UNIFORM, NONE)
    ),
    "Fig. 7": (
        Claim(
            "learned UAVs have more users about them than fixed ones",
            "Fig. 7",
            "near_uav",
            PROPOSED,
            FIXED,
            "better",
        ),
        Claim(
            "learned UAVs are farther from base stations than fixed ones",
            "Fig. 7",
            "uav_gap",
            PROPOSED,
            FIXED,
            "better",
        ),
        *(
            Claim(
                f"slice L has less access to the NTL than slice {other}",
                "Section VI",
                "access_L",
                PROPOSED,
                PROPOSED,
                "better",
                rival,
            )
            for other, rival in (("H", "access_H"), ("C", "access_C"))
        ),
    ),
    "Figs. 10 to 12": (
        *(
            Claim(
                f"two-layer MADDPG is better in {metric}",
                f"Fig. {FIGURE[metric][1]}",
                metric,
                PROPOSED,
                rival,
                "better",
            )
            for rival in (FIXED, *SINGLE, *DROPPING)
            for metric in FIGURE
        ),
        *(
            Claim(
                f"{metric} is almost that with fixed UAVs",
                f"Fig. {FIGURE[metric][1]}",
                metric,
                PROPOSED,
                FIXED,
                "level",
            )
            for metric in ("throughput", "coverage")
        ),
        *(
            Claim(
                "one layer has more collisions than two",
                "Figs. 10 to 12",
                "collided",
                name,
                PROPOSED,
                "better",
            )
            for name in SINGLE
        ),
    ),
}
"""What the paper says, by figures. Tests are corrected within a family: over all of them no p of
ten seeds could be small enough.
"""
COLUMNS = ("claim", "method", "against", "ours", "P(better)", "p", "p (Holm)", "verdict", "why")


def judgements(found: Found) -> list[tuple[str, ...]]:
    """Return a row of text for each claim whose methods are there, in the order of COLUMNS.

    A seed's policy was evaluated at every K_s, so its differences share one sign in the tests
    (`paired_test`); p is two-sided, corrected over all claims of a difference in a family (Holm).
    """
    return [row for family in FAMILIES.values() for row in _judged(found, family)]


def _judged(found: Found, family: Sequence[Claim]) -> list[tuple[str, ...]]:
    known = [claim for claim in family if judged(found, claim)]
    tested = [claim for claim in known if claim.kind != "level"]
    sides = {claim: _sides(found, claim) for claim in tested}
    corrected = (
        dict(zip(tested, holm([_two_sided(sides[claim]) for claim in tested]), strict=True))
        if tested
        else {}
    )
    return [_row(found, claim, sides.get(claim), corrected.get(claim)) for claim in known]


def judged(found: Found, claim: Claim) -> bool:
    """Return whether all that a claim compares is there."""
    return all(_values(found, *side) for side in _compared(claim))


def _compared(claim: Claim) -> list[tuple[str, str]]:
    """Return the method and its metric, and those that it is held against."""
    rival = claim.method if claim.rival is None else claim.rival
    return [(claim.method, claim.metric), (rival, claim.beside or claim.metric)]


def _values(found: Found, method: str, metric: str) -> Values:
    return found.get(method, {}).get(metric, {})


def pairs(found: Found, claim: Claim) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Return the K_s, and two arrays (K_s, seeds) that a claim compares, greater meaning what is
    claimed; as many seeds as both have.

    Of a trend: the values at all K_s but the first, and at all but the last.
    """
    ours, theirs = (_values(found, *side) for side in _compared(claim))
    sizes = sorted(set(ours) & set(theirs))
    seeds = min(len(one[size]) for one in (ours, theirs) for size in sizes)
    first, second = (np.array([one[size][:seeds] for size in sizes]) for one in (ours, theirs))
    if claim.rival is None:
        first, second = first[1:], second[:-1]
    return sizes, direction(claim) * first, direction(claim) * second


def direction(claim: Claim) -> int:
    """Return whether the claim is of more of the metric (1), or of less (−1)."""
    return BETTER[claim.metric] if claim.rival is not None else (1 if claim.kind == "rises" else -1)


def gains(found: Found, claim: Claim) -> np.ndarray:
    """Return by how much the method has more of the metric than its rival, percent of its mean (of
    a trend: a step), as numbers of seeds whose mean it is and whose spread is its own, that of the
    rival's mean counted (delta method).
    """
    ours, theirs = (direction(claim) * values.mean(axis=0) for values in pairs(found, claim)[1:])
    if theirs.mean() == 0:
        return np.full(len(ours), np.nan)
    ratio = ours.mean() / theirs.mean()
    return 100.0 * ((ours - ratio * theirs) / theirs.mean() + ratio - 1.0)


def told(gain: Interval) -> str:
    """Return a gain as text.

    >>> told(Interval(3.21, 2.94, 3.5))
    '+3.2 % (+2.9 to +3.5)'
    """
    if np.isnan(gain.estimate):
        return "no percentage: the rival has none"
    return f"{signed(gain.estimate, 1)} % ({signed(gain.low, 1)} to {signed(gain.high, 1)})"


def _sides(found: Found, claim: Claim) -> tuple[float, float]:
    _, first, second = pairs(found, claim)
    return paired_test(first, second, shared=True), paired_test(second, first, shared=True)


def _two_sided(sides: tuple[float, float]) -> float:
    return min(1.0, 2.0 * min(sides))


def _row(
    found: Found, claim: Claim, sides: tuple[float, float] | None, corrected: float | None
) -> tuple[str, ...]:
    sizes, first, second = pairs(found, claim)
    difference = first - second
    shown = gain_bootstrap(direction(claim) * first, direction(claim) * second)
    ours = told(shown) if second.any() else f"{first.mean():.3g} against 0"
    if claim.rival is None:
        ours += " a step"
    wins = improvement_interval(first, second)
    chance = (
        f"{wins.estimate:.2f} ({wins.low:.2f} to {wins.high:.2f})"
        if claim.rival is not None
        else ""
    )
    verdict, why = (
        level(shown)
        if sides is None or corrected is None
        else _better(difference, sides, corrected)
    )
    where = (
        ""
        if claim.rival is None
        else f"K_s = {sizes[0]}{f' to {sizes[-1]}' if sizes[1:] else ''}, "
    )
    why = f"{why}; {where}{difference.shape[1]} seeds"
    p = (
        ("", "")
        if sides is None or corrected is None
        else (f"{_two_sided(sides):.3f}", f"{corrected:.3f}")
    )
    rival = f"its {BESIDE[claim.beside]}" if claim.beside else claim.rival or ""
    return (f"{claim.text} ({claim.source})", claim.method, rival, ours, chance, *p, verdict, why)


def level(gain: Interval) -> tuple[Verdict, str]:
    """Return whether a gain, percent, is below LEVEL either way."""
    share = 100 * LEVEL
    if gain.low > -share and gain.high < share:
        return "holds", f"within {share:.0f} %"
    if gain.low > share or gain.high < -share:
        return "does not hold", f"apart by more than {share:.0f} %"
    return "undecided", f"neither within {share:.0f} % nor beyond it"


def _better(
    difference: np.ndarray, sides: tuple[float, float], corrected: float
) -> tuple[Verdict, str]:
    steps = difference.mean(axis=1)
    least = 2.0 / 2 ** difference.shape[1]
    if least >= SIGNIFICANT:
        return "undecided", f"so few seeds can't decide: no p below {least:g}"
    if corrected >= SIGNIFICANT:
        return "undecided", "no difference shown at this number of seeds"
    if sides[1] < sides[0]:
        return "does not hold", "the other way round"
    if np.all(steps > 0):
        return "holds", "at every number of users"
    return (
        "holds in part",
        f"on the whole, but not at {np.sum(steps <= 0)} of {len(steps)} numbers of users or steps between them",
    )
