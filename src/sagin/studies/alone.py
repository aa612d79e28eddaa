"""Effect of a single open value or definition on a paper's claims, with defaults otherwise."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.parameters import vary_fields
from sagin.studies.claim import Claim
from sagin.studies.effort import SearchEffort
from sagin.studies.fit import join_readings
from sagin.studies.prediction import FITS, find_aim, find_hits, predict
from sagin.studies.search import Laboratory
from sagin.studies.space import Readings
from sagin.studies.survey import Combination, Survey, list_combinations, list_single_changes

Line = Float[np.ndarray, " readings"]
"""A claim's number under each reading."""


class SingleChange(NamedTuple):
    """A reading in which one value differs from the default."""

    field: str
    value: float | str
    share: float
    """Share of a number's range; 0 for a choice."""
    reading: Readings


def list_changes(lab: Laboratory, count: int) -> Iterator[SingleChange]:
    """Yield readings in which one value is changed: numbers through their ranges, every name."""
    default = lab.space.list_defaults()
    for row, number in enumerate(lab.space.numbers):
        for share in np.linspace(0.0, 1.0, count):
            shares = default.shares.copy()
            shares[0, row] = share
            value = float(f"{number.scale(share):.4g}")
            yield SingleChange(number.field, value, share, Readings(shares, default.picks))
    for row, choice in enumerate(lab.space.choices):
        for pick, name in enumerate(choice.names):
            if pick != default.picks[0, row]:
                picks = default.picks.copy()
                picks[0, row] = pick
                yield SingleChange(choice.field, name, 0.0, Readings(default.shares, picks))


def list_alone(
    lab: Laboratory, effort: SearchEffort, combination: Combination, check: Any
) -> dict[str, Any]:
    """Return the single values that bring each claim about, and every claim under each change.

    The first part is computed under the default definitions and under others. `check` checks a
    scenario, for choices that need a separate program.
    """
    survey, first = lab.survey, next(list_combinations(lab.survey))
    changes = list(list_changes(lab, effort.alone))
    readings = [lab.space.list_defaults(), *(change.reading for change in changes)]
    means = lab.measure(join_readings(readings), effort.alone_drops)
    cases: Mapping[str, Combination] = {"default": first, "nearest": combination}
    hits = []
    for name, case in cases.items():
        values = predict(survey, means, case)
        hits += [
            {
                "id": claim.id,
                "definitions": name,
                "default": float(values[0, column]),
                "holds": bool(find_hits(survey, values)[0, column]),
                "values": _find_values(lab, claim, values[:, column], changes),
            }
            for column, claim in enumerate(survey.claims)
        ]
    values = predict(survey, means, first)
    table = [_describe(survey, "as by default", values[0])]
    for text, other in list_single_changes(survey):
        table.append(_describe(survey, text, predict(survey, means, other)[0]))
    for row, change in enumerate(changes, 1):
        if change.share in (0.0, 1.0):
            table.append(_describe(survey, f"{change.field}={change.value}", values[row]))
    for choice in survey.others if effort.others else ():
        # a program of its own need not trace choices
        other = lab._replace(
            scenario=vary_fields(lab.scenario, [choice.override], check),
            space=lab.space._replace(choices=()),
        )
        other_means = other.measure(other.space.list_defaults(), effort.alone_drops)
        text = f"{choice.text}: {choice.override}"
        table.append(_describe(survey, text, predict(survey, other_means, first)[0]))
    return {"hits": hits, "table": table}


def _describe(survey: Survey, text: str, values: Any) -> dict[str, Any]:
    holds = find_hits(survey, values[None])[0]
    return {"change": text, "values": values.tolist(), "holds": holds.tolist()}


def _find_values(
    lab: Laboratory, claim: Claim, line: Line, changes: list[SingleChange]
) -> dict[str, Any]:
    """Return the value of each field that alone brings a claim about, or from which on it does."""
    low, high = find_aim(claim)
    level = low if line[0] < low else high
    values: dict[str, Any] = {}
    for number in lab.space.numbers:
        rows = [row for row, change in enumerate(changes, 1) if change.field == number.field]
        for a, b in pairwise(rows):
            share = _find_crossing(changes, line, (a, b), level)
            if share is not None and number.field not in values:
                values[number.field] = float(f"{number.scale(share):.4g}")
    fields = {number.field for number in lab.space.numbers}
    for row, change in enumerate(changes, 1):
        close = low - FITS <= line[row] <= high + FITS
        if change.field not in fields and close:
            values[change.field] = change.value
    return values


def _find_crossing(
    changes: list[SingleChange], line: Line, rows: tuple[int, int], level: float
) -> float | None:
    """Return the share of a range at which a claim's number crosses a level between two values."""
    first, second = (line[row] - level for row in rows)
    if not (first == 0.0 or first * second < 0.0):
        return None
    start, end = (changes[row - 1].share for row in rows)
    return start + first / (first - second) * (end - start)
