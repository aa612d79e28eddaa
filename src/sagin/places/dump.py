"""A city's cell sites cut out of a dump of millions, in OpenCelliD's columns."""

import gzip
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.constants import EARTH_MEAN_RADIUS
from sagin.errors import SitesError
from sagin.geometry.geodetic import surface_distance
from sagin.inputs import clean_text, find_columns, parse_number
from sagin.inputs.tables import SEPARATORS
from sagin.types import Float

COLUMNS = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
"""OpenCelliD's columns, in the order that its files without a heading have."""

NAMES = {
    "mcc": (),
    "cell": ("cid", "cellid", "ci"),
    "lon": ("long", "lng", "longitude"),
    "lat": ("latitude",),
    "range": (),
    "samples": (),
    "radio": (),
    "net": ("mnc",),
    "area": ("lac", "tac"),
    "unit": ("psc", "pci"),
    "azimuth": ("bearing", "boresight"),
}
"""What else the columns are called, such as in Mozilla's files of old."""

PLAIN = {"radio": "", "mcc": 0, "net": 0, "area": 0, "cell": 0, "range": 0, "samples": 1}
"""Columns that are kept beside the position, and what stands where a file lacks one."""

NEEDED = ("radio", "mcc", "net", "area", "cell", "lon", "lat", "range", "samples")
"""Columns that are kept."""

BLOCK = 2**26
"""Bytes of a dump in memory at a time."""


@dataclass(frozen=True)
class SiteFilter:
    """Which cell sites are kept."""

    latitude_deg: float
    longitude_deg: float
    radius_m: float
    """Along the surface."""
    radios: tuple[str, ...] = ()
    """Such as LTE; all if empty."""
    operators: tuple[tuple[int, int], ...] = ()
    """Country and network codes, such as (242, 1); all if empty."""
    least_samples: int = 0
    spacing_m: float = 0.0
    """Least distance between two sites; of nearer ones that with more samples is kept."""
    count: int | None = None
    """Most sites, those with the most samples."""


def check_operators(names: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return the country and network codes of names such as 242-01.

    Raises:
        SitesError: a name is none, in one line.

    >>> check_operators(["242-01"])
    ((242, 1),)
    """
    codes = []
    for name in names:
        country, _, net = name.partition("-")
        if not (country.isdecimal() and net.isdecimal()):
            raise SitesError(f"--operator {name!r} (allowed: MCC-NET, such as 242-01)")
        codes.append((int(country), int(net)))
    return tuple(codes)


def cut_dump(path: Path, choice: SiteFilter) -> Any:
    """Cut the sites of a place out of a dump and return them as a polars frame.

    The dump is read in blocks, of which positions alone are parsed: it may be larger than memory.
    The rows are ordered by their number of samples, most first.

    Raises:
        SitesError: the file cannot be read, or no site is left, in one line.
    """
    import polars as pl

    try:
        frame = _read_box(path, choice)
    except (pl.exceptions.PolarsError, OSError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "damaged"
        raise SitesError(f"{path}: cannot be read: {reason}") from None
    return select_sites(frame, choice, path)


def select_sites(frame: Any, choice: SiteFilter, path: Path) -> Any:
    """Select the sites of a frame and return them, those with the most samples first.

    Raises:
        SitesError: no site is left, in one line.
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


def _read_box(path: Path, choice: SiteFilter) -> Any:
    """Read the rows of a dump whose position is in the box around the disc, as a frame."""
    import polars as pl

    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        first = file.readline()
        layout = _read_heading(first, path)
        pieces, tail = [], b"" if layout.has_heading else first
        while block := file.read(BLOCK):
            lines = tail + block
            end = lines.rfind(b"\n") + 1
            tail = lines[end:]
            pieces.append(_select_lines(lines[:end], layout, choice))
        pieces.append(_select_lines(tail and tail + b"\n", layout, choice))
    types = {"lon": pl.Float64, "lat": pl.Float64, "cell": pl.Int64, "radio": pl.String}
    types["azimuth"] = pl.Float64
    wanted_names = [name for name in (*NEEDED, "azimuth") if name in NEEDED or name in layout.names]
    # what is not needed stays text
    schema = {
        name: types.get(name, pl.Int32) if name in wanted_names else pl.String
        for name in layout.names
    }
    text = b"".join(pieces)
    table = pl.DataFrame(schema=schema)
    if text:
        table = pl.read_csv(text, has_header=False, schema=schema, separator=layout.separator)
    absent = {name: value for name, value in PLAIN.items() if name not in schema}
    columns = [
        pl.lit(value, types.get(name, pl.Int32)).alias(name) for name, value in absent.items()
    ]
    return table.with_columns(columns).select(wanted_names)


class DumpLayout(NamedTuple):
    """How the rows of a dump are written."""

    names: tuple[str, ...]
    """Of the columns, in order; what is not known by a number."""
    separator: str
    has_heading: bool


def _read_heading(first: bytes, path: Path) -> DumpLayout:
    """Return what a dump's first line says of its rows.

    A file of a country has no heading: its first line is a row of OpenCelliD's columns.
    """
    text = clean_text(first.decode(errors="replace"))
    separator = max(SEPARATORS, key=text.count)
    cells = [cell.strip().strip('"') for cell in text.strip().split(separator)]
    start = COLUMNS.index("lon")
    is_row = len(cells) > start + 2 and all(
        parse_number(cell) is not None for cell in cells[start : start + 2]
    )
    if is_row:
        return DumpLayout(COLUMNS[: len(cells)], separator, False)
    columns = find_columns(cells, NAMES, f"{path}: line 1", SitesError)
    for name in ("lon", "lat"):
        if name not in columns:
            raise SitesError(f"{path}: line 1: column '{name}' is missing")
    known = {number: name for name, number in columns.items()}
    names = tuple(known.get(number, str(number)) for number in range(len(cells)))
    return DumpLayout(names, separator, True)


def _select_lines(lines: bytes, layout: DumpLayout, choice: SiteFilter) -> bytes:
    """Select the lines, each ended, whose position is in the box around the disc."""
    import polars as pl

    if not lines:
        return b""
    # polars numbers the columns in the file's order
    columns = {layout.names.index(name): name for name in ("lat", "lon")}
    table = pl.read_csv(
        lines,
        has_header=False,
        separator=layout.separator,
        columns=sorted(columns),
        new_columns=[columns[number] for number in sorted(columns)],
        schema_overrides=dict.fromkeys(columns.values(), pl.Float64),
    )
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    if len(ends) != len(table):
        raise SitesError(f"{len(ends)} lines hold {len(table)} rows (allowed: one row a line)")
    rows = np.flatnonzero(table.select(_is_in_box(choice)).to_series().fill_null(False).to_numpy())
    starts = np.concatenate([[0], ends[:-1]])
    return b"".join(lines[starts[row] : ends[row]] for row in rows.tolist())


def _is_in_box(choice: SiteFilter) -> Any:
    """Return the condition that a position is in the box around the disc."""
    import polars as pl

    reach = math.degrees(choice.radius_m / EARTH_MEAN_RADIUS) * 1.01
    is_near = (pl.col("lat") - choice.latitude_deg).abs() <= reach
    cosine = math.cos(math.radians(min(abs(choice.latitude_deg) + reach, 90.0)))
    width = reach / cosine if cosine * 180.0 > reach else 180.0
    # the difference of longitudes, taken around the date line
    turn = (pl.col("lon") - choice.longitude_deg + 540.0) % 360.0 - 180.0
    return is_near & (turn.abs() <= width)


def _make_conditions(choice: SiteFilter) -> Any:
    """Return what a row must be besides where it lies."""
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
    """Return the rows of sites that are no nearer to each other than a spacing, in their order."""
    latitude, longitude = (np.deg2rad(frame[name].to_numpy()) for name in ("lat", "lon"))
    spaced: list[int] = []
    for row in range(len(latitude)):
        near = surface_distance(latitude[spaced], longitude[spaced], latitude[row], longitude[row])
        if not (near < spacing_m).any():
            spaced.append(row)
    return spaced
