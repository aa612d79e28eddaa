"""Reading and writing two-line element sets, with or without a name line, column by column."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sgp4.alpha5 import from_alpha5
from sgp4.api import Satrec
from sgp4.exporter import export_tle
from sgp4.io import compute_checksum

from sagin.errors import ElementsError
from sagin.orbits.elements import ElementSet

LARGEST_NUMBER = 339_999
"""Z9999 in Alpha-5."""

LENGTH = 69
"""Columns of a line, the checksum included."""


class Column(NamedTuple):
    """A field of a line: where it stands, what it looks like, and its range."""

    name: str
    first: int
    last: int
    pattern: str
    expected: str
    low: float = float("-inf")
    high: float = float("inf")


NUMBER = Column(
    "catalogue number",
    3,
    7,
    r" *\d+|[A-HJ-NP-Z]\d{4}",
    "5 digits, or a letter (not I or O) and 4 digits",
)

COLUMNS = {
    1: (
        NUMBER,
        Column("epoch year", 19, 20, r" *\d+", "2 digits"),
        Column(
            "epoch day",
            21,
            32,
            r" *\d+\.\d{8}",
            "a day of the year such as 231.68957540",
            1.0,
            367.0,
        ),
        Column(
            "mean motion's first derivative", 34, 43, r"[ +-]\.\d{8}", "a number such as  .00010004"
        ),
        Column(
            "mean motion's second derivative",
            45,
            52,
            r"[ +-]\d{5}[ +-]\d",
            "a number such as  00000+0",
        ),
        Column("drag term", 54, 61, r"[ +-]\d{5}[ +-]\d", "a number such as  68944-3"),
        Column("element set number", 65, 68, r" *\d*", "up to 4 digits"),
    ),
    2: (
        NUMBER,
        Column("inclination", 9, 16, r" *\d+\.\d{4}", "degrees such as  53.0543", 0.0, 180.0),
        Column(
            "right ascension of the ascending node",
            18,
            25,
            r" *\d+\.\d{4}",
            "degrees such as  55.0193",
            0.0,
            360.0,
        ),
        Column("eccentricity", 27, 33, r"\d{7}", "7 digits after an implied decimal point"),
        Column(
            "argument of perigee", 35, 42, r" *\d+\.\d{4}", "degrees such as  68.4718", 0.0, 360.0
        ),
        Column("mean anomaly", 44, 51, r" *\d+\.\d{4}", "degrees such as 291.6391", 0.0, 360.0),
        Column(
            "mean motion",
            53,
            63,
            r" *\d+\.\d{8}",
            "revolutions per day such as 15.06404368",
            0.01,
            20.0,
        ),
        Column("revolution number", 64, 68, r" *\d*", "up to 5 digits"),
    ),
}
"""Fields of the two lines, columns counted from 1, ends included."""


def from_lines(lines: Sequence[str], gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of TLE lines, without blank lines and those that start with #."""
    elements: list[ElementSet] = []
    name, first = "", None
    for number, line in enumerate(lines, start=1):
        text, location = line.rstrip(), f"{source}, line {number}"
        if not text or text.startswith("#"):
            continue
        if first is not None:
            elements.append(
                _element_set(name, first, _check_line(text, 2, location), gravity, location)
            )
            name, first = "", None
        elif text.startswith("1 "):
            first = _check_line(text, 1, location)
        elif name or text.startswith("2 "):
            raise ElementsError(
                f"{location}: {text[:LENGTH]!r} found where line 1 of an element set is "
                "expected, which starts with '1 '"
            )
        else:
            name = text.removeprefix("0 ").strip()
    if name or first is not None:
        raise ElementsError(
            f"{source}, line {len(lines)}: the file ends within the element set of "
            f"{name or first!r}"
        )
    return elements


def _element_set(name: str, first: str, second: str, gravity: int, location: str) -> ElementSet:
    if first[2:7] != second[2:7]:
        raise ElementsError(
            f"{location}: catalogue number {second[2:7]!r} differs from {first[2:7]!r} in the "
            "line before; expected the same"
        )
    try:
        satellite = Satrec.twoline2rv(first, second, gravity)
    except ValueError as error:
        raise ElementsError(f"{location}: {' '.join(str(error).split())}") from None
    number = from_alpha5(first[2:7].replace(" ", "0"))
    return ElementSet(name or str(number), number, satellite)


def _check_line(line: str, which: int, location: str) -> str:
    """Return the line if its length, number, columns and checksum are as they have to be."""
    if not line.startswith(f"{which} "):
        raise ElementsError(
            f"{location}: {line[:LENGTH]!r} found where line {which} of an element set is "
            f"expected, which starts with '{which} '"
        )
    if len(line) != LENGTH:
        raise ElementsError(f"{location}: {len(line)} characters; expected {LENGTH}")
    for column in COLUMNS[which]:
        _check_column(line[column.first - 1 : column.last], column, location)
    if not line[-1].isdigit() or compute_checksum(line) != int(line[-1]):
        raise ElementsError(
            f"{location}: checksum {line[-1]!r} (column {LENGTH}); "
            f"expected {compute_checksum(line)}"
        )
    return line


def _check_column(value: str, column: Column, location: str) -> None:
    field = f"{location}: {column.name} {value!r} (columns {column.first} to {column.last})"
    if not re.fullmatch(column.pattern, value, re.ASCII):
        raise ElementsError(f"{field}; expected {column.expected}")
    if column.low > float("-inf") and not column.low <= float(value) <= column.high:
        raise ElementsError(f"{field}; allowed: {column.low:g} to {column.high:g}")


def to_text(elements: Iterable[ElementSet]) -> str:
    """Return element sets as three lines each."""
    return "".join(f"{element.name}\n" + "\n".join(_lines(element)) + "\n" for element in elements)


def _lines(element: ElementSet) -> tuple[str, str]:
    if element.number > LARGEST_NUMBER:
        raise ElementsError(
            f"{element.name}: catalogue number {element.number} doesn't fit into a TLE; "
            f"allowed: 0 to {LARGEST_NUMBER} (write an OMM)"
        )
    try:
        first, second = export_tle(element.satellite)
        _check_line(first, 1, f"{element.name}, line 1")
        _check_line(second, 2, f"{element.name}, line 2")
    except ValueError as error:
        raise ElementsError(
            f"{element.name} doesn't fit into a TLE (write an OMM): {error}"
        ) from None
    return first, second
