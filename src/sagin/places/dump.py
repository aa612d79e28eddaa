"""Extract a city's cell sites from a dump of millions, in OpenCelliD's columns."""

import math
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.constants import EARTH_MEAN_RADIUS
from sagin.errors import SitesError
from sagin.geometry.geodetic import surface_distance
from sagin.inputs import LARGEST_TABLE, check_width, find_columns, quote, read_lines, split_rows
from sagin.inputs.tables import LONGEST_LINE, SEPARATORS
from sagin.inputs.text import find_encoding, open_regular
from sagin.places.records import COLUMNS, NAMES, RANGES, is_record, parse_cell
from sagin.types import Float

PLAIN = {"radio": "", "mcc": 0, "net": 0, "area": 0, "cell": 0, "range": 0, "samples": 1}
"""Columns that are kept besides the position, with their defaults for files that lack them."""

NEEDED = ("radio", "mcc", "net", "area", "cell", "lon", "lat", "range", "samples")
"""Columns that are kept."""

TYPES = dict.fromkeys(("mcc", "net", "area", "range", "samples"), "Int32") | {
    "radio": "String",
    "cell": "Int64",
    "lon": "Float64",
    "lat": "Float64",
    "azimuth": "Float64",
}
"""Polars' types of these columns; other columns stay text."""

ANGLES = ("lat", "lon")

COUNTS = ("mcc", "net", "area", "cell", "range", "samples")
"""Columns with whole numbers of at least 0."""

UNREADABLE = (EOFError, OSError, zlib.error)

BLOCK = 2**26
"""Bytes of a dump in memory at a time."""


@dataclass(frozen=True)
class SiteFilter:
    """Conditions on the extracted cell sites."""

    latitude_deg: float
    longitude_deg: float
    radius_m: float
    """Radius along the surface."""
    radios: tuple[str, ...] = ()
    """Radios such as LTE; empty: all."""
    operators: tuple[tuple[int, int], ...] = ()
    """Country and network codes, such as (242, 1); empty: all."""
    least_samples: int = 0
    spacing_m: float = 0.0
    """Minimum distance between two sites; among nearer ones the site with more samples is kept."""
    count: int | None = None
    """Largest number of sites, those with the most samples."""


def check_operators(names: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Parse country and network codes such as 242-01.

    Raises:
        SitesError: a code is invalid; the message has one line.

    >>> check_operators(["242-01"])
    ((242, 1),)
    """
    codes = []
    for name in names:
        if not re.fullmatch(r"[0-9]{1,9}-[0-9]{1,9}", name):
            raise SitesError(f"--operator {quote(name)} (allowed: MCC-NET, such as 242-01)")
        country, net = map(int, name.split("-"))
        codes.append((country, net))
    return tuple(codes)


def cut_dump(path: Path, choice: SiteFilter) -> Any:
    """Extract the sites of a location from a dump and return them as a polars frame.

    The dump is read in blocks, of which only positions are parsed, so it may be larger than memory.
    A table in another form than OpenCelliD's is read row by row instead, like in
    `sagin.relaying.sites.read_sites`, which takes longer and reports errors by line.
    The rows are ordered by their number of samples, most first.

    Raises:
        SitesError: the file cannot be read, or no site remains; the message has one line.
    """
    import polars as pl

    try:
        frame = _read_box(path, choice)
    except (_OddTableError, *UNREADABLE, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        frame = read_rows(path, choice)
    return select_sites(frame, choice, path)


def select_sites(frame: Any, choice: SiteFilter, path: Path) -> Any:
    """Select the sites of a frame and return them, those with the most samples first.

    Raises:
        SitesError: no site remains; the message has one line.
    """
    import polars as pl

    frame = frame.filter(_make_conditions(choice))
    distance = _measure(frame, choice)
    frame = frame.filter(pl.Series(distance <= choice.radius_m))
    # equal numbers of samples are ordered by what identifies a cell
    keys = ["samples", "radio", "mcc", "net", "area", "cell"]
    frame = frame.sort(keys, descending=[True] + [False] * 5)
    if choice.spacing_m > 0.0:
        frame = frame[_thin(frame, choice.spacing_m)]
    frame = frame if choice.count is None else frame.head(choice.count)
    if frame.is_empty():
        position = f"{choice.latitude_deg:g}, {choice.longitude_deg:g}"
        raise SitesError(f"{path}: no such site within {choice.radius_m:g} m of {position}")
    return frame


class _OddTableError(SitesError):
    """A table that polars might read in another way than intended."""


def _require(is_plain: Any) -> None:
    if not is_plain:
        raise _OddTableError


def _read_box(path: Path, choice: SiteFilter) -> Any:
    """Read the rows of a dump whose position is in the box around the disc, as a frame."""
    import polars as pl

    with open_regular(path, LARGEST_TABLE, SitesError) as file:
        first = file.readline(LONGEST_LINE)
        encoding, mark = find_encoding(first)
        _require(encoding == "utf-8" and first.endswith(b"\n"))
        first = first[mark:]
        layout = _read_heading(first)
        pieces, tail, size = [], b"" if layout.has_heading else first, 0
        while block := file.read(BLOCK):
            lines = tail + block
            end = lines.rfind(b"\n") + 1
            tail, size = lines[end:], size + len(block)
            _require(len(tail) < LONGEST_LINE and size <= LARGEST_TABLE)
            pieces.append(_select_lines(lines[:end], layout, choice))
        pieces.append(_select_lines(tail and tail + b"\n", layout, choice))
    types, text = find_types(layout.names), b"".join(pieces)
    table = pl.DataFrame(schema=types)
    if text:
        table = pl.read_csv(text, has_header=False, schema=types, separator=layout.separator)
    for name in (*COUNTS, "azimuth"):
        if name in types:
            _require(table[name].null_count() == 0 and table[name].is_between(*RANGES[name]).all())
    return _complete(table)


def _complete(table: Any) -> Any:
    """Return a frame with all required columns, filling missing ones with a default.

    A column of directions is kept if the file has one.
    """
    import polars as pl

    types = find_types(PLAIN)
    absent = [name for name in PLAIN if name not in table.columns]
    columns = [pl.lit(PLAIN[name], types[name]).alias(name) for name in absent]
    whole = table.with_columns(columns).with_columns(pl.col("radio").fill_null(""))
    return whole.select(name for name in (*NEEDED, "azimuth") if name in whole.columns)


class DumpLayout(NamedTuple):
    """Layout of a dump's rows."""

    names: tuple[str, ...]
    """Names of the columns, in order; a number for an unknown column."""
    separator: str
    has_heading: bool


def _read_heading(first: bytes) -> DumpLayout:
    """Return the layout that a dump's first line implies.

    A country file has no heading: its first line is a row in OpenCelliD's columns.
    """
    text = first.decode(errors="replace").strip()
    separator = max(SEPARATORS, key=text.count)
    cells = [cell.strip().strip('"') for cell in text.split(separator)]
    if is_record(cells):
        return DumpLayout(COLUMNS[: len(cells)], separator, False)
    columns = find_columns(cells, NAMES, "line 1", _OddTableError)
    _require({"lon", "lat"} <= set(columns))
    known = {number: name for name, number in columns.items()}
    names = tuple(known.get(number, str(number)) for number in range(len(cells)))
    return DumpLayout(names, separator, True)


def _select_lines(lines: bytes, layout: DumpLayout, choice: SiteFilter) -> bytes:
    """Select the lines, with their ends, whose position is in the box around the disc."""
    import polars as pl

    if not lines:
        return b""
    # polars numbers the columns in the file's order
    columns = {layout.names.index(name): name for name in ANGLES}
    table = pl.read_csv(
        lines,
        has_header=False,
        separator=layout.separator,
        columns=sorted(columns),
        new_columns=[columns[number] for number in sorted(columns)],
        schema_overrides=dict.fromkeys(columns.values(), pl.Float64),
    )
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    # quotation marks may hold separators
    cells = lines.count(layout.separator.encode()) + len(ends)
    _require(len(ends) == len(table) and cells == len(ends) * len(layout.names))
    for name in ANGLES:
        # what is missing or NaN is in no range
        is_position = table[name].abs() <= RANGES[name][1]
        _require(table[name].null_count() == 0 and is_position.all())
    first, second = (table[name].to_numpy() for name in ANGLES)
    rows = np.flatnonzero(is_in_box(first, second, choice))
    starts = np.concatenate([[0], ends[:-1]])
    return b"".join(lines[starts[row] : ends[row]] for row in rows.tolist())


def read_rows(path: Path, choice: SiteFilter) -> Any:
    """Read a dump row by row, like other tables, and return the rows in the box.

    Raises:
        SitesError: one line names file, line, column, value and the allowed values.
    """
    import polars as pl

    rows = split_rows(read_lines(path, SitesError), str(path), SitesError)
    if rows is None:
        raise SitesError(f"{path}: no site; at least 1 row is needed")
    width, following = len(rows.first), rows.following
    places = find_columns(rows.first, NAMES, f"{path}: line {rows.line}", SitesError)
    if not places and is_record(rows.first):
        places, following = {name: place for place, name in enumerate(COLUMNS)}, rows.replay()
    for name in ("lon", "lat"):
        if name not in places:
            raise SitesError(f"{path}: line {rows.line}: column '{name}' is missing")
    known = [name for name in (*NEEDED, "azimuth") if places.get(name, width) < width]
    near: list[list[Any]] = []
    for line, row in following:
        location = f"{path}: line {line}"
        check_width(row, width, location, SitesError)
        latitude, longitude = (parse_cell(name, row[places[name]], location) for name in ANGLES)
        if is_in_box(latitude, longitude, choice):
            near.append([parse_cell(name, row[places[name]], location) for name in known])
    return _complete(pl.DataFrame(near, schema=find_types(known), orient="row"))


def find_types(names: Iterable[str]) -> dict[str, Any]:
    """Return polars' types of columns."""
    import polars as pl

    return {name: getattr(pl, TYPES.get(name, "String")) for name in names}


def is_in_box(latitude_deg: Any, longitude_deg: Any, choice: SiteFilter) -> Any:
    """Return whether a position, or columns of them, is in the box around the disc."""
    reach = math.degrees(choice.radius_m / EARTH_MEAN_RADIUS) * 1.01
    is_near = abs(latitude_deg - choice.latitude_deg) <= reach
    cosine = math.cos(math.radians(min(abs(choice.latitude_deg) + reach, 90.0)))
    width = reach / cosine if cosine * 180.0 > reach else 180.0
    # the difference of longitudes, taken around the date line
    turn = (longitude_deg - choice.longitude_deg + 540.0) % 360.0 - 180.0
    return is_near & (abs(turn) <= width)


def _make_conditions(choice: SiteFilter) -> Any:
    """Return the conditions on a row apart from its position."""
    import polars as pl

    condition = pl.col("samples") >= choice.least_samples
    if choice.radios:
        condition &= pl.col("radio").is_in(list(choice.radios))
    if choice.operators:
        condition &= pl.any_horizontal(
            *(
                (pl.col("mcc") == country) & (pl.col("net") == net)
                for country, net in choice.operators
            )
        )
    return condition


def _measure(frame: Any, choice: SiteFilter) -> Float[np.ndarray, " sites"]:
    """Return the distance of each site from the centre, m."""
    centre = np.deg2rad([choice.latitude_deg, choice.longitude_deg])
    angles = (np.deg2rad(frame[name].to_numpy()) for name in ("lat", "lon"))
    return surface_distance(*centre, *angles)


def _thin(frame: Any, spacing_m: float) -> list[int]:
    """Return the sites that keep a minimum spacing, in their order."""
    latitude, longitude = (np.deg2rad(frame[name].to_numpy()) for name in ("lat", "lon"))
    spaced: list[int] = []
    for row in range(len(latitude)):
        near = surface_distance(latitude[spaced], longitude[spaced], latitude[row], longitude[row])
        if not (near < spacing_m).any():
            spaced.append(row)
    return spaced
