"""Numbers of claims under readings, and their distance from what is claimed.

The number is a gain in percent, a difference in percent whose sign is the claimed one, a growth
along the sweep in percent, or the position of a crossing, percent from the printed one.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.studies.claim import Claim, Word
from sagin.studies.definitions import GainDefinition
from sagin.studies.judge import SIZE_TOLERANCE, find_crossing
from sagin.studies.record import Result
from sagin.studies.statistics import Interval, sample_interval
from sagin.studies.survey import Combination, Survey

FITS = 0.3
"""Distance in points within which a reading reproduces a printed gain; also the margin, percent,
with which a search aims at an order, so that a number this close to the aim holds.
"""
EXTREME = 1000.0
"""Largest size of a number of a claim without a printed gain; larger numbers are cut."""

Series = tuple[str, str]
"""Method and metric."""
Means = Mapping[Series, Float[np.ndarray, "readings blocks points"]]
"""Means over blocks of drops, along the sweep, by method and metric."""
Values = Float[np.ndarray, "readings claims"]


class Sides(NamedTuple):
    """The two sides of a claim, along the sweep on the last axis."""

    x: tuple[float, ...]
    ours: Float[np.ndarray, "... points"]
    theirs: Float[np.ndarray, "... points"]
    """Values of the rival; of the method itself for a claim without rival."""


def read_means(result: Result) -> Means:
    """Return a result's means at one point of the sweep by method and metric."""
    return {(sample.method, sample.metric): sample.values[..., None] for sample in result.samples}


def _find_gain(claim: Claim, sides: Sides, definition: GainDefinition) -> Any:
    greatest = np.max(sides.ours / sides.theirs, axis=-1)
    return definition.convert(100.0 * (greatest - 1.0), claim.factor)


def _find_excess(claim: Claim, sides: Sides, definition: GainDefinition) -> Any:
    ours, theirs = sides.ours.mean(axis=-1), sides.theirs.mean(axis=-1)
    if claim.absolute:
        return claim.direction * 100.0 * (ours - theirs)
    factor = claim.factor if definition.is_plotted else 1.0
    return claim.direction * 100.0 * (factor * ours / theirs - 1.0)


def _find_rise(claim: Claim, sides: Sides, definition: GainDefinition) -> Any:
    if claim.rival:
        last = Sides(sides.x[-1:], sides.ours[..., -1:], sides.theirs[..., -1:])
        return _find_excess(claim, last, definition)
    return claim.direction * 100.0 * (sides.ours[..., -1] / sides.ours[..., 0] - 1.0)


def _find_place(claim: Claim, sides: Sides, definition: GainDefinition) -> Any:
    del definition
    limit, printed = claim.limit or 0.0, claim.printed or np.nan
    lines = sides.ours.reshape(-1, len(sides.x))
    places = [
        # before the first point nothing is known
        0.0 if line[0] > limit else find_crossing(sides.x, line.tolist(), limit)
        for line in lines
    ]
    return 100.0 * (np.array(places).reshape(sides.ours.shape[:-1]) / printed - 1.0)


KINDS: dict[str, Callable[[Claim, Sides, GainDefinition], Any]] = {
    "gain": _find_gain,
    "exceeds": _find_excess,
    "level": _find_excess,
    "rises": _find_rise,
    "crosses": _find_place,
}
"""Function for the number of each kind of claim."""


def find_aim(claim: Claim) -> tuple[float, float]:
    """Return the range of numbers that a search aims at; within FITS the claim holds.

    >>> find_aim(Claim("a", "", "", "", "level", "rate", "ours", "theirs"))
    (-9.7, 9.7)
    """
    printed = claim.printed or 0.0
    if claim.kind == "gain":
        return printed, printed
    if claim.kind in ("level", "crosses"):
        width = 100.0 * (claim.tolerance if claim.kind == "level" else SIZE_TOLERANCE) - FITS
        return -width, width
    return FITS, np.inf


def compute_values(
    survey: Survey,
    claim: Claim,
    means: Mapping[Series, Float[np.ndarray, "*batch points"]],
    combination: Combination,
) -> Float[np.ndarray, "*batch"]:
    """Return the number of a claim from means whose last axis is the sweep.

    It is NaN if the claim's mechanism hardly acts.
    """
    method, rival = (combination.replace(name) for name in (claim.method, claim.rival))
    metrics = [combination.replace(name) for name in (claim.metric, claim.rival_metric)]
    ours = means[method, metrics[0]]
    theirs = means[rival or method, metrics[1] or metrics[0]]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = KINDS[claim.kind](claim, Sides(tuple(survey.at), ours, theirs), combination.gain)
    if claim.kind != "gain":
        values = np.clip(values, -EXTREME, EXTREME)
    if claim.acts:
        amount = means[method, claim.acts].mean(axis=-1)
        values = np.where(amount > claim.acts_above, values, np.nan)
    return np.asarray(values)


def predict(survey: Survey, means: Means, combination: Combination) -> Values:
    """Return the number of each claim under readings, from means over all drops."""
    overall = {key: values.mean(axis=1) for key, values in means.items()}
    columns = [compute_values(survey, claim, overall, combination) for claim in survey.claims]
    return np.stack(columns, axis=1)


def predict_interval(
    survey: Survey, claim: Claim, means: Means, combination: Combination, row: int = 0
) -> Interval:
    """Return a claim's number under one reading with its 95 % interval: jackknife over blocks."""
    blocks = {key: values[row] for key, values in means.items()}
    total = {key: values.mean(axis=0) for key, values in blocks.items()}
    estimate = float(compute_values(survey, claim, total, combination))
    count = len(next(iter(blocks.values())))
    if count < 2:
        return Interval(estimate, np.nan, np.nan)
    without = {key: (values.sum(axis=0) - values) / (count - 1) for key, values in blocks.items()}
    pseudo = count * estimate - (count - 1) * compute_values(survey, claim, without, combination)
    spread = sample_interval(pseudo.tolist())
    half = (spread.high - spread.low) / 2.0
    return Interval(estimate, estimate - half, estimate + half)


def measure_misfits(survey: Survey, values: Values) -> Values:
    """Return the distance of the claims' numbers from their aims; infinite if unknown."""
    aims = np.array([find_aim(claim) for claim in survey.claims])
    misfits = np.maximum(np.maximum(aims[:, 0] - values, values - aims[:, 1]), 0.0)
    return np.where(np.isnan(misfits), np.inf, misfits)


def find_hits(survey: Survey, values: Values) -> np.ndarray:
    """Return the mask of claims that hold.

    A printed gain holds within a fifth, as in verdicts; other claims by their own rules.
    """
    widths = [
        SIZE_TOLERANCE * (claim.printed or 0.0) if claim.kind == "gain" else FITS
        for claim in survey.claims
    ]
    return measure_misfits(survey, values) < np.array(widths)


def judge_interval(claim: Claim, value: Interval) -> Word:
    """Return the verdict on a claim from its number under one reading.

    A printed gain holds within a fifth; an order, if the whole interval agrees.
    """
    if np.isnan(value.estimate):
        return "not tested"
    low, high = find_aim(claim)
    if claim.kind == "gain":
        printed = claim.printed or 0.0
        near = abs(value.estimate - printed) <= SIZE_TOLERANCE * printed
        return "holds" if near else "does not hold"
    low, high = low - FITS, high + FITS
    if value.low > low and value.high < high:
        return "holds"
    return "does not hold" if value.high <= low or value.low >= high else "undecided"


def straighten(survey: Survey, values: Values, combination: Combination) -> Values:
    """Return the numbers of claims on a scale on which they are nearly linear in values in dB.

    For a gain it is the logarithm of the series' ratio; at the printed gain it has its value and
    its slope.
    """
    columns = []
    for claim, column in zip(survey.claims, values.T, strict=True):
        if claim.kind != "gain":
            columns.append(np.nan_to_num(column, nan=-EXTREME))
            continue
        definition, printed = combination.gain, claim.printed or 0.0
        ratios = 1.0 + definition.invert(column, claim.factor) / 100.0
        target = 1.0 + definition.invert(printed, claim.factor) / 100.0
        # points of the gain per logarithm of the ratio, at the printed number
        scale = 100.0 - printed if definition.over_method else 100.0 + printed
        columns.append(printed + scale * np.log(ratios / target))
    return np.stack(columns, axis=1)
