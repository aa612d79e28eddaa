"""Figure 3 from a stored training run: rewards and validations against slots, means over seeds, and
verdicts on what the paper says.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.errors import InputError
from sagin.experiments.study import Series, Verdict
from sagin.experiments.training import METRICS, SCORES, read_plan, seed_folder
from sagin.experiments.training_records import Row, stored_rows
from sagin.studies.statistics import Interval, sample_interval, signed

WINDOW = 500
"""Slots over which the rewards of a curve are averaged."""
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


class Measure(NamedTuple):
    """What a validation finds, as an axis shows it."""

    label: str
    scale: float = 1.0
    """From the SI unit."""


MEASURES = {
    "score": Measure("validation score"),
    "throughput": Measure("throughput of H, Mbit/s", 1e-6),
    "delay": Measure("delay of L, ms", 1e3),
    "coverage": Measure("coverage of C, %", 100.0),
}


class Curves(NamedTuple):
    """What the seeds of a run have all reached."""

    algorithm: str
    seeds: int
    """Seeds that have begun."""
    slots: Float[np.ndarray, " windows"]
    """The end of each window."""
    rewards: dict[str, Float[np.ndarray, "seeds windows"]]
    """Mean reward of each agent over each window."""
    validated: Float[np.ndarray, " validations"]
    """The slot of each validation."""
    scores: dict[str, Float[np.ndarray, "seeds validations"]]
    """What was found there, by the names of MEASURES, SI."""


def read_curves(folder: Path, window: int = WINDOW) -> Curves:
    """Return the curves of a folder that `sagin train` wrote; InputError with one line if it holds
    none, or none of one whole window.
    """
    plan, asked = read_plan(folder)
    places = [seed_folder(folder, number) for number in range(asked)]
    tables = [
        (rows, stored_rows(place / SCORES))
        for place in places
        if (rows := stored_rows(place / METRICS))
    ]
    if not tables:
        raise InputError(
            f"{folder}: no seed has stored metrics yet (allowed: a run that has passed its first checkpoint)"
        )
    finest = max(int(np.diff([row["slot"] for row in rows], prepend=0).max()) for rows, _ in tables)
    shortest = min(int(rows[-1]["slot"]) for rows, _ in tables)
    if not finest <= window <= shortest:
        raise InputError(
            f"--window {window}: {folder} has rows of {finest} slots up to {shortest} (allowed: {finest} to {shortest})"
        )
    slots = np.arange(window, shortest + 1, window, dtype=float)
    names = reward_names(tables[0][0][0])
    rewards = {
        agent: np.stack([windowed(rows, name, slots) for rows, _ in tables])
        for agent, name in names.items()
    }
    common = sorted(set.intersection(*({row["slot"] for row in scores} for _, scores in tables)))
    kept = [[row for row in scores if row["slot"] in common] for _, scores in tables]
    found = {
        name: np.array([[row[name] for row in scores] for scores in kept]) for name in MEASURES
    }
    return Curves(plan.algorithm, len(tables), slots, rewards, np.array(common, float), found)


def reward_names(row: Row) -> dict[str, str]:
    """Return the agents of a run, in the order of layers and slices, and the names of their rewards
    in its tables.
    """
    agents = [f"{kind}_{layer}" for layer in (1, 2) for kind in SLICES]
    return {agent: name for agent in agents if (name := f"reward/{agent}") in row}


def windowed(
    rows: list[Row], name: str, ends: Float[np.ndarray, " windows"]
) -> Float[np.ndarray, " windows"]:
    """Return the mean of a metric over windows with these ends, each row weighing as many slots as
    it stands for: those since the last one.

    A row belongs to the window in which it ends.

    >>> windowed([{"slot": 1, "a": 4.0}, {"slot": 4, "a": 8.0}, {"slot": 8, "a": 5.0}], "a", np.array([4.0, 8.0])).tolist()
    [7.0, 5.0]
    """
    slots = np.array([row["slot"] for row in rows], float)
    values = np.array([row[name] for row in rows], float)
    weights = np.diff(slots, prepend=0.0)
    place = np.searchsorted(ends, slots)
    among = place[None] == np.arange(len(ends))[:, None]
    return np.array([np.average(values[mask], weights=weights[mask]) for mask in among])


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


class Ending(NamedTuple):
    """One agent's reward over the last third of a run, a number a seed."""

    mean: Float[np.ndarray, " seeds"]
    change: Float[np.ndarray, " seeds"]
    """Of the straight line through it (least squares), from its start to its end."""
    fluctuation: Float[np.ndarray, " seeds"]
    """Standard deviation of the windows around that line."""


def endings(curves: Curves) -> dict[str, Ending]:
    """Return every agent's reward over the last third; empty if that has fewer than three windows."""
    late = curves.slots > curves.slots[-1] * 2 / 3
    if late.sum() < 3:
        return {}
    return {
        agent: _ending(curves.slots[late], values[:, late])
        for agent, values in curves.rewards.items()
    }


def _ending(x: np.ndarray, values: np.ndarray) -> Ending:
    x = x - x.mean()
    slope = values @ x / (x @ x)
    mean = values.mean(axis=1)
    around = values - mean[:, None] - slope[:, None] * x
    return Ending(mean, slope * (x[-1] - x[0]), np.sqrt((around**2).sum(axis=1) / (len(x) - 2)))


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
    found = endings(curves)
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
