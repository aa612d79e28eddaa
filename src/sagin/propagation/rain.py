"""Specific attenuation of rain (Recommendation ITU-R P.838-3)."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float, as_float_within

# Tables 1 to 4: a_j, b_j, c_j of the Gaussians in log10 f, then the slope m and the constant c of
# the straight line
_K_HORIZONTAL = (
    (-5.33980, -0.35351, -0.23789, -0.94158),
    (-0.10008, 1.26970, 0.86036, 0.64552),
    (1.13098, 0.45400, 0.15354, 0.16817),
    -0.18961,
    0.71147,
)
_K_VERTICAL = (
    (-3.80595, -3.44965, -0.39902, 0.50167),
    (0.56934, -0.22911, 0.73042, 1.07319),
    (0.81061, 0.51059, 0.11899, 0.27195),
    -0.16398,
    0.63297,
)
_ALPHA_HORIZONTAL = (
    (-0.14318, 0.29591, 0.32177, -5.37610, 16.1721),
    (1.82442, 0.77564, 0.63773, -0.96230, -3.29980),
    (-0.55187, 0.19822, 0.13164, 1.47828, 3.43990),
    0.67849,
    -1.95537,
)
_ALPHA_VERTICAL = (
    (-0.07771, 0.56727, -0.20238, -48.2991, 48.5833),
    (2.33840, 0.95545, 1.14520, 0.791669, 0.791459),
    (-0.76284, 0.54039, 0.26809, 0.116226, 0.116479),
    -0.053739,
    0.83433,
)


def _curve(table: tuple, log_frequency: Array) -> Array:
    heights, centres, widths, slope, constant = table
    bells = sum(
        a * jnp.exp(-(((log_frequency - b) / c) ** 2))
        for a, b, c in zip(heights, centres, widths, strict=True)
    )
    return bells + slope * log_frequency + constant


def rain_coefficients(
    frequency_hz: Numbers, elevation_deg: Numbers = 0.0, tilt_deg: Numbers = 45.0
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Return the coefficients k and α of the power law of the specific attenuation.

    log10 k_H, log10 k_V, α_H and α_V are sums of Gaussians in log10 f (equations 2 and 3), and
    k = [k_H + k_V + (k_H − k_V) cos²θ cos 2τ] / 2 (4),
    α = [k_H α_H + k_V α_V + (k_H α_H − k_V α_V) cos²θ cos 2τ] / 2k (5).

    The arguments broadcast.

    Valid for 1 to 1000 GHz; beyond, NaN or an error for plain numbers.

    In 32 bits the two nearly cancelling terms of α_V leave four digits.

    Args:
        frequency_hz: f, Hz.
        elevation_deg: path elevation θ, degrees.
        tilt_deg: polarisation tilt τ against the horizontal, degrees: 0 horizontal, 90 vertical, 45
            circular.

    Returns:
        (k, α).

    >>> k, alpha = rain_coefficients(20e9, 0.0, 0.0)
    >>> round(float(k), 3), round(float(alpha), 2)
    (0.092, 1.06)
    """
    log_frequency = jnp.log10(as_float_within(frequency_hz, 1e9, 1e12, "frequency_hz") / 1e9)
    k_h, k_v = (
        10.0 ** _curve(_K_HORIZONTAL, log_frequency),
        10.0 ** _curve(_K_VERTICAL, log_frequency),
    )
    alpha_h, alpha_v = (
        _curve(_ALPHA_HORIZONTAL, log_frequency),
        _curve(_ALPHA_VERTICAL, log_frequency),
    )
    tilt = jnp.cos(jnp.deg2rad(as_float(elevation_deg))) ** 2 * jnp.cos(
        2.0 * jnp.deg2rad(as_float(tilt_deg))
    )
    k = (k_h + k_v + (k_h - k_v) * tilt) / 2.0
    return k, (k_h * alpha_h + k_v * alpha_v + (k_h * alpha_h - k_v * alpha_v) * tilt) / (2.0 * k)


def rain_specific_attenuation_db_km(
    rain_rate_mm_h: Numbers,
    frequency_hz: Numbers,
    elevation_deg: Numbers = 0.0,
    tilt_deg: Numbers = 45.0,
) -> Float[Array, "..."]:
    """Return the attenuation of one kilometre of uniform rain.

    γ_R = k R^α (1).

    The arguments broadcast.

    Args:
        rain_rate_mm_h: R, mm/h; the others as in `rain_coefficients`.

    Returns:
        γ_R, dB/km; 0 without rain.

    >>> round(float(rain_specific_attenuation_db_km(50.0, 20e9, 0.0, 0.0)), 1)
    5.7
    """
    k, alpha = rain_coefficients(frequency_hz, elevation_deg, tilt_deg)
    return k * as_float(rain_rate_mm_h) ** alpha
