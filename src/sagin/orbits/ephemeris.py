"""Positions of satellites by SGP4: inertial, Earth-fixed, and as seen from a site.

All in NumPy with 64-bit floats.

SGP4's deep-space terms, Julian dates (2460000.123456 days) and positions (7 000 000 m with metres
to tell) all need more than 32 bits, and `sgp4` computes in C++ outside of jax; what a compiled
program needs of it is small and goes in as an array.

Frames: SGP4 gives TEME, the true equator and mean equinox of date, which is inertial and never used
as Earth-fixed: the rotation by Greenwich mean sidereal time (IAU 1982) leads to the Earth-fixed
frame (Vallado et al. 2006, AIAA 2006-6753). Polar motion (at most 15 m) is ignored, and UTC stands
for UT1 (at most 0.9 s, or 0.4 km at the equator).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from sgp4.api import SatrecArray

from sagin.constants import EARTH_ROTATION, SPEED_OF_LIGHT
from sagin.errors import ElementsError
from sagin.geometry.geodetic import (
    elevation_and_range,
    local_axes,
    look_angles,
    to_earth_fixed,
)
from sagin.orbits.elements import ElementSet
from sagin.orbits.lifetime import drop_lost, is_orbit
from sagin.orbits.site import Site
from sagin.types import Bool, Float
from sagin.units import Numbers, as_float64

MAXIMUM_AGE_DAYS = 30.0
"""Beyond this SGP4 is no forecast: in low orbits its error grows by 1 to 3 km a day and faster with
drag (Vallado et al. 2006).
"""

CHUNK = 2**15
"""Points (satellites × times) worked on at a time; bounds the temporary memory to some 10 MB."""

Grid = Float[np.ndarray, "satellites times"]
Vectors = Float[np.ndarray, "satellites times 3"]
Mask = Bool[np.ndarray, "satellites times"]


class Motion(NamedTuple):
    """Positions and velocities; NaN if they are not valid."""

    position: Vectors
    """Positions, m."""
    velocity: Vectors
    """Velocities, m/s."""
    valid: Mask
    """Whether the values are valid: the elements are not too old, and SGP4 gives an orbit of these
    elements at this time and at all times nearer to the epoch. A decayed satellite stays invalid.
    """


class LookAngles(NamedTuple):
    """Satellites as seen from a site; NaN if they are not valid."""

    elevation_rad: Grid
    """Geometric elevation without refraction, rad."""
    azimuth_rad: Grid
    """Azimuth clockwise from north, rad, in [0, 2π)."""
    slant_range_m: Grid
    """Distance between the site and the satellite, m."""
    range_rate_m_s: Grid
    """Rate of change of the distance, m/s, positive while the satellite recedes."""
    valid: Mask
    """Whether each value is valid, as in `Motion`."""


class Sighting:
    """Satellites as seen from a site, as `LookAngles`; each quantity is computed on first use."""

    def __init__(self, motion: Motion, turn: Float[np.ndarray, " times"], site: Site) -> None:
        """Keep the inertial motion, the sidereal angle of its times, rad, and the site."""
        angles_rad = np.deg2rad(site.latitude_deg), np.deg2rad(site.longitude_deg)
        self._motion, self._turn = motion, turn
        self._axes = local_axes(*angles_rad)
        self._centre = to_earth_fixed(*angles_rad, site.altitude_m)
        self.valid = motion.valid

    @cached_property
    def _offset(self) -> Vectors:
        """Positions of the satellites relative to the site, Earth-fixed, m."""
        _turn(self._motion.position, self._turn)
        return self._motion.position - self._centre

    @cached_property
    def _angles(self) -> tuple[Grid, Grid]:
        return elevation_and_range(self._offset @ self._axes.T)

    @property
    def elevation_rad(self) -> Grid:
        """Geometric elevation of the satellite, rad, without refraction."""
        return self._angles[0]

    @property
    def slant_range_m(self) -> Grid:
        """Distance between the site and the satellite, m."""
        return self._angles[1]

    @property
    def azimuth_rad(self) -> Grid:
        """Azimuth of the satellite, rad, clockwise from north."""
        return look_angles(self._offset @ self._axes.T)[1]

    @property
    def range_rate_m_s(self) -> Grid:
        """Rate of change of the distance, m/s, positive while the satellite recedes."""
        offset, velocity = self._offset, self._motion.velocity.copy()
        _turn_velocity(velocity, self._motion.position, self._turn)
        return np.einsum("...i,...i->...", velocity, offset) / self.slant_range_m


def julian(times: np.ndarray) -> tuple[Float[np.ndarray, " times"], Float[np.ndarray, " times"]]:
    """Return the Julian dates of UTC times as whole days and fraction.

    The sum of the two would lose everything below 40 µs.

    >>> [part.item() for part in julian(np.array(["2000-01-01T12:00"], "datetime64[us]"))]
    [2451544.5, 0.5]
    """
    stamps = times.astype("datetime64[us]").astype(np.int64)
    days, remainder = np.divmod(stamps, 86_400_000_000)
    return days + 2_440_587.5, remainder / 86_400e6


def sidereal_angle(times: np.ndarray) -> Float[np.ndarray, " times"]:
    """Return Greenwich mean sidereal time of UTC times, in [0, 2π), rad.

    IAU 1982 (Vallado et al. 2006, C-1).

    67310.54841 + (876600·3600 + 8640184.812866)·T + 0.093104·T² − 6.2·10⁻⁶·T³ seconds, 240 to the
    degree, T in Julian centuries since noon of 1 January 2000.

    >>> np.rad2deg(sidereal_angle(np.array(["2000-01-01T12:00"], "datetime64[us]"))).round(4).item()
    280.4606
    """
    whole, fraction = julian(times)
    centuries = ((whole - 2_451_545.0) + fraction) / 36_525.0
    # whole turns, 24 h a day, are taken out before they cost digits: the half day is that of the
    # whole part
    seconds = (
        67310.54841
        + (8640184.812866 + (0.093104 - 6.2e-6 * centuries) * centuries) * centuries
        + 86400.0 * (fraction + 0.5)
    )
    return np.mod(np.deg2rad(seconds / 240.0), 2.0 * np.pi)


def teme(
    elements: Sequence[ElementSet], times: np.ndarray, maximum_age_days: float = MAXIMUM_AGE_DAYS
) -> Motion:
    """Return inertial positions and velocities of all satellites at all times by SGP4 (TEME).

    Args:
        elements: of the satellites.
        times: UTC, datetime64, [times].
        maximum_age_days: |time − epoch| up to which elements are used; older ones are not valid
            there.

    Raises:
        ElementsError: if at one of the times all elements are too old.
    """
    _require_recent(elements, times, maximum_age_days)
    return _teme(elements, times, maximum_age_days)


def _teme(elements: Sequence[ElementSet], times: np.ndarray, maximum_age_days: float) -> Motion:
    whole, fraction = julian(times)
    error, position, velocity = SatrecArray([element.satellite for element in elements]).sgp4(
        whole, fraction
    )
    ages = (whole + fraction) - _epochs(elements)[:, None]
    valid = (error == 0) & (np.abs(ages) <= maximum_age_days)
    valid &= is_orbit(elements, position, velocity)
    valid = drop_lost(elements, ages, valid, maximum_age_days)
    position *= 1000.0
    velocity *= 1000.0
    if not valid.all():
        position[~valid] = velocity[~valid] = np.nan
    return Motion(position, velocity, valid)


def find_lost(
    elements: Sequence[ElementSet], times: np.ndarray, maximum_age_days: float = MAXIMUM_AGE_DAYS
) -> Bool[np.ndarray, " satellites"]:
    """Find the satellites that have no valid position at the first or the last of some times.

    They have decayed, or their elements are too old.
    """
    if not len(times):
        return np.zeros(len(elements), bool)
    motion = _teme(elements, times[[0, -1]], maximum_age_days)
    return ~motion.valid.all(axis=1)


def describe_lost(lost: int, satellites: int, maximum_age_days: float = MAXIMUM_AGE_DAYS) -> str:
    """Return in words how many satellites are left out, and why; empty if none is.

    >>> describe_lost(2, 6)
    '2 of 6 satellites left out: decayed by SGP4, or elements older than 30 days'
    """
    reason = f"decayed by SGP4, or elements older than {maximum_age_days:g} days"
    return f"{lost} of {satellites} satellites left out: {reason}" if lost else ""


def _epochs(elements: Sequence[ElementSet]) -> Float[np.ndarray, " satellites"]:
    return np.array(
        [element.satellite.jdsatepoch + element.satellite.jdsatepochF for element in elements],
        dtype=np.float64,
    )


def _require_recent(
    elements: Sequence[ElementSet], times: np.ndarray, maximum_age_days: float
) -> None:
    if not len(elements):
        raise ElementsError("no element sets given; expected at least one")
    if not len(times):
        return
    epochs = np.sort(_epochs(elements))
    whole, fraction = julian(times)
    dates = whole + fraction
    later = np.clip(np.searchsorted(epochs, dates), 1, max(len(epochs) - 1, 1))
    near = np.minimum(
        np.abs(dates - epochs[later - 1]),
        np.abs(dates - epochs[np.minimum(later, len(epochs) - 1)]),
    )
    worst = int(np.argmax(near))
    if near[worst] > maximum_age_days:
        nearest = min(
            elements,
            key=lambda element: abs(
                element.satellite.jdsatepoch + element.satellite.jdsatepochF - dates[worst]
            ),
        )
        raise ElementsError(
            f"time {np.datetime_as_string(times[worst], 's')}Z is {near[worst]:.1f} days from "
            "the nearest epoch, "
            f"{nearest.epoch:%Y-%m-%dT%H:%M:%SZ} of {nearest.name}; "
            f"allowed: at most {maximum_age_days:g} days"
        )


def earth_fixed(
    elements: Sequence[ElementSet], times: np.ndarray, maximum_age_days: float = MAXIMUM_AGE_DAYS
) -> Motion:
    """Return positions and velocities in the rotating Earth-fixed frame, m and m/s.

    r = R₃(θ)·r_TEME, v = R₃(θ)·v_TEME − ω × r.

    The arguments and errors are those of `teme`; θ is Greenwich mean sidereal time, ω the Earth's
    rotation.
    """
    motion, angle = teme(elements, times, maximum_age_days), sidereal_angle(times)
    _turn(motion.position, angle)
    _turn_velocity(motion.velocity, motion.position, angle)
    return motion


def _turn_velocity(
    velocity: Vectors, position: Vectors, angle: Float[np.ndarray, " times"]
) -> None:
    """Turn velocities into the rotating frame, in place, by positions that are in it already."""
    _turn(velocity, angle)
    velocity[..., 0] += EARTH_ROTATION * position[..., 1]
    velocity[..., 1] -= EARTH_ROTATION * position[..., 0]


def _turn(vectors: Vectors, angle: Float[np.ndarray, " times"]) -> None:
    """Turn the axes about the third one by the angle, in place, because the array is large."""
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = vectors[..., 0].copy(), vectors[..., 1]
    vectors[..., 0] = cosine * x + sine * y
    vectors[..., 1] = cosine * y - sine * x


def look_chunks(
    elements: Sequence[ElementSet],
    site: Site,
    times: np.ndarray,
    maximum_age_days: float = MAXIMUM_AGE_DAYS,
) -> Iterator[tuple[slice, Sighting]]:
    """Yield slices of the satellites, and each slice as seen from the site.

    A slice has a few satellites, so that memory stays bounded for any number of them.

    Args:
        elements: element sets of the satellites.
        site: position of the observer.
        times: UTC times, datetime64 of shape [times].
        maximum_age_days: largest age of the elements, days.
    """
    _require_recent(elements, times, maximum_age_days)
    angle = sidereal_angle(times)
    size = max(CHUNK // max(len(times), 1), 1)
    for first in range(0, len(elements), size):
        part = slice(first, min(first + size, len(elements)))
        yield part, Sighting(_teme(elements[part], times, maximum_age_days), angle, site)


def look(
    elements: Sequence[ElementSet],
    site: Site,
    times: np.ndarray,
    maximum_age_days: float = MAXIMUM_AGE_DAYS,
) -> LookAngles:
    """Return elevation, azimuth, slant range and range rate of all satellites at all times.

    Holds 33 bytes per satellite and time.

    Args:
        elements: of the satellites.
        site: degrees and m.
        times: UTC, datetime64, [times].
        maximum_age_days: |time − epoch| up to which elements are used; older ones are not valid
            there.

    Raises:
        ElementsError: if at one of the times all elements are too old.
    """
    shape = (len(elements), len(times))
    whole = LookAngles(*(np.empty(shape) for _ in range(4)), valid=np.empty(shape, bool))
    for part, chunk in look_chunks(elements, site, times, maximum_age_days):
        for name, target in whole._asdict().items():
            target[part] = getattr(chunk, name)
    return whole


def doppler(range_rate_m_s: Numbers, carrier_hz: Numbers) -> Float[np.ndarray, "..."]:
    """Return the Doppler shift −f·ṙ/c of a carrier, to first order, Hz.

    The error is 1e-5 of it for a satellite.

    Args:
        range_rate_m_s: ṙ, m/s, positive while receding, [...].
        carrier_hz: f, Hz.

    >>> round(doppler(-7500.0, 2e9).item())
    50035
    """
    return np.asarray(-as_float64(carrier_hz) * as_float64(range_rate_m_s) / SPEED_OF_LIGHT)
