"""Rates that a link's signal-to-noise ratio allows."""

import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def shannon_rate(bandwidth_hz: ArrayLike, snr: ArrayLike) -> Float[Array, "..."]:
    """Return Shannon's rate B·log2(1 + γ) in bit/s (slicing paper (3), (7), (10); relaying paper
    (18), (27)).

    bandwidth_hz: B, Hz; snr: γ ≥ 0, SNR or SINR, a ratio; they broadcast. 0 at γ = 0.

    >>> float(shannon_rate(1e6, 3.0))
    2000000.0
    """
    return jnp.asarray(bandwidth_hz, dtype=float) * (
        jnp.log1p(jnp.asarray(snr, dtype=float)) / jnp.log(2.0)
    )
