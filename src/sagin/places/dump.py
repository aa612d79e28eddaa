"""A city's cell sites cut out of a dump of millions, in OpenCelliD's columns."""

import gzip
import math
from collections.abc import Iterable, Sequence
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


def cut_dump(path: Path, choice: SiteFilter) -> Any:
    """Cut the sites of a place out of a dump and return them as a polars frame.

    The dump is read in blocks, of which positions alone are parsed: it may be larger than memory.
    The rows are ordered by their number of samples, most first.

    Raises:
        SitesError: the file cannot be read, or no site is left, in one line.
    """
    import polars as pl

    try:
        frame = _read_box(path, choice).filter(_make_conditions(choice))
    except (pl.exceptions.PolarsError, OSError, EOFError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "damaged"
        raise SitesError(f"{path}: cannot be read: {reason}") from None
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
        names = [name.strip() for name in first.decode(errors="replace").split(",")]
        # a file of a country begins with a row of numbers after the radio
        has_header = len(names) < len(NEEDED) or not names[1].isdecimal()
        names = names if has_header else list(COLUMNS[: len(names)])
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise SitesError(f"{path}: line 1: column '{missing[0]}' is missing")
        pieces, tail = [], b"" if has_header else first
        while block := file.read(BLOCK):
            lines = tail + block
            end = lines.rfind(b"\n") + 1
            tail = lines[end:]
            pieces.append(_select_lines(lines[:end], names, choice))
        pieces.append(_select_lines(tail and tail + b"\n", names, choice))
    types = {"lon": pl.Float64, "lat": pl.Float64, "cell": pl.Int64, "radio": pl.String}
    # what is not needed stays text
    schema = {name: types.get(name, pl.Int32) if name in NEEDED else pl.String for name in names}
    text = b"".join(pieces)
    table = (
        pl.read_csv(text, has_header=False, schema=schema) if text else pl.DataFrame(schema=schema)
    )
    return table.select(NEEDED)


def _select_lines(lines: bytes, names: Sequence[str], choice: SiteFilter) -> bytes:
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
