"""The two sides of a claim's comparison, from a table: two arrays, paired over seeds and tests."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.studies.claim import Claim
from sagin.studies.record import Table
from sagin.studies.statistics import Interval, two_way_interval


class Pairs(NamedTuple):
    """A metric of a method and of its rival along the swept parameter."""

    x: list[float]
    ours: Float[np.ndarray, "points seeds tests"]
    theirs: Float[np.ndarray, "points seeds tests"]
    """Values of the rival; of the method itself for a claim without rival."""

    @property
    def seeds(self) -> int:
        """Number of paired seeds."""
        return self.ours.shape[1]

    def at(self, index: int | slice) -> "Pairs":
        """Return the pairs at some points only."""
        rows = slice(index, index + 1) if isinstance(index, int) else index
        return Pairs(self.x[rows], self.ours[rows], self.theirs[rows])


def select_pairs(claim: Claim, table: Table) -> Pairs | None:
    """Return the two sides of a claim, or None if one of them is unknown.

    Points at which the method lacks what the claim needs are left out.
    """
    rival = (claim.rival or claim.method, claim.rival_metric or claim.metric)
    sides = ((claim.method, claim.metric), rival)
    common = [set(table.points(*side)) for side in sides]
    points = sorted(x for x in common[0] if x in common[1] or (math.isnan(x) and common[1]))
    rows = [[table.values(*side, x) for side in sides] for x in points]
    if not rows:
        return None
    seeds = sorted(set.intersection(*(set(cell) for row in rows for cell in row)))
    ours, theirs = (_stack([row[side] for row in rows], seeds) for side in range(2))
    if ours.shape[2] != theirs.shape[2]:
        ours, theirs = (a.mean(axis=2, keepdims=True) for a in (ours, theirs))
    pairs = Pairs(points, ours, theirs) if seeds else None
    return None if pairs is None else _leave_out(claim, table, _cut(claim, pairs))


def _stack(cells: list[dict[int, np.ndarray]], seeds: list[int]) -> np.ndarray:
    """Return cells as one array; tests are averaged if their number differs."""
    rows = [[cell[seed] for seed in seeds] for cell in cells]
    if len({len(values) for row in rows for values in row}) > 1:
        rows = [[values.mean(keepdims=True) for values in row] for row in rows]
    return np.array(rows, dtype=np.float64).reshape(len(cells), len(seeds), -1)


def _cut(claim: Claim, pairs: Pairs) -> Pairs:
    """Return the last third of the sweep, if the claim concerns only that."""
    if not claim.last_third and claim.kind != "steady":
        return pairs
    first = int(np.searchsorted(pairs.x, pairs.x[-1] * 2 / 3, side="right"))
    return pairs.at(slice(first, None))


def _leave_out(claim: Claim, table: Table, pairs: Pairs) -> Pairs:
    """Return the pairs without the points that are no evidence on the claim."""
    if not claim.needs:
        return pairs
    amounts = [_mean(table, claim.method, claim.needs, x) for x in pairs.x]
    rows = [row for row, amount in enumerate(amounts) if amount > 0]
    return Pairs([pairs.x[row] for row in rows], pairs.ours[rows], pairs.theirs[rows])


def _mean(table: Table, method: str, metric: str, x: float) -> float:
    values = table.values(method, metric, x)
    return float(np.mean(list(values.values()))) if values else 0.0


def mean_metric(table: Table, method: str, metric: str) -> float:
    """Return the mean of a metric over all points, seeds and tests; NaN where it is unknown."""
    means = [_mean(table, method, metric, x) for x in table.points(method, metric)]
    return float(np.mean(means)) if means else math.nan


def compute_gain(pairs: Pairs, confidence: float = 0.95, absolute: bool = False) -> Interval:
    """Return the relative gain of the method over its rival, over all points, in percent.

    It is 100·(mean a / mean b − 1), with the delta method's interval: seeds and tests are random,
    and the uncertainty of the rival's mean is included. If both means are 0, the result is NaN; if
    only the rival's is, it is infinite. With `absolute`, the result is the difference in the
    metric's unit.

    >>> pairs = Pairs([1.0], np.full((1, 2, 1), 3.0), np.full((1, 2, 1), 2.0))
    >>> float(compute_gain(pairs).estimate)
    50.0
    """
    ours, theirs = pairs.ours.mean(axis=0), pairs.theirs.mean(axis=0)
    if absolute:
        return two_way_interval(ours - theirs, confidence)
    ours_mean, below = ours.mean(), theirs.mean()
    if below == 0.0:
        infinite = math.nan if ours_mean == 0.0 else math.inf
        return Interval(infinite, infinite, infinite)
    ratio = ours_mean / below
    # deviations of the ratio, linearised about the two means
    linear = (ours - ratio * theirs) / below
    interval = two_way_interval(linear, confidence)
    return Interval(*(100.0 * (part + ratio - 1.0) for part in interval))
