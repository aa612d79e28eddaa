"""A city's cell sites cut out of a dump of millions, in OpenCelliD's columns."""

import gzip
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sagin.constants import EARTH_MEAN_RADIUS
from sagin.errors import SitesError
from sagin.geometry.geodetic import surface_distance
from sagin.types import Float

COLUMNS = (
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "changeable",
    "created",
    "updated",
    "averageSignal",
)
"""OpenCelliD's export columns; its files of a country have no header."""

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


def cut_dump(path: Path, wanted: SiteFilter) -> Any:
    """Cut the sites of a place out of a dump and return them as a polars frame.

    The dump is read in blocks, of which positions alone are parsed: it may be larger than memory.
    The rows are ordered by their number of samples, most first.

    Raises:
        SitesError: the file cannot be read, or no site is left, in one line.
    """
    import polars as pl

    try:
        frame = _read_box(path, wanted).filter(_make_conditions(wanted))
    except (pl.exceptions.PolarsError, OSError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "damaged"
        raise SitesError(f"{path}: cannot be read: {reason}") from None
    distance = _measure(frame, wanted)
    frame = frame.filter(pl.Series(distance <= wanted.radius_m))
    # equal numbers of samples are ordered by what identifies a cell
    keys = ["samples", "radio", "mcc", "net", "area", "cell"]
    frame = frame.sort(keys, descending=[True] + [False] * 5)
    if wanted.spacing_m > 0.0:
        frame = frame[_thin(frame, wanted.spacing_m)]
    frame = frame if wanted.count is None else frame.head(wanted.count)
    if frame.is_empty():
        place = f"{wanted.latitude_deg:g}, {wanted.longitude_deg:g}"
        raise SitesError(f"{path}: no such site within {wanted.radius_m:g} m of {place}")
    return frame


def _read_box(path: Path, wanted: SiteFilter) -> Any:
    """Read the rows of a dump whose position is in the box around the disc, as a frame."""
    import polars as pl

    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        first = file.readline()
        names = [name.strip() for name in first.decode(errors="replace").split(",")]
        # a file of a country begins with a row of numbers after the radio
        has_header = len(names) < len(NEEDED) or not names[1].isdecimal()
        names = names if has_header else list(COLUMNS[: len(names)])
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise SitesError(f"{path}: line 1: column '{missing[0]}' is missing")
        kept, tail = [], b"" if has_header else first
        while block := file.read(BLOCK):
            lines = tail + block
            end = lines.rfind(b"\n") + 1
            tail = lines[end:]
            kept.append(_select_lines(lines[:end], names, wanted))
        kept.append(_select_lines(tail and tail + b"\n", names, wanted))
    types = {"lon": pl.Float64, "lat": pl.Float64, "cell": pl.Int64, "radio": pl.String}
    # what is not needed stays text
    schema = {name: types.get(name, pl.Int32) if name in NEEDED else pl.String for name in names}
    text = b"".join(kept)
    table = (
        pl.read_csv(text, has_header=False, schema=schema) if text else pl.DataFrame(schema=schema)
    )
    return table.select(NEEDED)


def _select_lines(lines: bytes, names: list[str], wanted: SiteFilter) -> bytes:
    """Select the lines, each ended, whose position is in the box around the disc."""
    import polars as pl

    if not lines:
        return b""
    # polars numbers the columns in the file's order
    columns = {names.index(name): name for name in ("lat", "lon")}
    table = pl.read_csv(
        lines,
        has_header=False,
        columns=sorted(columns),
        new_columns=[columns[number] for number in sorted(columns)],
        schema_overrides=dict.fromkeys(columns.values(), pl.Float64),
    )
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    if len(ends) != len(table):
        raise SitesError(f"{len(ends)} lines hold {len(table)} rows (allowed: one row a line)")
    rows = np.flatnonzero(table.select(_is_in_box(wanted)).to_series().fill_null(False).to_numpy())
    starts = np.concatenate([[0], ends[:-1]])
    return b"".join(lines[starts[row] : ends[row]] for row in rows.tolist())


def _is_in_box(wanted: SiteFilter) -> Any:
    """Return the condition that a position is in the box around the disc."""
    import polars as pl

    reach = math.degrees(wanted.radius_m / EARTH_MEAN_RADIUS) * 1.01
    kept = (pl.col("lat") - wanted.latitude_deg).abs() <= reach
    cosine = math.cos(math.radians(min(abs(wanted.latitude_deg) + reach, 90.0)))
    width = reach / cosine if cosine * 180.0 > reach else 180.0
    # the difference of longitudes, taken around the date line
    turn = (pl.col("lon") - wanted.longitude_deg + 540.0) % 360.0 - 180.0
    return kept & (turn.abs() <= width)


def _make_conditions(wanted: SiteFilter) -> Any:
    """Return what a row must be besides its place."""
    import polars as pl

    kept = pl.col("samples") >= wanted.least_samples
    if wanted.radios:
        kept &= pl.col("radio").is_in(list(wanted.radios))
    if wanted.operators:
        kept &= pl.any_horizontal(
            *(
                (pl.col("mcc") == country) & (pl.col("net") == net)
                for country, net in wanted.operators
            )
        )
    return kept


def _measure(frame: Any, wanted: SiteFilter) -> Float[np.ndarray, " sites"]:
    """Return the distance of each site from the centre, m."""
    place = np.deg2rad([wanted.latitude_deg, wanted.longitude_deg])
    angles = (np.deg2rad(frame[name].to_numpy()) for name in ("lat", "lon"))
    return surface_distance(*place, *angles)


def _thin(frame: Any, spacing_m: float) -> list[int]:
    """Return the rows of sites that are no nearer to each other than a spacing, in their order."""
    latitude, longitude = (np.deg2rad(frame[name].to_numpy()) for name in ("lat", "lon"))
    kept: list[int] = []
    for row in range(len(latitude)):
        near = surface_distance(latitude[kept], longitude[kept], latitude[row], longitude[row])
        if not (near < spacing_m).any():
            kept.append(row)
    return kept
