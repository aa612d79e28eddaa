"""Results of a search over readings as plain data: for each claim, and for all together."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float

from sagin.studies.alone import list_alone
from sagin.studies.effort import SearchEffort
from sagin.studies.fit import Fit, begin_fit
from sagin.studies.prediction import (
    FITS,
    find_aim,
    judge_interval,
    measure_misfits,
    predict,
    predict_interval,
)
from sagin.studies.search import (
    FRESH,
    SURE,
    Laboratory,
    MeasuredReadings,
    choose_nearest,
    draw_samples,
    fit_region,
    fit_starts,
    measure_distance,
    polish,
    put_back,
    rank_prior,
    rank_starts,
    refit,
    shrink,
)
from sagin.studies.space import Readings
from sagin.studies.survey import Combination, list_combinations
from sagin.studies.worth import count_shares, find_gains, group_gains, leave_out, list_exclusions


def answer(lab: Laboratory, effort: SearchEffort, check: Any) -> dict[str, Any]:
    """Run a search and return all its results as plain data.

    `check` checks a scenario across its fields.
    """
    survey = lab.survey
    samples = draw_samples(lab, effort)
    prior = samples[0]
    nearest, best, region = search_readings(lab, effort, samples)
    groups = group_gains(survey, prior, nearest.combination)
    confirmed = {
        "default": confirm(lab, effort, begin_default(lab), effort.fresh // 4),
        "nearest": confirm(lab, effort, nearest, effort.fresh),
        "best": confirm(lab, effort, best, effort.fresh // 4),
    }
    content = {
        "claims": [_describe_claim(claim) for claim in survey.claims],
        "open": list_open(lab),
        **confirmed,
        "region": describe_region(lab, region),
        "shares": count_shares(survey, prior, nearest.combination),
        "exclusions": list_exclusions(survey, prior),
        "groups": [[survey.claims[row].id for row in group] for group in groups],
        "left_out": leave_out(lab, effort, nearest, groups) if find_gains(survey) else None,
        "alone": list_alone(lab, effort, nearest.combination, check),
    }
    return content | {"verdicts": list_verdicts(content)}


def search_readings(
    lab: Laboratory, effort: SearchEffort, samples: tuple[MeasuredReadings, MeasuredReadings]
) -> tuple[Fit, Fit, list[Fit]]:
    """Return the best readings of a search.

    These are the reading nearest to the default under which most claims hold, the best one that
    starts in the prior, and those of the region. `samples` are of the prior, and near the default.
    """
    prior, near = samples
    fits = fit_starts(lab, effort, rank_starts(lab, effort, near))
    combination = rank_prior(lab, prior, list(list_combinations(lab.survey)))[0][1]
    region = fit_region(lab, effort, prior, combination)
    best = max(region, key=lambda fit: (fit.count_held(SURE), -fit.loss))
    # a reading of the prior goes back to the default as far as its claims let it
    fits.append(refit(lab, effort, shrink(lab, best, effort.fit_drops)))
    first = choose_nearest(lab, [polish(lab, fit, effort, 5) for fit in fits])
    nearer = choose_nearest(lab, [first, *put_back(lab, effort, first)])
    if nearer is not first:
        nearer = choose_nearest(lab, [first, polish(lab, nearer, effort, 5)])
    return nearer, best, region


def begin_default(lab: Laboratory) -> Fit:
    """Return the default reading."""
    return begin_fit(lab.survey, next(list_combinations(lab.survey)), lab.space.list_defaults())


def _describe_claim(claim: Any) -> dict[str, Any]:
    fields = ("id", "text", "source", "kind", "printed")
    return {name: getattr(claim, name) for name in fields}


def list_open(lab: Laboratory) -> list[dict[str, Any]]:
    """Return every searched value and definition, with its range or options."""
    rows: list[dict[str, Any]] = [
        {"field": row.field, "default": row.default, "unit": row.unit, "prior": row.span._asdict()}
        for row in lab.space.numbers
    ]
    rows += [
        {"field": row.field, "default": row.default, "names": list(row.names)}
        for row in lab.space.choices
    ]
    definitions = [row.text for row in lab.survey.definitions]
    if len(definitions) > 1:
        rows.append({"definition": "gain", "rows": definitions})
    rows += [
        {"definition": name, "rows": [row.text for row in axis]}
        for name, axis in lab.survey.axes.items()
    ]
    return rows


def confirm(lab: Laboratory, effort: SearchEffort, fit: Fit, drops: int) -> dict[str, Any]:
    """Return a reading and its claims on drops that the search did not use.

    Values are rounded to four digits before the measurement, so that users can type them.
    """
    reading = round_reading(lab, fit.best)
    changes = lab.space.list_changes(reading)
    settled = lab.survey.settle(changes)
    fields = [f"{name}={value}" for name, value in settled.items()]
    return {
        "overrides": [*fields, *fit.combination.overrides],
        "definitions": fit.combination.texts,
        "moved": len(changes.keys() & settled.keys()),
        "redefined": fit.combination.count_changes(lab.survey),
        "searched": lab.space.size,
        "distance": measure_distance(lab, fit),
        "drops": drops,
        "claims": measure_claims(lab, (drops, effort.sweep_drops), reading, fit.combination),
    }


def round_reading(lab: Laboratory, reading: Readings) -> Readings:
    """Return a reading whose numbers have four digits, except those at their defaults."""
    shares = reading.shares.copy()
    moved = np.abs(shares - lab.space.list_defaults().shares)[0] > 1e-6
    for row in np.flatnonzero(moved):
        number = lab.space.numbers[row]
        shares[0, row] = number.find_share(float(f"{number.scale(shares[0, row]):.4g}"))
    return Readings(np.clip(shares, 0.0, 1.0), reading.picks)


def measure_claims(
    lab: Laboratory, drops: tuple[int, int], reading: Readings, combination: Combination
) -> list[dict[str, Any]]:
    """Return each claim's number with its interval at the searched points, and along the sweep."""
    survey, seed = lab.survey, lab.seed + FRESH
    blocks = next(n for n in range(100, 0, -1) if drops[0] % n == 0)
    means = lab.measure(reading, drops[0], seed=seed, blocks=blocks)
    misfits = measure_misfits(survey, predict(survey, means, combination))[0]
    sweep = {}
    for x in survey.points:
        point = lab.measure(reading, drops[1], seed=seed, at=[x])
        sweep[x] = predict(survey, point, combination)[0]
    rows = []
    for number, claim in enumerate(survey.claims):
        interval = predict_interval(survey, claim, means, combination)
        row = {
            "id": claim.id,
            "printed": claim.printed,
            **interval._asdict(),
            "misfit": interval.estimate - find_aim(claim)[0]
            if claim.kind == "gain"
            else float(misfits[number]),
            "verdict": judge_interval(claim, interval),
        }
        if sweep:
            along = {x: float(values[number]) for x, values in sweep.items()}
            row |= {"greatest_at": max(along, key=lambda x: along[x])}
            row |= {"along": list(along.values())}
        rows.append(row)
    return rows


def list_verdicts(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each claim's verdict by default and over all readings, in uniform words."""
    readings = {name: content[name]["claims"] for name in ("default", "nearest")}
    shares = {
        claim["id"]: max(row["shares"][claim["id"]] for row in content["exclusions"])
        for claim in content["claims"]
    }
    rows = []
    for number, claim in enumerate(content["claims"]):
        before, after = (readings[name][number]["verdict"] for name in ("default", "nearest"))
        hits = [row for row in content["alone"]["hits"] if row["id"] == claim["id"]]
        row = {"id": claim["id"], "default": before, "nearest": after}
        rows.append(row | {"over_readings": _choose_words(content, row, hits, shares)})
    return rows


def _choose_words(
    content: dict[str, Any],
    row: dict[str, Any],
    hits: list[dict[str, Any]],
    shares: dict[str, float],
) -> str:
    """Return a claim's verdict over all readings in words."""
    nearest, share = content["nearest"], shares[row["id"]]
    axes = sum("definition" in part for part in content["open"])
    moved = (
        f"{nearest['moved']} of {nearest['searched']} open values and {nearest['redefined']} of "
        f"{axes} definitions moved"
    )
    if row["default"] == row["nearest"] == "holds":
        return "holds by default and under reading R"
    if row["default"] == "holds":
        return "holds by default, not under reading R"
    if row["nearest"] == "holds":
        return f"holds under reading R, {moved}"
    for part in hits:
        if part["values"]:
            field, value = next(iter(part["values"].items()))
            return f"not under reading R; holds with {field} = {value} alone"
    if share > 0.0:
        return f"not under reading R; holds in {100 * share:.2g} % of the readings drawn"
    count = content["shares"]["readings"]
    combinations_count = content["shares"]["combinations"]
    return (
        f"under no reading found ({count} drawn, {combinations_count} combinations of definitions "
        "each, and every value by itself)"
    )


def describe_region(lab: Laboratory, fits: Sequence[Fit]) -> dict[str, Any]:
    """Describe the readings of the prior that were moved to where most claims hold.

    The result has the range of each open value among them, and the most correlated pairs of
    numbers.
    """
    most = max(fit.count_held(FITS) for fit in fits)
    good = [fit for fit in fits if fit.count_held(FITS) == most]
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
        "held": most,
        "marginals": marginals,
        "pairs": list_pairs(lab, shares),
        "points": points,
    }


def list_pairs(
    lab: Laboratory, shares: Float[np.ndarray, "readings numbers"], most: int = 5
) -> list[dict[str, Any]]:
    """Return the most correlated pairs of numbers among readings."""
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
