"""Parsing of a location on the Earth and of a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from sagin.errors import InputError
from sagin.inputs import parse_number, quote

RANGES = {
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "altitude_m": (-1000.0, 100_000.0),
}
"""Allowed ranges of a site's numbers."""


@dataclass(frozen=True)
class Site:
    """A location on the WGS-84 ellipsoid.

    Raises:
        InputError: a number is outside its range, or not a number; the message has one line.
    """

    latitude_deg: float
    """Geodetic latitude, −90 to 90, north positive."""
    longitude_deg: float
    """−180 to 180, east positive."""
    altitude_m: float = 0.0
    """Above the ellipsoid, −1000 to 100 000."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                word = name.rpartition("_")[0]
                raise InputError(f"site: {word} {value:g}; allowed: {low:g} to {high:g}")


def parse_site(text: str) -> Site:
    """Parse a site 'LAT,LON' or 'LAT,LON,ALTITUDE', in degrees and metres.

    Raises:
        InputError: the text describes no site.

    >>> parse_site("59.91, 10.75")
    Site(latitude_deg=59.91, longitude_deg=10.75, altitude_m=0.0)
    """
    numbers = [number for part in text.split(",") if (number := parse_number(part)) is not None]
    if len(numbers) not in (2, 3) or len(numbers) != text.count(",") + 1:
        raise InputError(
            f"site {quote(text)}; "
            "expected LAT,LON in degrees such as 59.91,10.75, or LAT,LON,ALTITUDE in metres"
        )
    try:
        return Site(*numbers)
    except InputError as error:
        raise InputError(f"site {quote(text)}: {str(error).partition(': ')[2]}") from None


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 time and return it in UTC; without an offset it is UTC.

    Raises:
        InputError: the text is not a time.

    >>> parse_time("2023-08-20T14:00:00+02:00").isoformat()
    '2023-08-20T12:00:00+00:00'
    """
    try:
        # Python's own reader also takes weeks and other digits
        if not re.match(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"time {quote(text)}; expected ISO 8601 such as 2023-08-20T12:00:00Z"
        ) from None


def to_datetime64(when: datetime) -> np.datetime64:
    """Return a time as numpy's UTC count of microseconds; a time without an offset is UTC."""
    naive = when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when
    return np.datetime64(naive, "us")


def time_grid(start: datetime, duration_s: float, step_s: float) -> np.ndarray:
    """Return the times from a start in equal steps, both ends included.

    Args:
        start: UTC if it has no offset.
        duration_s: s.
        step_s: s.

    Returns:
        datetime64, UTC, [times].

    >>> len(time_grid(datetime(2023, 8, 20), 60.0, 10.0))
    7
    """
    seconds = np.append(np.arange(0.0, duration_s, step_s), duration_s)
    return after(to_datetime64(start), seconds)


def after(start: np.datetime64, seconds: np.ndarray) -> np.ndarray:
    """Return the times a number of seconds after a start, to the microsecond.

    Returns:
        datetime64, of the shape of `seconds`.
    """
    return start + np.round(np.asarray(seconds) * 1e6).astype("timedelta64[us]")
