"""Requirements on accepted input, written without the parsers: finite, in range, as in the file."""

import gzip
import math
import re
import sys
import tomllib
from collections.abc import Iterable
from typing import Any

NUMBER = re.compile(r"(?<![0-9.])[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
RAD = math.pi / 180.0


class NonsenseError(AssertionError):
    """Report accepted input that makes no sense."""


def require(condition: Any, what: str) -> None:
    """Raise if a condition does not hold."""
    if not condition:
        raise NonsenseError(what)


def decode(data: bytes) -> str:
    """Return the text of a file's bytes, by marks, UTF-8 or Latin-1."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name).lstrip("\ufeff")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def list_numbers(text: str) -> set[float]:
    """Return every number in a text, also with a TLE's implied decimal points."""
    numbers = {float(token) for token in NUMBER.findall(text)}
    for line in re.split(r"[\r\n]+", text):
        if re.match(r"1 .{67}$", line) and "," not in line:
            for first, last in ((44, 52), (53, 61)):
                field = line[first:last]
                numbers.add(float(f"{field[0]}.{field[1:6]}e{field[6:].strip()}".strip() or 0))
        if re.match(r"2 .{67}$", line) and "," not in line:
            columns = ((8, 16), (17, 25), (34, 42), (43, 51), (52, 63))
            numbers |= {float(line[first:last]) for first, last in columns}
            numbers.add(float(f"0.{line[26:33]}"))
    return numbers | {0.0}


def is_near(value: float, numbers: Iterable[float]) -> bool:
    """Return whether a value equals one of some numbers, to the digits that SGP4's units keep."""
    return any(math.isclose(value, number, rel_tol=1e-9, abs_tol=1e-12) for number in numbers)


def walk_numbers(value: Any) -> set[float]:
    """Return every number in nested plain data, also numbers that JSON stores as text."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return {number for part in value for number in walk_numbers(part)}
    if hasattr(value, "__dataclass_fields__"):
        return walk_numbers(vars(value))
    if isinstance(value, str):
        return list_numbers(value) if NUMBER.fullmatch(value) else set()
    is_number = not isinstance(value, bool) and isinstance(value, int | float)
    is_number = is_number and abs(value) <= sys.float_info.max
    return {float(value)} if is_number else set()


def check_sites_of_dump(frame: Any, data: bytes) -> None:
    """Check the rows that were cut out of a dump's bytes."""
    numbers = list_numbers(decode(data))
    for name, limit in (("lat", 90.0), ("lon", 180.0), ("samples", 2**31), ("cell", 2**63)):
        column = frame[name].to_list()
        require(all(abs(value) <= limit for value in column), f"{name} out of range")
        # what a file lacks has one value
        require(set(column) <= numbers | {0, 1}, f"{name} is not in the file")
    require(frame["samples"].is_sorted(descending=True), "not those with the most samples first")


def check_elements(elements: list[Any], data: bytes) -> None:
    """Check element sets that were read from a file's bytes."""
    numbers = list_numbers(decode(data))
    require(elements, "no element set and no error")
    for element in elements:
        satellite = element.satellite
        require(element.name and element.name.isprintable(), "a name that is not printable")
        require(len(element.name) <= 1000, "a long name")
        day = 1440.0 / (2.0 * math.pi)
        fields = {
            "inclination": (satellite.inclo / RAD, 0.0, 180.0),
            "node": (satellite.nodeo / RAD, 0.0, 360.0),
            "perigee": (satellite.argpo / RAD, 0.0, 360.0),
            "anomaly": (satellite.mo / RAD, 0.0, 360.0),
            "motion": (satellite.no_kozai * day, 0.009, 20.01),
            "eccentricity": (satellite.ecco, 0.0, 0.999_999_9),
            "drag": (satellite.bstar, -100.0, 100.0),
        }
        for name, (value, low, high) in fields.items():
            require(math.isfinite(value) and low <= value <= high, f"{name} is {value}")
            require(is_near(value, numbers), f"{name} is {value}, which is not in the file")
        require(1957 <= element.epoch.year <= 2057, f"an epoch in {element.epoch.year}")


def check_sites(sites: Any, data: bytes) -> None:
    """Check cell sites that were read from a file's bytes."""
    text = decode(data)
    numbers = list_numbers(text)
    count = len(sites.cell)
    require(0 < count <= len(text.splitlines()), f"{count} sites")
    limits = {"longitude_deg": 180.0, "latitude_deg": 90.0, "range": 1e6, "samples": 1e12}
    for name, limit in limits.items():
        column = getattr(sites, name).tolist()
        require(len(column) == count, "columns of several lengths")
        require(all(abs(value) <= limit for value in column), f"{name} out of range")
        require(set(column) <= numbers, f"{name} is not in the file")


def check_scenario(scenario: Any, raw: dict[str, Any]) -> None:
    """Check a scenario that was read from a mapping, field by field as it is written."""
    for key, value in raw.items():
        held = getattr(scenario, key)
        if isinstance(value, dict):
            check_scenario(held, value)
        else:
            _check_value(held, value, key)


def _check_value(held: Any, value: Any, key: str) -> None:
    if isinstance(held, bool) or isinstance(value, bool):
        require(held is value, f"{key}: {value!r} as {held!r}")
    elif isinstance(held, int | float):
        is_number = isinstance(value, int | float)
        require(
            is_number and math.isfinite(held) and held == value, f"{key}: {value!r} as {held!r}"
        )
    elif isinstance(held, list | tuple):
        require(len(held) == len(value), f"{key}: another length")
        for one, other in zip(held, value, strict=True):
            _check_value(one, other, key)
    elif hasattr(held, "isoformat"):
        require(not isinstance(value, int | float), f"{key}: {value!r} as a time")
    elif isinstance(held, str) and isinstance(value, str):
        # paths become absolute ones
        require(held == value or held.endswith(value.rpartition("/")[2]), f"{key}: {held!r}")


def parse_toml(data: bytes) -> dict[str, Any]:
    """Return the mapping that a TOML file's bytes hold."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a\n")
    return tomllib.loads(text)


def check_message(text: str) -> None:
    """Check that an error or a warning is one short, harmless line."""
    require(text.strip(), "an error without words")
    require(text.isprintable(), f"an error that is not one printable line: {text[:200]!r}")
    require(len(text) < 3000, f"an error of {len(text)} characters")
