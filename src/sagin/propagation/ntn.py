"""Large-scale channel of satellites and high platforms (3GPP TR 38.811, clause 6.6)."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.propagation import ntn_tables as tables
from sagin.propagation.free_space import path_loss_db
from sagin.types import Array, Bool, Float, PRNGKeyArray
from sagin.units import Numbers, as_float, as_float_within, as_plain

KA_BAND_EDGE = 13e9
"""Frequency from which the Ka-band column is read, Hz; the report tabulates S and Ka band only,
ns-3 draws the same line.
"""

IONOSPHERE_EDGE = 6e9
"""Frequency below which scintillation is ionospheric and above which it is tropospheric, Hz (clause
6.6.6).
"""


GASES_EDGE = 10e9
"""Frequency from which gases count at all elevations, Hz (clause 6.6.4)."""


class LargeScale(NamedTuple):
    """Terms of one drop of the large-scale loss, dB, and whether the path is in sight."""

    line_of_sight: Bool[Array, "..."]
    free_space_db: Float[Array, "..."]
    shadowing_db: Float[Array, "..."]
    clutter_db: Float[Array, "..."]
    gaseous_db: Float[Array, "..."]
    scintillation_db: Float[Array, "..."]

    @property
    def total_db(self) -> Float[Array, "..."]:
        """Sum of the terms of the path loss, dB."""
        return (
            self.free_space_db
            + self.shadowing_db
            + self.clutter_db
            + self.gaseous_db
            + self.scintillation_db
        )


def _of_environment(table: dict, environment: str) -> np.ndarray:
    if environment not in table:
        raise InputError(
            f"environment: {environment!r} is not one of {', '.join(tables.ENVIRONMENTS)}"
        )
    return np.asarray(table[environment])


def _row(elevation_deg: Numbers) -> Array:
    # floor(x + 1/2): jnp.round would send 25° down and 15° up
    return jnp.clip(jnp.floor(as_float(elevation_deg) / 10.0 + 0.5).astype(int), 1, 9) - 1


def _inside(elevation_deg: Numbers, value: Array) -> Array:
    """Return values for valid elevations, NaN otherwise; plain numbers are refused then."""
    elevation = as_float_within(elevation_deg, 0.0, 90.0, "elevation_deg")
    return jnp.where(jnp.isnan(elevation), jnp.nan, value)


def _band(frequency: Numbers) -> Array:
    return (as_float(frequency) >= KA_BAND_EDGE).astype(int)


def los_probability(elevation_deg: Numbers, environment: str) -> Float[Array, "..."]:
    """Return the probability that the path to the satellite is in sight.

    Table 6.6.1-1, read at the elevation rounded to the nearest 10° (halves up), and at 10° below
    that.

    Args:
        elevation_deg: elevation α, degrees, any shape.
        environment: dense_urban, urban or suburban_rural.

    Returns:
        the probability, the elevation's shape; NaN outside 0° to 90°.

    >>> round(float(los_probability(32.0, "urban")), 3)
    0.493
    """
    return _inside(
        elevation_deg,
        jnp.asarray(_of_environment(tables.LOS_PROBABILITY, environment))[_row(elevation_deg)],
    )


def shadowing_std_db(
    elevation_deg: Numbers, line_of_sight: Numbers, frequency_hz: Numbers, environment: str
) -> Float[Array, "..."]:
    """Return the standard deviation of the shadow fading σ_SF.

    Tables 6.6.2-1 to 6.6.2-3, elevation rounded as in `los_probability`; S-band column below 13
    GHz, Ka-band column from there.

    The arguments broadcast.

    Args:
        elevation_deg: α, degrees.
        line_of_sight: whether the path is in sight.
        frequency_hz: f_c, Hz.
        environment: dense_urban, urban or suburban_rural.

    Returns:
        σ_SF, dB; NaN outside 0° to 90°.

    >>> round(float(shadowing_std_db(50.0, False, 2e9, "dense_urban")), 1)
    10.6
    """
    table = jnp.asarray(_of_environment(tables.SHADOWING_STD_DB, environment))
    return _inside(
        elevation_deg,
        table[_band(frequency_hz), jnp.asarray(line_of_sight).astype(int), _row(elevation_deg)],
    )


def clutter_loss_db(
    elevation_deg: Numbers, line_of_sight: Numbers, frequency_hz: Numbers, environment: str
) -> Float[Array, "..."]:
    """Return the clutter loss CL, which is 0 dB in line of sight.

    Tables 6.6.2-1 to 6.6.2-3; arguments, rounding and range as in `shadowing_std_db`.

    >>> round(float(clutter_loss_db(20.0, False, 20e9, "urban")), 1)
    39.9
    """
    table = jnp.asarray(_of_environment(tables.CLUTTER_LOSS_DB, environment))
    obstructed = table[_band(frequency_hz), _row(elevation_deg)]
    return _inside(elevation_deg, jnp.where(jnp.asarray(line_of_sight), 0.0, obstructed))


def zenith_attenuation_db(frequency_hz: Numbers) -> Float[Array, "..."]:
    """Return the gaseous attenuation towards the zenith of TR 38.821's calibrations, dB.

    Values read from ITU-R P.676 figure 6 at 1, 2, 10, 14, 20, 22, 30 and 40 GHz; between them the
    logarithm of the attenuation is interpolated linearly over the logarithm of the frequency.
    Against the line-by-line model of `sagin.propagation.gases` in the same atmosphere it is within
    0.06 dB; use that model if this matters, and beyond the table.

    Args:
        frequency_hz: f_c, Hz, any shape.

    Returns:
        the attenuation, dB, same shape; outside 1 to 40 GHz NaN, or an error.

    >>> round(float(zenith_attenuation_db(20e9)), 3)
    0.25
    """
    ghz = tables.ZENITH_FREQUENCY_GHZ
    ends = 1e9 * ghz[0], 1e9 * ghz[-1]
    at = jnp.log(as_float_within(frequency_hz, *ends, "frequency_hz") / 1e9)
    knots = jnp.asarray(np.log(ghz))
    return jnp.exp(jnp.interp(at, knots, jnp.log(jnp.asarray(tables.ZENITH_ATTENUATION_DB))))


def gaseous_loss_db(frequency_hz: Numbers, elevation_deg: Numbers) -> Float[Array, "..."]:
    """Return the gaseous attenuation of the slant path.

    PL_g = A_zenith(f_c) / sin α (6.6-8).

    The arguments broadcast.

    The flat atmosphere overestimates below about 5°.

    Args:
        frequency_hz: f_c, Hz, 1 to 40 GHz.
        elevation_deg: α, degrees, above 0 (0 gives inf).

    Returns:
        PL_g, dB.

    >>> round(float(gaseous_loss_db(20e9, 30.0)), 3)
    0.5
    """
    return _inside(
        elevation_deg,
        zenith_attenuation_db(frequency_hz) / jnp.sin(jnp.deg2rad(as_float(elevation_deg))),
    )


def ionospheric_scintillation_db(frequency_hz: Numbers) -> Float[Array, "..."]:
    """Return the ionospheric scintillation loss near the geomagnetic equator.

    PL_s = (P_fluc(4 GHz) / √2) (f_c / 4 GHz)^(−1.5) with P_fluc(4 GHz) = 1.1 dB (6.6.6.1-4).

    Args:
        frequency_hz: f_c, Hz, any shape; valid for latitudes within 20° of the equator and
            frequencies below 6 GHz.

    Returns:
        PL_s, dB, same shape.

    >>> round(float(ionospheric_scintillation_db(2e9)), 3)
    2.2
    """
    return 1.1 / np.sqrt(2.0).item() * (as_float(frequency_hz) / 4e9) ** -1.5


def tropospheric_scintillation_db(elevation_deg: Numbers) -> Float[Array, "..."]:
    """Return the tropospheric scintillation loss that 99 % of the time is not exceeded.

    Table 6.6.6.2.1-1 (20 GHz, Toulouse), elevation rounded as in `los_probability`.
    `sagin.propagation.p618.scintillation_db` computes it for other places, antennas and
    frequencies.

    Args:
        elevation_deg: α, degrees, any shape.

    Returns:
        PL_s, dB, same shape; NaN outside 0° to 90°.

    >>> round(float(tropospheric_scintillation_db(30.0)), 2)
    0.3
    """
    return _inside(
        elevation_deg, jnp.asarray(tables.TROPOSPHERIC_SCINTILLATION_DB)[_row(elevation_deg)]
    )


def scintillation_loss_db(frequency_hz: Numbers, elevation_deg: Numbers) -> Float[Array, "..."]:
    """Return the scintillation loss, ionospheric below 6 GHz, else tropospheric (6.6.6), dB.

    Args:
        frequency_hz: f_c, Hz.
        elevation_deg: α, degrees.

    >>> [round(float(scintillation_loss_db(f, 30.0)), 2) for f in (2e9, 20e9)]
    [2.2, 0.3]
    """
    ionospheric = _inside(elevation_deg, ionospheric_scintillation_db(frequency_hz))
    return jnp.where(
        as_float(frequency_hz) < IONOSPHERE_EDGE,
        ionospheric,
        tropospheric_scintillation_db(elevation_deg),
    )


def absorption_db(frequency_hz: Numbers, elevation_deg: Numbers) -> Float[Array, "..."]:
    """Return the gaseous attenuation if it counts, otherwise 0 (clause 6.6.4), dB.

    It counts from 10 GHz and, at any frequency, below 10° of elevation; arguments as in
    `gaseous_loss_db`.

    >>> float(absorption_db(2e9, 30.0)), float(absorption_db(0.4e9, 30.0))
    (0.0, 0.0)
    """
    counts = _gases_count(as_float(frequency_hz), as_float(elevation_deg))
    plain = as_plain(frequency_hz), as_plain(elevation_deg)
    if plain[0] is not None and plain[1] is not None:
        # where gases do not count, a frequency outside of their table is no error
        frequency_hz = np.where(_gases_count(*plain), plain[0], GASES_EDGE)
    return jnp.where(counts, gaseous_loss_db(frequency_hz, elevation_deg), 0.0)


def _gases_count(frequency_hz: Any, elevation_deg: Any) -> Any:
    return (frequency_hz >= GASES_EDGE) | (elevation_deg < 10.0)


def line_of_sight_loss_db(
    distance_m: Numbers, frequency_hz: Numbers, elevation_deg: Numbers
) -> Float[Array, "..."]:
    """Return the loss in line of sight without shadowing.

    PL = FSPL + PL_g + PL_s (6.6-1 with SF = CL = 0); gases are counted from 10 GHz and, at any
    frequency, below 10° (clause 6.6.4).

    The arguments broadcast.

    Args:
        distance_m: slant range d, m.
        frequency_hz: f_c, Hz.
        elevation_deg: α, degrees.

    Returns:
        the loss, dB.

    >>> round(float(line_of_sight_loss_db(600e3, 20e9, 90.0)), 1)
    174.4
    """
    return (
        path_loss_db(distance_m, frequency_hz)
        + absorption_db(frequency_hz, elevation_deg)
        + scintillation_loss_db(frequency_hz, elevation_deg)
    )


def large_scale(
    key: PRNGKeyArray,
    distance_m: Numbers,
    frequency_hz: Numbers,
    elevation_deg: Numbers,
    environment: str,
) -> LargeScale:
    """Draw line of sight and shadow fading of each path, and return the terms of its loss.

    PL = FSPL + SF + CL + PL_g + PL_s (6.6-1, 6.6-2), SF ~ N(0, σ_SF²) in dB, both with the tables
    of the drawn state.

    The arguments broadcast.

    Args:
        key: random key; every path is drawn independently of the others (the report's correlation
            distances are left to the caller).
        distance_m: slant range d, m.
        frequency_hz: f_c, Hz.
        elevation_deg: α, degrees.
        environment: dense_urban, urban or suburban_rural.

    Returns:
        a `LargeScale`; NaN outside 0° to 90°.

    >>> drop = large_scale(jax.random.key(0), 600e3, 2e9, 90.0, "urban")
    >>> float(drop.clutter_db) == 0.0 or not bool(drop.line_of_sight)
    True
    """
    gaseous_db = absorption_db(frequency_hz, elevation_deg)
    distance_m, frequency_hz, elevation = jnp.broadcast_arrays(
        *(as_float(x) for x in (distance_m, frequency_hz, elevation_deg))
    )
    state, fading = jax.random.split(key)
    line_of_sight = jax.random.uniform(state, elevation.shape) < los_probability(
        elevation, environment
    )
    std = shadowing_std_db(elevation, line_of_sight, frequency_hz, environment)
    return LargeScale(
        line_of_sight=line_of_sight,
        free_space_db=path_loss_db(distance_m, frequency_hz),
        shadowing_db=std * jax.random.normal(fading, elevation.shape),
        clutter_db=clutter_loss_db(elevation, line_of_sight, frequency_hz, environment),
        gaseous_db=jnp.broadcast_to(gaseous_db, elevation.shape),
        scintillation_db=scintillation_loss_db(frequency_hz, elevation),
    )


def mean_loss_db(
    distance_m: Numbers, frequency_hz: Numbers, elevation_deg: Numbers, environment: str
) -> Float[Array, "..."]:
    """Return the mean of the loss in dB over line-of-sight states and shadow fading.

    E[PL] = PL_LoS + (1 − p_LoS) CL, from 6.6-1 with zero-mean shadow fading; arguments and range as
    in `large_scale`.

    >>> path = 600e3, 2e9, 90.0
    >>> round(float(mean_loss_db(*path, "urban") - line_of_sight_loss_db(*path)), 3)
    0.204
    """
    obstructed = (1.0 - los_probability(elevation_deg, environment)) * clutter_loss_db(
        elevation_deg, False, frequency_hz, environment
    )
    return line_of_sight_loss_db(distance_m, frequency_hz, elevation_deg) + obstructed
