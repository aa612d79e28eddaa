"""Search over readings of a paper: from the prior to readings under which its claims hold.

All readings meet the same drops, so differences come only from the readings. The resulting readings
are confirmed on drops that the search did not use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from sagin.studies.collection import fill
from sagin.studies.effort import SearchEffort
from sagin.studies.engine import Advance, Engine
from sagin.studies.figure import Point
from sagin.studies.fit import ENOUGH, REACH, Fit, advance_fits, begin_fit, join_readings
from sagin.studies.prediction import (
    Means,
    Series,
    Values,
    find_hits,
    measure_misfits,
    predict,
    read_means,
    straighten,
)
from sagin.studies.space import Readings, Space
from sagin.studies.store import Store
from sagin.studies.survey import Combination, Survey, list_combinations

PART = 8192
"""Approximate number of pairs of a reading and a drop in one stored task."""
FRESH = 1_000_003
"""Number added to the seed for the drops that confirm a reading."""
SURE = 0.2
"""Distance from their aims, in points, within which claims count as held on the search's own drops.
"""
NEAR = 0.2
"""Share of the values that readings near the default change."""
FEW = 2
"""Number of fits that continue to the end."""
WEIGHT = 3.0
"""Ranges of distance that equal one point of misfit."""
HALVING = 4
"""Number of steps after which the worse half of the fits is dropped."""
REGION_STEPS = 6
"""Number of steps from a reading of the prior to where claims hold."""


class Laboratory(NamedTuple):
    """Measures readings."""

    survey: Survey
    scenario: Any
    space: Space
    store: Store
    engine: Engine
    advance: Advance
    seed: int = 0

    def measure(
        self,
        readings: Readings,
        drops: int,
        *,
        seed: int | None = None,
        at: Sequence[float] | None = None,
        blocks: int = 1,
    ) -> Means:
        """Return the means of readings over the drops of a seed; stored ones are reused.

        `at` are values of the swept parameter; default: the searched ones.
        """
        values = self.space.to_values(readings)
        size = max(PART // drops, 1)
        points: list[list[Point]] = []
        for x in self.survey.at if at is None else at:
            points.append([])
            for start in range(0, len(readings), size):
                part = {name: column[start : start + size] for name, column in values.items()}
                task = self.survey.build_task(
                    self.scenario,
                    part,
                    drops=drops,
                    seed=self.seed if seed is None else seed,
                    x=x,
                    blocks=blocks,
                )
                count = len(next(iter(part.values())))
                points[-1].append(Point(task, count * drops, "readings"))
        tasks = [point for row in points for point in row]
        fill(self.store, tasks, self.survey.make, self.advance, engine=self.engine)
        return _join_means([[self._find(point) for point in row] for row in points])

    def _find(self, point: Point) -> Means:
        result = self.store.find(point.task)
        assert result is not None
        return read_means(result)


def _join_means(parts: Sequence[Sequence[Mapping[Series, Any]]]) -> Means:
    """Join means of parts of readings, with the sweep on the first axis."""
    return {
        key: np.concatenate([np.concatenate([part[key] for part in row]) for row in parts], axis=2)
        for key in parts[0][0]
    }


class MeasuredReadings(NamedTuple):
    """Measured readings."""

    readings: Readings
    means: Means

    def predict(self, survey: Survey, combination: Combination) -> Values:
        """Return the number of each claim under the readings."""
        return predict(survey, self.means, combination)


def draw_samples(
    lab: Laboratory, effort: SearchEffort
) -> tuple[MeasuredReadings, MeasuredReadings]:
    """Return measured readings of the prior, and others that change few values each."""
    prior = lab.space.draw(effort.prior, lab.seed)
    near = lab.space.draw_near(effort.prior, lab.seed, NEAR)
    samples = [
        MeasuredReadings(part, lab.measure(part, effort.prior_drops)) for part in (prior, near)
    ]
    return samples[0], samples[1]


def rank_starts(lab: Laboratory, effort: SearchEffort, near: MeasuredReadings) -> list[Fit]:
    """Return fits that begin at readings near the default, under the most promising definitions.

    A point of misfit has the weight of WEIGHT ranges of distance.
    """
    survey, default = lab.survey, lab.space.list_defaults()
    rows = []
    for place, combination in enumerate(choices := list(list_combinations(survey))):
        straight = straighten(survey, near.predict(survey, combination), combination)
        losses = measure_misfits(survey, straight).sum(axis=1)
        distances = lab.space.measure_moves(near.readings) + combination.count_changes(survey)
        rates = np.nan_to_num(WEIGHT * losses + distances, nan=np.inf)
        rows += [(float(rate), row, place) for row, rate in enumerate(rates)]
    fits: dict[int, Fit] = {}
    for _, row, place in sorted(rows):
        if row not in fits:
            start = near.readings.take(slice(row, row + 1))
            fits[row] = begin_fit(survey, choices[place], start, default.shares[0])
        if len(fits) == effort.fits:
            break
    return list(fits.values())


def _measure_on(lab: Laboratory, drops: int) -> Callable[[Readings], Means]:
    return lambda readings: lab.measure(readings, drops)


def rate_fit(lab: Laboratory, fit: Fit) -> float:
    """Return the distance of a fit from where all claims hold, and from the default."""
    return WEIGHT * fit.loss + measure_distance(lab, fit)


def fit_starts(lab: Laboratory, effort: SearchEffort, fits: Sequence[Fit]) -> list[Fit]:
    """Return the readings near the default to which fits lead on drops.

    Every few steps, the less promising half is dropped.
    """
    free = range(len(lab.space.numbers))
    for step in range(effort.steps):
        fits = advance_fits(lab.survey, fits, _measure_on(lab, effort.fit_drops), free)
        if step % HALVING == HALVING - 1:
            fits = sorted(fits, key=lambda fit: rate_fit(lab, fit))
            fits = fits[: max(-(-len(fits) // 2), FEW)]
    return list(fits)


def measure_distance(lab: Laboratory, fit: Fit) -> float:
    """Return the distance of a fit from the default reading, in units of each range.

    A changed choice or definition counts as one range.
    """
    return float(lab.space.measure_moves(fit.best)[0]) + fit.combination.count_changes(lab.survey)


def choose_nearest(lab: Laboratory, fits: Sequence[Fit]) -> Fit:
    """Return the fit under which most claims hold.

    Among several, it is the one nearest to the default if all claims hold, otherwise the one of
    smallest misfits.
    """

    def rate(fit: Fit) -> tuple[int, float]:
        missed = len(fit.misfits) - fit.count_held(SURE)
        return missed, fit.loss if missed else measure_distance(lab, fit)

    return min(fits, key=rate)


def polish(lab: Laboratory, fit: Fit, effort: SearchEffort, steps: int) -> Fit:
    """Return a fit after further steps on more drops, with only its moved numbers free.

    Args:
        lab: measures readings.
        fit: the fit to continue.
        effort: numbers of drops.
        steps: largest number of steps.
    """
    fit, free = fit.restart(reach=0.1), find_moved(lab, fit)
    few, many = (_measure_on(lab, n) for n in (effort.slope_drops, effort.polish_drops))
    for _ in range(steps):
        (fit,) = advance_fits(lab.survey, [fit], few, free, many)
        if fit.misfit <= ENOUGH:
            break
    return fit


def find_moved(lab: Laboratory, fit: Fit) -> list[int]:
    """Return the numbers that a fit has moved from the default."""
    default = lab.space.list_defaults().shares[0]
    return np.flatnonzero(np.abs(fit.best.shares[0] - default) > 1e-6).tolist()


def rank_prior(
    lab: Laboratory, prior: MeasuredReadings, definitions: Sequence[Combination]
) -> list[tuple[int, Combination]]:
    """Return readings of the prior with definitions, ordered by the number of claims that hold.

    Among equal numbers, those of smallest misfits come first; each misfit counts up to the printed
    number's own size.
    """
    rows = []
    for place, combination in enumerate(definitions):
        values = prior.predict(lab.survey, combination)
        misfits = np.minimum(measure_misfits(lab.survey, values), 100.0).sum(axis=1)
        counts = find_hits(lab.survey, values).sum(axis=1)
        rows += [
            (-int(count), float(misfit), row, place)
            for row, (count, misfit) in enumerate(zip(counts, misfits, strict=True))
        ]
    return [(row, definitions[place]) for *_, row, place in sorted(rows)]


def fit_region(
    lab: Laboratory, effort: SearchEffort, prior: MeasuredReadings, combination: Combination
) -> list[Fit]:
    """Return readings of the prior, each moved as little as possible to bring claims to their aims.

    Args:
        lab: measures readings.
        effort: numbers of readings, drops and steps.
        prior: measured readings; the fits begin at those under which most claims hold.
        combination: one row of each open definition.
    """
    starts = rank_prior(lab, prior, [combination])[: effort.region]
    fits = [
        begin_fit(lab.survey, combination, prior.readings.take(slice(row, row + 1)))
        for row, _ in starts
    ]
    free = range(len(lab.space.numbers))
    for _ in range(min(effort.steps, REGION_STEPS)):
        fits = advance_fits(lab.survey, fits, _measure_on(lab, effort.region_drops), free)
    return fits


def refit(lab: Laboratory, effort: SearchEffort, fit: Fit) -> Fit:
    """Return a fit after further steps near the default reading; its choices do not change."""
    default = lab.space.list_defaults().shares[0]
    fit = fit.restart(anchor=default, reach=REACH)
    free = range(len(lab.space.numbers))
    for _ in range(effort.steps // 2):
        (fit,) = advance_fits(lab.survey, [fit], _measure_on(lab, effort.fit_drops), free)
    return fit


def put_back(lab: Laboratory, effort: SearchEffort, fit: Fit) -> list[Fit]:
    """Return fits in which one or two choices or definitions return to the default.

    The numbers are fitted again.
    """
    default, axes = lab.space.list_defaults(), list(lab.survey.axes.values())
    picks = [move for move in _list_moves(lab, fit.best) if move[0] == "choice"]
    rows = [
        ("row", place) for place, row in enumerate(fit.combination.rows) if row != axes[place][0]
    ]
    changes = [*picks, *rows]
    fits = []
    for moves in (*((move,) for move in changes), *combinations(changes, 2)):
        back = {place for kind, place in moves if kind == "row"}
        following_rows = [
            axes[place][0] if place in back else row
            for place, row in enumerate(fit.combination.rows)
        ]
        start = _put_back(fit.best, default, [move for move in moves if move[0] == "choice"])
        combination = fit.combination._replace(rows=tuple(following_rows))
        fits.append(begin_fit(lab.survey, combination, start, default.shares[0]))
    free = range(len(lab.space.numbers))
    for _ in range(effort.steps // 2 if fits else 0):
        fits = advance_fits(lab.survey, fits, _measure_on(lab, effort.fit_drops), free)
    return fits


def shrink(lab: Laboratory, fit: Fit, drops: int) -> Fit:
    """Return a fit with as many values at their defaults as possible while its claims still hold.

    Each value is first reset alone; those with the smallest effect are then reset together, one
    after another.

    Args:
        lab: measures readings.
        fit: the fit to simplify.
        drops: number of drops of each measurement.
    """
    default, best = lab.space.list_defaults(), fit.best
    moves = _list_moves(lab, best)
    singles = [_put_back(best, default, [move]) for move in moves]
    # moves that cost the fewest claims come first
    costs = [loss / 1e6 - count for count, loss in _rate_readings(lab, fit, singles, drops)]
    order = [moves[row] for row in np.argsort(costs)]
    together = [_put_back(best, default, order[:count]) for count in range(1, len(order) + 1)]
    rates = _rate_readings(lab, fit, [best, *together], drops)
    good = [row for row, (count, _) in enumerate(rates) if count >= rates[0][0]]
    return replace(fit, best=[best, *together][good[-1]])


Move = tuple[str, int]
"""A number or a choice, by its index."""


def _list_moves(lab: Laboratory, reading: Readings) -> list[Move]:
    default = lab.space.list_defaults()
    numbers = np.flatnonzero(np.abs(reading.shares - default.shares)[0] > 1e-6)
    choices = np.flatnonzero((reading.picks != default.picks)[0])
    return [*(("number", int(row)) for row in numbers), *(("choice", int(row)) for row in choices)]


def _put_back(reading: Readings, default: Readings, moves: Sequence[Move]) -> Readings:
    shares, picks = reading.shares.copy(), reading.picks.copy()
    for kind, row in moves:
        if kind == "number":
            shares[0, row] = default.shares[0, row]
        else:
            picks[0, row] = default.picks[0, row]
    return Readings(shares, picks)


def _rate_readings(
    lab: Laboratory, fit: Fit, readings: Sequence[Readings], drops: int
) -> list[tuple[int, float]]:
    """Return how many claims hold under each reading, and the sum of misfits."""
    values = predict(lab.survey, lab.measure(join_readings(readings), drops), fit.combination)
    misfits = measure_misfits(lab.survey, values)
    counts = find_hits(lab.survey, values).sum(axis=1)
    return list(zip(counts.tolist(), np.minimum(misfits, 100.0).sum(axis=1).tolist(), strict=True))


def count_pairs(lab: Laboratory, effort: SearchEffort) -> int:
    """Return the approximate number of pairs of a reading and a drop that a search measures."""
    numbers, claims = len(lab.space.numbers), len(lab.survey.claims)
    choices = sum(len(choice.names) - 1 for choice in lab.space.choices)
    few = min(claims, numbers) + 1
    pairs = (
        2 * effort.prior * effort.prior_drops
        + 3 * effort.fits * (numbers + 1) * effort.fit_drops
        + 9 * (few * effort.slope_drops + effort.polish_drops)
        + effort.region * (numbers + 1) * effort.region_drops * REGION_STEPS
        + (numbers + 1 + 3 * few * few) * effort.slope_drops
        + (1 + effort.alone * numbers + choices) * effort.alone_drops
        + effort.fresh * 3 // 2
    )
    return pairs * len(lab.survey.at) + 2 * len(lab.survey.points) * effort.sweep_drops
