"""Rates that a link's signal-to-noise ratio allows."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def shannon_rate(bandwidth_hz: Numbers, snr: Numbers) -> Float[Array, "..."]:
    """Return Shannon's rate B·log2(1 + γ), bit/s.

    Slicing paper (3), (7), (10); relaying paper (18), (27).

    The arguments broadcast. 0 at γ = 0.

    Args:
        bandwidth_hz: B, Hz.
        snr: γ ≥ 0, SNR or SINR, a ratio.

    >>> float(shannon_rate(1e6, 3.0))
    2000000.0
    """
    return as_float(bandwidth_hz) * (jnp.log1p(as_float(snr)) / jnp.log(2.0))
