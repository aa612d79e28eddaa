"""Walker constellations (delta and star) as element sets, and a table of published shells."""

import math
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np
from sgp4.api import Satrec

from sagin.constants import EARTH_MU, WGS84_SEMI_MAJOR
from sagin.errors import InputError
from sagin.orbits.elements import GRAVITY, ElementSet, Gravity
from sagin.types import Float

SGP4_EPOCH = datetime(1949, 12, 31, tzinfo=UTC)
"""Day 0 of sgp4's count of days."""


class Walker(NamedTuple):
    """A Walker constellation i: T/P/F on circular orbits, with T = planes · per_plane."""

    altitude_km: float
    """Altitude above the equatorial radius, km."""
    inclination_deg: float
    """Inclination i, °."""
    planes: int
    """Number of planes P."""
    per_plane: int
    """Satellites per plane, S = T/P."""
    phasing: int = 0
    """F, 0 to P − 1: 360°·F/T is the lead of a plane over its western neighbour."""
    pattern: Literal["delta", "star"] = "delta"
    """Ascending nodes over the whole equator (delta) or half of it (star)."""
    source: str = ""
    """Where the numbers come from."""
    source_mean_motion_rev_day: float | None = None
    """Mean motion that the source writes into its elements; ours follows from the altitude
    (Starlink's 15.19 belongs to 509 km).
    """


_HYPATIA = "hypatia (snkas/hypatia @0ac531c) paper/satellite_networks_state"
_FILING = "secondary sources citing FCC SAT-MOD-20200417-00037"

PRESETS = {
    "iridium": Walker(
        781, 86.4, 6, 11, 1, pattern="star", source="kshana 0.35.0 presets/iridium.rs"
    ),
    "kuiper_630": Walker(630, 51.9, 34, 34, 1, source=_HYPATIA, source_mean_motion_rev_day=14.8),
    "kuiper_s1": Walker(630, 51.9, 34, 34, 1, source=_FILING),
    "kuiper_s2": Walker(610, 42.0, 36, 36, 1, source=_FILING),
    "kuiper_s3": Walker(590, 33.0, 28, 28, 1, source=_FILING),
    "oneweb": Walker(1200, 86.4, 12, 49, 1, pattern="star", source=_FILING),
    "starlink_550": Walker(550, 53.0, 72, 22, 1, source=_HYPATIA, source_mean_motion_rev_day=15.19),
    "starlink_g1_s1": Walker(550, 53.0, 72, 22, 1, source=_FILING),
    "starlink_g1_s2": Walker(570, 70.0, 36, 20, 1, source=_FILING),
    "starlink_g1_s3": Walker(560, 97.6, 6, 58, 1, source=_FILING),
    "starlink_g1_s4": Walker(540, 53.2, 72, 22, 1, source=_FILING),
    "starlink_g1_s5": Walker(560, 97.6, 4, 43, 1, source=_FILING),
    "telesat_1015": Walker(
        1015, 98.98, 27, 13, 1, source=_HYPATIA, source_mean_motion_rev_day=13.66
    ),
}
"""Published shells, by name; the sources leave the phasing open (1 here, so that neighbouring
planes don't meet), and OneWeb's pattern.
"""


def walker_angles(
    total: int, planes: int, phasing: int, pattern: Literal["delta", "star"] = "delta"
) -> Float[np.ndarray, "satellites 2"]:
    """Return ascending node Ω and argument of latitude u of each satellite of a Walker pattern.

    Both are in rad, in [0, 2π), plane by plane, for Walker i: T/P/F.

    Ω_p = 2π·p/P (delta) or π·p/P (star); u_{p,s} = 2π·s/S + 2π·F·p/T with S = T/P.

    Args:
        total: T, satellites in all, a multiple of P.
        planes: P.
        phasing: F, 0 to P − 1.
        pattern: delta or star.

    >>> np.rad2deg(walker_angles(4, 2, 1)).round(9).tolist()
    [[0.0, 0.0], [0.0, 180.0], [180.0, 90.0], [180.0, 270.0]]
    """
    if planes < 1 or total < planes or total % planes:
        raise InputError(
            f"Walker constellation: {total} satellites in {planes} planes; "
            "allowed: a positive multiple of the planes"
        )
    if not 0 <= phasing < planes:
        raise InputError(
            f"Walker constellation: phasing {phasing}; "
            f"allowed: 0 to {planes - 1}, one less than the planes"
        )
    per_plane = total // planes
    plane, slot = np.divmod(np.arange(total), per_plane)
    node = plane * ((2.0 if pattern == "delta" else 1.0) * math.pi / planes)
    # whole T-th parts of a turn, so that a full turn is exactly 0
    parts = (slot * planes + phasing * plane) % total
    return np.stack([node, parts * (2.0 * math.pi / total)], axis=-1)


def constellation(
    walker: Walker,
    epoch: datetime,
    name: str = "WALKER",
    first_number: int = 1,
    gravity: Gravity = "wgs72",
) -> list[ElementSet]:
    """Return the element sets of a Walker constellation at an epoch.

    Satellites are named NAME-plane-slot and numbered from `first_number`.

    Circular orbits without drag; the mean motion is Kepler's at the equatorial radius plus the
    altitude. SGP4 takes it as Kozai's, so that the mean radius it flies differs from that by up to
    5 km, and the Earth's oblateness moves it by some 10 km within an orbit.

    Raises:
        InputError: if the numbers make no constellation.
    """
    if not (0 < walker.altitude_km < math.inf and 0 <= walker.inclination_deg <= 180):
        raise InputError(
            f"Walker constellation: altitude {walker.altitude_km} km, inclination "
            f"{walker.inclination_deg}°; allowed: above 0 km, 0 to 180°"
        )
    radius = WGS84_SEMI_MAJOR + 1000.0 * walker.altitude_km
    mean_motion = 60.0 * math.sqrt(EARTH_MU / radius) / radius
    days = ((epoch if epoch.tzinfo else epoch.replace(tzinfo=UTC)) - SGP4_EPOCH) / timedelta(days=1)
    elements = []
    angles = walker_angles(
        walker.planes * walker.per_plane, walker.planes, walker.phasing, walker.pattern
    )
    for index, (node, latitude) in enumerate(angles.tolist()):
        satellite = Satrec()
        number, inclination = first_number + index, math.radians(walker.inclination_deg)
        satellite.sgp4init(
            GRAVITY[gravity],
            "i",
            number,
            days,
            *(0.0,) * 5,  # drag, its derivatives, eccentricity, argument of perigee
            inclination,
            latitude,
            mean_motion,
            node,
        )
        plane, slot = divmod(index, walker.per_plane)
        elements.append(ElementSet(f"{name}-{plane + 1:02d}-{slot + 1:02d}", number, satellite))
    return elements
