"""A target for every hour of a city's network, as text."""

import re
from typing import NamedTuple

from sagin.errors import InputError
from sagin.inputs import parse_number, quote


class TargetMeasure(NamedTuple):
    """A quantity that a target may name."""

    label: str
    unit: str
    scale: float
    """Factor from the stored number to the unit."""
    most: float
    """Largest allowed value of a target, in the unit."""


MEASURES = {
    "unserved": TargetMeasure("users unserved", "%", 100.0, 100.0),
    "covered": TargetMeasure("users covered", "%", 100.0, 100.0),
    "delay": TargetMeasure("delay of L", "ms", 1e3, 1e9),
    "throughput": TargetMeasure("throughput", "Mbit/s", 1e-6, 1e9),
}
PATTERN = re.compile(r" *([a-z]+) *([<>]) *([0-9]+(?:\.[0-9]*)?) *(%|ms|Mbit/s)? *")


class Target(NamedTuple):
    """A limit of a quantity; unserved and covered are shares of the present users."""

    name: str
    is_upper: bool
    value: float
    """Value in the measure's unit."""

    def __str__(self) -> str:
        """Return the target in words."""
        measure = MEASURES[self.name]
        sign = "below" if self.is_upper else "above"
        return f"{measure.label} {sign} {self.value:g} {measure.unit}"

    def is_met(self, value: float) -> bool:
        """Return whether a stored number meets the target."""
        shown = value * MEASURES[self.name].scale
        return shown < self.value if self.is_upper else shown > self.value


def parse_target(text: str) -> Target:
    """Parse a target such as 'unserved<1%'.

    Raises:
        InputError: the text is no target; the message has one line.

    >>> str(parse_target("unserved<1%"))
    'users unserved below 1 %'
    """
    match = PATTERN.fullmatch(text)
    allowed = ", ".join(f"{name}<VALUE{measure.unit}" for name, measure in MEASURES.items())
    if match is None or match[1] not in MEASURES:
        raise InputError(f"--target {quote(text)} (allowed: {allowed}, or with >)")
    name, sign, value, unit = match.groups()
    if unit not in (None, MEASURES[name].unit):
        raise InputError(f"--target {quote(text)}: unit {unit} (allowed: {MEASURES[name].unit})")
    number, measure = parse_number(value), MEASURES[name]
    if number is None or number > measure.most:
        raise InputError(
            f"--target {quote(text)} (allowed: at most {measure.most:g} {measure.unit})"
        )
    return Target(name, sign == "<", number)
