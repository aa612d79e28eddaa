"""Geodetic, Earth-centred and local coordinates on the WGS-84 ellipsoid, in numpy.

At the Earth's radius a 32-bit float resolves half a metre, and a jax program may run with 32 bits:
so positions on the Earth are float64 numpy.
"""

import numpy as np

from sagin.constants import EARTH_MEAN_RADIUS, WGS84_FLATTENING, WGS84_SEMI_MAJOR, WGS84_SEMI_MINOR
from sagin.types import Float
from sagin.units import Numbers, as_float64

Real = Float[np.ndarray, "..."]
Vector = Float[np.ndarray, "... 3"]

ECCENTRICITY_SQUARED = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING)
"""e² = f(2 − f)."""

SECOND_ECCENTRICITY_SQUARED = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)
"""e'² = e²/(1 − e²)."""


def to_earth_fixed(
    latitude_rad: Numbers, longitude_rad: Numbers, altitude_m: Numbers = 0.0
) -> Vector:
    """Return Earth-centred Earth-fixed positions of geodetic coordinates (WGS-84), m.

    The x axis points to (0°, 0°), the z axis to the north pole.

    N = a/√(1 − e²·sin²φ); x = (N + h)·cos φ·cos λ, y = (N + h)·cos φ·sin λ, z = (N·(1 − e²) +
    h)·sin φ.

    Args:
        latitude_rad: φ, rad, [...].
        longitude_rad: λ, rad, [...].
        altitude_m: h above the ellipsoid, m, [...].

    Returns:
        position, m, [..., 3].

    >>> to_earth_fixed(0.0, 0.0, 100.0).tolist()
    [6378237.0, 0.0, 0.0]
    """
    latitude_rad, longitude_rad, altitude_m = np.broadcast_arrays(
        as_float64(latitude_rad), as_float64(longitude_rad), as_float64(altitude_m)
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


def from_earth_fixed(position: Numbers) -> tuple[Real, Real, Real]:
    """Return geodetic latitude φ, longitude λ and altitude h of Earth-fixed positions.

    Bowring's iteration on the reduced latitude β, tan φ = (z + e'²·b·sin³β)/(p − e²·a·cos³β), three
    times: exact to rounding from 1000 km below the surface (where nobody is) to beyond the
    geostationary orbit. h = p·cos φ + z·sin φ − a·√(1 − e²·sin²φ) holds at the poles as well. On
    the axis the longitude is 0; near the Earth's centre the coordinates mean nothing.

    Args:
        position: m, [..., 3].

    Returns:
        φ, rad; λ, rad, in (−π, π]; h, m; each [...].

    >>> from_earth_fixed(np.array([6378237.0, 0.0, 0.0]))[2].item()
    100.0
    """
    x, y, z = np.moveaxis(as_float64(position), -1, 0)
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
    return as_float64(latitude), as_float64(np.arctan2(y, x)), as_float64(altitude)


def local_axes(latitude_rad: Numbers, longitude_rad: Numbers) -> Float[np.ndarray, "... 3 3"]:
    """Return the unit vectors east, north, up in Earth-fixed coordinates.

    Args:
        latitude_rad: geodetic latitude φ, rad, [...].
        longitude_rad: λ, rad, [...].

    Returns:
        the vectors as rows, [..., 3, 3].

    >>> local_axes(0.0, 0.0).round(12).tolist()
    [[-0.0, 1.0, 0.0], [-0.0, -0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    latitude_rad, longitude_rad = np.broadcast_arrays(
        as_float64(latitude_rad), as_float64(longitude_rad)
    )
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
    position: Numbers, latitude_rad: Numbers, longitude_rad: Numbers, altitude_m: Numbers = 0.0
) -> Vector:
    """Return east, north and up of Earth-fixed positions as seen from a geodetic position.

    Args:
        position: Earth-fixed, m, [..., 3].
        latitude_rad: φ of the observer, rad, [...].
        longitude_rad: λ of the observer, rad, [...].
        altitude_m: h of the observer, m, [...].

    Returns:
        east, north, up, m, [..., 3].

    >>> to_local(np.array([6378137.0, 10.0, 0.0]), 0.0, 0.0).round(6).tolist()
    [10.0, 0.0, 0.0]
    """
    offset = as_float64(position) - to_earth_fixed(latitude_rad, longitude_rad, altitude_m)
    return np.einsum("...ij,...j->...i", local_axes(latitude_rad, longitude_rad), offset)


def from_local(
    local: Numbers, latitude_rad: Numbers, longitude_rad: Numbers, altitude_m: Numbers = 0.0
) -> Vector:
    """Return Earth-fixed positions of east, north and up at a geodetic position.

    Args:
        local: east, north, up, m, [..., 3].
        latitude_rad: φ of the observer, rad, [...].
        longitude_rad: λ of the observer, rad, [...].
        altitude_m: h of the observer, m, [...].

    Returns:
        Earth-fixed positions, m, [..., 3].
    """
    return np.einsum(
        "...ij,...i->...j", local_axes(latitude_rad, longitude_rad), as_float64(local)
    ) + to_earth_fixed(latitude_rad, longitude_rad, altitude_m)


def look_angles(local: Numbers) -> tuple[Real, Real, Real]:
    """Return elevation, azimuth and slant range of positions in local coordinates.

    Straight overhead the azimuth is 0; at the observer's own place so is the elevation.

    Args:
        local: east, north, up, m, [..., 3].

    Returns:
        elevation, rad; azimuth, rad, clockwise from north in [0, 2π); slant range, m; each [...].

    >>> [angle.item() for angle in look_angles(np.array([1.0, 0.0, 0.0]))]
    [0.0, 1.5707963267948966, 1.0]
    """
    east, north, _ = np.moveaxis(as_float64(local), -1, 0)
    azimuth = np.mod(np.arctan2(east, north), 2.0 * np.pi)
    # mod of a tiny negative angle rounds up to 2π itself
    azimuth = as_float64(np.where(azimuth < 2.0 * np.pi, azimuth, 0.0))
    elevation, slant_range = elevation_and_range(local)
    return elevation, azimuth, slant_range


def elevation_and_range(local: Numbers) -> tuple[Real, Real]:
    """Return elevation, rad, and slant range, m, as `look_angles` does, in half the time.

    >>> [value.item() for value in elevation_and_range(np.array([0.0, 0.0, 2.0]))]
    [1.5707963267948966, 2.0]
    """
    east, north, up = np.moveaxis(as_float64(local), -1, 0)
    level = np.hypot(east, north)
    return as_float64(np.arctan2(up, level)), as_float64(np.hypot(level, up))


def surface_distance(
    latitude_rad: Numbers,
    longitude_rad: Numbers,
    other_latitude_rad: Numbers,
    other_longitude_rad: Numbers,
    radius_m: Numbers = EARTH_MEAN_RADIUS,
) -> Real:
    """Return the great-circle distance between two positions on the sphere, m.

    All arguments broadcast.

    The haversine in its two-argument form, exact for near, far and antipodal places on the sphere
    of mean radius; the ellipsoid's geodesic differs from it by up to 0.6 %.

    Args:
        latitude_rad: of the first position, rad.
        longitude_rad: of the first position, rad.
        other_latitude_rad: of the second position, rad.
        other_longitude_rad: of the second position, rad.
        radius_m: of the sphere, m.

    >>> round(surface_distance(0.0, 0.0, np.pi / 2, 0.0).item())
    10007557
    """
    latitude_rad, other_latitude_rad, turn = (
        as_float64(latitude_rad),
        as_float64(other_latitude_rad),
        as_float64(other_longitude_rad) - as_float64(longitude_rad),
    )
    part = (
        np.sin((other_latitude_rad - latitude_rad) / 2.0) ** 2
        + np.cos(latitude_rad) * np.cos(other_latitude_rad) * np.sin(turn / 2.0) ** 2
    )
    return as_float64(
        2.0 * as_float64(radius_m) * np.arctan2(np.sqrt(part), np.sqrt(np.maximum(1.0 - part, 0.0)))
    )
