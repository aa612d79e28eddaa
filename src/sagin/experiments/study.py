"""A figure as data: what is swept, what is measured, what was drawn, and what the paper claims of
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sagin.errors import InputError
from sagin.studies.statistics import Interval

Verdict = Literal["holds", "holds in part", "does not hold", "undecided"]
BOUND = "bound"
"""Name of a line that no method passes."""


@dataclass(frozen=True)
class Figure:
    """A figure to reproduce: one metric of several methods against one swept field of a scenario."""

    name: str
    """Name on the command line and of the files."""
    title: str
    sweep: str
    """Dotted name of the swept field."""
    values: tuple[float, ...]
    metric: str
    """Name of the metric in a cell's result."""
    x_label: str
    y_label: str
    scale: float = 1.0
    """Factor from the metric's SI unit to the axis' unit."""
    overrides: tuple[str, ...] = ()
    """Fields, as `section.field=value`, in which its scenario differs from the study's."""


def figures_named(figures: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    """Return the figures of these names, or all if none is given; a number alone, as 2, means
    figure-2.
    """
    known = {figure.name: figure for figure in figures}
    full = [f"figure-{name}" if name.isdigit() else name for name in names]
    for name in full:
        if name not in known:
            raise InputError(f"figure {name!r}: unknown; allowed: {', '.join(known)}")
    return [known[name] for name in full] or list(figures)


class Series(NamedTuple):
    """One method's line in a figure, in the axis' unit."""

    method: str
    x: tuple[float, ...]
    y: tuple[Interval, ...]


@dataclass(frozen=True)
class Claim:
    """What a paper says that a figure shows, as a statement that can be checked."""

    name: str
    text: str
    source: str
    figure: str
    """Name of the figure whose cells decide it."""
    metric: str
    method: str
    rival: str
    kind: Literal["gain", "above", "rises above", "falls below"]
    printed: float | None = None
    """Greatest gain of the method over the rival that the paper prints, percent."""
    caption_factor: float = 1.0
    """Factor of the method over that of the rival with which the caption says that the series were
    multiplied before plotting.
    """
    needs: str = ""
    """Metric of the method without which a point says nothing of the claim, such as aircraft where
    it is about relays.
    """


@dataclass(frozen=True)
class Judgement:
    """A claim with what came out: the gain as it is and with the caption's factors, a verdict, and
    the reason in words.
    """

    claim: Claim
    raw: Interval
    """Gain of the method over the rival, percent, at the point that decides:
    the greatest for "gain", the least for "above", else the last."""
    at: float
    """Value of the swept field at that point."""
    unit: str
    """What the swept field counts, in the plural, such as users."""
    scaled: float
    """The same gain after the caption's factors, percent."""
    verdict: Verdict
    reason: str
