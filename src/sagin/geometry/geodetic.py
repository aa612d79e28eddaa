"""Geodetic, Earth-centred and local coordinates on the WGS-84 ellipsoid, in numpy.

At the Earth's radius a 32-bit float resolves half a metre, and a jax program may run with 32 bits:
so positions on the Earth are float64 numpy.
"""

import numpy as np
from numpy.typing import NDArray

from sagin.constants import EARTH_MEAN_RADIUS, WGS84_FLATTENING, WGS84_SEMI_MAJOR, WGS84_SEMI_MINOR
from sagin.types import ArrayLike, Float

Real = Float[np.ndarray, "..."]
Vector = Float[np.ndarray, "... 3"]

ECCENTRICITY_SQUARED = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING)
"""e² = f(2 − f)."""

SECOND_ECCENTRICITY_SQUARED = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)
"""e'² = e²/(1 − e²)."""


def _real(value: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64)


def to_earth_fixed(
    latitude_rad: ArrayLike, longitude_rad: ArrayLike, altitude_m: ArrayLike = 0.0
) -> Vector:
    """Return Earth-centred Earth-fixed positions of geodetic ones, WGS-84: x to (0°, 0°), z to the
    north pole.

    N = a/√(1 − e²·sin²φ); x = (N + h)·cos φ·cos λ, y = (N + h)·cos φ·sin λ, z = (N·(1 − e²) +
    h)·sin φ.

    Args:
        latitude_rad: φ, rad, [...].
        longitude_rad: λ, rad, [...].
        altitude_m: h above the ellipsoid, m, [...].

    Returns: position, m, [..., 3].

    >>> to_earth_fixed(0.0, 0.0, 100.0).tolist()
    [6378237.0, 0.0, 0.0]
    """
    latitude_rad, longitude_rad, altitude_m = np.broadcast_arrays(
        _real(latitude_rad), _real(longitude_rad), _real(altitude_m)
    )
    sine, cosine = np.sin(latitude_rad), np.cos(latitude_rad)
    normal = WGS84_SEMI_MAJOR / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sine**2)
    outwards = (normal + altitude_m) * cosine
    return np.stack(
        [
            outwards * np.cos(longitude_rad),
            outwards * np.sin(longitude_rad),
            (normal * (1.0 - ECCENTRICITY_SQUARED) + altitude_m) * sine,
        ],
        -1,
    )


def from_earth_fixed(position: Vector) -> tuple[Real, Real, Real]:
    """Return geodetic latitude φ, rad, longitude λ, rad, in (−π, π], and altitude h, m, of
    Earth-fixed positions, m, [..., 3].

    Bowring's iteration on the reduced latitude β, tan φ = (z + e'²·b·sin³β)/(p − e²·a·cos³β), three
    times: exact to rounding from 1000 km below the surface (where nobody is) to beyond the
    geostationary orbit. h = p·cos φ + z·sin φ − a·√(1 − e²·sin²φ) holds at the poles as well. On
    the axis the longitude is 0; near the Earth's centre the coordinates mean nothing.

    >>> from_earth_fixed(np.array([6378237.0, 0.0, 0.0]))[2].item()
    100.0
    """
    x, y, z = np.moveaxis(_real(position), -1, 0)
    axis_distance = np.hypot(x, y)
    ratio = WGS84_SEMI_MINOR / WGS84_SEMI_MAJOR
    reduced = np.arctan2(z, ratio * axis_distance)
    latitude = reduced
    for _ in range(3):
        up = z + SECOND_ECCENTRICITY_SQUARED * WGS84_SEMI_MINOR * np.sin(reduced) ** 3
        latitude = np.arctan2(
            up, axis_distance - ECCENTRICITY_SQUARED * WGS84_SEMI_MAJOR * np.cos(reduced) ** 3
        )
        reduced = np.arctan2(ratio * np.sin(latitude), np.cos(latitude))
    sine, cosine = np.sin(latitude), np.cos(latitude)
    altitude = (
        axis_distance * cosine
        + z * sine
        - WGS84_SEMI_MAJOR * np.sqrt(1.0 - ECCENTRICITY_SQUARED * sine**2)
    )
    return _real(latitude), _real(np.arctan2(y, x)), _real(altitude)


def local_axes(latitude_rad: ArrayLike, longitude_rad: ArrayLike) -> Float[np.ndarray, "... 3 3"]:
    """Return the unit vectors east, north, up (rows) in Earth-fixed coordinates, at geodetic
    latitude and longitude, rad: [..., 3, 3].

    >>> local_axes(0.0, 0.0).round(12).tolist()
    [[-0.0, 1.0, 0.0], [-0.0, -0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    latitude_rad, longitude_rad = np.broadcast_arrays(_real(latitude_rad), _real(longitude_rad))
    north, away, east, along = (
        np.sin(latitude_rad),
        np.cos(latitude_rad),
        np.sin(longitude_rad),
        np.cos(longitude_rad),
    )
    rows = [
        [-east, along, np.zeros_like(north)],
        [-north * along, -north * east, away],
        [away * along, away * east, north],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def to_local(
    position: Vector, latitude_rad: ArrayLike, longitude_rad: ArrayLike, altitude_m: ArrayLike = 0.0
) -> Vector:
    """Return east, north, up, m, [..., 3], of Earth-fixed positions, m, [..., 3], seen from a
    geodetic place (rad, rad, m).

    >>> to_local(np.array([6378137.0, 10.0, 0.0]), 0.0, 0.0).round(6).tolist()
    [10.0, 0.0, 0.0]
    """
    offset = _real(position) - to_earth_fixed(latitude_rad, longitude_rad, altitude_m)
    return np.einsum("...ij,...j->...i", local_axes(latitude_rad, longitude_rad), offset)


def from_local(
    local: Vector, latitude_rad: ArrayLike, longitude_rad: ArrayLike, altitude_m: ArrayLike = 0.0
) -> Vector:
    """Return Earth-fixed positions, m, [..., 3], of east, north, up, m, [..., 3], at a geodetic
    place (rad, rad, m).
    """
    return np.einsum(
        "...ij,...i->...j", local_axes(latitude_rad, longitude_rad), _real(local)
    ) + to_earth_fixed(latitude_rad, longitude_rad, altitude_m)


def look_angles(local: Vector) -> tuple[Real, Real, Real]:
    """Return elevation, rad, azimuth, rad, clockwise from north in [0, 2π), and slant range, m, of
    east, north, up, m, [..., 3].

    Straight overhead the azimuth is 0; at the observer's own place so is the elevation.

    >>> [angle.item() for angle in look_angles(np.array([1.0, 0.0, 0.0]))]
    [0.0, 1.5707963267948966, 1.0]
    """
    east, north, up = np.moveaxis(_real(local), -1, 0)
    level = np.hypot(east, north)
    azimuth = np.mod(np.arctan2(east, north), 2.0 * np.pi)
    # mod of a tiny negative angle rounds up to 2π itself
    return (
        _real(np.arctan2(up, level)),
        _real(np.where(azimuth < 2.0 * np.pi, azimuth, 0.0)),
        _real(np.hypot(level, up)),
    )


def surface_distance(
    latitude_rad: ArrayLike,
    longitude_rad: ArrayLike,
    other_latitude_rad: ArrayLike,
    other_longitude_rad: ArrayLike,
    radius_m: ArrayLike = EARTH_MEAN_RADIUS,
) -> Real:
    """Return the great-circle distance, m, between places given by latitude and longitude, rad; all
    broadcast.

    The haversine in its two-argument form, exact for near, far and antipodal places on the sphere
    of mean radius; the ellipsoid's geodesic differs from it by up to 0.6 %.

    >>> round(surface_distance(0.0, 0.0, np.pi / 2, 0.0).item())
    10007557
    """
    latitude_rad, other_latitude_rad, turn = (
        _real(latitude_rad),
        _real(other_latitude_rad),
        _real(other_longitude_rad) - _real(longitude_rad),
    )
    part = (
        np.sin((other_latitude_rad - latitude_rad) / 2.0) ** 2
        + np.cos(latitude_rad) * np.cos(other_latitude_rad) * np.sin(turn / 2.0) ** 2
    )
    return _real(2.0 * radius_m * np.arctan2(np.sqrt(part), np.sqrt(np.maximum(1.0 - part, 0.0))))
