"""Tables of the slicing paper's page: every method at one number of users, and over all numbers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagin.methods.indicators import ENERGY, MAIN, SHARES, Indicator
from sagin.papers.slicing.figures import SIZES, STANDARD_SIZE
from sagin.papers.slicing.methods import LEARNED, TITLES
from sagin.slicing.scenario import SLICES, Scenario
from sagin.slicing.trace import NEAR
from sagin.studies.record import Result, Table
from sagin.studies.statistics import two_way_interval

COLUMNS = tuple(
    indicator for indicator in (*MAIN, *SHARES, *ENERGY) if not indicator.name.startswith("delay_")
)

ACTING = (
    ("offloaded", 100.0),
    ("near_uav", 1.0),
    ("access_H", 100.0),
    ("access_L", 100.0),
    ("access_C", 100.0),
)
"""Metrics that show whether a mechanism acts, and their scales."""
ACTING_HEAD = (
    "method",
    "users offloaded (%)",
    f"users within {NEAR:g} m of a UAV",
    "by chance",
    *(f"access of {name} to the NTL (%)" for name in SLICES),
)


def list_tables(
    results: Sequence[Result], scenario: Scenario, profile: Any
) -> Mapping[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Return tables of columns and rows by title, with 95 % intervals over seeds and runs."""
    del profile
    table = Table(sample for result in results for sample in result.samples)
    head = (
        "method",
        *(f"{indicator.label} ({indicator.unit})".replace(" ()", "") for indicator in COLUMNS),
    )
    sizes = {
        f"Every method at K_s = {STANDARD_SIZE}": (STANDARD_SIZE,),
        f"Every method over K_s = {SIZES[0]} to {SIZES[-1]}": SIZES,
    }
    tables = {title: (head, _list_rows(table, values)) for title, values in sizes.items()}
    acting = _list_acting(table, scenario)
    if acting:
        tables[f"What acts in learned methods at K_s = {STANDARD_SIZE}"] = ACTING_HEAD, acting
    return tables


def _list_acting(table: Table, scenario: Scenario) -> list[tuple[Any, ...]]:
    """Return, for each learned method, whether its mechanisms act, compared with chance.

    By chance, a circle around a UAV contains the users of its share of the area.
    """
    share = min(math.pi * NEAR**2 / float(scenario.area.side_m) ** 2, 1.0)
    chance = len(SLICES) * STANDARD_SIZE * share
    rows = []
    for name in LEARNED:
        cells = [_average_metric(table, name, metric, scale) for metric, scale in ACTING]
        if any(cells):
            rows.append((TITLES[name], *cells[:2], chance, *cells[2:]))
    return rows


def _average_metric(table: Table, method: str, metric: str, scale: float) -> Any:
    """Return a metric's mean at STANDARD_SIZE with its interval; empty where it is unknown."""
    cell = table.values(method, metric, float(STANDARD_SIZE))
    if not cell:
        return ""
    return two_way_interval(scale * np.array([cell[seed] for seed in sorted(cell)]))


def _list_rows(table: Table, sizes: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return a row for each method that was evaluated at all of these numbers of users."""
    methods = [name for name in table.methods if set(sizes) <= set(table.points(name, "score"))]
    return [
        (
            TITLES.get(name, name),
            *(_average(table, name, indicator, sizes) for indicator in COLUMNS),
        )
        for name in methods
    ]


def _average(table: Table, method: str, indicator: Indicator, sizes: Sequence[int]) -> Any:
    """Return a KPI's mean over numbers of users with its interval; empty where it is unknown."""
    cells = [table.values(method, indicator.name, float(size)) for size in sizes]
    seeds = sorted(set.intersection(*(set(cell) for cell in cells)))
    if not seeds:
        return ""
    means = np.mean([[cell[seed] for seed in seeds] for cell in cells], axis=0)
    return two_way_interval(indicator.scale * means)
