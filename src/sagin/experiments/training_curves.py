"""Figure 3 from a stored training run: rewards and validations against slots, means over seeds, and
verdicts on what the paper says.
"""

from collections.abc import Mapping

import numpy as np

from sagin.experiments.study import Series, Verdict
from sagin.studies.statistics import Interval, sample_interval, signed
from sagin.training.curves import MEASURES, Curves, Ending, fit_endings

SETTLED_BY = 30_000
"""Slots after which the paper sees the rewards settled; only a last third that begins later can
tell.
"""
LEVEL = 0.05
"""Two rewards count as about equal if they differ by less; each is between 0 and about 1."""
SMALL = 0.1
"""A change over the last third has to be shown smaller than this, before a reward without a trend
counts as settled.
"""
SLICES = {"throughput": "H", "delay": "L", "coverage": "C"}
"""The first part of an agent's name, and the paper's letter for its slice."""
CLAIM_COLUMNS = ("claim", "printed", "ours", "verdict", "why")
REWARD_COLUMNS = (
    "reward",
    "mean over the last third",
    "change over the last third",
    "fluctuation of a window",
)


def reward_panels(curves: Curves) -> dict[str, list[Series]]:
    """Return the rewards as lines, a panel a slice, with 95 % intervals over seeds."""
    panels: dict[str, list[Series]] = {}
    for agent, values in curves.rewards.items():
        kind, _, layer = agent.partition("_")
        panels.setdefault(f"slice {SLICES[kind]}", []).append(
            _line(f"layer {layer}", curves.slots, values)
        )
    order = [f"slice {letter}" for letter in SLICES.values()]
    return {title: panels[title] for title in order if title in panels}


def score_panels(curves: Curves) -> dict[str, list[Series]]:
    """Return what the validations found as lines, a panel each, with 95 % intervals over seeds;
    nothing before the first validation.
    """
    if not curves.validated.size:
        return {}
    name = f"mean of {curves.seeds} seed{'s' * (curves.seeds > 1)}"
    return {
        one.label: [_line(name, curves.validated, one.scale * curves.scores[key])]
        for key, one in MEASURES.items()
    }


def _line(name: str, x: np.ndarray, values: np.ndarray) -> Series:
    return Series(
        name, tuple(map(float, x)), tuple(sample_interval(column) for column in values.T.tolist())
    )


def reward_rows(found: Mapping[str, Ending]) -> list[tuple[str, ...]]:
    """Return each agent's ending as text, means over seeds with 95 % intervals, in the order of
    REWARD_COLUMNS.
    """
    return [
        (
            symbol(agent),
            *(shown(sample_interval(part.tolist())) for part in (one.mean, one.change)),
            f"{one.fluctuation.mean():.3f}",
        )
        for agent, one in found.items()
    ]


def symbol(agent: str) -> str:
    """Return an agent's reward in the paper's letters.

    >>> symbol("delay_2")
    'r_2,L'
    """
    kind, _, layer = agent.partition("_")
    return f"r_{layer},{SLICES[kind]}"


def shown(value: Interval) -> str:
    """Return a reward with the ends of its interval.

    >>> shown(Interval(0.5, 0.25, 0.75))
    '+0.500 (+0.250 to +0.750)'
    """
    ends = f" ({signed(value.low, 3)} to {signed(value.high, 3)})" if np.isfinite(value.low) else ""
    return f"{signed(value.estimate, 3)}{ends}"


def claim_rows(curves: Curves) -> list[tuple[str, ...]]:
    """Return the verdicts on what the paper says of figure 3, in the order of CLAIM_COLUMNS; none
    if the last third is too short to fit.
    """
    found = fit_endings(curves)
    if not found:
        return []
    pairs = [
        pair
        for pair in (("throughput", ">"), ("coverage", "<"), ("delay", "≈"))
        if {f"{pair[0]}_1", f"{pair[0]}_2"} <= set(found)
    ]
    return [_settled(curves, found), *(_compared(found, *pair) for pair in pairs)]


def _settled(curves: Curves, found: Mapping[str, Ending]) -> tuple[str, ...]:
    """Judge by the changes over the last third. Their intervals have the confidence 1 − 0.05/agents
    (Bonferroni): they hold together.
    """
    changes = {
        agent: sample_interval(one.change.tolist(), 1 - 0.05 / len(found))
        for agent, one in found.items()
    }
    moving = [agent for agent, one in changes.items() if one.low > 0 or one.high < 0]
    greatest = max(changes, key=lambda agent: abs(changes[agent].estimate))
    begins, ends = curves.slots[-1] * 2 / 3, curves.slots[-1]
    ours = (
        f"{len(found) - len(moving)} of {len(found)} show no trend from {begins:.0f} to {ends:.0f}"
    )
    verdict, why = _steady(changes, moving, begins)
    why = f"{why}; greatest change {symbol(greatest)} {shown(changes[greatest])}"
    return (
        "the rewards settle by about 30000 iterations (Fig. 3)",
        "by about 30000",
        ours,
        verdict,
        why,
    )


def _steady(
    changes: Mapping[str, Interval], moving: list[str], begins: float
) -> tuple[Verdict, str]:
    if begins < SETTLED_BY:
        return "undecided", f"too short a run: its last third begins before {SETTLED_BY}"
    if not all(np.isfinite(one.low) for one in changes.values()):
        return "undecided", "no interval: it takes two seeds and rewards that are numbers"
    if not moving:
        reach = max(max(-one.low, one.high) for one in changes.values())
        if reach > SMALL:
            return (
                "undecided",
                f"every change's interval has 0 within, but reaches up to {reach:.3f}: it takes more seeds",
            )
        return "holds", "every change's interval has 0 within"
    still = f"still moving: {', '.join(map(symbol, moving))}"
    return ("does not hold" if len(moving) == len(changes) else "holds in part"), still


def _compared(found: Mapping[str, Ending], kind: str, sign: str) -> tuple[str, ...]:
    first, second = f"{kind}_1", f"{kind}_2"
    value = sample_interval((found[first].mean - found[second].mean).tolist())
    verdict, why = (
        level(value)
        if sign == "≈"
        else ordered(
            value if sign == ">" else Interval(*(-value.estimate, -value.high, -value.low))
        )
    )
    return (
        f"{symbol(first)} {sign} {symbol(second)} (Fig. 3)",
        "",
        f"difference {shown(value)}",
        verdict,
        why,
    )


def ordered(value: Interval) -> tuple[Verdict, str]:
    """Return whether a difference is positive."""
    if value.low > 0:
        return "holds", "over the last third, paired over seeds"
    if value.high < 0:
        return "does not hold", "the other way round over the last third"
    return "undecided", "no difference shown with these seeds"


def level(value: Interval) -> tuple[Verdict, str]:
    """Return whether a difference is below LEVEL either way."""
    if value.low > -LEVEL and value.high < LEVEL:
        return "holds", f"less than {LEVEL:g} apart over the last third"
    if value.low > LEVEL or value.high < -LEVEL:
        return "does not hold", f"more than {LEVEL:g} apart over the last third"
    return "undecided", f"neither less nor more than {LEVEL:g} apart is shown with these seeds"
