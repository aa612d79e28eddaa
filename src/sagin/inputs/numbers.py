"""The parser of numbers in files and options."""

import math
import re
from typing import Any

LONGEST = 100
"""Largest number of characters of a number."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def parse_number(value: Any) -> float | None:
    """Return the finite number that a text or plain value represents; otherwise None.

    Truth values, texts with underscores or with digits other than 0 to 9, and the names of infinity
    are not numbers.

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
    """Return the whole number that a text or plain value represents; otherwise None.

    Digits alone are exact, whatever their number; 1e3 and 5.0 are whole too.

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
    """Return the number that consists of the digits 0 to 9, up to `most`; otherwise None.

    >>> find_digits(" 08", 23), find_digits("24", 23), find_digits("²", 23), find_digits("-1", 23)
    (8, None, None, None)
    """
    digits = text.strip(" \t")
    number = int(digits) if re.fullmatch("[0-9]{1,18}", digits) else most + 1
    return number if number <= most else None
