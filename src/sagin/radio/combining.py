"""Combining of the branches that carry the same signal: the output's SNR from the branches'
instantaneous SNRs.
"""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def maximum_ratio(snrs: Numbers, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of maximum-ratio combining, Σ γ_l, over an axis of branches (Brennan 1959;
    relaying paper (24)).

    >>> float(maximum_ratio(jnp.array([1.0, 3.0])))
    4.0
    """
    return jnp.sum(as_float(snrs), axis=axis)


def equal_gain(snrs: Numbers, noises: Numbers | None = None, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of co-phased branches added with equal weights, (Σ √(γ_l N_l))²/Σ N_l, over an
    axis of branches.

    snrs: γ_l ≥ 0; noises: the branches' noise powers N_l, any common unit, broadcasting with snrs.
    Without them the textbook's equal noises, (Σ √γ_l)²/L (Brennan 1959). Its gradient is infinite
    at γ_l = 0.

    >>> float(equal_gain(jnp.array([1.0, 9.0])))
    8.0
    """
    snrs = as_float(snrs)
    snrs, noises = jnp.broadcast_arrays(snrs, as_float(1.0 if noises is None else noises))
    return jnp.sum(jnp.sqrt(snrs * noises), axis=axis) ** 2 / jnp.sum(noises, axis=axis)


def selection(snrs: Numbers, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of selection combining, max γ_l, over an axis of branches (Brennan 1959).

    >>> float(selection(jnp.array([1.0, 3.0])))
    3.0
    """
    return jnp.max(as_float(snrs), axis=axis)
