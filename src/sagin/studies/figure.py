"""A figure as data: swept parameter, methods, metrics and axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sagin.errors import InputError
from sagin.studies.statistics import Interval

Task = dict[str, Any]
"""Input of a worker as plain data; its hash is the task's name in the store."""


@dataclass(frozen=True)
class Figure:
    """A figure to reproduce: metrics of methods against one swept parameter of a scenario."""

    id: str
    """Name on the command line and of the files, such as figure-2."""
    title: str
    sweep: str
    """Dotted name of the swept field, or the quantity on the x axis if it is no field."""
    values: tuple[float, ...]
    """Values of the swept field; empty if the result has the x axis, as for iterations."""
    metrics: tuple[str, ...]
    methods: tuple[str, ...]
    """Methods of the paper's figure; further methods and baselines are added."""
    x_label: str
    y_label: str
    scale: float = 1.0
    """Factor from the metrics' SI unit to the axis' unit."""
    overrides: tuple[str, ...] = ()
    """Fields, as `section.field=value`, in which the figure's scenario differs from the study's."""
    panels: Literal["", "method", "metric"] = ""
    """Titles of the panels; empty: one panel."""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels of metrics, if panels or lines are metrics."""
    baselines: tuple[str, ...] = ()
    """Methods without learning that are added: bound, planner, greedy, constant, random."""
    limit: tuple[str, str] | None = None
    """Label of a horizontal line, such as a capacity, and the scenario's field of its value."""
    drawing: str = ""
    """Kind of a figure without curves, such as map; it is drawn from a result's `extra`."""


class Point(NamedTuple):
    """A task that a figure needs, and the place of its result in the figure."""

    task: Task
    steps: int
    """Number of steps of the progress bar."""
    program: str = ""
    """Key that is equal for tasks that share compiled programs."""
    x: float | None = None
    """Value of the swept parameter; None if the result has it."""


class Series(NamedTuple):
    """One line of a figure, in the axis' unit."""

    label: str
    x: tuple[float, ...]
    y: tuple[Interval, ...]


def find_figures(figures: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    """Return the figures of these names, or all if there are no names; 2 means figure-2.

    Raises:
        InputError: a name belongs to no figure; the message lists the existing ones.
    """
    known = {figure.id: figure for figure in figures}
    full = [f"figure-{name}" if name.isdigit() else name for name in names]
    for name in full:
        if name not in known:
            raise InputError(f"figure {name!r}: unknown; allowed: {', '.join(known)}")
    return [known[name] for name in full] or list(figures)
