"""Reading CCSDS Orbit Mean-Elements Messages (502.0-B) in JSON, XML, KVN and CSV."""

import json
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.etree import ElementTree

from sgp4.api import Satrec
from sgp4.omm import initialize

from sagin.errors import ElementsError, InputNotice
from sagin.inputs import (
    check_width,
    describe_message,
    escape_text,
    parse_number,
    parse_whole,
    quote,
    split_rows,
)
from sagin.orbits.elements import LARGEST_DRAG, LONGEST_NAME, ElementSet, clean_name
from sagin.orbits.tle import LARGEST_NUMBER

TIME = "%Y-%m-%dT%H:%M:%S.%f"
"""Format of a message's epoch, UTC."""


class Field(NamedTuple):
    """Allowed values of a field; `whole` means an integer."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    default: Any = None
    is_told: bool = False
    """Whether a warning reports the use of the default."""


NUMBERS = {
    "NORAD_CAT_ID": Field(0, 999_999_999, whole=True),
    "MEAN_MOTION": Field(0.01, 20.0),
    "ECCENTRICITY": Field(0.0, 0.999_999_9),
    "INCLINATION": Field(0.0, 180.0),
    "RA_OF_ASC_NODE": Field(0.0, 360.0),
    "ARG_OF_PERICENTER": Field(0.0, 360.0),
    "MEAN_ANOMALY": Field(0.0, 360.0),
    "BSTAR": Field(-LARGEST_DRAG, LARGEST_DRAG, default=0.0, is_told=True),
    "MEAN_MOTION_DOT": Field(-10.0, 10.0, default=0.0, is_told=True),
    "MEAN_MOTION_DDOT": Field(-100.0, 100.0, default=0.0, is_told=True),
    "EPHEMERIS_TYPE": Field(0, 9, whole=True, default=0),
    "ELEMENT_SET_NO": Field(0, 9999, whole=True, default=999),
    "REV_AT_EPOCH": Field(0, 10**9, whole=True, default=0),
}
"""The numeric fields that SGP4 needs, in the units of the standard; fields with a default are
optional.
"""

FIXED = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME", "TEMEOFDATE"),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4", "TLE"),
}
"""Required values of fields that elements for SGP4 may contain."""

DEEPEST = 3
"""Levels of objects in JSON in which messages are looked for."""

EPOCH = re.compile(
    r"[0-9]{4}-([0-9]{2}-[0-9]{2}|[0-9]{3})[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
"""A calendar date or a day of a year, and a time."""

EXTENDED = 4
"""Ephemeris type of SGP4-XP, whose elements SGP4 cannot use."""


def from_json(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of an OMM in JSON.

    The text may be one object, a list of objects, a list within an object such as {"data": […]}, or
    one object after another (JSON lines).
    """
    try:
        records = [record for value in _json_values(text) for record in _list_records(value)]
    except json.JSONDecodeError as error:
        raise ElementsError(f"{source}, line {error.lineno}: not valid JSON: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        reason = escape_text(str(error).partition(";")[0])
        raise ElementsError(f"{source}: not valid JSON: {reason}") from None
    for index, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            if isinstance(record, str) and len(records) == 1:
                raise ElementsError(f"{source}: {describe_message(record)}")
            raise ElementsError(
                f"{source}, record {index}: {quote(record)}; "
                "expected an object with the fields of an OMM"
            )
        if not _has_fields(record) and len(records) == 1 and record:
            message = next((part for part in record.values() if isinstance(part, str)), "")
            raise ElementsError(f"{source}: {describe_message(message or quote(record))}")
    return _element_sets(
        ((f"{source}, record {index}", record) for index, record in enumerate(records, start=1)),
        gravity,
        source,
    )


def _json_values(text: str) -> Iterator[Any]:
    """Yield the values of a text, one after the other."""
    decoder, place = json.JSONDecoder(object_pairs_hook=_refuse_twins), 0
    while place < (end := len(text)):
        place = re.compile(r"[ \t\n\r]*").match(text, place).end()  # type: ignore[union-attr]
        if place < end:
            value, place = decoder.raw_decode(text, place)
            yield value


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of some fields, none of which may occur twice."""
    record = dict(pairs)
    if len(record) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"field {quote(name)} is given twice")
    return record


def _list_records(value: Any) -> list[Any]:
    """Return the messages in a value: the value itself, its members, or those of its only list."""
    if not isinstance(value, dict) or _has_fields(value):
        return value if isinstance(value, list) else [value]
    lists = list(_find_lists(value, DEEPEST))
    full = [part for part in lists if any(map(_has_fields, part))]
    chosen = full or lists
    return chosen[0] if len(chosen) == 1 else [value]


def _find_lists(value: Mapping[str, Any], depth: int) -> Iterator[list[Any]]:
    """Yield the lists in an object and in the objects in it; a message alone is a list of one."""
    for part in value.values():
        if isinstance(part, list):
            yield part
        elif _has_fields(part):
            yield [part]
        elif isinstance(part, dict) and depth > 1:
            yield from _find_lists(part, depth - 1)


def _has_fields(value: Any) -> bool:
    return isinstance(value, dict) and not set(NUMBERS).isdisjoint(value)


def from_csv(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of a table with the fields of an OMM as its columns."""
    rows = split_rows(text.split("\n"), source, ElementsError)
    if rows is None:
        return []
    heading = [name.upper() for name in rows.first]
    if twins := [name for name, count in Counter(heading).items() if count > 1 and name]:
        raise ElementsError(f"{source}, line {rows.line}: column {quote(twins[0])} occurs twice")

    def read_records() -> Iterator[tuple[str, dict[str, str]]]:
        for line, row in rows.following:
            location = f"{source}, line {line}"
            check_width(row, len(heading), location, ElementsError)
            cells = (cell.strip() for cell in row)
            yield location, dict(zip(heading, cells, strict=False))

    return _element_sets(read_records(), gravity, source)


def is_table(text: str) -> bool:
    """Return whether a text's first line is the heading of a table with the fields of an OMM."""
    heading = text.lstrip().partition("\n")[0].upper()
    return "EPOCH" in heading and "MEAN_MOTION" in heading


def from_xml(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of the segments of an OMM or NDM in XML.

    A message that declares a document type or entities is refused.
    """
    if banned := re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        line = text.count("\n", 0, banned.start()) + 1
        raise ElementsError(
            f"{source}, line {line}: {banned.group(0)!r} is not allowed; "
            "expected XML without document type or entities"
        )
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        if not re.search(r"<\W*(ndm|omm|segment)\b", text, re.IGNORECASE):
            raise ElementsError(f"{source}: {describe_message(text)}") from None
        raise ElementsError(f"{source}: not valid XML: {escape_text(str(error))}") from None
    segments = [element for element in root.iter() if _tag(element) == "segment"]
    if not segments and "".join(root.itertext()).strip():
        raise ElementsError(f"{source}: {describe_message(text)}")
    return _element_sets(
        (
            (location, _leaves(segment, location))
            for index, segment in enumerate(segments, start=1)
            if (location := f"{source}, record {index}")
        ),
        gravity,
        source,
    )


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _leaves(segment: ElementTree.Element, location: str) -> dict[str, str]:
    """Return the fields of a segment; only comments and users' own fields may occur twice."""
    leaves: dict[str, str] = {}
    for element in segment.iter():
        if len(element) == 0 and (name := _tag(element)) not in ("COMMENT", "USER_DEFINED"):
            if name in leaves:
                raise ElementsError(f"{location}: field {quote(name)} is given twice")
            leaves[name] = (element.text or "").strip()
    return leaves


def from_kvn(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of one or several OMM in keyword = value notation."""
    return _element_sets(_kvn_records(text, source), gravity, source)


def _kvn_records(text: str, source: str) -> Iterator[tuple[str, dict[str, str]]]:
    record: dict[str, str] = {}
    location = source
    for index, line in enumerate(text.split("\n"), start=1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.split()[0] == "COMMENT":
            continue
        if not equals:
            raise ElementsError(
                f"{source}, line {index}: {quote(line.strip())}; expected KEYWORD = value"
            )
        if key == "CCSDS_OMM_VERS" and record:
            yield location, record
            record = {}
        if key in record:
            raise ElementsError(
                f"{source}, line {index}: {quote(key)[1:-1]} = {quote(value)} is given twice; "
                "expected CCSDS_OMM_VERS before the next message"
            )
        if not record:
            location = f"{source}, message at line {index}"
        record[key] = re.sub(r"\s*\[[^\]]*\]$", "", value)
    if record:
        yield location, record


def _element_sets(
    records: Iterable[tuple[str, Mapping[str, Any]]], gravity: int, source: str
) -> list[ElementSet]:
    """Return the element sets of messages, with their locations; a warning lists missing fields."""
    lacks: Counter[str] = Counter()
    elements = []
    for location, record in records:
        elements.append(_element_set(record, gravity, location))
        lacks.update(
            key for key, field in NUMBERS.items() if field.is_told and _is_missing(record, key)
        )
    if lacks:
        fields = ", ".join(f"{key} in {count} of {len(elements)}" for key, count in lacks.items())
        text = f"{source}: missing, so read as 0: {fields} element sets"
        warnings.warn(text, InputNotice, stacklevel=2)
    return elements


def _is_missing(record: Mapping[str, Any], key: str) -> bool:
    return record.get(key) is None or record[key] == ""


def _element_set(record: Mapping[str, Any], gravity: int, location: str) -> ElementSet:
    """Return the element set of the fields of a message, each of which is checked."""
    for key, allowed in FIXED.items():
        if not _is_missing(record, key):
            word = re.sub(r"[ _-](?=OF|DATE)", "", quote(record[key]).strip("' ").upper())
            if word not in allowed:
                raise ElementsError(
                    f"{location}: {key} is {quote(record[key])}; expected {' or '.join(allowed)}"
                )
    numbers = {key: _number(record, key, field, location) for key, field in NUMBERS.items()}
    if numbers["EPHEMERIS_TYPE"] == EXTENDED:
        raise ElementsError(f"{location}: EPHEMERIS_TYPE is 4, SGP4-XP's; expected SGP4's, 0")
    number = int(numbers["NORAD_CAT_ID"])
    fields = {
        **numbers,
        # sgp4's record can't hold larger ones; our element set keeps the number
        "NORAD_CAT_ID": number if number <= LARGEST_NUMBER else 0,
        "EPOCH": f"{_epoch(record, location):{TIME}}",
        "CLASSIFICATION_TYPE": _classification(record),
        "OBJECT_ID": _object_id(record),
    }
    satellite = Satrec()
    initialize(satellite, fields, gravity)
    return ElementSet(_name(record, location) or str(number), number, satellite)


def _name(record: Mapping[str, Any], location: str) -> str:
    value = record.get("OBJECT_NAME")
    if value is None or isinstance(value, str):
        return clean_name(value or "", location)
    raise ElementsError(f"{location}: OBJECT_NAME is {quote(value)}; expected text")


def _number(record: Mapping[str, Any], key: str, field: Field, location: str) -> float:
    value = record.get(key)
    if _is_missing(record, key):
        if field.default is None:
            raise ElementsError(f"{location}: field {key} is missing; expected a number")
        return field.default
    number = parse_whole(value) if field.whole else parse_number(value)
    if number is None:
        kind = "an integer" if field.whole else "a number"
        raise ElementsError(f"{location}: {key} is {quote(value)}; expected {kind}")
    if not field.low <= number <= field.high:
        raise ElementsError(
            f"{location}: {key} is {quote(value)}; allowed: {field.low:.15g} to {field.high:.15g}"
        )
    return number


def _epoch(record: Mapping[str, Any], location: str) -> datetime:
    if _is_missing(record, "EPOCH"):
        raise ElementsError(
            f"{location}: field EPOCH is missing; "
            "expected a time such as 2022-11-06T08:04:17.188320"
        )
    value = record["EPOCH"]
    try:
        text = value.strip() if isinstance(value, str) and len(value) <= LONGEST_NAME else ""
        if not EPOCH.fullmatch(text):
            raise ValueError(text)
        if text[8] in "T ":
            day = datetime.strptime(text[:8], "%Y-%j").date()
            if f"{day.year:04}" != text[:4]:  # Python takes day 366 of any year
                raise ValueError(text)
            text = f"{day}{text[8:]}"
        epoch = datetime.fromisoformat(text)
        epoch = epoch.astimezone(UTC).replace(tzinfo=None) if epoch.tzinfo else epoch
    except (ValueError, OverflowError):
        raise ElementsError(
            f"{location}: EPOCH is {quote(value)}; expected a time such as"
            " 2022-11-06T08:04:17.188320"
        ) from None
    if not 1957 <= epoch.year <= 2056:
        raise ElementsError(
            f"{location}: EPOCH is {quote(value)}; "
            "allowed: 1957 to 2056, the epochs that SGP4 supports"
        )
    return epoch


def _classification(record: Mapping[str, Any]) -> str:
    letter = str(record.get("CLASSIFICATION_TYPE") or "U")[:1].upper()
    return letter if re.fullmatch(r"[A-Z]", letter) else "U"


def _object_id(record: Mapping[str, Any]) -> str:
    value = record.get("OBJECT_ID")
    if not isinstance(value, str):
        return ""
    # analyst objects have other things here, such as UNKNOWN, which a TLE's eight columns can't
    # hold
    return value if re.fullmatch(r"\d{4}-\d{3}[A-Z]{0,3}", value, re.ASCII) else ""
