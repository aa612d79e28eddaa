"""From numbers to lines: the panels of a figure, taken from a table of records."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sagin.report.figure_data import Limit, Panel
from sagin.studies.figure import Figure, Series
from sagin.studies.record import Table
from sagin.studies.statistics import Interval, two_way_interval


def list_methods(figure: Figure, table: Table, titles: Mapping[str, str]) -> list[str]:
    """Return the methods of a figure: its own, its baselines, and further ones.

    A further method is one without a title in the paper.
    """
    known = dict.fromkeys((*figure.methods, *figure.baselines))
    foreign = [name for name in table.methods if name not in titles and name not in known]
    return [*known, *foreign]


def list_panels(
    figure: Figure, table: Table, titles: Mapping[str, str], methods: Sequence[str], scenario: Any
) -> list[Panel]:
    """Return the panels of a figure, without unknown lines.

    Args:
        figure: the figure.
        table: its numbers, in SI units.
        titles: titles of methods, by name.
        methods: shown methods.
        scenario: has the value of the figure's limit.
    """
    labels = dict(figure.labels)
    lines = {
        (method, metric): line
        for method in methods
        for metric in figure.metrics
        if (line := _make_series(figure, table, method, metric)).x
    }
    groups: dict[str, list[Series]] = {}
    for (method, metric), line in lines.items():
        texts = {"method": titles.get(method, method), "metric": labels.get(metric, metric)}
        other = "metric" if figure.panels == "method" else "method"
        title = texts[figure.panels] if figure.panels else ""
        groups.setdefault(title, []).append(line._replace(label=texts[other]))
    limits = _list_limits(figure, scenario)
    return [Panel(title, series, limits) for title, series in groups.items()]


def _make_series(figure: Figure, table: Table, method: str, metric: str) -> Series:
    """Return a metric of a method along the sweep; a number without x is repeated at all values."""
    points = table.points(method, metric)
    intervals = [
        scale_interval(mean_interval(table.values(method, metric, x)), figure.scale) for x in points
    ]
    if points and math.isnan(points[0]):
        return Series("", figure.values, tuple(intervals * len(figure.values)))
    return Series("", tuple(points), tuple(intervals))


def mean_interval(values: Mapping[int, np.ndarray]) -> Interval:
    """Return the mean over seeds and tests with its 95 % interval.

    With one seed, the interval is over its tests.
    """
    rows = list(values.values())
    if len(rows) == 1:
        return two_way_interval(rows[0][:, None])
    if len({len(row) for row in rows}) > 1:
        rows = [row.mean(keepdims=True) for row in rows]
    return two_way_interval(np.stack(rows))


def scale_interval(interval: Interval, factor: float) -> Interval:
    """Return an interval in another unit."""
    return Interval(*(part * factor for part in interval))


def _list_limits(figure: Figure, scenario: Any) -> list[Limit]:
    if figure.limit is None:
        return []
    label, field = figure.limit
    value = scenario
    for name in field.split("."):
        value = getattr(value, name)
    return [Limit(label, float(value) * figure.scale)]
