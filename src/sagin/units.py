"""Conversions between the units of the edges (dB, dBm, degrees, km) and those inside (linear, W,
rad, m).
"""

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float


def from_db(value_db: ArrayLike) -> Float[Array, "..."]:
    """Return the linear power ratio 10^(x/10) of a value in dB, same shape.

    >>> round(float(from_db(3.0)), 4)
    1.9953
    """
    return 10.0 ** (jnp.asarray(value_db) / 10.0)


def to_db(ratio: ArrayLike) -> Float[Array, "..."]:
    """Return 10·log10 of a linear power ratio, same shape, in dB; 0 gives −inf, a negative ratio
    NaN.

    >>> float(to_db(100.0))
    20.0
    """
    return 10.0 * jnp.log10(jnp.asarray(ratio))


def from_dbm(power_dbm: ArrayLike) -> Float[Array, "..."]:
    """Return the power in W of a power in dBm, same shape.

    >>> float(from_dbm(30.0))
    1.0
    """
    return 10.0 ** ((jnp.asarray(power_dbm) - 30.0) / 10.0)


def to_dbm(power_w: ArrayLike) -> Float[Array, "..."]:
    """Return the power in dBm of a power in W, same shape.

    >>> float(to_dbm(1.0))
    30.0
    """
    return to_db(power_w) + 30.0
