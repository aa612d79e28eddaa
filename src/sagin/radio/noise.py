"""Thermal noise."""

from sagin.constants import BOLTZMANN, REFERENCE_TEMPERATURE
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, from_dbm


def density_from_dbm_per_hz(density_dbm_per_hz: Numbers) -> Float[Array, "..."]:
    """Return the noise density N_0 in W/Hz of one in dBm/Hz, same shape.

    >>> round(float(density_from_dbm_per_hz(-174.0)) * 1e21, 3)
    3.981
    """
    return from_dbm(density_dbm_per_hz)


def thermal_density(temperature_k: Numbers = REFERENCE_TEMPERATURE) -> Float[Array, "..."]:
    """Return the thermal noise density N_0 = k·T (Nyquist), W/Hz.

    At 290 K it is −173.98 dBm/Hz.

    Args:
        temperature_k: T, K.

    >>> round(float(thermal_density()) * 1e21, 3)
    4.004
    """
    return BOLTZMANN * as_float(temperature_k)


def power(
    bandwidth_hz: Numbers, density_w_per_hz: Numbers, noise_figure: Numbers = 1.0
) -> Float[Array, "..."]:
    """Return the noise power B·N_0·F (relaying paper, denominators of (8) and (16)), W.

    The arguments broadcast.

    Args:
        bandwidth_hz: B, Hz.
        density_w_per_hz: N_0, W/Hz.
        noise_figure: F ≥ 1, a ratio.

    >>> round(float(power(20e6, density_from_dbm_per_hz(-174.0))) * 1e14, 3)
    7.962
    """
    return as_float(bandwidth_hz) * as_float(density_w_per_hz) * as_float(noise_figure)
