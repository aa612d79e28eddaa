"""A search over readings of a paper: from the prior to readings that reproduce its numbers.

All readings meet the same drops, so that what they differ by is theirs; the readings that come out
are confirmed on drops that the search did not use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.studies.collection import fill
from sagin.studies.engine import Advance, Engine
from sagin.studies.figure import Point
from sagin.studies.fit import (
    ENOUGH,
    REACH,
    Fit,
    advance_fits,
    begin_fit,
)
from sagin.studies.space import Readings, Space
from sagin.studies.store import Store
from sagin.studies.survey import (
    Combination,
    Means,
    Survey,
    list_combinations,
    measure_misfits,
    predict_gains,
    read_means,
)

PART = 8192
"""Pairs of a reading and a drop in one stored task, about."""
FRESH = 1_000_003
"""Added to the seed for the drops that confirm a reading."""
FITS = 0.3
"""Points within which a reading reproduces a printed number."""


@dataclass(frozen=True)
class SearchEffort:
    """How much a search computes: numbers of readings, and drops of each."""

    prior: int
    prior_drops: int
    fits: int
    """Combinations of definitions from which readings are fitted."""
    fit_drops: int
    steps: int
    polish_drops: int
    region: int
    """Readings of the prior that are moved to where all numbers hold."""
    region_drops: int
    alone: int
    """Values of each number that is changed alone."""
    alone_drops: int
    fresh: int
    """Drops that confirm a reading."""
    sweep_drops: int
    """Drops at the other points of the sweep."""


EFFORTS = {
    "quick": SearchEffort(32, 16, 2, 32, 2, 64, 2, 16, 2, 16, 128, 16),
    "standard": SearchEffort(1024, 96, 6, 128, 8, 3000, 8, 128, 7, 400, 20_000, 500),
}


class Laboratory(NamedTuple):
    """Where readings are measured."""

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
        x: float | None = None,
        blocks: int = 1,
    ) -> Means:
        """Return the means of readings over the drops of a seed, stored ones as they are."""
        values = self.space.to_values(readings)
        size = max(PART // drops, 1)
        points = []
        for start in range(0, len(readings), size):
            part = {name: column[start : start + size] for name, column in values.items()}
            task = self.survey.build_task(
                self.scenario,
                part,
                drops=drops,
                seed=self.seed if seed is None else seed,
                x=self.survey.at if x is None else x,
                blocks=blocks,
            )
            points.append(Point(task, len(next(iter(part.values()))) * drops, "readings"))
        fill(self.store, points, self.survey.make, self.advance, engine=self.engine)
        results = [self.store.find(point.task) for point in points]
        parts = [read_means(result) for result in results if result is not None]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


class MeasuredReadings(NamedTuple):
    """Measured readings."""

    readings: Readings
    means: Means

    def predict(self, survey: Survey, combination: Combination) -> Float[np.ndarray, "_ gains"]:
        """Return each printed gain as the readings have it."""
        return predict_gains(survey, self.means, combination)


def draw_sample(lab: Laboratory, effort: SearchEffort) -> MeasuredReadings:
    """Return measured readings of the prior."""
    prior = lab.space.draw(effort.prior, lab.seed)
    return MeasuredReadings(prior, lab.measure(prior, effort.prior_drops))


def rank_starts(lab: Laboratory, effort: SearchEffort) -> list[Fit]:
    """Return fits from the default reading, of the combinations of definitions that promise most.

    All combinations share the measurements about the default reading. What one promises is the
    misfit left and the moves if gains were as linear everywhere in the ranges.
    """
    default, every = lab.space.list_defaults(), range(len(lab.space.numbers))
    fitted = (1.0,) * len(lab.survey.gains)
    fits = [
        replace(begin_fit(combination, default, fitted=fitted), reach=1.0)
        for combination in list_combinations(lab.survey)
    ]
    first = advance_fits(lab.survey, fits, lambda r: lab.measure(r, effort.fit_drops), every)
    promises = [
        (rate_fit(lab, replace(fit, best=fit.following, misfit=fit.promise)), row)
        for row, fit in enumerate(first)
    ]
    chosen = [row for _, row in sorted(promises)[: effort.fits]]
    return [replace(fits[row], reach=REACH) for row in chosen]


def rate_fit(lab: Laboratory, fit: Fit) -> float:
    """Return how little a fit promises: a point of misfit weighs three ranges of distance."""
    return 3.0 * fit.misfit + measure_distance(lab, fit)


def fit_starts(lab: Laboratory, effort: SearchEffort, fits: Sequence[Fit]) -> list[Fit]:
    """Return the readings near the default that fits lead to on drops.

    Every other step, the half that promises less is given up.
    """
    every = range(len(lab.space.numbers))
    for step in range(effort.steps):
        fits = advance_fits(
            lab.survey, fits, lambda readings: lab.measure(readings, effort.fit_drops), every
        )
        if step % 2:
            fits = sorted(fits, key=lambda fit: rate_fit(lab, fit))[: -(-len(fits) // 2)]
    return list(fits)


def measure_distance(lab: Laboratory, fit: Fit) -> float:
    """Return the distance of a fit from the default reading, in units of each range; a choice or a
    definition that is not the default's counts as one range.
    """
    default = lab.space.list_defaults()
    choices = int((fit.best.picks != default.picks).sum())
    moves = float(np.abs(fit.best.shares - default.shares).sum())
    return moves + choices + fit.combination.count_changes(lab.survey)


def choose_nearest(lab: Laboratory, fits: Sequence[Fit]) -> Fit:
    """Return the fit that is nearest to the default among those that reproduce all numbers; if none
    does, the one of least misfit.
    """
    good = [fit for fit in fits if fit.misfit <= FITS / 2.0]
    if good:
        return min(good, key=lambda fit: measure_distance(lab, fit))
    return min(fits, key=lambda fit: fit.misfit)


def polish(lab: Laboratory, fit: Fit, drops: int, steps: int, free: Sequence[int]) -> Fit:
    """Return a fit after further steps on more drops, with some numbers alone free."""
    fit = replace(fit, following=fit.best, misfit=np.inf, reach=0.1)
    for _ in range(steps):
        (fit,) = advance_fits(
            lab.survey, [fit], lambda readings: lab.measure(readings, drops), free
        )
        if fit.misfit <= ENOUGH:
            break
    return fit


def find_moved(lab: Laboratory, fit: Fit) -> list[int]:
    """Return the numbers that a fit has moved from the default."""
    default = lab.space.list_defaults().shares[0]
    return np.flatnonzero(np.abs(fit.best.shares[0] - default) > 1e-6).tolist()


def fit_region(
    lab: Laboratory, effort: SearchEffort, prior: MeasuredReadings, combination: Combination
) -> list[Fit]:
    """Return readings of the prior, each moved as little as brings all numbers to the printed ones.

    They begin at those of least misfit under a combination of definitions.
    """
    misfits = measure_misfits(lab.survey, prior.predict(lab.survey, combination))
    rows = np.argsort(misfits)[: effort.region]
    fitted = (1.0,) * len(lab.survey.gains)
    starts = [prior.readings.take(slice(row, row + 1)) for row in rows]
    fits = [begin_fit(combination, start, fitted=fitted) for start in starts]
    every = range(len(lab.space.numbers))
    for _ in range(min(effort.steps, 3)):
        fits = advance_fits(
            lab.survey, fits, lambda readings: lab.measure(readings, effort.region_drops), every
        )
    return fits


def leave_out(lab: Laboratory, effort: SearchEffort, nearest: Fit) -> list[float]:
    """Return each gain as predicted by the nearest reading that fits the seven others.

    The definitions stay. Each fit begins at the reading that fits all, and goes as far back towards
    the default as the others let it.
    """
    count, drops = len(lab.survey.gains), max(effort.polish_drops // 6, 2)
    weights = 1.0 - np.eye(count)
    fits = [replace(nearest, fitted=row, following=nearest.best, misfit=np.inf) for row in weights]
    every = list(range(len(lab.space.numbers)))
    fits = advance_fits(lab.survey, fits, lambda r: lab.measure(r, drops), every)
    # numbers that some fit still moves
    default = lab.space.list_defaults().shares[0]
    shares = np.stack([fit.following.shares[0] for fit in fits])
    moved = np.flatnonzero((np.abs(shares - default) > 1e-6).any(axis=0)).tolist()
    for _ in range(min(effort.steps, 2) - 1):
        fits = advance_fits(lab.survey, fits, lambda r: lab.measure(r, drops), moved)
    return [fit.gains[row] for row, fit in enumerate(fits)]


def count_pairs(lab: Laboratory, effort: SearchEffort) -> int:
    """Return how many pairs of a reading and a drop a search measures, about."""
    numbers, gains = len(lab.space.numbers), len(lab.survey.gains)
    choices = sum(len(choice.names) - 1 for choice in lab.space.choices)
    few = gains + 2
    return (
        effort.prior * effort.prior_drops
        + 5 * effort.fits * (numbers + 1) * effort.fit_drops
        + 2 * few * effort.polish_drops
        + effort.region * (numbers + 1) * effort.region_drops * min(effort.steps, 3)
        + 2 * (numbers + 1) * (effort.polish_drops // 8)
        + (numbers + 1 + gains * few) * (effort.polish_drops // 6)
        + (1 + effort.alone * numbers + choices) * effort.alone_drops
        + 3 * (effort.fresh + len(lab.survey.points) * effort.sweep_drops)
    )
