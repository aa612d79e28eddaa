"""The one parser of numbers that come from files and options."""

import math
import re
from typing import Any

LONGEST = 100
"""Characters of a number; more digits than a float can tell are a sign of something else."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def parse_number(value: Any) -> float | None:
    """Return the finite number that a text or a plain value is, or None if it is none.

    A truth value is no number, nor is a text with underscores, other digits than 0 to 9, or the
    names of infinity.

    >>> parse_number(" 1.5e3"), parse_number(7), parse_number("1_0"), parse_number(True)
    (1500.0, 7.0, None, None)
    """
    if isinstance(value, str):
        text = value.strip(" \t")
        if len(text) > LONGEST or not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def parse_whole(value: Any) -> int | None:
    """Return the whole number that a text or a plain value is, or None if it is none.

    Digits alone are exact, however many; 1e3 and 5.0 are whole too.

    >>> parse_whole("9223372036854775807"), parse_whole("1e3"), parse_whole(1.5)
    (9223372036854775807, 1000, None)
    """
    number = parse_number(value)
    if number is None or number != math.floor(number):
        return None
    is_exact = isinstance(value, int) or (
        isinstance(value, str) and _WHOLE.fullmatch(value.strip(" \t"))
    )
    return int(value) if is_exact else int(number)


def find_digits(text: str, most: int) -> int | None:
    """Return the number that digits 0 to 9 alone write, up to a greatest one; else None.

    >>> find_digits(" 08", 23), find_digits("24", 23), find_digits("²", 23), find_digits("-1", 23)
    (8, None, None, None)
    """
    digits = text.strip(" \t")
    number = int(digits) if re.fullmatch("[0-9]{1,18}", digits) else most + 1
    return number if number <= most else None
