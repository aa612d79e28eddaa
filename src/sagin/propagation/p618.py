"""Attenuation of Earth-space paths by rain and scintillation (ITU-R P.618-14), and the total.

The climate (rain rate, rain height, wet refractivity, cloud) is an argument;
`sagin.propagation.itu_maps` reads it from ITU-R's maps.
"""

import jax.numpy as jnp

from sagin.propagation.rain import rain_specific_attenuation_db_km
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, as_float_within

EFFECTIVE_EARTH_RADIUS_KM = 8500.0
"""Effective Earth radius R_e of clause 2.2.1.1, km."""


def _slant_path_km(depth: Array, elevation_deg: Array) -> Array:
    sine = jnp.sin(jnp.deg2rad(elevation_deg))
    curved = 2.0 * depth / (jnp.sqrt(sine**2 + 2.0 * depth / EFFECTIVE_EARTH_RADIUS_KM) + sine)
    # the flat form divides by sin θ, which is 0 where the other is taken
    return jnp.where(
        elevation_deg >= 5.0, depth / jnp.where(elevation_deg >= 5.0, sine, 1.0), curved
    )


def _effective_path_km(
    depth: Array, specific: Array, f: Array, elevation_deg: Array, latitude: Array
) -> Array:
    """Steps 3 to 8 of clause 2.2.1.1: the effective path length L_E, km."""
    elevation = jnp.deg2rad(elevation_deg)
    # cos 90° is slightly negative in 32 bits
    sine, cosine = jnp.sin(elevation), jnp.abs(jnp.cos(elevation))
    ground = _slant_path_km(depth, elevation_deg) * cosine
    reduction = 1.0 / (
        1.0 + 0.78 * jnp.sqrt(ground * specific / f) - 0.38 * (1.0 - jnp.exp(-2.0 * ground))
    )
    steep = jnp.arctan2(depth, ground * reduction) > elevation
    # each denominator is replaced where its case is not taken, so that neither divides by 0
    path = jnp.where(
        steep,
        ground * reduction / jnp.where(steep, cosine, 1.0),
        depth / jnp.where(steep, 1.0, sine),
    )
    chi = jnp.maximum(36.0 - latitude, 0.0)
    bend = (
        31.0 * (1.0 - jnp.exp(-elevation_deg / (1.0 + chi))) * jnp.sqrt(path * specific) / f**2
        - 0.45
    )
    return path / (1.0 + jnp.sqrt(sine) * bend)


def _reduce_exponent(latitude: Array, elevation_deg: Array, percent: Array) -> Array:
    """Step 10 of clause 2.2.1.1: β."""
    sine = jnp.sin(jnp.deg2rad(elevation_deg))
    low = -0.005 * (latitude - 36.0) + jnp.where(elevation_deg >= 25.0, 0.0, 1.8 - 4.25 * sine)
    return jnp.where((percent >= 1.0) | (latitude >= 36.0), 0.0, low)


def rain_attenuation_db(
    rain_rate_mm_h: Numbers,
    rain_height_km: Numbers,
    frequency_hz: Numbers,
    elevation_deg: Numbers,
    latitude_deg: Numbers,
    percent: Numbers = 0.01,
    *,
    station_height_km: Numbers = 0.0,
    tilt_deg: Numbers = 45.0,
) -> Float[Array, "..."]:
    """Return the rain attenuation that is exceeded for p % of an average year.

    Clause 2.2.1.1: A_0.01 = γ_R L_E, and A_p = A_0.01 (p / 0.01)^−(0.655 + 0.033 ln p − 0.045 ln
    A_0.01 − β (1 − p) sin θ) (steps 1 to 10).
    The arguments broadcast. Outside the ranges, NaN or an error for plain numbers.

    Args:
        rain_rate_mm_h: R_0.01, mm/h, exceeded for 0.01 % of the year.
        rain_height_km: h_R, km (ITU-R P.839), up to 10.
        frequency_hz: f, Hz, 1 to 55 GHz.
        elevation_deg: θ, above 0° to 90°.
        latitude_deg: φ of the station, degrees.
        percent: p, 0.001 to 5 %.
        station_height_km: h_s, km.
        tilt_deg: polarisation tilt τ, 45° for circular.

    Returns:
        A_p, dB; 0 without rain or for a station above the rain height.

    >>> round(float(rain_attenuation_db(0.0, 3.0, 20e9, 30.0, 50.0)), 1)
    0.0
    """
    rain = as_float_within(rain_rate_mm_h, 0.0, 1000.0, "rain_rate_mm_h")
    top = as_float_within(rain_height_km, -1.0, 10.0, "rain_height_km")
    bottom = as_float_within(station_height_km, -1.0, 10.0, "station_height_km")
    f = as_float_within(frequency_hz, 1e9, 55e9, "frequency_hz")
    elevation = as_float_within(elevation_deg, 0.0, 90.0, "elevation_deg", open_low=True)
    latitude = as_float_within(latitude_deg, -90.0, 90.0, "latitude_deg")
    p, tilt = as_float_within(percent, 0.001, 5.0, "percent"), as_float(tilt_deg)
    wet = (rain > 0.0) & (top > bottom)
    # dry paths are computed with a harmless stand-in, so that logarithm and gradient stay finite
    depth = jnp.where(wet, top - bottom, 1.0)
    specific = rain_specific_attenuation_db_km(jnp.where(wet, rain, 1.0), f, elevation, tilt)
    latitude, sine = jnp.abs(latitude), jnp.sin(jnp.deg2rad(elevation))
    worst = specific * _effective_path_km(depth, specific, f / 1e9, elevation, latitude)
    beta = _reduce_exponent(latitude, elevation, p)
    exponent = 0.655 + 0.033 * jnp.log(p) - 0.045 * jnp.log(worst) - beta * (1.0 - p) * sine
    dry = 0.0 * (rain + top + bottom + f + elevation + latitude + p)  # NaN outside of a range
    return jnp.where(wet, worst * (p / 0.01) ** -exponent, dry)


def scintillation_db(
    wet_refractivity: Numbers,
    frequency_hz: Numbers,
    elevation_deg: Numbers,
    percent: Numbers,
    diameter_m: Numbers,
    *,
    efficiency: Numbers = 0.5,
    turbulence_height_m: Numbers = 1000.0,
) -> Float[Array, "..."]:
    """Return the fade by tropospheric scintillation that is exceeded for p % of the time.

    Clause 2.4.1: A_s(p) = a(p) σ_ref f^(7/12) g(x) / sin^1.2 θ, a(p) = −0.061 log³p + 0.072 log²p −
    1.71 log p + 3.0.

    The arguments broadcast. Outside the ranges, NaN or an error for plain numbers.

    Args:
        wet_refractivity: median N_wet of the year, N-units (ITU-R P.453).
        frequency_hz: f, Hz, 4 to 55 GHz.
        elevation_deg: θ, 5° to 90°.
        percent: p, 0.01 to 50 %.
        diameter_m: D of the antenna, m, and its `efficiency` η.
        turbulence_height_m: h_L, m.

    Returns:
        A_s, dB; 0 if the antenna averages the scintillation out (x ≥ 7).

    >>> round(float(scintillation_db(50.389, 14.25e9, 31.077, 1.0, 1.0, efficiency=0.65)), 3)
    0.262
    """
    f = as_float_within(frequency_hz, 4e9, 55e9, "frequency_hz") / 1e9
    elevation = as_float_within(elevation_deg, 5.0, 90.0, "elevation_deg")
    sine = jnp.sin(jnp.deg2rad(elevation))
    length = 2.0 * as_float(turbulence_height_m) / (jnp.sqrt(sine**2 + 2.35e-4) + sine)
    x = 1.22 * as_float(efficiency) * as_float(diameter_m) ** 2 * f / length
    averaged = x >= 7.0
    near = jnp.where(averaged, 1.0, x)
    average = jnp.sqrt(
        3.86 * (near**2 + 1.0) ** (11 / 12) * jnp.sin(11 / 6 * jnp.arctan(1.0 / near))
        - 7.08 * near ** (5 / 6)
    )
    spread = (3.6e-3 + 1e-4 * as_float(wet_refractivity)) * f ** (7 / 12) * average / sine**1.2
    log_p = jnp.log10(as_float_within(percent, 0.01, 50.0, "percent"))
    factor = -0.061 * log_p**3 + 0.072 * log_p**2 - 1.71 * log_p + 3.0
    return jnp.where(
        averaged, jnp.where(jnp.isnan(sine * log_p * f), jnp.nan, 0.0), factor * spread
    )


def total_attenuation_db(
    gas_db: Numbers, cloud_db: Numbers, rain_db: Numbers, scintillation_db: Numbers
) -> Float[Array, "..."]:
    """Return the total attenuation of simultaneous causes.

    A_T(p) = A_G(p) + √((A_R(p) + A_C(p))² + A_S(p)²) (clause 2.5).

    The arguments broadcast.

    Args:
        gas_db: A_G, dB, for version 14 at max(p, 5 %), for version 13 at max(p, 1 %).
        cloud_db: A_C, dB, at the same percentage.
        rain_db: A_R at p, dB.
        scintillation_db: A_S at p, dB.

    Returns:
        A_T, dB.

    >>> float(total_attenuation_db(1.0, 1.0, 2.0, 4.0))
    6.0
    """
    wet = as_float(rain_db) + as_float(cloud_db)
    return as_float(gas_db) + jnp.hypot(wet, as_float(scintillation_db))
