"""Circular orbits over a spherical Earth, in JAX, for use inside compiled programs.

The forms are chosen so that 32-bit floats keep six digits: no difference of nearly equal numbers.
Angles are in rad, lengths in m, times in s.
"""

import jax.numpy as jnp
import numpy as np

from sagin.constants import EARTH_MU, EARTH_RADIUS, SPEED_OF_LIGHT
from sagin.types import Array, Bool, Float
from sagin.units import Numbers, as_float, as_float_within

Real = Float[Array, "..."]


def _orbit_radius(altitude: Numbers, earth_radius: Numbers) -> Real:
    return as_float(earth_radius) + as_float(altitude)


def _elevation(elevation_rad: Numbers) -> Real:
    return as_float_within(elevation_rad, -np.pi / 2.0, np.pi / 2.0, "elevation_rad")


def mean_motion(
    altitude_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS, mu: Numbers = EARTH_MU
) -> Real:
    """Return the angular speed of a circular orbit, n = √(μ/r³), r = R_E + h (Kepler), rad/s.

    Args:
        altitude_m: h above the sphere, m, [...].
        earth_radius_m: R_E, m.
        mu: gravitational constant times mass μ, m³/s².

    >>> round(float(mean_motion(35_786_000.0, 6_378_137.0)) * 86164.1 / (2 * 3.14159265), 4)
    1.0
    """
    radius = _orbit_radius(altitude_m, earth_radius_m)
    return jnp.sqrt(as_float(mu) / radius) / radius


def period(
    altitude_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS, mu: Numbers = EARTH_MU
) -> Real:
    """Return the orbital period T_s, s: 2π·√(r³/μ), r = R_E + altitude (Kepler).

    Args:
        altitude_m: above the sphere, m, [...].
        earth_radius_m: R_E, m.
        mu: gravitational constant times mass, m³/s².

    >>> round(float(period(600_000.0)) / 60, 1)
    96.5
    """
    return 2.0 * jnp.pi / mean_motion(altitude_m, earth_radius_m, mu)


def speed(
    altitude_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS, mu: Numbers = EARTH_MU
) -> Real:
    """Return the speed in the inertial frame, √(μ/r), r = R_E + h, m/s.

    >>> round(float(speed(600_000.0)) / 1000, 2)
    7.56
    """
    return jnp.sqrt(as_float(mu) / _orbit_radius(altitude_m, earth_radius_m))


def slant_range(
    altitude_m: Numbers, elevation_rad: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the distance d to a satellite seen at an elevation (TR 38.811 eq. 6.6-3), m.

    d = √(R_E²·sin²α + h² + 2·h·R_E) − R_E·sin α, evaluated as (h² + 2·h·R_E)/(√(…) + R_E·sin α).

    Args:
        altitude_m: h, m, above 0, [...].
        elevation_rad: α, rad, 0 to π/2, [...]; beyond ±π/2, NaN or an error for plain numbers.
        earth_radius_m: R_E, m.

    >>> round(float(slant_range(600_000.0, jnp.deg2rad(30.0))))
    1075088
    """
    altitude_m, earth_radius_m = as_float(altitude_m), as_float(earth_radius_m)
    rise = earth_radius_m * jnp.sin(_elevation(elevation_rad))
    square = altitude_m * (altitude_m + 2.0 * earth_radius_m)
    return square / (jnp.sqrt(jnp.square(rise) + square) + rise)


def elevation_at(
    altitude_m: Numbers, slant_range_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the elevation α at which a satellite at a slant range is seen, rad.

    sin α = (h² + 2·h·R_E − d²)/(2·R_E·d).

    This is the inverse of `slant_range_m`. It is NaN for a distance below the altitude or beyond
    the far side of the orbit.

    Args:
        altitude_m: h above the sphere, m, [...].
        slant_range_m: distance d between observer and satellite, m, [...].
        earth_radius_m: R_E, m.

    >>> round(float(jnp.rad2deg(elevation_at(600_000.0, 1_075_088.0))), 3)
    30.0
    """
    altitude_m, earth_radius_m = as_float(altitude_m), as_float(earth_radius_m)
    slant_range_m = as_float(slant_range_m)
    part = altitude_m * (altitude_m + 2.0 * earth_radius_m) / slant_range_m - slant_range_m
    return jnp.arcsin(part / (2.0 * earth_radius_m))


def central_angle(
    altitude_m: Numbers, elevation_rad: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the angle λ at the Earth's centre between observer and satellite, rad.

    λ = arccos(R_E·cos α/(R_E + h)) − α.

    Evaluated as arctan(d·cos α/(R_E + d·sin α)); at the minimum elevation it is the half-angle of
    the visible arc.

    >>> round(float(jnp.rad2deg(central_angle(1_000_000.0, jnp.deg2rad(10.0)))), 4)
    21.6573
    """
    elevation_rad, earth_radius_m = _elevation(elevation_rad), as_float(earth_radius_m)
    reach = slant_range(altitude_m, elevation_rad, earth_radius_m)
    return jnp.arctan2(
        reach * jnp.cos(elevation_rad), earth_radius_m + reach * jnp.sin(elevation_rad)
    )


def visible_fraction(
    altitude_m: Numbers,
    minimum_elevation_rad: Numbers,
    earth_radius_m: Numbers = EARTH_RADIUS,
) -> Real:
    """Return the share of the orbit during which an overhead satellite is visible, λ/π.

    The value is between 0 and 1/2.

    >>> round(float(visible_fraction(1_000_000.0, jnp.deg2rad(10.0))), 4)
    0.1203
    """
    return central_angle(altitude_m, minimum_elevation_rad, earth_radius_m) / jnp.pi


def pass_duration(
    altitude_m: Numbers,
    minimum_elevation_rad: Numbers,
    earth_radius_m: Numbers = EARTH_RADIUS,
    mu: Numbers = EARTH_MU,
) -> Real:
    """Return the duration of an overhead pass above the minimum elevation, T_s·λ/π, s.

    The rotation of the Earth is ignored.

    >>> round(float(pass_duration(1_000_000.0, jnp.deg2rad(10.0))))
    758
    """
    return period(altitude_m, earth_radius_m, mu) * visible_fraction(
        altitude_m, minimum_elevation_rad, earth_radius_m
    )


def coverage_fraction(
    altitude_m: Numbers,
    minimum_elevation_rad: Numbers,
    earth_radius_m: Numbers = EARTH_RADIUS,
) -> Real:
    """Return the share of the sphere's surface that sees the satellite, (1 − cos λ)/2.

    A point sees the satellite if it is above the minimum elevation there.

    >>> round(float(coverage_fraction(1_000_000.0, jnp.deg2rad(10.0))), 4)
    0.0353
    """
    return jnp.square(
        jnp.sin(central_angle(altitude_m, minimum_elevation_rad, earth_radius_m) / 2.0)
    )


def visibility_threshold(
    altitude_m: Numbers, slant_range_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the right-hand side of the relaying paper's (12), (R_E² + r² − d²)/(2·R_E·r).

    r = R_E + h.

    It is cos λ of the central angle at which the slant range is d: d at the minimum elevation makes
    it the edge of visibility.

    >>> edge = slant_range(1_000_000.0, jnp.deg2rad(10.0))
    >>> round(float(visibility_threshold(1_000_000.0, edge)), 5)
    0.92941
    """
    altitude_m, earth_radius_m = as_float(altitude_m), as_float(earth_radius_m)
    slant_range_m = as_float(slant_range_m)
    return 1.0 - (slant_range_m - altitude_m) * (slant_range_m + altitude_m) / (
        2.0 * earth_radius_m * (earth_radius_m + altitude_m)
    )


def visible(
    time_s: Numbers, period_s: Numbers, phase_rad: Numbers, threshold: Numbers
) -> Bool[Array, "..."]:
    """Return whether the satellite is visible, cos(2πt/T_s − θ_p) ≥ threshold.

    This is V(t) of the relaying paper's (12).

    Args:
        time_s: t, s, [...].
        period_s: T_s, s.
        phase_rad: θ_p, rad; at t = θ_p·T_s/2π the satellite is overhead.
        threshold: right-hand side of (12), from `visibility_threshold`.

    >>> bool(visible(0.0, 6307.0, 0.0, 0.93)), bool(visible(3000.0, 6307.0, 0.0, 0.93))
    (True, False)
    """
    return jnp.cos(orbit_angle(time_s, period_s, phase_rad)) >= as_float(threshold)


def orbit_angle(time_s: Numbers, period_s: Numbers, phase_rad: Numbers = 0.0) -> Real:
    """Return the angle ψ = 2πt/T_s − θ_p at the Earth's centre from the zenith, rad.

    Whole turns are not removed.

    Args:
        time_s: time t, s, [...].
        period_s: orbital period T_s, s.
        phase_rad: phase θ_p at t = 0, rad.
    """
    return 2.0 * jnp.pi * as_float(time_s) / as_float(period_s) - as_float(phase_rad)


def slant_range_at(
    angle_rad: Numbers, altitude_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the distance to a satellite at an angle ψ from the zenith of its overhead pass, m.

    d² = h² + 4·R_E·r·sin²(ψ/2).

    This is the law of cosines d² = R_E² + r² − 2·R_E·r·cos ψ; `orbit_angle` gives ψ at a time.

    Args:
        angle_rad: ψ, rad, [...].
        altitude_m: h above the sphere, m, [...].
        earth_radius_m: R_E, m.

    >>> float(slant_range_at(0.0, 1_000_000.0))
    1000000.0
    """
    altitude_m, earth_radius_m = as_float(altitude_m), as_float(earth_radius_m)
    chord = (
        2.0
        * jnp.sqrt(earth_radius_m * (earth_radius_m + altitude_m))
        * jnp.sin(as_float(angle_rad) / 2.0)
    )
    return jnp.hypot(altitude_m, chord)


def elevation_over(
    angle_rad: Numbers, altitude_m: Numbers, earth_radius_m: Numbers = EARTH_RADIUS
) -> Real:
    """Return the elevation α of a satellite at an angle ψ from the zenith of its pass, rad.

    It is negative below the horizon.

    tan α = (r·cos ψ − R_E)/(r·|sin ψ|), the numerator evaluated as h − 2·r·sin²(ψ/2).

    Args:
        angle_rad: ψ, rad, [...].
        altitude_m: h above the sphere, m, [...].
        earth_radius_m: R_E, m.

    >>> round(float(jnp.rad2deg(elevation_over(0.0, 1_000_000.0))), 3)
    90.0
    """
    altitude_m, angle_rad = as_float(altitude_m), as_float(angle_rad)
    radius = _orbit_radius(altitude_m, earth_radius_m)
    return jnp.arctan2(
        altitude_m - 2.0 * radius * jnp.square(jnp.sin(angle_rad / 2.0)),
        radius * jnp.abs(jnp.sin(angle_rad)),
    )


def round_trip_delay(service_range_m: Numbers, feeder_range_m: Numbers = 0.0) -> Real:
    """Return the propagation round trip, s: 2·(d_service + d_feeder)/c (TR 38.821 clause 4.2).

    Args:
        service_range_m: satellite to user, m, [...].
        feeder_range_m: satellite to gateway, m, [...], for a transparent payload; a regenerative
            one answers itself: 0.

    >>> round(1000 * float(round_trip_delay(600_000.0, 600_000.0)), 2)
    8.01
    """
    return 2.0 * (as_float(service_range_m) + as_float(feeder_range_m)) / SPEED_OF_LIGHT
