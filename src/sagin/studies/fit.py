"""Fit readings under which claims hold, near an anchor, by linear programs.

At each step all claims are linearised in the open numbers, from differences on common drops. A
linear program minimises the sum of moves from the anchor, in units of each range, that brings every
claim to its aim. Such a sum moves few numbers, at most about as many as there are claims.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from sagin.studies.prediction import Means, find_aim, measure_misfits, predict, straighten
from sagin.studies.space import Readings
from sagin.studies.survey import Combination, Survey

Shares = Float[np.ndarray, " numbers"]
STEP = 0.02
"""Difference of a number, in units of its range, for the slopes."""
REACH = 0.3
"""Largest move of a number per step, in units of its range."""
CLOSE = 0.12
"""Points within which linear claims are brought to their aims."""
ENOUGH = 0.15
"""Misfit, in points, below which a reading counts as fitting, so that the distance decides."""
PRICE = 10.0
"""Price of a point of misfit, in ranges moved: a smaller gain is not worth its move."""
GROWTH = 1.5
"""Factor on the reach after an accepted step."""


@dataclass(frozen=True)
class Fit:
    """State of a fit."""

    combination: Combination
    """Definitions of the claims; they do not change."""
    anchor: Shares
    """Reading near which the fit stays."""
    best: Readings
    """Reading of smallest misfits so far; its choices do not change."""
    following: Readings
    """Next reading to try."""
    fitted: Float[np.ndarray, " claims"]
    """1 for fitted claims, 0 for others."""
    misfits: tuple[float, ...] = ()
    """Distance of each fitted claim of the best reading from its aim, in points; empty before the
    first measurement.
    """
    loss: float = np.inf
    """Sum of the same on the scale on which claims are nearly linear, which steps minimise."""
    values: tuple[float, ...] = ()
    """Numbers of claims of the best reading."""
    reach: float = REACH
    enough: float = ENOUGH
    """Misfit, in points, below which a step is accepted although misfits grow."""

    @property
    def misfit(self) -> float:
        """The largest misfit, in points."""
        return max(self.misfits, default=np.inf)

    def restart(self, **changes: Any) -> "Fit":
        """Return the fit restarted at its best reading, with some of its fields changed."""
        return replace(self, following=self.best, misfits=(), loss=np.inf, **changes)

    def count_held(self, within: float) -> int:
        """Count the fitted claims within some points of their aims."""
        return int((np.array(self.misfits) <= within).sum())


def begin_fit(
    survey: Survey, combination: Combination, start: Readings, anchor: Shares | None = None
) -> Fit:
    """Return a fit that begins at a reading and stays near an anchor, by default the start."""
    middle: Any = start.shares[0] if anchor is None else anchor
    return Fit(combination, middle, start, start, np.ones(len(survey.claims)))


def differentiate(
    start: Readings, free: Sequence[int]
) -> tuple[Readings, Float[np.ndarray, " free"]]:
    """Return a reading, then one reading per free number with that number moved; and the moves."""
    base = start.shares[0]
    # towards the inside of the range
    steps = np.where(base[list(free)] + STEP <= 1.0, STEP, -STEP)
    shares = np.tile(base, (len(free) + 1, 1))
    shares[np.arange(len(free)) + 1, list(free)] += steps
    return Readings(shares, np.repeat(start.picks, len(free) + 1, axis=0)), steps


def solve_step(
    survey: Survey,
    fit: Fit,
    values: Float[np.ndarray, " claims"],
    slopes: Float[np.ndarray, "claims free"],
    free: Sequence[int],
) -> Shares:
    """Return the next reading: with the smallest moves from the anchor towards the aims.

    As many claims as possible are brought near their aims, with claims taken as linear.

    Args:
        survey: has the claims' aims.
        fit: has the present reading, its best, the anchor and the reach.
        values: numbers of its claims, straightened.
        slopes: slopes of the claims, points per range.
        free: numbers that may move.
    """
    from scipy.optimize import linprog

    present, rows, index = fit.best.shares[0], fit.fitted > 0, list(free)
    aims = np.array([find_aim(claim) for claim in survey.claims])[rows]
    values, slopes, base = values[rows], slopes[rows], present[index]
    one, none = np.eye(len(index)), np.zeros((len(values), len(index)))
    slack, padding = np.eye(len(values)), np.zeros((len(index), len(values)))
    # variables: the numbers, the size of each one's move from the anchor, and each claim's misfit
    matrix = np.block(
        [
            [one, -one, padding],
            [-one, -one, padding],
            [slopes, none, -slack],
            [-slopes, none, -slack],
        ]
    )
    offset, anchor = slopes @ base - values, fit.anchor[index]
    limits = [anchor, -anchor, aims[:, 1] + CLOSE + offset, CLOSE - aims[:, 0] - offset]
    low, high = np.maximum(base - fit.reach, 0.0), np.minimum(base + fit.reach, 1.0)
    bounds = [*zip(low, high, strict=True), *[(0.0, None)] * (len(index) + len(values))]
    cost = np.concatenate([np.zeros(len(index)), np.ones(len(index)), np.full(len(values), PRICE)])
    bounded = np.isfinite(np.concatenate(limits))
    solution = linprog(
        cost, A_ub=matrix[bounded], b_ub=np.concatenate(limits)[bounded], bounds=bounds
    )
    following = present.copy()
    if solution.status != 0:
        return following
    following[index] = np.clip(solution.x[: len(index)], 0.0, 1.0)
    return following


def advance_fits(
    survey: Survey,
    fits: Sequence[Fit],
    measure: Callable[[Readings], Means],
    free: Sequence[int],
    measure_exactly: Callable[[Readings], Means] | None = None,
) -> list[Fit]:
    """Return each fit one step further; all their readings are measured together.

    A step that increased the misfits is undone and halved.

    Args:
        survey: has the claims.
        fits: fits in one space.
        measure: measures the readings around each reading, for the slopes.
        free: numbers that may move.
        measure_exactly: measures the readings themselves, on more drops than the slopes need.
    """
    numbers: dict[bytes, int] = {}
    batches = []
    for fit in fits:
        # fits that are at one reading share its measurement
        if fit.following.key not in numbers:
            numbers[fit.following.key] = len(batches)
            batches.append(differentiate(fit.following, free))
    means = measure(join_readings([readings for readings, _ in batches]))
    size = len(free) + 1
    bases = {key: column[::size] for key, column in means.items()}
    if measure_exactly is not None:
        bases = measure_exactly(join_readings([readings.take([0]) for readings, _ in batches]))
    results = []
    for fit in fits:
        row = numbers[fit.following.key]
        batch = {key: column[row * size : (row + 1) * size] for key, column in means.items()}
        base = {key: column[row : row + 1] for key, column in bases.items()}
        values = [predict(survey, part, fit.combination) for part in (base, batch)]
        results.append(_settle(survey, fit, (values[0], values[1]), batches[row][1], free))
    return results


def _settle(
    survey: Survey,
    fit: Fit,
    measured: tuple[Float[np.ndarray, "1 claims"], Float[np.ndarray, "_ claims"]],
    steps: Float[np.ndarray, " free"],
    free: Sequence[int],
) -> Fit:
    values, neighbours = measured
    straight = straighten(survey, values, fit.combination)
    misfits, straight_misfits = (
        measure_misfits(survey, part)[0][fit.fitted > 0] for part in (values, straight)
    )
    tried = replace(
        fit,
        best=fit.following,
        misfits=tuple(misfits.tolist()),
        loss=float(straight_misfits.sum()),
        values=tuple(values[0].tolist()),
    )
    around = straighten(survey, neighbours, fit.combination)
    is_known = np.isfinite(straight).all() and np.isfinite(around).all()
    if not is_known or (tried.loss > fit.loss and tried.misfit > fit.enough):
        # half of the way back to the best reading
        shares = (fit.following.shares + fit.best.shares) / 2.0
        return replace(fit, reach=fit.reach / 2.0, following=Readings(shares, fit.best.picks))
    slopes = ((around[1:] - around[0]) / steps[:, None]).T
    shares = solve_step(survey, tried, straight[0], slopes, free)
    reach = min(GROWTH * fit.reach, max(fit.reach, REACH))
    following = Readings(shares[None], fit.best.picks)
    return replace(tried, following=following, reach=reach)


def join_readings(parts: Sequence[Readings]) -> Readings:
    """Concatenate readings."""
    return Readings(
        np.concatenate([part.shares for part in parts]),
        np.concatenate([part.picks for part in parts]),
    )
