"""Friis's free-space propagation."""

import jax.numpy as jnp

from sagin.constants import SPEED_OF_LIGHT
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, to_db


def path_gain(distance_m: Numbers, frequency_hz: Numbers) -> Float[Array, "..."]:
    """Return the power gain of free space between isotropic antennas, (c/(4π f d))² (Friis 1946).

    The arguments broadcast. Valid in the far field; d = 0 gives inf.

    Args:
        distance_m: d, m.
        frequency_hz: f, Hz.

    Returns:
        a ratio.

    >>> round(float(path_gain(100.0, 2.4e9)) * 1e9, 3)
    9.881
    """
    return (SPEED_OF_LIGHT / (4.0 * jnp.pi * as_float(frequency_hz) * as_float(distance_m))) ** 2


def path_loss_db(distance_m: Numbers, frequency_hz: Numbers) -> Float[Array, "..."]:
    """Return the free-space path loss 20·log10(4π f d/c) in dB (Friis 1946; ITU-R P.525).

    The arguments broadcast.

    Args:
        distance_m: d, m.
        frequency_hz: f, Hz.

    >>> round(float(path_loss_db(100.0, 2.4e9)), 3)
    80.052
    """
    return 2.0 * to_db(
        4.0 * jnp.pi / SPEED_OF_LIGHT * as_float(frequency_hz) * as_float(distance_m)
    )
