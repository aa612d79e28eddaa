"""A user's question: how a claim's number depends on one number of the scenario."""

from typing import Any

import numpy as np

from sagin.choices import Span
from sagin.errors import InputError
from sagin.inputs import parse_number, quote
from sagin.parameters import Parameter, list_fields
from sagin.studies.claim import Claim
from sagin.studies.prediction import predict_interval
from sagin.studies.search import Laboratory
from sagin.studies.space import OpenNumber, Readings
from sagin.studies.survey import Combination, Survey


def find_claim(survey: Survey, name: str) -> Claim:
    """Return the claim of an id; InputError if there is none."""
    for claim in survey.claims:
        if claim.id == name:
            return claim
    allowed = ", ".join(claim.id for claim in survey.claims)
    raise InputError(f"--claim {name!r}: unknown; allowed: {allowed}")


def find_combination(survey: Survey, names: tuple[str, ...]) -> Combination:
    """Return the default definitions with the rows of some ids."""
    known = [row.id for rows in survey.axes.values() for row in rows]
    for name in names:
        if name not in known:
            raise InputError(f"--definition {name!r}: unknown; allowed: {', '.join(known)}")
    rows = [
        next((row for row in axis if row.id in names), axis[0]) for axis in survey.axes.values()
    ]
    return Combination(survey.definitions[0], tuple(rows))


def parse_span(scenario: Any, text: str) -> OpenNumber:
    """Parse FIELD=LOW:HIGH and return number and range; InputError in one line.

    The caller checks both ends by the scenario's rules.
    """
    name, _, ends = text.partition("=")
    numbers: dict[str, tuple[Parameter, float]] = {
        field: (parameter, default)
        for field, parameter, default in list_fields(type(scenario))
        if isinstance(default, float)
    }
    if name not in numbers:
        raise InputError(
            f"--vary {quote(text)}: {quote(name)} is no field that holds a real number "
            "(allowed: such as satellite.eirp_dbw_per_mhz; see `sagin scenarios`)"
        )
    bounds = [parse_number(end) for end in ends.split(":")]
    low, high = bounds if len(bounds) == 2 else (None, None)
    if low is None or high is None or not low < high:
        raise InputError(
            f"--vary {quote(text)}: not FIELD=LOW:HIGH (allowed: two numbers, LOW < HIGH)"
        )
    parameter, default = numbers[name]
    return OpenNumber(name, Span(low, high, ""), default, parameter.unit)


def vary_number(
    lab: Laboratory, claim: Claim, combination: Combination, count: int, drops: int
) -> dict[str, Any]:
    """Return a claim's number at equally spaced values of the laboratory's single number.

    The result also has the values at which it crosses zero and the printed number.
    """
    (number,) = lab.space.numbers
    shares = np.linspace(0.0, 1.0, count)
    readings = Readings(shares[:, None], np.zeros((count, 0), int))
    blocks = next(n for n in range(100, 0, -1) if drops % n == 0)
    means = lab.measure(readings, drops, blocks=blocks)
    values = number.scale(shares).tolist()
    intervals = [
        predict_interval(lab.survey, claim, means, combination, row) for row in range(count)
    ]
    line = [interval.estimate for interval in intervals]
    return {
        "claim": claim.id,
        "text": claim.text,
        "printed": claim.printed,
        "field": number.field,
        "unit": number.unit,
        "definitions": [row.text for row in combination.rows],
        "rows": [
            {"value": value, **interval._asdict()}
            for value, interval in zip(values, intervals, strict=True)
        ],
        "zero_at": find_crossings(values, line, 0.0),
        "printed_at": find_crossings(values, line, claim.printed or 0.0),
    }


def find_crossings(x: list[float], y: list[float], level: float) -> list[float]:
    """Return where a line through points crosses a level.

    >>> find_crossings([0.0, 1.0, 2.0], [1.0, -1.0, 1.0], 0.0)
    [0.5, 1.5]
    """
    crossings = []
    for row in range(len(x) - 1):
        a, b = y[row] - level, y[row + 1] - level
        if (a < 0.0) != (b < 0.0):
            crossings.append(float(f"{x[row] + a / (a - b) * (x[row + 1] - x[row]):.6g}"))
    return crossings
