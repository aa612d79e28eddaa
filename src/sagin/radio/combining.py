"""Combining of branches that carry the same signal: output SNR from the branches' SNRs."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def maximum_ratio(snrs: Numbers, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of maximum-ratio combining, Σ γ_l (Brennan 1959; relaying paper (24)).

    Args:
        snrs: γ_l, ratios.
        axis: of the branches.

    >>> float(maximum_ratio(jnp.array([1.0, 3.0])))
    4.0
    """
    return jnp.sum(as_float(snrs), axis=axis)


def equal_gain(snrs: Numbers, noises: Numbers | None = None, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of equal-gain combining of co-phased branches, (Σ √(γ_l N_l))²/Σ N_l.

    Without them the textbook's equal noises, (Σ √γ_l)²/L (Brennan 1959). Its gradient is infinite
    at γ_l = 0.

    Args:
        snrs: γ_l ≥ 0.
        noises: the branches' noise powers N_l, any common unit, broadcasting with snrs.

    >>> float(equal_gain(jnp.array([1.0, 9.0])))
    8.0
    """
    snrs = as_float(snrs)
    snrs, noises = jnp.broadcast_arrays(snrs, as_float(1.0 if noises is None else noises))
    return jnp.sum(jnp.sqrt(snrs * noises), axis=axis) ** 2 / jnp.sum(noises, axis=axis)


def selection(snrs: Numbers, axis: int = -1) -> Float[Array, "..."]:
    """Return the SNR of selection combining, max γ_l (Brennan 1959).

    Args:
        snrs: γ_l, ratios.
        axis: of the branches.

    >>> float(selection(jnp.array([1.0, 3.0])))
    3.0
    """
    return jnp.max(as_float(snrs), axis=axis)
