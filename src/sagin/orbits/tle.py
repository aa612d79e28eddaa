"""Reading and writing two-line element sets, with or without a name line, column by column."""

import calendar
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sgp4.alpha5 import from_alpha5
from sgp4.api import Satrec
from sgp4.exporter import export_tle
from sgp4.io import compute_checksum

from sagin.errors import ElementsError, InputNotice
from sagin.inputs import quote
from sagin.orbits.elements import LARGEST_DRAG, ElementSet, clean_name

LARGEST_NUMBER = 339_999
"""Z9999 in Alpha-5."""

LENGTH = 69
"""Number of columns of a line, including the checksum."""


FIRST_YEAR = 57
"""Two digits of a year from which they are of the 20th century."""


class Column(NamedTuple):
    """A field of a line: its position, form and range."""

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

POWER = r"[ +-]\d{5}[ +-]\d"
"""A number such as  68944-3, which is 0.68944e-3."""

COLUMNS = {
    1: (
        NUMBER,
        Column("classification", 8, 8, r"[A-Z ]", "U, C or S"),
        Column("international designator", 10, 17, r"[0-9A-Z ]{8}", "digits and capitals"),
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
            POWER,
            "a number such as  00000+0",
            -100.0,
            100.0,
        ),
        Column(
            "drag term", 54, 61, POWER, "a number such as  68944-3", -LARGEST_DRAG, LARGEST_DRAG
        ),
        Column("ephemeris type", 63, 63, r"[ 0-35-9]", "0; 4 is SGP4-XP's, which SGP4 is not"),
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
"""Fields of the two lines, columns counted from 1, ends included; between them are blanks."""

ELEMENT_LINE = re.compile(r"[12] ([ 0-9A-Z][ 0-9]{3}[0-9]|.{60})")
"""Pattern of the start of a line of an element set, which text around the sets hardly matches."""


def from_lines(lines: Sequence[str], gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of TLE lines.

    Blank lines and lines that start with # are ignored. A line directly before an element set is
    its name. Other text around the sets is skipped, and a warning reports how much.
    """
    elements: list[ElementSet] = []
    name, first, skipped = "", None, 0
    for number, line in enumerate(lines, start=1):
        text, location = line.rstrip(), f"{source}, line {number}"
        if first is None and (not text or text.startswith("#")):
            continue
        if first is not None:
            if not text:
                continue
            second = _check_line(text, 2, location)
            elements.append(_element_set(name, first, second, gravity, location))
            name, first = "", None
        elif not ELEMENT_LINE.match(text):
            skipped += bool(name)
            name = text
        elif text[0] == "1":
            first = _check_line(text, 1, location)
            # a rule between two sets names nothing
            is_name = any(letter.isalnum() for letter in name)
            skipped += bool(name) and not is_name
            name = clean_name(name.removeprefix("0 "), location) if is_name else ""
        else:
            raise ElementsError(
                f"{location}: {quote(text)} found where line 1 of an element set is "
                "expected, which starts with '1 '"
            )
    if first is not None:
        raise ElementsError(
            f"{source}, line {len(lines)}: the file ends within the element set of "
            f"{quote(name or first)}"
        )
    _tell_skipped(skipped + bool(name), len(elements), source)
    return elements


def _tell_skipped(skipped: int, sets: int, source: str) -> None:
    if skipped and sets:
        plural = "s" * (skipped > 1)
        text = f"{source}: {skipped} line{plural} of text around {sets} element sets skipped"
        warnings.warn(text, InputNotice, stacklevel=2)


def _element_set(name: str, first: str, second: str, gravity: int, location: str) -> ElementSet:
    if first[2:7] != second[2:7]:
        raise ElementsError(
            f"{location}: catalogue number {second[2:7]!r} differs from {first[2:7]!r} in the "
            "line before; expected the same"
        )
    year, day = int(first[18:20]), float(first[20:32])
    year += 1900 if year >= FIRST_YEAR else 2000
    if day >= (end := 366 + calendar.isleap(year)):
        raise ElementsError(
            f"{location}: epoch day {quote(first[20:32])} of {year}; allowed: 1 to below {end}"
        )
    try:
        satellite = Satrec.twoline2rv(first, second, gravity)
    except ValueError as error:
        raise ElementsError(f"{location}: {' '.join(str(error).split())}") from None
    number = from_alpha5(first[2:7].replace(" ", "0"))
    return ElementSet(name or str(number), number, satellite)


def _check_line(line: str, which: int, location: str) -> str:
    """Return the line if its length, number, columns and checksum are valid."""
    if not line.startswith(f"{which} "):
        raise ElementsError(
            f"{location}: {quote(line)} found where line {which} of an element set is "
            f"expected, which starts with '{which} '"
        )
    if len(line) != LENGTH:
        raise ElementsError(f"{location}: {len(line)} characters; expected {LENGTH}")
    end = 1
    for column in COLUMNS[which]:
        _check_blanks(line, end + 1, column.first - 1, location)
        _check_column(line[column.first - 1 : column.last], column, location)
        end = column.last
    if line[-1] not in "0123456789" or compute_checksum(line) != int(line[-1]):
        raise ElementsError(
            f"{location}: checksum {quote(line[-1])} (column {LENGTH}); "
            f"expected {compute_checksum(line)}"
        )
    return line


def _check_blanks(line: str, first: int, last: int, location: str) -> None:
    """Refuse anything but blanks in the columns between two fields."""
    for column in range(first, last + 1):
        if line[column - 1] != " ":
            raise ElementsError(
                f"{location}: {quote(line[column - 1])} in column {column}; expected a blank"
            )


def _check_column(value: str, column: Column, location: str) -> None:
    field = f"{location}: {column.name} {quote(value)} (columns {column.first} to {column.last})"
    if not re.fullmatch(column.pattern, value, re.ASCII):
        raise ElementsError(f"{field}; expected {column.expected}")
    number = (
        0.0 if column.low == float("-inf") else float(_write_power(value, column.pattern == POWER))
    )
    if not column.low <= number <= column.high:
        raise ElementsError(f"{field}; allowed: {column.low:g} to {column.high:g}")


def _write_power(value: str, has_power: bool) -> str:
    """Return a field's number as Python writes it."""
    return f"{value[0]}.{value[1:6]}e{value[6:].strip()}".strip() if has_power else value


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
