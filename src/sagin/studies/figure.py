"""A figure as data: what is swept, which methods and metrics it shows, and how its axes read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sagin.errors import InputError
from sagin.studies.statistics import Interval

Task = dict[str, Any]
"""What a worker has to compute, as plain data; its hash is its name in the store."""


@dataclass(frozen=True)
class Figure:
    """A figure to reproduce: metrics of methods against one swept parameter of a scenario."""

    id: str
    """Name on the command line and of the files, such as figure-2."""
    title: str
    sweep: str
    """Dotted name of the swept field, or what the x axis counts where it is no field."""
    values: tuple[float, ...]
    """Empty where the x axis comes with the result, as iterations do."""
    metrics: tuple[str, ...]
    methods: tuple[str, ...]
    """Those that the paper shows; methods of others and baselines come beside them."""
    x_label: str
    y_label: str
    scale: float = 1.0
    """Factor from the metrics' SI unit to the axis' unit."""
    overrides: tuple[str, ...] = ()
    """Fields, as `section.field=value`, in which its scenario differs from the study's."""
    panels: Literal["", "method", "metric"] = ""
    """What each panel is of; all in one panel if empty."""
    labels: tuple[tuple[str, str], ...] = ()
    """How a metric is called where panels or lines are of metrics."""
    baselines: tuple[str, ...] = ()
    """Methods that need no learning, drawn beside: bound, planner, greedy, constant, random."""
    limit: tuple[str, str] | None = None
    """Label of a horizontal line, such as a capacity, and the scenario's field of its value."""
    drawing: str = ""
    """Kind of a figure that is no curve, such as map; it is drawn from a result's `extra`."""


class Point(NamedTuple):
    """A task that a figure needs, and where its result stands in it."""

    task: Task
    steps: int
    """Steps of the progress bar."""
    program: str = ""
    """What tasks have in common that share compiled programs."""
    x: float | None = None
    """Value of the swept parameter; None where the result tells."""


class Series(NamedTuple):
    """One line of a figure, in the axis' unit."""

    label: str
    x: tuple[float, ...]
    y: tuple[Interval, ...]


def find_figures(figures: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    """Return the figures of these names, or all if none is given; 2 means figure-2.

    Raises:
        InputError: a name that no figure has, with those that there are.
    """
    known = {figure.id: figure for figure in figures}
    full = [f"figure-{name}" if name.isdigit() else name for name in names]
    for name in full:
        if name not in known:
            raise InputError(f"figure {name!r}: unknown; allowed: {', '.join(known)}")
    return [known[name] for name in full] or list(figures)
