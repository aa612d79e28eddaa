"""Estimates of channels from pilots: what a decision knows where the channel itself is not known."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def estimate_coefficient(
    coefficient: Numbers, noise: Numbers, variance: Numbers
) -> Float[Array, "..."]:
    """Return the estimate ĥ = √(1 − σ²)·h + σ·e of a channel's coefficient.

    With h ~ CN(0, 1) and e ~ CN(0, 1) it is the estimate of least mean square error, whose error has
    the variance σ², scaled to the channel's own mean power: both are jointly normal, of variance 1
    and correlation √(1 − σ²) (Yoo and Goldsmith, IEEE Trans. Inf. Theory 52(5), 2006, Section II).
    Real and imaginary parts may be given apart; the arguments broadcast.

    Args:
        coefficient: h, or a part of it.
        noise: e, or the same part of it, independent of h.
        variance: σ² in [0, 1]; 0: the channel is known; 1: nothing is known of it.

    >>> round(float(estimate_coefficient(1.0, 2.0, 0.36)), 4)  # 0.8·1 + 0.6·2
    2.0
    """
    variance = as_float(variance)
    return jnp.sqrt(1.0 - variance) * as_float(coefficient) + jnp.sqrt(variance) * as_float(noise)
