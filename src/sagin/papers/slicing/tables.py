"""Tables of the slicing paper's page: every method at one number of users, and over all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagin.methods.indicators import ENERGY, MAIN, SHARES, Indicator
from sagin.papers.slicing.figures import SIZES, STANDARD_SIZE
from sagin.papers.slicing.methods import TITLES
from sagin.slicing.scenario import Scenario
from sagin.studies.record import Result, Table
from sagin.studies.statistics import two_way_interval

COLUMNS = tuple(
    indicator for indicator in (*MAIN, *SHARES, *ENERGY) if not indicator.name.startswith("delay_")
)


def list_tables(
    results: Sequence[Result], scenario: Scenario, profile: Any
) -> Mapping[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Return tables of columns and rows by title, with 95 % intervals over seeds and runs."""
    del scenario, profile
    table = Table(sample for result in results for sample in result.samples)
    head = (
        "method",
        *(f"{indicator.label} ({indicator.unit})".replace(" ()", "") for indicator in COLUMNS),
    )
    sizes = {
        f"Every method at K_s = {STANDARD_SIZE}": (STANDARD_SIZE,),
        f"Every method over K_s = {SIZES[0]} to {SIZES[-1]}": SIZES,
    }
    return {title: (head, _list_rows(table, values)) for title, values in sizes.items()}


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
