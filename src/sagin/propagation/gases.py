"""Attenuation by oxygen and water vapour (ITU-R P.676-12; version 13 has the same lines)."""

import jax.numpy as jnp
import numpy as np

from sagin.propagation import gas_lines
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, as_float_within

STANDARD_PRESSURE_HPA = 1013.25
"""Surface pressure of the mean annual global reference atmosphere, hPa (ITU-R P.835)."""

STANDARD_TEMPERATURE = 288.15
"""Surface temperature of the same, K."""

STANDARD_VAPOUR_DENSITY_G_M3 = 7.5
"""Surface water-vapour density of the same, g/m³."""


def _vapour_pressure_hpa(temperature: Array, vapour_density_g_m3: Array) -> Array:
    return vapour_density_g_m3 * temperature / 216.7


def _columns(table: tuple) -> np.ndarray:
    return np.asarray(table).T


def _line_shape(
    frequency: Array, centre: np.ndarray, width: Array, overlap: Array | float
) -> Array:
    """Return F_i (5), with f/f_i taken in; the last axis runs over the lines."""
    difference, total = centre - frequency, centre + frequency
    shape = (width - overlap * difference) / (difference**2 + width**2) + (
        width - overlap * total
    ) / (total**2 + width**2)
    return frequency / centre * shape


def _oxygen(f: Array, pressure: Array, temperature: Array, vapour: Array) -> Array:
    theta = 300.0 / temperature
    centre, a1, a2, a3, a4, a5, a6 = _columns(gas_lines.OXYGEN)
    p, e, t, at = (x[..., None] for x in (pressure, vapour, theta, f))
    strength = a1 * 1e-7 * p * t**3 * jnp.exp(a2 * (1.0 - t))
    # 2.25e−6: Zeeman splitting (6b)
    width = jnp.sqrt((a3 * 1e-4 * (p * t ** (0.8 - a4) + 1.1 * e * t)) ** 2 + 2.25e-6)
    overlap = (a5 + a6 * t) * 1e-4 * (p + e) * t**0.8
    lines = jnp.sum(strength * _line_shape(at, centre, width, overlap), axis=-1)
    d = 5.6e-4 * (pressure + vapour) * theta**0.8
    nitrogen = 1.4e-12 * pressure * theta**1.5 / (1.0 + 1.9e-5 * f**1.5)
    return lines + f * pressure * theta**2 * (6.14e-5 / (d * (1.0 + (f / d) ** 2)) + nitrogen)


def _vapour(f: Array, pressure: Array, temperature: Array, vapour: Array) -> Array:
    theta = 300.0 / temperature
    centre, b1, b2, b3, b4, b5, b6 = _columns(gas_lines.WATER_VAPOUR)
    p, e, t, at = (x[..., None] for x in (pressure, vapour, theta, f))
    strength = b1 * 0.1 * e * t**3.5 * jnp.exp(b2 * (1.0 - t))
    pressure_width = b3 * 1e-4 * (p * t**b4 + b5 * e * t**b6)
    # Doppler broadening (6b)
    width = 0.535 * pressure_width + jnp.sqrt(
        0.217 * pressure_width**2 + 2.1316e-12 * centre**2 / t
    )
    return jnp.sum(strength * _line_shape(at, centre, width, 0.0), axis=-1)


def gas_specific_attenuation_db_km(
    frequency_hz: Numbers,
    pressure_hpa: Numbers = STANDARD_PRESSURE_HPA,
    temperature_k: Numbers = STANDARD_TEMPERATURE,
    vapour_density_g_m3: Numbers = STANDARD_VAPOUR_DENSITY_G_M3,
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Return the specific attenuation of oxygen and of water vapour, line by line.

    γ = 0.1820 f N''(f), N'' = Σ_i S_i F_i (+ N''_D for oxygen) (Annex 1, 1 to 9), 44 oxygen and 35
    water-vapour lines.

    The arguments broadcast.

    Args:
        frequency_hz: f, Hz, up to 1000 GHz; beyond, NaN or an error for plain numbers.
        pressure_hpa: dry-air pressure p, hPa.
        temperature_k: T, K.
        vapour_density_g_m3: ρ, g/m³, with the vapour pressure e = ρ T / 216.7 (4).

    Returns:
        (γ_o, γ_w), dB/km; the total is their sum.

    >>> oxygen, vapour = gas_specific_attenuation_db_km(60e9)
    >>> round(float(oxygen), 1), round(float(vapour), 2)
    (14.6, 0.15)
    """
    f, pressure, t, density = jnp.broadcast_arrays(
        as_float_within(frequency_hz, 0.0, 1e12, "frequency_hz"),
        *(as_float(x) for x in (pressure_hpa, temperature_k, vapour_density_g_m3)),
    )
    f = f / 1e9
    vapour = _vapour_pressure_hpa(t, density)
    return 0.1820 * f * _oxygen(f, pressure, t, vapour), 0.1820 * f * _vapour(
        f, pressure, t, vapour
    )


def equivalent_heights_km(
    frequency_hz: Numbers,
    pressure_hpa: Numbers,
    temperature_k: Numbers,
    vapour_density_g_m3: Numbers,
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Return the equivalent heights of oxygen and water vapour, km.

    A specific attenuation times its height is the zenith attenuation.

    h_o by (30) to (34), h_w by (35) to (38) of Annex 2 of version 12; arguments as in
    `gas_specific_attenuation_db_km`.

    Valid for 1 to 350 GHz; beyond, NaN or an error. h_o ≤ 10.7 r_p^0.3 below 70 GHz, by (30).

    Returns:
        (h_o, h_w), km.

    >>> oxygen, vapour = equivalent_heights_km(10e9, 1013.25, 288.15, 7.5)
    >>> round(float(oxygen), 1), round(float(vapour), 1)
    (4.9, 1.7)
    """
    pressure, t, density = (as_float(x) for x in (pressure_hpa, temperature_k, vapour_density_g_m3))
    f = as_float_within(frequency_hz, 1e9, 350e9, "frequency_hz") / 1e9
    ratio = (pressure + _vapour_pressure_hpa(t, density)) / 1013.25
    celsius = t - 273.15
    t1 = (
        5.1040
        / (1.0 + 0.066 * ratio**-2.3)
        * jnp.exp(-(((f - 59.7) / (2.87 + 12.4 * jnp.exp(-7.9 * ratio))) ** 2))
    )
    t2 = sum(
        c * jnp.exp(2.12 * ratio) / ((f - fi) ** 2 + 0.025 * jnp.exp(2.2 * ratio))
        for c, fi in gas_lines.OXYGEN_HEIGHT
    )
    rational = (15.02 * f**2 - 1353.0 * f + 5.333e4) / (f**3 - 151.3 * f**2 + 9629.0 * f - 6803.0)
    t3 = 0.0114 * f / (1.0 + 0.14 * ratio**-2.6) * rational
    oxygen = 6.1 * (0.7832 + 0.00709 * celsius) / (1.0 + 0.17 * ratio**-1.1) * (1.0 + t1 + t2 + t3)
    oxygen = jnp.where(f < 70.0, jnp.minimum(oxygen, 10.7 * ratio**0.3), oxygen)
    scale = 1.013 / (1.0 + jnp.exp(-8.6 * (ratio - 0.57)))
    peaks = sum(a * scale / ((f - fi) ** 2 + b * scale) for fi, a, b in gas_lines.VAPOUR_HEIGHT)
    offset = 1.9298 - 0.04166 * celsius + 0.0517 * density
    return oxygen, offset + (1.1674 - 0.00622 * celsius + 0.0063 * density) * peaks


def vapour_zenith_attenuation_db(
    frequency_hz: Numbers, vapour_content_kg_m2: Numbers, height_km: Numbers
) -> Float[Array, "..."]:
    """Return the zenith attenuation of a known column of water vapour.

    A_w = 0.0176 V_t γ_w(f) / γ_w(20.6 GHz), both at p = 845 hPa, ρ = V_t / 2.38 and t = 14 ln(0.22
    V_t / 2.38) + 3 °C; from 20 GHz on times a h^b + 1 (Annex 2, 41 of version 12).

    The arguments broadcast.

    Args:
        frequency_hz: f, Hz, 1 to 350 GHz.
        vapour_content_kg_m2: V_t, kg/m².
        height_km: station height h, km, 0 to 4 (the formula holds its ends beyond).

    Returns:
        A_w, dB; outside 1 to 350 GHz NaN, or an error.

    >>> round(float(vapour_zenith_attenuation_db(20.6e9, 10.0, 0.0)), 3)
    0.176
    """
    f = as_float_within(frequency_hz, 1e9, 350e9, "frequency_hz") / 1e9
    content = as_float(vapour_content_kg_m2)
    density = content / 2.38
    temperature = 14.0 * jnp.log(0.22 * density) + 3.0 + 273.15
    at, reference = (
        gas_specific_attenuation_db_km(x, 845.0, temperature, density)[1]
        for x in (frequency_hz, 20.6e9)
    )
    peaks = ((0.2048, 22.43, 3.097), (0.2326, 183.5, 4.096), (0.2073, 325.0, 3.651))
    a = sum(c * jnp.exp(-(((f - centre) / width) ** 2)) for c, centre, width in peaks) - 0.1113
    b = 8.741e4 * jnp.exp(-0.587 * f) + 312.2 * f**-2.38 + 0.723
    factor = jnp.where(f < 20.0, 1.0, a * jnp.clip(as_float(height_km), 0.0, 4.0) ** b + 1.0)
    return 0.0176 * content * at / reference * factor


def slant_gaseous_attenuation_db(
    frequency_hz: Numbers,
    elevation_deg: Numbers,
    pressure_hpa: Numbers = STANDARD_PRESSURE_HPA,
    temperature_k: Numbers = STANDARD_TEMPERATURE,
    vapour_density_g_m3: Numbers = STANDARD_VAPOUR_DENSITY_G_M3,
    *,
    vapour_content_kg_m2: Numbers | None = None,
    height_km: Numbers = 0.0,
) -> Float[Array, "..."]:
    """Return the gaseous attenuation of an Earth-space path.

    A_g = (h_o γ_o + h_w γ_w) / sin θ (Annex 2 of version 12), with A_w of
    `vapour_zenith_attenuation_db` for h_w γ_w if the column of water vapour is given.

    The arguments broadcast.

    Args:
        frequency_hz: f, Hz, 1 to 350 GHz.
        elevation_deg: θ, 5° to 90°.
        pressure_hpa: p at the station, hPa.
        temperature_k: T at the station, K.
        vapour_density_g_m3: ρ at the station, g/m³.
        vapour_content_kg_m2: V_t, kg/m², or None.
        height_km: height h of the station, km; used with V_t only.

    Returns:
        A_g, dB; outside 5° to 90° and 1 to 350 GHz, NaN or an error for plain numbers.

    >>> round(float(slant_gaseous_attenuation_db(20e9, 90.0)), 2)
    0.24
    """
    surface = (pressure_hpa, temperature_k, vapour_density_g_m3)
    oxygen, vapour = gas_specific_attenuation_db_km(frequency_hz, *surface)
    oxygen_height, vapour_height = equivalent_heights_km(frequency_hz, *surface)
    if vapour_content_kg_m2 is None:
        wet = vapour * vapour_height
    else:
        wet = vapour_zenith_attenuation_db(frequency_hz, vapour_content_kg_m2, height_km)
    elevation = as_float_within(elevation_deg, 5.0, 90.0, "elevation_deg")
    return (oxygen * oxygen_height + wet) / jnp.sin(jnp.deg2rad(elevation))
