"""Thermal noise."""

import jax.numpy as jnp

from sagin.constants import BOLTZMANN, REFERENCE_TEMPERATURE
from sagin.types import Array, ArrayLike, Float
from sagin.units import from_dbm


def density_from_dbm_per_hz(density_dbm_per_hz: ArrayLike) -> Float[Array, "..."]:
    """Return the noise density N_0 in W/Hz of one in dBm/Hz, same shape.

    >>> round(float(density_from_dbm_per_hz(-174.0)) * 1e21, 3)
    3.981
    """
    return from_dbm(density_dbm_per_hz)


def thermal_density(temperature_k: ArrayLike = REFERENCE_TEMPERATURE) -> Float[Array, "..."]:
    """Return the thermal noise density N_0 = k·T in W/Hz (Nyquist); temperature_k: T, K. At 290 K
    −173.98 dBm/Hz.

    >>> round(float(thermal_density()) * 1e21, 3)
    4.004
    """
    return BOLTZMANN * jnp.asarray(temperature_k, dtype=float)


def power(
    bandwidth_hz: ArrayLike, density_w_per_hz: ArrayLike, noise_figure: ArrayLike = 1.0
) -> Float[Array, "..."]:
    """Return the noise power B·N_0·F in W (relaying paper, the denominator of (8) and (16)).

    bandwidth_hz: B, Hz; density_w_per_hz: N_0, W/Hz; noise_figure: F ≥ 1, a ratio; they broadcast.

    >>> round(float(power(20e6, density_from_dbm_per_hz(-174.0))) * 1e14, 3)
    7.962
    """
    return jnp.asarray(bandwidth_hz, dtype=float) * density_w_per_hz * noise_figure
