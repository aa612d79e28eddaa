"""The schema of every stored number: a metric of a method at a point, by seed."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.errors import StoreError
from sagin.inputs import quote

SCHEMA = 2
"""Version of a stored result; sagin 0.1.0 used 1."""
COLUMNS = ("study", "method", "x", "seed", "test", "metric", "value")


class Record(NamedTuple):
    """One number with its identification."""

    study: str
    """Study of the number, such as relaying."""
    method: str
    x: float | None
    """Value of the swept parameter; None without a sweep."""
    seed: int
    """Independent repetition: a seed of training, a run, or a block of drops."""
    test: int
    """Index of the test of that seed, each on another layout; 0 for a single test."""
    metric: str
    value: float
    """Value in the metric's SI unit; NaN if it does not exist."""


class Sample(NamedTuple):
    """A metric of a method at a point, as a task's result holds it."""

    method: str
    metric: str
    values: Float[np.ndarray, "seeds tests"]
    """Values in the metric's SI unit."""
    x: float | None = None
    """Value of the swept parameter; None if the figure of the task knows it."""
    seed: int = 0
    """Number of the first seed."""


class Result(NamedTuple):
    """Result of a task."""

    samples: list[Sample]
    extra: Mapping[str, Any] = {}
    """Plain data for drawings, such as a trace; no claim depends on it."""


def make_sample(method: str, metric: str, values: Any, **origin: Any) -> Sample:
    """Return a sample from one number, one per seed, or one per seed and test.

    >>> make_sample("greedy", "delay", [0.1, 0.2]).values.shape
    (2, 1)
    """
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    return Sample(method, metric, array[:, None] if array.ndim == 1 else array, **origin)


def to_plain(result: Result) -> dict[str, Any]:
    """Return a result as JSON data: numbers with nine digits, NaN or infinite ones as text."""
    samples = [
        {**sample._asdict(), "values": [[_to_json(v) for v in row] for row in sample.values]}
        for sample in result.samples
    ]
    return {"schema": SCHEMA, "samples": samples, "extra": dict(result.extra)}


def from_plain(content: Any, source: str) -> Result:
    """Return the result that plain data describes; the inverse of `to_plain`.

    Raises:
        StoreError: another schema or shape; one line that begins with `source`.
    """
    if not isinstance(content, Mapping) or content.get("schema") != SCHEMA:
        version = content.get("schema", 1) if isinstance(content, Mapping) else "unknown"
        raise StoreError(
            f"{source}: schema {version} is not read (allowed: {SCHEMA}; run it again)"
        )
    try:
        samples = [
            Sample(**{**sample, "values": _to_array(sample["values"])})
            for sample in content["samples"]
        ]
        wrong = [sample for sample in samples if not _is_sample(sample)]
        extra = dict(content["extra"])
    except (TypeError, KeyError, ValueError, OverflowError):
        raise StoreError(f"{source}: damaged: not a result of a task") from None
    if wrong:
        name = quote(wrong[0].metric)
        raise StoreError(f"{source}: damaged: {name} is not a metric by seed and test")
    return Result(samples, extra)


def _to_array(rows: Any) -> Float[np.ndarray, "seeds tests"]:
    """Return rows of numbers; ValueError for values that NumPy would convert to numbers."""
    for value in (value for row in rows for value in row):
        if type(value) not in (int, float) and value not in ("nan", "inf", "-inf"):
            raise ValueError(value)
    return np.array(rows, dtype=np.float64)


def _is_sample(sample: Sample) -> bool:
    """Return whether a sample from a file has values of the right types."""
    names = isinstance(sample.method, str) and isinstance(sample.metric, str)
    x = sample.x is None or (isinstance(sample.x, int | float) and not isinstance(sample.x, bool))
    return names and x and type(sample.seed) is int and sample.values.ndim == 2


def _to_json(value: float) -> float | str:
    return float(f"{value:.9g}") if math.isfinite(value) else str(float(value))


def list_records(study: str, samples: Iterable[Sample]) -> Iterator[Record]:
    """Yield each number of the samples as a record."""
    for sample in samples:
        for seed, row in enumerate(sample.values, sample.seed):
            for test, value in enumerate(row):
                yield Record(
                    study, sample.method, sample.x, seed, test, sample.metric, float(value)
                )


class Table:
    """Samples of several methods, found by method and metric along the swept parameter."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        """Collect samples; those of one method, metric and x are joined seed by seed."""
        self._cells: dict[tuple[str, str], dict[float | None, dict[int, np.ndarray]]] = {}
        for sample in samples:
            points = self._cells.setdefault((sample.method, sample.metric), {})
            seeds = points.setdefault(sample.x, {})
            seeds.update(enumerate(sample.values, sample.seed))

    @property
    def methods(self) -> list[str]:
        """Methods in the order of their first sample."""
        return list(dict.fromkeys(method for method, _ in self._cells))

    @property
    def metrics(self) -> list[str]:
        """Metrics in the order of their first sample."""
        return list(dict.fromkeys(metric for _, metric in self._cells))

    def points(self, method: str, metric: str) -> list[float]:
        """Return the values of the swept parameter at which a metric of a method is known."""
        cells = self._cells.get((method, metric), {})
        return sorted(x for x in cells if x is not None) or ([math.nan] if cells else [])

    def values(self, method: str, metric: str, x: float) -> dict[int, np.ndarray]:
        """Return the values by test of each seed at a point; empty where it is unknown."""
        return self._cells.get((method, metric), {}).get(None if math.isnan(x) else x, {})

    def samples(self) -> Iterator[Sample]:
        """Yield the collected samples, one per seed."""
        for (method, metric), points in self._cells.items():
            for x, seeds in points.items():
                for seed, values in seeds.items():
                    yield Sample(method, metric, values[None], x, seed)
