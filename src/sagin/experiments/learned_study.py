"""Figures 4 to 7 and 10 to 12 of the slicing paper: learned methods from the store as lines, and as
the numbers that claims go by.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sagin.experiments.learned import (
    DROPPING,
    FIXED,
    METHODS,
    MOVING,
    NONE,
    OTHERS,
    PROPOSED,
    SINGLE,
    SIZES,
    UNIFORM,
    Amount,
    cells,
    named,
)
from sagin.experiments.store import Store, Task
from sagin.experiments.study import Figure, Series
from sagin.slicing.scenario import Scenario
from sagin.studies.statistics import (
    Interval,
    bootstrap_interval,
    interquartile_mean,
    mean,
    sample_interval,
)

BALANCING, LEARNERS, COLLIDING = (
    (PROPOSED, UNIFORM, NONE),
    (PROPOSED, FIXED, *SINGLE),
    (PROPOSED, *SINGLE, *DROPPING),
)
MEASURES = (
    ("throughput", "throughput of slice H", "throughput of H (Mbit/s)", 1e-6),
    ("delay", "delay of slice L", "mean delay of L (ms)", 1e3),
    ("coverage", "coverage of slice C", "coverage of C (%)", 100.0),
)
X_SAME = "users of each slice, K_s"


def _figures() -> Iterable[tuple[Figure, tuple[str, ...]]]:
    values = tuple(map(float, SIZES))
    for place, (metric, words, label, scale) in enumerate(MEASURES):
        title = f"Fig. {4 + place}: {words} by balancing rule"
        yield (
            Figure(f"figure-{4 + place}", title, "users", values, metric, X_SAME, label, scale),
            BALANCING,
        )
    for place, (metric, words, label, scale) in enumerate(MEASURES):
        title = f"Fig. {4 + place}, one slice swept: {words} by balancing rule"
        x_label = f"users of slice {'HLC'[place]}, {OTHERS} in the others"
        yield (
            Figure(
                f"figure-{4 + place}-alone", title, "alone", values, metric, x_label, label, scale
            ),
            BALANCING,
        )
    for place, (metric, words, label, scale) in enumerate(MEASURES):
        title = f"Fig. {10 + place}: {words} by method"
        yield (
            Figure(f"figure-{10 + place}", title, "users", values, metric, X_SAME, label, scale),
            LEARNERS,
        )
    for place, (metric, words, label, scale) in enumerate(MEASURES):
        title = f"Fig. {10 + place}, both collision rules: {words}"
        yield (
            Figure(
                f"figure-{10 + place}-collisions",
                title,
                "users",
                values,
                metric,
                X_SAME,
                label,
                scale,
            ),
            COLLIDING,
        )


MAP = Figure(
    "figure-7",
    "Fig. 7: users, and UAVs where they were learned to be and fixed",
    "slot",
    (),
    "places",
    "x (km)",
    "y (km)",
)
LINES = {figure.name: names for figure, names in _figures()}
METHODS_OF = LINES | {MAP.name: MOVING}
"""The learned methods of each figure."""
FIGURES = tuple(figure for figure, _ in _figures())
"""Each slice's metric by balancing rule, all slices swept or one alone, and by method."""


def at(figure: Figure, size: int) -> tuple[int, int, int]:
    """Return the users of H, L and C at a point of a figure.

    >>> at(next(one for one in FIGURES if one.name == "figure-5-alone"), 12)
    (10, 12, 10)
    """
    if figure.sweep == "users":
        return (size, size, size)
    swept = [metric for metric, *_ in MEASURES].index(figure.metric)
    first, second, third = (size if place == swept else OTHERS for place in range(3))
    return (first, second, third)


def tasks(figures: Sequence[Figure], scenario: Scenario, amount: Amount) -> list[Task]:
    """Return the cells that figures need, each once: seed by seed, so that what is cut off has all
    methods.
    """
    names = [
        name
        for name in amount.methods
        if any(name in METHODS_OF.get(figure.name, ()) for figure in figures)
    ]
    return [
        one
        for number in range(amount.seeds)
        for name in names
        for one in cells(METHODS[name], scenario, amount, number)
    ]


Seed = list[dict[str, Any]]
"""The results of a seed's cells: one, or one a K_s."""


def found(store: Store, scenario: Scenario, amount: Amount) -> dict[str, list[Seed]]:
    """Return of each method the results of the cells of each seed that is wholly there."""
    result = {}
    for name in amount.methods:
        seeds = [
            [store.find(one) for one in cells(METHODS[name], scenario, amount, number)]
            for number in range(amount.seeds)
        ]
        if whole := [
            [cell for cell in parts if cell is not None]
            for parts in seeds
            if all(cell is not None for cell in parts)
        ]:
            result[name] = whole
    return result


def kpis(seed: Seed) -> dict[str, dict[str, float]]:
    """Return a seed's KPIs by users."""
    return {users: values for cell in seed for users, values in cell["kpis"].items()}


def moved(seed: Seed) -> dict[str, Any] | None:
    """Return the cell of a seed that tells where UAVs are, None if none does."""
    return next((cell for cell in seed if "movement" in cell), None)


def best(seeds: Sequence[Seed]) -> dict[str, Any] | None:
    """Return what the seed of the best validation tells of where UAVs are, None if none does."""
    told = [cell for seed in seeds if (cell := moved(seed)) is not None]
    return max(told, key=lambda cell: cell["score"], default=None)


def lines(figure: Figure, runs: Mapping[str, Sequence[Seed]]) -> list[Series]:
    """Return a figure's learned methods, means over seeds with 95 % bootstrap intervals."""
    made = []
    for name in LINES[figure.name]:
        points = [(size, named(at(figure, int(size)))) for size in figure.values]
        seeds = [kpis(seed) for seed in runs.get(name, ())]
        there = [
            (size, key) for size, key in points if seeds and all(key in seed for seed in seeds)
        ]
        if there:
            y = tuple(
                over_seeds([figure.scale * seed[key][figure.metric] for seed in seeds])
                for _, key in there
            )
            made.append(Series(name, tuple(size for size, _ in there), y))
    return made


def over_seeds(values: Sequence[float]) -> Interval:
    """Return the mean over seeds with its bootstrap interval; a single seed has an infinite one."""
    return bootstrap_interval([values]) if len(values) > 1 else sample_interval(values)


SUMMARY = (
    "method",
    "seeds",
    *(f"{label}, {kind}" for _, _, label, _ in MEASURES for kind in ("mean", "interquartile mean")),
)
"""Columns of the table over all K_s."""


def summary(name: str, values: Mapping[str, Mapping[int, Sequence[float]]]) -> tuple[str, ...]:
    """Return a row of text on a method, in the order of SUMMARY: over all K_s, with 95 % stratified
    bootstrap intervals.
    """
    strata = [
        [scale * np.asarray(values[metric][size]) for size in SIZES]
        for metric, _, _, scale in MEASURES
    ]
    found = [
        bootstrap_interval(each, statistic)
        for each in strata
        for statistic in (mean, interquartile_mean)
    ]
    return (
        name,
        str(len(strata[0][0])),
        *(f"{one.estimate:.4g} ({one.low:.4g} to {one.high:.4g})" for one in found),
    )


def by_metric(runs: Mapping[str, Sequence[Seed]]) -> dict[str, dict[str, dict[int, list[float]]]]:
    """Return of each method, of each metric, by K_s the number of each seed, as claims are judged
    by.
    """
    result = {}
    for name, seeds in runs.items():
        users = [(size, named((size, size, size))) for size in SIZES]
        metrics = [*(metric for metric, *_ in MEASURES), "collided"]
        result[name] = {
            metric: {size: [kpis(seed)[key][metric] for seed in seeds] for size, key in users}
            for metric in metrics
        }
        told = [cell["movement"] for seed in seeds if (cell := moved(seed)) is not None]
        if told:
            result[name] |= {metric: {OTHERS: [one[metric] for one in told]} for metric in told[0]}
    return result
