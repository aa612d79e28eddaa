"""The open values of a paper's scenario as a space: random readings, and their distance.

A number is a share u of its plausible range, 0 to 1, from low to high, linear or logarithmic; a
choice is the index of one of its names. A distance is in units of each range.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from sagin.choices import Options, Span
from sagin.parameters import list_fields


class OpenNumber(NamedTuple):
    """A number that the paper leaves open."""

    field: str
    span: Span
    default: float
    unit: str = ""

    def scale(self, share: Any) -> Any:
        """Return the value at a share of the range.

        >>> OpenNumber("x", Span(1.0, 100.0, "", is_log=True), 1.0).scale(0.5)
        10.0
        """
        low, high = self.span.low, self.span.high
        if self.span.is_log:
            return low * (high / low) ** share
        return low + (high - low) * share

    def find_share(self, value: Any) -> Any:
        """Return the share of the range at a value, the inverse of `scale`."""
        low, high = self.span.low, self.span.high
        if self.span.is_log:
            return np.log(value / low) / np.log(high / low)
        return (value - low) / (high - low)


class OpenChoice(NamedTuple):
    """A choice among names that the paper leaves open."""

    field: str
    names: tuple[str, ...]
    default: str


@dataclass(frozen=True)
class Readings:
    """Points of a space, along a leading axis."""

    shares: Float[np.ndarray, "readings numbers"]
    picks: Int[np.ndarray, "readings choices"]

    def take(self, rows: Any) -> "Readings":
        """Return some of the readings, by index or mask."""
        return Readings(self.shares[rows], self.picks[rows])

    def __len__(self) -> int:
        """Return the number of readings."""
        return self.shares.shape[0]

    @property
    def key(self) -> bytes:
        """Return a key that equal readings share."""
        return self.shares.tobytes() + self.picks.tobytes()


class Space(NamedTuple):
    """All searched open values of a scenario."""

    numbers: tuple[OpenNumber, ...]
    choices: tuple[OpenChoice, ...]

    @property
    def size(self) -> int:
        """Number of open values."""
        return len(self.numbers) + len(self.choices)

    def list_defaults(self) -> Readings:
        """Return the default reading."""
        shares = [number.find_share(number.default) for number in self.numbers]
        picks = [choice.names.index(choice.default) for choice in self.choices]
        return Readings(np.array([shares], float), np.array([picks], int))

    def draw(self, count: int, seed: int) -> Readings:
        """Draw readings from the prior: Sobol points, scrambled by the seed."""
        from scipy.stats import qmc

        engine = qmc.Sobol(self.size, scramble=True, rng=seed)
        points = engine.random_base2(max(count - 1, 1).bit_length())[:count]
        sizes = np.array([len(choice.names) for choice in self.choices], int)
        shares, parts = points[:, : len(self.numbers)], points[:, len(self.numbers) :]
        picks = np.minimum((parts * sizes).astype(int), sizes - 1)
        return Readings(shares, picks)

    def draw_near(self, count: int, seed: int, share: float) -> Readings:
        """Draw readings that each change some values; the others stay at their defaults.

        Args:
            count: number of readings.
            seed: seed of the draw.
            share: mean share of the values that a reading changes, 0 to 1.
        """
        from scipy.stats import qmc

        drawn, default = self.draw(count, seed), self.list_defaults()
        engine = qmc.Sobol(self.size, scramble=True, rng=seed + 1)
        moves = engine.random_base2(max(count - 1, 1).bit_length())[:count] < share
        numbers = len(self.numbers)
        return Readings(
            np.where(moves[:, :numbers], drawn.shares, default.shares),
            np.where(moves[:, numbers:], drawn.picks, default.picks),
        )

    def to_values(self, readings: Readings) -> dict[str, list[float]]:
        """Return the values of readings by field; for a choice, the indices of its names."""
        columns = zip(self.numbers, readings.shares.T, strict=True)
        values = {number.field: number.scale(column).tolist() for number, column in columns}
        picks = zip(self.choices, readings.picks.T, strict=True)
        return values | {choice.field: column.tolist() for choice, column in picks}

    def list_changes(self, reading: Readings) -> dict[str, float | str]:
        """Return the fields in which one reading differs from the default, with their values."""
        default = self.list_defaults()
        changes: dict[str, float | str] = {}
        for row, number in enumerate(self.numbers):
            share = float(reading.shares[0, row])
            if abs(share - default.shares[0, row]) > 1e-9:
                changes[number.field] = float(f"{number.scale(share):.6g}")
        for row, choice in enumerate(self.choices):
            if reading.picks[0, row] != default.picks[0, row]:
                changes[choice.field] = choice.names[reading.picks[0, row]]
        return changes

    def measure_moves(self, readings: Readings) -> Float[np.ndarray, " readings"]:
        """Return the sum of moves from the default; a changed choice counts as one range."""
        default = self.list_defaults()
        moved = (readings.picks != default.picks).sum(axis=1)
        return np.abs(readings.shares - default.shares).sum(axis=1) + moved


def build_space(scenario: Any, without: Sequence[str] = ()) -> Space:
    """Build the space of a scenario's fields that have a prior; defaults are the scenario's own."""
    numbers, choices = [], []
    for name, parameter, _ in list_fields(type(scenario)):
        if parameter.prior is None or name in without:
            continue
        value = reduce(getattr, name.split("."), scenario)
        if isinstance(parameter.prior, Options):
            choices.append(OpenChoice(name, parameter.prior.names, value))
        else:
            numbers.append(OpenNumber(name, parameter.prior, value, parameter.unit))
    return Space(tuple(numbers), tuple(choices))


def list_choices(cls: type) -> dict[str, tuple[str, ...]]:
    """Return the names of every open choice of a scenario class by field, in the order of picks."""
    priors = {name: parameter.prior for name, parameter, _ in list_fields(cls)}
    return {name: prior.names for name, prior in priors.items() if isinstance(prior, Options)}
