"""Check whether a result of SGP4 is an orbit of the elements, and in which period.

SGP4's drag is a polynomial in time. After the decay of a satellite it returns an error for a while,
and later positions at any distance without an error. The orbit is therefore checked, not the error
code, and a satellite that has failed once is not used farther from the epoch.
"""

from collections.abc import Sequence

import numpy as np

from sagin.orbits.elements import ElementSet
from sagin.types import Bool, Float

TOLERANCE = 0.1
"""Relative tolerance: larger than the growth of radius and eccentricity of a satellite without
thrust while SGP4 is a valid forecast, and smaller than the changes after a decay.
"""

PAST = 0.5 ** np.arange(12)[::-1]
"""Shares of an age at which a satellite's past is checked. The failure after a decay lasts from one
age to three times that age (the drag is of fourth order in time), so one of these ages lies in
it; the first one is 20 minutes of a month.
"""

BISECTIONS = 12
"""Number of halvings of the step in which a satellite first fails."""

Grid = Float[np.ndarray, "satellites times"]
Mask = Bool[np.ndarray, "satellites times"]
Vectors = Float[np.ndarray, "satellites times 3"]
Days = Float[np.ndarray, " satellites"]


def is_orbit(elements: Sequence[ElementSet], position_km: Vectors, velocity_km_s: Vectors) -> Mask:
    """Return whether radius and speed are those of an orbit that the elements can evolve into.

    The radius is at most that of the apogee, (1 + e)·a, and the semi-major axis that follows from
    both, 1/(2/r − v²/μ), lies between the Earth's radius and a, each within 10 %.
    """
    gravity, earth, rate, eccentricity = _read(elements, "mu", "radiusearthkm", "no_kozai", "ecco")
    with np.errstate(all="ignore"):
        axis = np.cbrt(gravity / np.square(rate / 60.0))
        radius = np.sqrt(np.einsum("...i,...i->...", position_km, position_km))
        square = np.einsum("...i,...i->...", velocity_km_s, velocity_km_s)
        inverse = 2.0 / radius - square / gravity
        farthest = (1.0 + TOLERANCE) * axis * (1.0 + np.minimum(eccentricity + TOLERANCE, 1.0))
        return (
            (radius <= farthest)
            & (inverse * axis >= 1.0 / (1.0 + TOLERANCE))
            & (inverse * earth <= 1.0 + TOLERANCE)
        )


def _read(elements: Sequence[ElementSet], *names: str) -> list[Float[np.ndarray, "satellites 1"]]:
    """Return numbers of SGP4's records, one column each."""
    return [
        np.array([getattr(element.satellite, name) for element in elements])[:, None]
        for name in names
    ]


def drop_lost(elements: Sequence[ElementSet], ages_days: Grid, valid: Mask, limit: float) -> Mask:
    """Return whether satellites are valid, and have been valid at all times between and the epoch.

    Args:
        elements: elements of the satellites.
        ages_days: ages of the elements at the requested times, negative before the epoch.
        valid: whether a position is that of an orbit.
        limit: largest age that is checked.
    """
    if not ages_days.shape[1]:
        return valid
    kept = valid.copy()
    for sign in (1.0, -1.0):
        ages = sign * ages_days
        end = np.min(np.where(valid | (ages < 0.0), np.inf, ages), axis=1)
        end = np.minimum(end, _find_ends(elements, np.minimum(ages.max(axis=1), limit), sign))
        kept &= ages <= end[:, None]
    return kept


def _find_ends(elements: Sequence[ElementSet], ages_days: Days, sign: float) -> Days:
    """Find the ages, up to the given ones, at which satellites leave their orbits, or infinity.

    `sign` is 1 after the epoch and −1 before it.
    """
    ends = np.full(len(elements), np.inf)
    # without drag the mean orbit stays
    rows = [row for row, element in enumerate(elements) if element.satellite.bstar]
    rows = [row for row in rows if ages_days[row] > 0.0]
    if not rows:
        return ends
    chosen = [elements[row] for row in rows]
    ages = ages_days[rows][:, None] * PAST
    valid = _is_in_orbit(chosen, sign * ages)
    failing = np.flatnonzero(~valid.all(axis=1))
    for row in failing.tolist():
        failure = int(np.argmin(valid[row]))
        low, high = ages[row, failure - 1] if failure else 0.0, ages[row, failure]
        for _ in range(BISECTIONS):
            middle = (low + high) / 2.0
            is_high = _is_in_orbit([chosen[row]], np.array([[sign * middle]]))[0, 0]
            low, high = (middle, high) if is_high else (low, middle)
        ends[rows[row]] = low
    return ends


def _is_in_orbit(elements: Sequence[ElementSet], ages_days: Grid) -> Mask:
    """Return whether satellites are in orbits whose perigees are above the ground."""
    position, velocity = np.empty((*ages_days.shape, 3)), np.empty((*ages_days.shape, 3))
    error = np.empty(ages_days.shape)
    days = np.empty(ages_days.shape[1])
    for row, element in enumerate(elements):
        satellite = element.satellite
        days[:] = satellite.jdsatepoch
        parts = satellite.sgp4_array(days, satellite.jdsatepochF + ages_days[row])
        error[row], position[row], velocity[row] = parts
    gravity, earth = _read(elements, "mu", "radiusearthkm")
    with np.errstate(all="ignore"):
        # p = h²/μ = a·(1 − e²), and the perigee is p/(1 + e)
        momentum = np.cross(position, velocity)
        parameter = np.einsum("...i,...i->...", momentum, momentum) / gravity
        radius = np.sqrt(np.einsum("...i,...i->...", position, position))
        square = np.einsum("...i,...i->...", velocity, velocity)
        inverse = 2.0 / radius - square / gravity
        eccentricity = np.sqrt(np.maximum(1.0 - parameter * inverse, 0.0))
        is_high = parameter / (1.0 + eccentricity) >= earth * (1.0 - TOLERANCE / 10.0)
    return (error == 0) & is_high & is_orbit(elements, position, velocity)
