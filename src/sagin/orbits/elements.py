"""The mean orbital elements of one satellite."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from sgp4.api import WGS72, WGS72OLD, WGS84, Satrec

from sagin.errors import ElementsError
from sagin.inputs import escape_text

Gravity = Literal["wgs72", "wgs72old", "wgs84"]

GRAVITY = {"wgs72": WGS72, "wgs72old": WGS72OLD, "wgs84": WGS84}
"""Sets of constants for SGP4; published elements are fitted with WGS-72."""


LARGEST_DRAG = 100.0
"""Largest valid BSTAR, 1/Earth radii; satellites in their last hours reach about 1."""

LONGEST_NAME = 100
"""Largest number of characters of a satellite's name."""


def clean_name(text: str, location: str) -> str:
    """Return a satellite's name on one line, with unprintable characters escaped.

    Raises:
        ElementsError: the name is longer than 100 characters.
    """
    if len(text) > LONGEST_NAME:
        raise ElementsError(
            f"{location}: a name of {len(text)} characters; allowed: at most {LONGEST_NAME}"
        )
    return escape_text(" ".join(text.split()), LONGEST_NAME)


class ElementSet(NamedTuple):
    """The mean elements of one satellite, ready for SGP4."""

    name: str
    """Name in the file, or otherwise the catalogue number."""
    number: int
    """Catalogue number; numbers above 339999 do not fit into a TLE."""
    satellite: Satrec
    """The record that SGP4 propagates."""

    @property
    def epoch(self) -> datetime:
        """Epoch of the elements, UTC, to the nearest microsecond."""
        days, fraction = self.satellite.jdsatepoch - 2_440_587.5, self.satellite.jdsatepochF
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            days=days, microseconds=round(fraction * 86_400e6)
        )

    @property
    def object_id(self) -> str:
        """International designator as in an OMM, such as 1998-067A; empty if there is none."""
        short = self.satellite.intldesg.strip()
        if not re.match(r"\d{5}", short):
            return ""
        return f"{'19' if int(short[:2]) >= 57 else '20'}{short[:2]}-{short[2:]}"
