"""How much a fitted reading proves: guards against overfitting."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from sagin.studies.effort import SearchEffort
from sagin.studies.fit import REACH, Fit, advance_fits
from sagin.studies.prediction import FITS, find_hits, measure_misfits, predict
from sagin.studies.search import Laboratory, MeasuredReadings
from sagin.studies.survey import Combination, Survey, list_combinations

PREDICTS = 0.5
"""Distance in points within which a left-out gain counts as predicted."""
NEEDED = 0.75
"""Share of the printed gains that must be predicted for a reading to predict."""
SAME = 0.05
"""Distance in points within which two gains agree under most readings."""
WITHIN = (0.3, 1, 3, 10)
"""Distances in points for which shares of the prior are counted."""


def find_gains(survey: Survey) -> list[int]:
    """Return the indices of the claims with a printed gain."""
    return [row for row, claim in enumerate(survey.claims) if claim.kind == "gain"]


def group_gains(
    survey: Survey, prior: MeasuredReadings, combination: Combination
) -> list[list[int]]:
    """Return the indices of printed gains in groups that agree under most readings.

    An example is gains over two methods of equal powers, in rate and in rate per power.
    """
    values = prior.predict(survey, combination)
    groups: list[list[int]] = []
    for row in find_gains(survey):
        for group in groups:
            if np.nanmedian(np.abs(values[:, row] - values[:, group[0]])) < SAME:
                group.append(row)
                break
        else:
            groups.append([row])
    return groups


def leave_out(
    lab: Laboratory, effort: SearchEffort, nearest: Fit, groups: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Predict each printed gain by the nearest reading that fits the others.

    The result also states whether the reading predicts. Gains that agree are left out together. The
    definitions do not change. Each fit begins at the reading that fits all, and returns towards the
    default as far as the others allow.
    """
    survey, drops = lab.survey, effort.slope_drops
    default = lab.space.list_defaults().shares[0]
    fits = []
    for group in groups:
        fitted = np.ones(len(survey.claims))
        fitted[list(group)] = 0.0
        fits.append(nearest.restart(fitted=fitted, anchor=default, reach=REACH, enough=FITS))
    free = list(range(len(lab.space.numbers)))
    for step in range(min(effort.steps, 4)):
        fits = advance_fits(survey, fits, lambda r: lab.measure(r, drops), free)
        if step == 0:
            # numbers that some fit still moves
            shares = np.stack([fit.following.shares[0] for fit in fits])
            free = np.flatnonzero((np.abs(shares - default) > 1e-6).any(axis=0)).tolist()
    # numbers under the definitions alone, with all values at their defaults
    defaults = lab.measure(lab.space.list_defaults(), drops)
    unmoved = predict(survey, defaults, nearest.combination)[0]
    predicted = {
        row: (fit.values[row], float(unmoved[row]))
        for group, fit in zip(groups, fits, strict=True)
        for row in group
    }
    return _rate_predictions(survey, predicted)


def _rate_predictions(survey: Survey, predicted: dict[int, tuple[float, float]]) -> dict[str, Any]:
    """Return predictions, those of unmoved values, and the number of successful ones."""
    rows: list[dict[str, Any]] = [
        {
            "id": survey.claims[row].id,
            "printed": survey.claims[row].printed,
            "predicted": predicted[row][0],
            "unmoved": predicted[row][1],
        }
        for row in sorted(predicted)
    ]
    hits = [row for row in rows if abs(row["predicted"] - row["printed"]) <= PREDICTS]
    free = [row for row in hits if abs(row["unmoved"] - row["printed"]) <= PREDICTS]
    needed = int(np.ceil(NEEDED * len(rows)))
    return {
        "rows": rows,
        "close": len(hits),
        "by_definition": len(free),
        "needed": needed,
        "predicts": len(hits) >= needed,
    }


def count_shares(
    survey: Survey, prior: MeasuredReadings, combination: Combination
) -> dict[str, Any]:
    """Return the shares of prior readings under which all claims are near their aims.

    The shares are computed under one combination of definitions, and under the best of all for each
    reading. The result also has the largest number of claims that hold at once.
    """
    values = [prior.predict(survey, other) for other in list_combinations(survey)]
    misfits = [measure_misfits(survey, part).max(axis=1) for part in values]
    sets = {
        "nearest": measure_misfits(survey, prior.predict(survey, combination)).max(axis=1),
        "any": np.min(misfits, axis=0),
    }
    most = max(find_hits(survey, part).sum(axis=1).max() for part in values)
    return {
        "readings": len(prior.readings),
        "combinations": len(values),
        "most_held": int(most),
        **{
            name: {str(points): float((part <= points).mean()) for points in WITHIN}
            for name, part in sets.items()
        },
    }


def list_exclusions(survey: Survey, prior: MeasuredReadings) -> list[dict[str, Any]]:
    """Return, per definition of a gain, how often each claim holds, and pairs that never do.

    The numbers are shares of prior readings, with printed gains within a fifth. The other
    definitions are free for each reading.
    """
    names = [claim.id for claim in survey.claims]
    rows = []
    for definition in survey.definitions:
        hits = np.stack(
            [
                find_hits(survey, prior.predict(survey, combination))
                for combination in list_combinations(survey)
                if combination.gain is definition
            ]
        )
        shares = hits.any(axis=0).mean(axis=0)
        pairs = [
            [names[a], names[b]]
            for a, b in combinations(range(len(names)), 2)
            if shares[a] > 0 and shares[b] > 0 and not (hits[..., a] & hits[..., b]).any()
        ]
        losses = [
            claim.id
            for claim in survey.claims
            if claim.kind == "gain" and definition.invert(claim.printed or 0.0, claim.factor) < 0.0
        ]
        rows.append(
            {
                "gain": definition.text,
                "shares": dict(zip(names, shares.tolist(), strict=True)),
                "all": float(hits.all(axis=2).any(axis=0).mean()),
                "never_together": pairs,
                "need_a_loss": losses,
            }
        )
    return rows
