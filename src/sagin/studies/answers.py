"""What a search over readings says, as plain data: of each printed gain, of all together, and how
much a reading that reproduces them is worth.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float

from sagin.studies.definitions import DEFINITIONS
from sagin.studies.fit import Fit
from sagin.studies.judge import SIZE_TOLERANCE
from sagin.studies.search import (
    FITS,
    FRESH,
    Laboratory,
    MeasuredReadings,
    SearchEffort,
    choose_nearest,
    draw_sample,
    find_moved,
    fit_region,
    fit_starts,
    leave_out,
    measure_distance,
    polish,
    rank_starts,
)
from sagin.studies.space import Readings
from sagin.studies.survey import (
    Combination,
    Survey,
    list_combinations,
    measure_misfits,
    predict_gains,
    predict_interval,
)

PREDICTS = 0.5
"""Points within which a gain that was left out counts as predicted."""
NEEDED = 6
"""Gains that have to be predicted so for a reading to predict."""


def answer(lab: Laboratory, effort: SearchEffort) -> dict[str, Any]:
    """Search, and return all that the search says as plain data."""
    survey = lab.survey
    prior = draw_sample(lab, effort)
    nearest = choose_nearest(lab, fit_starts(lab, effort, rank_starts(lab, effort)))
    nearest = polish(lab, nearest, effort.polish_drops, 3, find_moved(lab, nearest))
    region = fit_region(lab, effort, prior, nearest.combination)
    every = range(len(lab.space.numbers))
    best = min(region, key=lambda fit: fit.misfit)
    best = polish(lab, best, max(effort.polish_drops // 8, 2), 2, every)
    return {
        "gains": [gain._asdict() for gain in survey.gains],
        "open": list_open(lab),
        "default": confirm(lab, effort, begin_default(lab)),
        "nearest": confirm(lab, effort, nearest),
        "best": confirm(lab, effort, best),
        "region": describe_region(lab, region),
        "shares": count_shares(survey, prior, nearest.combination),
        "exclusions": list_exclusions(survey, prior),
        "left_out": list_predictions(survey, leave_out(lab, effort, nearest)),
        "alone": list_alone(lab, effort, nearest.combination),
    }


def begin_default(lab: Laboratory) -> Fit:
    """Return the default reading."""
    default = lab.space.list_defaults()
    first = next(list_combinations(lab.survey))
    fitted = np.ones(len(lab.survey.gains))
    return Fit(first, default.shares[0], default, default, fitted)


def list_open(lab: Laboratory) -> list[dict[str, Any]]:
    """Return every open value and definition that is searched, with what it is drawn from."""
    rows: list[dict[str, Any]] = [
        {"field": row.field, "default": row.default, "unit": row.unit, "prior": row.span._asdict()}
        for row in lab.space.numbers
    ]
    rows += [
        {"field": row.field, "default": row.default, "names": list(row.names)}
        for row in lab.space.choices
    ]
    rows.append({"definition": "gain", "rows": [row.text for row in DEFINITIONS]})
    rows += [
        {"definition": name, "rows": [row.text for row in axis]}
        for name, axis in lab.survey.axes.items()
    ]
    return rows


def confirm(lab: Laboratory, effort: SearchEffort, fit: Fit) -> dict[str, Any]:
    """Return a reading and its gains on drops that the search did not use.

    Values are rounded to four digits, so that they can be typed, before they are measured.
    """
    reading = round_reading(lab, fit.best)
    changes = lab.survey.settle(lab.space.list_changes(reading))
    fields = [f"{name}={value}" for name, value in changes.items()]
    return {
        "overrides": [*fields, *fit.combination.overrides],
        "definitions": [fit.combination.gain.text, *(row.text for row in fit.combination.rows)],
        "moved": len(changes),
        "redefined": fit.combination.count_changes(lab.survey),
        "searched": lab.space.size,
        "distance": measure_distance(lab, fit),
        "gains": measure_gains(lab, effort, reading, fit.combination),
    }


def round_reading(lab: Laboratory, reading: Readings) -> Readings:
    """Return a reading whose numbers have four digits, but for those at their defaults."""
    shares = reading.shares.copy()
    moved = np.abs(shares - lab.space.list_defaults().shares)[0] > 1e-6
    for row in np.flatnonzero(moved):
        number = lab.space.numbers[row]
        shares[0, row] = number.find_share(float(f"{number.scale(shares[0, row]):.4g}"))
    return Readings(np.clip(shares, 0.0, 1.0), reading.picks)


def measure_gains(
    lab: Laboratory, effort: SearchEffort, reading: Readings, combination: Combination
) -> list[dict[str, Any]]:
    """Return each gain with its interval where readings are searched, and along the sweep."""
    survey, seed = lab.survey, lab.seed + FRESH
    blocks = next(n for n in range(100, 0, -1) if effort.fresh % n == 0)
    means = lab.measure(reading, effort.fresh, seed=seed, blocks=blocks)
    sweep = {
        x: predict_gains(
            survey, lab.measure(reading, effort.sweep_drops, seed=seed, x=x), combination
        )[0]
        for x in survey.points
    }
    rows = []
    for number, gain in enumerate(survey.gains):
        along = {x: float(values[number]) for x, values in sweep.items()}
        top = max(along, key=lambda x: along[x])
        interval = predict_interval(gain, means, combination)
        rows.append(
            {
                "id": gain.id,
                "printed": gain.printed,
                **interval._asdict(),
                "misfit": interval.estimate - gain.printed,
                "greatest_at": top,
                "along": list(along.values()),
            }
        )
    return rows


def describe_region(lab: Laboratory, fits: Sequence[Fit]) -> dict[str, Any]:
    """Return where the readings lie that were moved to the printed numbers: each open value's
    range among them, and the pairs of numbers that go together most.
    """
    good = [fit for fit in fits if fit.misfit <= FITS]
    if not good:
        return {"tried": len(fits), "readings": 0, "marginals": [], "pairs": [], "points": {}}
    shares = np.concatenate([fit.best.shares for fit in good])
    picks = np.concatenate([fit.best.picks for fit in good])
    marginals: list[dict[str, Any]] = []
    points = {}
    for number, column in zip(lab.space.numbers, shares.T, strict=True):
        values = np.sort(number.scale(column))
        low, middle, high = (float(np.quantile(values, share)) for share in (0.0, 0.5, 1.0))
        marginals.append({"field": number.field, "low": low, "middle": middle, "high": high})
        points[number.field] = number.scale(column).tolist()
    for choice, column in zip(lab.space.choices, picks.T, strict=True):
        counts = {name: int((column == pick).sum()) for pick, name in enumerate(choice.names)}
        marginals.append({"field": choice.field, "counts": counts})
    return {
        "tried": len(fits),
        "readings": len(good),
        "marginals": marginals,
        "pairs": list_pairs(lab, shares),
        "points": points,
    }


def list_pairs(
    lab: Laboratory, shares: Float[np.ndarray, "readings numbers"], most: int = 5
) -> list[dict[str, Any]]:
    """Return the pairs of numbers of greatest correlation among readings."""
    if len(shares) < 4:
        return []
    spread = shares.std(axis=0)
    table = np.corrcoef(shares[:, spread > 0], rowvar=False)
    fields = [row.field for row, moves in zip(lab.space.numbers, spread, strict=True) if moves > 0]
    pairs = [
        {"fields": [fields[a], fields[b]], "correlation": float(table[a, b])}
        for a, b in combinations(range(len(fields)), 2)
    ]
    return sorted(pairs, key=lambda pair: -abs(pair["correlation"]))[:most]


def count_shares(
    survey: Survey, prior: MeasuredReadings, combination: Combination
) -> dict[str, Any]:
    """Return the shares of prior readings whose greatest misfit is below some numbers of points,
    under one combination of definitions, and under the best of all for each reading.
    """
    every = [
        measure_misfits(survey, prior.predict(survey, other)) for other in list_combinations(survey)
    ]
    sets = {
        "nearest": measure_misfits(survey, prior.predict(survey, combination)),
        "any": np.min(every, axis=0),
    }
    return {
        "readings": len(prior.readings),
        "combinations": len(every),
        **{
            name: {str(points): float((misfits <= points).mean()) for points in (0.3, 1, 3, 10)}
            for name, misfits in sets.items()
        },
    }


def list_exclusions(survey: Survey, prior: MeasuredReadings) -> list[dict[str, Any]]:
    """Return, by what a gain may mean, the share of prior readings under which each printed gain
    comes out within a fifth, and the pairs that never do together.

    The other definitions are free for each reading.
    """
    printed = np.array([gain.printed for gain in survey.gains])
    rows = []
    for definition in DEFINITIONS:
        hits = []
        for combination in list_combinations(survey):
            if combination.gain is definition:
                gains = prior.predict(survey, combination)
                hits.append(np.abs(gains - printed) <= SIZE_TOLERANCE * printed)
        stacked = np.stack(hits)
        alone = stacked.any(axis=0).mean(axis=0)
        pairs = [
            [survey.gains[a].id, survey.gains[b].id]
            for a, b in combinations(range(len(printed)), 2)
            if alone[a] > 0 and alone[b] > 0 and not (stacked[..., a] & stacked[..., b]).any()
        ]
        losses = [
            gain.id for gain in survey.gains if definition.invert(gain.printed, gain.factor) < 0.0
        ]
        rows.append(
            {
                "gain": definition.text,
                "shares": dict(
                    zip([gain.id for gain in survey.gains], alone.tolist(), strict=True)
                ),
                "all": float(stacked.all(axis=2).any(axis=0).mean()),
                "never_together": pairs,
                "need_a_loss": losses,
            }
        )
    return rows


def list_predictions(survey: Survey, predictions: Sequence[float]) -> dict[str, Any]:
    """Return each gain as predicted from the seven others, and whether the reading predicts."""
    rows = [
        {"id": gain.id, "printed": gain.printed, "predicted": value}
        for gain, value in zip(survey.gains, predictions, strict=True)
    ]
    close = sum(abs(row["predicted"] - row["printed"]) <= PREDICTS for row in rows)
    return {"rows": rows, "close": close, "needed": NEEDED, "predicts": close >= NEEDED}


def list_alone(
    lab: Laboratory, effort: SearchEffort, combination: Combination
) -> list[dict[str, Any]]:
    """Return what alone would bring each printed gain about: one open value moved, all others at
    their defaults, under the default definitions and under others.
    """
    default, space = lab.space.list_defaults(), lab.space
    grid = np.linspace(0.0, 1.0, effort.alone)
    shares, picks, labels = [default.shares[0]], [default.picks[0]], [("", 0.0)]
    for row, number in enumerate(space.numbers):
        for share in grid:
            moved = default.shares[0].copy()
            moved[row] = share
            shares.append(moved)
            picks.append(default.picks[0])
            labels.append((number.field, share))
    for row, choice in enumerate(space.choices):
        for pick in range(len(choice.names)):
            if pick != default.picks[0, row]:
                moved = default.picks[0].copy()
                moved[row] = pick
                shares.append(default.shares[0])
                picks.append(moved)
                labels.append((choice.field, pick))
    means = lab.measure(Readings(np.stack(shares), np.stack(picks)), effort.alone_drops)
    first = next(list_combinations(lab.survey))
    cases: Mapping[str, Combination] = {"default": first, "nearest": combination}
    rows = []
    for name, case in cases.items():
        gains = predict_gains(lab.survey, means, case)
        rows += _list_hits(lab, name, gains, labels)
    return rows


def _list_hits(
    lab: Laboratory,
    definitions: str,
    gains: Float[np.ndarray, "readings gains"],
    labels: Sequence[tuple[str, float]],
) -> list[dict[str, Any]]:
    """Return, of each gain, the values that alone bring it to the printed number."""
    rows = []
    for column, gain in enumerate(lab.survey.gains):
        values: dict[str, Any] = {}
        for row, number in enumerate(lab.space.numbers):
            del row
            index = [at for at, (field, _) in enumerate(labels) if field == number.field]
            line = gains[index, column] - gain.printed
            for a, b in zip(range(len(index)), range(1, len(index)), strict=False):
                if line[a] == 0.0 or line[a] * line[b] < 0.0:
                    part = line[a] / (line[a] - line[b])
                    ends = labels[index[a]][1], labels[index[b]][1]
                    share = ends[0] + part * (ends[1] - ends[0])
                    values.setdefault(number.field, float(f"{number.scale(share):.4g}"))
        for choice in lab.space.choices:
            for at, (field, pick) in enumerate(labels):
                if field == choice.field and abs(gains[at, column] - gain.printed) <= FITS:
                    values[field] = choice.names[int(pick)]
        rows.append(
            {
                "id": gain.id,
                "printed": gain.printed,
                "definitions": definitions,
                "default": float(gains[0, column]),
                "values": values,
            }
        )
    return rows
