"""Tables of text, and the common format of numbers and their intervals."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from sagin.files import write_atomically
from sagin.studies.statistics import Interval

Cell = str | float | Interval | None
"""Content of a table cell before it is formatted; None if unknown."""
NOTHING = "–"
UNTOLD = 100.0
"""Percent that an interval of a gain spans when half and half as much again are both in it."""
SHORT = 4
"""Number of digits of a number without an interval."""


class TextTable(NamedTuple):
    """Rows of text below headings."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_plain(self) -> list[dict[str, str]]:
        """Return the rows as plain data, by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def make_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> TextTable:
    """Return cells of any kind as a table of text."""
    return TextTable(columns, [tuple(map(format_cell, row)) for row in rows])


def format_cell(value: Cell) -> str:
    """Return text unchanged, and numbers and intervals in their common format."""
    if isinstance(value, str):
        return value
    if isinstance(value, Interval):
        return format_interval(value)
    return NOTHING if value is None else format_number(value)


def format_number(value: float, sign: bool = False) -> str:
    """Return a number with four digits, a typographic minus, and a dash for NaN.

    >>> format_number(-0.123456), format_number(5.0, sign=True), format_number(math.nan)
    ('−0.1235', '+5', '–')
    >>> format_number(-0.0, sign=True)
    '0'
    """
    if math.isnan(value):
        return NOTHING
    plus = "+" if sign and value else ""
    return f"{value or 0.0:{plus}.{SHORT}g}".replace("-", "−").replace("inf", "∞")


def format_interval(interval: Interval, unit: str = "", sign: bool = False) -> str:
    """Return a mean with the ends of its interval, with digits that the interval justifies.

    >>> format_interval(Interval(3.2, 2.9, 3.5), "%", sign=True)
    '+3.20 % (+2.90 to +3.50)'
    >>> format_interval(Interval(1234.5, 1200.0, 1269.0))
    '1234 (1200 to 1269)'
    >>> format_interval(Interval(2.0, -math.inf, math.inf))
    '2'
    """
    estimate, low, high = interval
    tail = f" {unit}" if unit else ""
    # an interval of rounding errors is none
    if not all(map(math.isfinite, interval)) or high - low <= 1e-9 * abs(estimate):
        number = format_number(estimate, sign)
        return number if number == NOTHING else number + tail
    # two digits of half the interval's width
    digits = max(1 - math.floor(math.log10((high - low) / 2)), 0)
    middle, lower, upper = (_round(value, digits, sign) for value in (estimate, low, high))
    return f"{middle}{tail} ({lower} to {upper})"


def format_gain(interval: Interval) -> str:
    """Return a gain in percent, or how uncertain it is where its interval says nothing.

    An interval says nothing that holds no gain at all and spans more than `UNTOLD` percent.

    >>> format_gain(Interval(14.0, -2.0, 30.0))
    '+14 % (−2 to +30)'
    >>> format_gain(Interval(405.5, -100.0, 911.1))
    'uncertain by ±506 %'
    """
    half = (interval.high - interval.low) / 2
    if interval.low < 0 < interval.high and UNTOLD < 2 * half < math.inf:
        return f"uncertain by ±{half:.0f} %"
    return format_interval(interval, "%", sign=True)


def _round(value: float, digits: int, sign: bool) -> str:
    """Return a number with this number of decimals, without a negative zero."""
    text = f"{value:{'+' if sign else ''}.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")


def drop_empty_columns(table: TextTable) -> TextTable:
    """Return a table without empty columns."""
    full = [
        column
        for column in range(len(table.columns))
        if any(row[column] not in ("", NOTHING) for row in table.rows)
    ]
    rows = [tuple(row[column] for column in full) for row in table.rows]
    return TextTable([table.columns[column] for column in full], rows)


def to_markdown(table: TextTable) -> str:
    """Return a table as Markdown; text from files is escaped."""
    lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
    lines += ["| " + " | ".join(map(escape, row)) + " |" for row in table.rows]
    return "\n".join(lines)


def write_markdown(path: Path, table: TextTable) -> Path:
    """Write a table as a Markdown file and return its path."""
    write_atomically(path, (to_markdown(table) + "\n").encode())
    return path


def escape(text: str) -> str:
    """Return text escaped for Markdown and HTML."""
    for sign, code in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(sign, code)
    return text
