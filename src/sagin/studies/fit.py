"""Readings that reproduce printed numbers: the nearest to an anchor, by linear programs.

At each step all gains are taken as linear in the open numbers, from differences on common drops,
and the sum of moves from the anchor, in units of each range, is the least that brings every gain
to its printed number. Such a sum moves few numbers, at most about as many as there are gains.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from sagin.studies.space import Readings
from sagin.studies.survey import Combination, Means, Survey, predict_gains, straighten_gains

Shares = Float[np.ndarray, " numbers"]
STEP = 0.02
"""Difference of a number, in its range, by which gains are differentiated."""
REACH = 0.3
"""Greatest move of a number in one step, in its range."""
CLOSE = 0.03
"""Points within which linear gains are brought to the printed ones."""
ENOUGH = 0.06
"""Misfit, in points, below which a reading counts as fitting, and nearness decides."""
PRICE = 1e3
"""Of a point of misfit, in ranges moved."""


@dataclass(frozen=True)
class Fit:
    """A reading on the way to the printed numbers."""

    combination: Combination
    """Definitions by which gains are taken; they stay."""
    anchor: Shares
    """What the reading is to stay near."""
    best: Readings
    """The reading of least misfit so far; its choices stay."""
    following: Readings
    """The reading to try next."""
    fitted: Float[np.ndarray, " gains"]
    """1 for gains that are fitted, 0 for those left out."""
    misfit: float = np.inf
    """Greatest distance of a fitted gain of the best reading from its printed number, in points."""
    gains: tuple[float, ...] = ()
    """Of the best reading."""
    reach: float = REACH
    promise: float = np.inf
    """Misfit that linear gains leave at the following reading, in points."""

    @property
    def moves(self) -> float:
        """Sum of the moves of the best reading from the anchor, in units of each range."""
        return float(np.abs(self.best.shares[0] - self.anchor).sum())


def begin_fit(
    combination: Combination,
    start: Readings,
    anchor: Shares | None = None,
    fitted: Sequence[float] = (1.0,) * 8,
) -> Fit:
    """Return a fit that begins at a reading and stays near an anchor, by default the start."""
    middle: Any = start.shares[0] if anchor is None else anchor
    return Fit(combination, middle, start, start, np.asarray(fitted, float))


def differentiate(
    start: Readings, free: Sequence[int]
) -> tuple[Readings, Float[np.ndarray, " free"]]:
    """Return a reading, then one per free number with that number moved; and the moves."""
    base = start.shares[0]
    # towards the inside of the range
    steps = np.where(base[list(free)] + STEP <= 1.0, STEP, -STEP)
    shares = np.tile(base, (len(free) + 1, 1))
    shares[np.arange(len(free)) + 1, list(free)] += steps
    return Readings(shares, np.repeat(start.picks, len(free) + 1, axis=0)), steps


def solve_step(
    fit: Fit,
    residuals: Float[np.ndarray, " gains"],
    slopes: Float[np.ndarray, "gains free"],
    free: Sequence[int],
) -> tuple[Shares, float]:
    """Return where to go next, and the misfit that linear gains leave there, in points: the least
    moves from the anchor that bring all linear gains close.

    Args:
        fit: gives the present reading, its best, and the anchor and the reach.
        residuals: of its gains from the printed numbers, in points.
        slopes: of the gains, points per range.
        free: numbers that may move.
    """
    from scipy.optimize import linprog

    present, rows, index = fit.best.shares[0], fit.fitted > 0, list(free)
    residuals, slopes, base = residuals[rows], slopes[rows], present[index]
    one, none = np.eye(len(index)), np.zeros((len(residuals), len(index)))
    slack, padding = np.ones((len(residuals), 1)), np.zeros((len(index), 1))
    # variables: the numbers, the size of each one's move from the anchor, and the misfit left
    matrix = np.block(
        [
            [one, -one, padding],
            [-one, -one, padding],
            [slopes, none, -slack],
            [-slopes, none, -slack],
        ]
    )
    offset, anchor = slopes @ base, fit.anchor[index]
    limits = [anchor, -anchor, CLOSE - residuals + offset, CLOSE + residuals - offset]
    low, high = np.maximum(base - fit.reach, 0.0), np.minimum(base + fit.reach, 1.0)
    bounds = [*zip(low, high, strict=True), *[(0.0, None)] * len(index), (0.0, None)]
    cost = np.concatenate([np.zeros(len(index)), np.ones(len(index)), [PRICE]])
    solution = linprog(cost, A_ub=matrix, b_ub=np.concatenate(limits), bounds=bounds)
    following = present.copy()
    if solution.status != 0:
        return following, np.inf
    following[index] = np.clip(solution.x[: len(index)], 0.0, 1.0)
    return following, float(solution.x[-1])


def advance_fits(
    survey: Survey, fits: Sequence[Fit], measure: Callable[[Readings], Means], free: Sequence[int]
) -> list[Fit]:
    """Return each fit one step further; all their readings are measured together.

    A step that made the misfit greater is taken back and halved.
    """
    numbers: dict[bytes, int] = {}
    batches = []
    for fit in fits:
        # fits that are at one reading share its measurement
        if fit.following.key not in numbers:
            numbers[fit.following.key] = len(batches)
            batches.append(differentiate(fit.following, free))
    means = measure(join_readings([readings for readings, _ in batches]))
    results, size = [], len(free) + 1
    for fit in fits:
        row = numbers[fit.following.key]
        part = {key: values[row * size : (row + 1) * size] for key, values in means.items()}
        gains = predict_gains(survey, part, fit.combination)
        results.append(_settle(survey, fit, gains, batches[row][1], free))
    return results


def _settle(
    survey: Survey,
    fit: Fit,
    gains: Float[np.ndarray, "_ gains"],
    steps: Float[np.ndarray, " free"],
    free: Sequence[int],
) -> Fit:
    residuals = gains[0] - np.array([gain.printed for gain in survey.gains])
    misfit = float(np.abs(residuals * fit.fitted).max())
    if not np.isfinite(gains).all() or misfit > max(fit.misfit, ENOUGH):
        # half of the way back to the best reading
        shares = (fit.following.shares + fit.best.shares) / 2.0
        return replace(fit, reach=fit.reach / 2.0, following=Readings(shares, fit.best.picks))
    here = replace(fit, best=fit.following, misfit=misfit, gains=tuple(gains[0].tolist()))
    straight = straighten_gains(survey, gains, fit.combination)
    slopes = ((straight[1:] - straight[0]) / steps[:, None]).T
    shares, left = solve_step(here, straight[0], slopes, free)
    return replace(here, following=Readings(shares[None], fit.best.picks), promise=left)


def join_readings(parts: Sequence[Readings]) -> Readings:
    """Return readings one after another."""
    return Readings(
        np.concatenate([part.shares for part in parts]),
        np.concatenate([part.picks for part in parts]),
    )
