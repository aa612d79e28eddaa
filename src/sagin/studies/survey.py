"""What a search over readings asks of a paper: printed gains, and the rows of each open definition.

A definition row says which series takes the place of which: the metric of an account of power, or
another reading of a rival. What "gain" means is open in every paper (`definitions`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.studies.definitions import DEFINITIONS, GainDefinition
from sagin.studies.figure import Task
from sagin.studies.pairs import Pairs, compute_gain
from sagin.studies.record import Result
from sagin.studies.statistics import Interval


class PrintedGain(NamedTuple):
    """A gain in percent that the paper prints."""

    id: str
    text: str
    source: str
    metric: str
    method: str
    rival: str
    printed: float
    factor: float = 1.0
    """Of a caption, the method's series over its rival's."""


class DefinitionRow(NamedTuple):
    """One reading of an open definition."""

    id: str
    text: str
    replaces: Mapping[str, str] = {}
    """Metrics and rivals of printed gains that others take the place of."""
    overrides: tuple[str, ...] = ()
    """Fields of the scenario, as `section.field=value`, that say the same."""


class Survey(NamedTuple):
    """What a paper brings to a search over its readings."""

    gains: Sequence[PrintedGain]
    axes: Mapping[str, Sequence[DefinitionRow]]
    """Rows of each open definition, by what is open; the first row is the default."""
    points: Sequence[float]
    """Values of the swept parameter along which the paper takes its gains."""
    at: float
    """The one at which readings are searched."""
    sweep: str
    """What is swept, in words."""
    build_task: Callable[..., Task]
    """build_task(scenario, values, drops=…, seed=…, x=…, blocks=…): the task of some readings,
    whose values are listed by field.
    """
    make: str
    """Dotted name of make(task, advance, folder) -> Result, a reading in the place of a seed."""
    settle: Callable[[dict[str, float | str]], dict[str, float | str]] = dict
    """settle(fields): a reading's changed fields without those that others make void, so that the
    scenario's checks pass.
    """
    without: Sequence[str] = ()
    """Fields with a prior whose choices are rows of a definition."""
    remarks: Sequence[str] = ()
    """What the page has to say of priors and search."""


class Combination(NamedTuple):
    """One row of each open definition."""

    gain: GainDefinition
    rows: tuple[DefinitionRow, ...]

    @property
    def text(self) -> str:
        """The rows in words."""
        return "; ".join((f"gain {self.gain.text}", *(row.text for row in self.rows)))

    @property
    def overrides(self) -> tuple[str, ...]:
        """Fields of the scenario that say the same as the rows."""
        return tuple(field for row in self.rows for field in row.overrides)

    def replace(self, name: str) -> str:
        """Return the metric or rival that takes a name's place."""
        for row in self.rows:
            name = row.replaces.get(name, name)
        return name

    def count_changes(self, survey: Survey) -> int:
        """Count the definitions that are not the default's."""
        defaults = [rows[0] for rows in survey.axes.values()]
        changed = sum(row != first for row, first in zip(self.rows, defaults, strict=True))
        return changed + (self.gain != DEFINITIONS[0])


def list_combinations(survey: Survey) -> Iterator[Combination]:
    """Yield every choice of one row of each open definition, the default one first."""
    for gain in DEFINITIONS:
        for rows in product(*survey.axes.values()):
            yield Combination(gain, rows)


Series = tuple[str, str]
"""Method and metric."""
Means = Mapping[Series, Float[np.ndarray, "readings blocks"]]
"""Means over blocks of drops by method and metric."""


def read_means(result: Result) -> Means:
    """Return a result's means by method and metric."""
    return {(sample.method, sample.metric): sample.values for sample in result.samples}


def list_series(gain: PrintedGain, combination: Combination) -> tuple[Series, Series]:
    """Return the keys of a printed gain's two series under a combination of definitions."""
    metric = combination.replace(gain.metric)
    return (gain.method, metric), (combination.replace(gain.rival), metric)


def predict_gains(
    survey: Survey, means: Means, combination: Combination
) -> Float[np.ndarray, "readings gains"]:
    """Return each printed gain as readings have it, percent, from means over all drops."""
    columns = []
    for gain in survey.gains:
        ours, theirs = list_series(gain, combination)
        ratio = means[ours].mean(axis=1) / means[theirs].mean(axis=1)
        columns.append(combination.gain.convert(100.0 * (ratio - 1.0), gain.factor))
    return np.stack(columns, axis=1)


def predict_interval(
    gain: PrintedGain, means: Means, combination: Combination, row: int = 0
) -> Interval:
    """Return a printed gain as one reading has it, with its 95 % interval over blocks of drops."""
    ours, theirs = (means[key][row][None, :, None] for key in list_series(gain, combination))
    interval = compute_gain(Pairs([0.0], ours, theirs))
    return Interval(*(combination.gain.convert(part, gain.factor) for part in interval))


def measure_misfits(
    survey: Survey, predicted: Float[np.ndarray, "readings gains"]
) -> Float[np.ndarray, " readings"]:
    """Return the greatest distance of any gain from its printed number, in points."""
    printed = np.array([gain.printed for gain in survey.gains])
    misfits = np.abs(predicted - printed).max(axis=1)
    return np.where(np.isfinite(misfits), misfits, np.inf)


def straighten_gains(
    survey: Survey, predicted: Float[np.ndarray, "readings gains"], combination: Combination
) -> Float[np.ndarray, "readings gains"]:
    """Return the distances of gains from their printed numbers by the logarithms of the series'
    ratios, in which they are nearly linear in open values in dB; in points close to the numbers.
    """
    columns = []
    for gain, values in zip(survey.gains, predicted.T, strict=True):
        definition = combination.gain
        ratios = 1.0 + definition.invert(values, gain.factor) / 100.0
        target = 1.0 + definition.invert(gain.printed, gain.factor) / 100.0
        # points of the gain per logarithm of the ratio, at the printed number
        scale = 100.0 - gain.printed if definition.over_method else 100.0 + gain.printed
        columns.append(scale * np.log(ratios / target))
    return np.stack(columns, axis=1)
