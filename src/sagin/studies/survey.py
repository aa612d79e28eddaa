"""A paper's part of a search over readings: its claims, and the rows of each open definition.

A definition row replaces series by others: the metric of an account of power, or another reading of
a rival. The definition of a printed gain is open, too (`definitions`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from sagin.parameters import to_mapping
from sagin.studies.claim import Claim
from sagin.studies.definitions import DEFINITIONS, GainDefinition
from sagin.studies.effort import EFFORTS, SearchEffort
from sagin.studies.figure import Task
from sagin.studies.store import build_task


class DefinitionRow(NamedTuple):
    """One reading of an open definition."""

    id: str
    text: str
    replaces: Mapping[str, str] = {}
    """Methods and metrics of claims, with their replacements."""
    overrides: tuple[str, ...] = ()
    """Equivalent fields of the scenario, as `section.field=value`."""


class OtherChoice(NamedTuple):
    """A choice that needs a separate program, and is therefore tried alone."""

    text: str
    override: str


class Survey(NamedTuple):
    """A paper's input to a search over its readings."""

    claims: Sequence[Claim]
    """Claims with a printed gain, and trends and orders."""
    axes: Mapping[str, Sequence[DefinitionRow]]
    """Rows of each open definition, by topic; the first row is the default."""
    at: Sequence[float]
    """Searched values of the swept parameter."""
    make: str
    """Dotted name of make(task, advance, folder) -> Result, with readings in the place of seeds."""
    pad: Callable[[Any, float], Any] = lambda scenario, _: scenario
    """pad(scenario, x): the scenario with room for x, so that points share programs."""
    definitions: Sequence[GainDefinition] = DEFINITIONS
    """Possible definitions of a printed gain; the first is the default."""
    points: Sequence[float] = ()
    """Values of the swept parameter along which the paper takes its largest gains."""
    settle: Callable[[dict[str, float | str]], dict[str, float | str]] = dict
    """settle(fields): a reading's changed fields without those that other fields make void, so that
    the scenario's checks pass.
    """
    without: Sequence[str] = ()
    """Fields with a prior that are not searched."""
    others: Sequence[OtherChoice] = ()
    efforts: Mapping[str, SearchEffort] = EFFORTS
    remarks: Sequence[str] = ()
    """The page's remarks on priors and search."""

    def build_task(
        self,
        scenario: Any,
        values: Mapping[str, Sequence[float]],
        *,
        drops: int,
        seed: int,
        x: float,
        blocks: int = 1,
    ) -> Task:
        """Build the task of some readings at x of the swept parameter, on the same drops.

        Args:
            scenario: scenario of the paper.
            values: one number per reading, for each searched field.
            drops: number of drops of each reading.
            seed: seed of the drops.
            x: value of the swept parameter.
            blocks: number of parts of the drops that are averaged separately.
        """
        return build_task(
            "readings",
            self.make,
            scenario=to_mapping(self.pad(scenario, x)),
            values={name: list(column) for name, column in values.items()},
            drops=drops,
            seed=seed,
            x=x,
            blocks=blocks,
        )


class Combination(NamedTuple):
    """One row of each open definition."""

    gain: GainDefinition
    rows: tuple[DefinitionRow, ...]

    @property
    def texts(self) -> list[str]:
        """The rows as text."""
        return [text for text in (self.gain.text, *(row.text for row in self.rows)) if text]

    @property
    def overrides(self) -> tuple[str, ...]:
        """Fields of the scenario that are equivalent to the rows."""
        return tuple(field for row in self.rows for field in row.overrides)

    def replace(self, name: str) -> str:
        """Return the method or metric that replaces a name."""
        for row in self.rows:
            name = row.replaces.get(name, name)
        return name

    def count_changes(self, survey: Survey) -> int:
        """Count the definitions that differ from the default."""
        defaults = [rows[0] for rows in survey.axes.values()]
        changed = sum(row != first for row, first in zip(self.rows, defaults, strict=True))
        return changed + (self.gain != survey.definitions[0])


def list_combinations(survey: Survey) -> Iterator[Combination]:
    """Yield every choice of one row of each open definition, the default one first."""
    for gain in survey.definitions:
        for rows in product(*survey.axes.values()):
            yield Combination(gain, rows)


def list_single_changes(survey: Survey) -> Iterator[tuple[str, Combination]]:
    """Yield each combination in which one definition differs from the default, with its text."""
    default = next(list_combinations(survey))
    for gain in survey.definitions[1:]:
        yield f"gain: {gain.text}", default._replace(gain=gain)
    for place, (name, rows) in enumerate(survey.axes.items()):
        for row in rows[1:]:
            changed = (*default.rows[:place], row, *default.rows[place + 1 :])
            yield f"{name}: {row.text}", default._replace(rows=changed)
