"""Reading and writing CCSDS Orbit Mean-Elements Messages (502.0-B) in JSON, XML and KVN."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple
from xml.etree import ElementTree

from sgp4.api import Satrec
from sgp4.exporter import export_omm
from sgp4.omm import initialize

from sagin.errors import ElementsError
from sagin.orbits.elements import ElementSet
from sagin.orbits.tle import LARGEST_NUMBER

TIME = "%Y-%m-%dT%H:%M:%S.%f"
"""How a message writes its epoch, UTC."""


class Field(NamedTuple):
    """What a field may be; a whole one is an integer."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    default: Any = None


NUMBERS = {
    "NORAD_CAT_ID": Field(0, 999_999_999, whole=True),
    "MEAN_MOTION": Field(0.01, 20.0),
    "ECCENTRICITY": Field(0.0, 0.999_999_9),
    "INCLINATION": Field(0.0, 180.0),
    "RA_OF_ASC_NODE": Field(0.0, 360.0),
    "ARG_OF_PERICENTER": Field(0.0, 360.0),
    "MEAN_ANOMALY": Field(0.0, 360.0),
    "BSTAR": Field(),
    "MEAN_MOTION_DOT": Field(),
    "MEAN_MOTION_DDOT": Field(),
    "EPHEMERIS_TYPE": Field(0, 9, whole=True, default=0),
    "ELEMENT_SET_NO": Field(0, 9999, whole=True, default=999),
    "REV_AT_EPOCH": Field(0, 10**9, whole=True, default=0),
}
"""The numeric fields that SGP4 needs, in the units of the standard; those with a default may be
missing.
"""

FIXED = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
}
"""What elements for SGP4 say if they say it."""

METADATA = (
    "OBJECT_NAME",
    "OBJECT_ID",
    "CENTER_NAME",
    "REF_FRAME",
    "TIME_SYSTEM",
    "MEAN_ELEMENT_THEORY",
)
MEAN_ELEMENTS = (
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
)


def from_json(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of an OMM, or of a list of them, in JSON."""
    try:
        read = json.loads(text)
    except json.JSONDecodeError as error:
        raise ElementsError(f"{source}, line {error.lineno}: not valid JSON: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise ElementsError(f"{source}: not valid JSON: {str(error).splitlines()[0]}") from None
    records = read if isinstance(read, list) else [read]
    for index, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise ElementsError(
                f"{source}, record {index}: {str(record)[:40]!r}; "
                "expected an object with the fields of an OMM"
            )
    return [
        _element_set(record, gravity, f"{source}, record {index}")
        for index, record in enumerate(records, start=1)
    ]


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
        raise ElementsError(f"{source}: not valid XML: {error}") from None
    segments = (element for element in root.iter() if _tag(element) == "segment")
    return [
        _element_set(_leaves(segment), gravity, f"{source}, record {index}")
        for index, segment in enumerate(segments, start=1)
    ]


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _leaves(segment: ElementTree.Element) -> dict[str, str]:
    return {
        _tag(element): (element.text or "").strip()
        for element in segment.iter()
        if len(element) == 0
    }


def from_kvn(text: str, gravity: int, source: str) -> list[ElementSet]:
    """Return the element sets of one or several OMM in keyword = value notation."""
    return [
        _element_set(record, gravity, location) for location, record in _kvn_records(text, source)
    ]


def _kvn_records(text: str, source: str) -> Iterator[tuple[str, dict[str, str]]]:
    record: dict[str, str] = {}
    location = source
    for index, line in enumerate(text.splitlines(), start=1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.split()[0] == "COMMENT":
            continue
        if not equals:
            raise ElementsError(
                f"{source}, line {index}: {line.strip()[:60]!r}; expected KEYWORD = value"
            )
        if key == "CCSDS_OMM_VERS" and record:
            yield location, record
            record = {}
        if key in record:
            raise ElementsError(
                f"{source}, line {index}: {key} = {value!r} is given twice; "
                "expected CCSDS_OMM_VERS before the next message"
            )
        if not record:
            location = f"{source}, message at line {index}"
        record[key] = re.sub(r"\s*\[[^\]]*\]$", "", value)
    if record:
        yield location, record


def _element_set(record: Mapping[str, Any], gravity: int, location: str) -> ElementSet:
    """Return the element set of the fields of a message, after a check of each."""
    for key, allowed in FIXED.items():
        if key in record and str(record[key]).upper() not in allowed:
            raise ElementsError(
                f"{location}: {key} is {record[key]!r}; expected {' or '.join(allowed)}"
            )
    numbers = {key: _number(record, key, field, location) for key, field in NUMBERS.items()}
    number = int(numbers["NORAD_CAT_ID"])
    fields = {
        **numbers,
        # sgp4's record can't hold larger ones; our element set keeps the number
        "NORAD_CAT_ID": number if number <= LARGEST_NUMBER else 0,
        "EPOCH": f"{_epoch(record, location):{TIME}}",
        "CLASSIFICATION_TYPE": str(record.get("CLASSIFICATION_TYPE") or "U")[:1],
        "OBJECT_ID": _object_id(record),
    }
    satellite = Satrec()
    initialize(satellite, fields, gravity)
    return ElementSet(str(record.get("OBJECT_NAME") or number), number, satellite)


def _number(record: Mapping[str, Any], key: str, field: Field, location: str) -> float:
    value = record.get(key)
    if value is None or value == "":
        if field.default is None:
            raise ElementsError(f"{location}: field {key} is missing; expected a number")
        return field.default
    kind = "an integer" if field.whole else "a number"
    try:
        number = math.nan if isinstance(value, bool | list | dict) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or (field.whole and number != int(number)):
        raise ElementsError(f"{location}: {key} is {value!r}; expected {kind}")
    if not field.low <= number <= field.high:
        raise ElementsError(
            f"{location}: {key} is {value!r}; allowed: {field.low:.15g} to {field.high:.15g}"
        )
    return int(number) if field.whole else number


def _epoch(record: Mapping[str, Any], location: str) -> datetime:
    value = record.get("EPOCH")
    if value in (None, ""):
        raise ElementsError(
            f"{location}: field EPOCH is missing; "
            "expected a time such as 2022-11-06T08:04:17.188320"
        )
    try:
        if by_day := re.fullmatch(r"(\d{4}-\d{3})(T.*)", str(value)):
            value = f"{datetime.strptime(by_day[1], '%Y-%j').date()}{by_day[2]}"
        epoch = datetime.fromisoformat(str(value))
        epoch = epoch.astimezone(UTC).replace(tzinfo=None) if epoch.tzinfo else epoch
    except (ValueError, OverflowError):
        raise ElementsError(
            f"{location}: EPOCH is {value!r}; expected a time such as 2022-11-06T08:04:17.188320"
        ) from None
    if not 1957 <= epoch.year <= 2056:
        raise ElementsError(
            f"{location}: EPOCH is {value!r}; "
            "allowed: 1957 to 2056, the years that SGP4's elements can be of"
        )
    return epoch


def _object_id(record: Mapping[str, Any]) -> str:
    value = str(record.get("OBJECT_ID") or "")
    # analyst objects have other things here, such as UNKNOWN, which a TLE's eight columns can't
    # hold
    return value if re.fullmatch(r"\d{4}-\d{3}[A-Z]{0,3}", value, re.ASCII) else ""


def fields_of(element: ElementSet) -> dict[str, Any]:
    """Return the fields of an element set's message, by the names of the standard."""
    satellite = element.satellite
    record = SimpleNamespace(
        **{name: getattr(satellite, name) for name in dir(satellite) if not name.startswith("_")}
    )
    if not element.object_id:
        record.intldesg = (
            "00000"  # the exporter takes the designator apart, and fails where there is none
        )
    ours = {
        "OBJECT_ID": element.object_id,
        "NORAD_CAT_ID": element.number,
        "EPOCH": f"{element.epoch:{TIME}}",
    }
    return {**export_omm(record, element.name), **ours}


def to_json(elements: Iterable[ElementSet]) -> str:
    """Return a JSON list with an object for each element set."""
    return (
        json.dumps([fields_of(element) for element in elements], indent=1, ensure_ascii=False)
        + "\n"
    )


def _header(fields: Mapping[str, Any]) -> dict[str, Any]:
    # the message is dated by its elements, so that the same elements always give the same file
    return {"CREATION_DATE": fields["EPOCH"], "ORIGINATOR": "SAGIN"}


def to_kvn(elements: Iterable[ElementSet]) -> str:
    """Return a message in keyword = value notation for each element set."""
    messages = (fields_of(element) for element in elements)
    return "\n".join(
        "".join(
            f"{key} = {value}\n"
            for key, value in {"CCSDS_OMM_VERS": "3.0", **_header(fields), **fields}.items()
        )
        for fields in messages
    )


def to_xml(elements: Iterable[ElementSet]) -> str:
    """Return one NDM in XML with a message for each element set."""
    root = ElementTree.Element("ndm")
    for element in elements:
        fields = fields_of(element)
        message = ElementTree.SubElement(root, "omm", id="CCSDS_OMM_VERS", version="3.0")
        _fill(ElementTree.SubElement(message, "header"), _header(fields))
        segment = ElementTree.SubElement(ElementTree.SubElement(message, "body"), "segment")
        _fill(
            ElementTree.SubElement(segment, "metadata"), {key: fields.pop(key) for key in METADATA}
        )
        data = ElementTree.SubElement(segment, "data")
        _fill(
            ElementTree.SubElement(data, "meanElements"),
            {key: fields.pop(key) for key in MEAN_ELEMENTS},
        )
        _fill(ElementTree.SubElement(data, "tleParameters"), fields)
    ElementTree.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + ElementTree.tostring(root, encoding="unicode")
        + "\n"
    )


def _fill(parent: ElementTree.Element, fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        ElementTree.SubElement(parent, key).text = str(value)
