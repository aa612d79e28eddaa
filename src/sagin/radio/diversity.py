"""Statistics of combining independent Rayleigh branches of equal or different mean SNRs.

The argument `means` is a ratio per branch, shape [..., branches].

Brennan, Linear diversity combining techniques (Proc. IRE 1959); Simon and Alouini, Digital
Communication over Fading Channels; Goldsmith, Wireless Communications, ch. 7.
"""

import jax.numpy as jnp

from sagin.propagation import mixtures, quadrature, rayleigh
from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def _branches(means: Numbers) -> Float[Array, "*batch branches"]:
    return as_float(means)


def maximum_ratio_mean(means: Numbers) -> Float[Array, "..."]:
    """Return the mean SNR of maximum-ratio combining, Σ γ̄_l.

    >>> float(maximum_ratio_mean(jnp.array([1.0, 3.0])))
    4.0
    """
    return jnp.sum(_branches(means), axis=-1)


def equal_gain_mean(means: Numbers) -> Float[Array, "..."]:
    """Return the mean SNR of equal-gain combining with equal noises.

    (Σ γ̄_l + (π/4)·Σ_(l≠k) √(γ̄_l γ̄_k))/L.

    >>> round(float(equal_gain_mean(jnp.array([1.0, 1.0]))), 4)  # 1 + π/4
    1.7854
    """
    means = _branches(means)
    total = jnp.sum(means, axis=-1)
    return (total + 0.25 * jnp.pi * (jnp.sum(jnp.sqrt(means), axis=-1) ** 2 - total)) / means.shape[
        -1
    ]


def selection_mean(means: Numbers) -> Float[Array, "..."]:
    """Return the mean SNR of selection combining, ∫_0^∞ (1 − Π (1 − e^(−x/γ̄_l))) dx.

    For equal means it is γ̄·Σ 1/l.

    >>> round(float(selection_mean(jnp.array([1.0, 1.0]))), 4)
    1.5
    """
    means = _branches(means)
    largest = jnp.max(means, axis=-1, keepdims=True)

    def exceedance(level: Array) -> Array:
        ratio = level * (largest / means)[..., None]
        return -jnp.expm1(jnp.sum(jnp.log(-jnp.expm1(-ratio)), axis=-2))

    return largest[..., 0] * quadrature.half_line(exceedance)


def maximum_ratio_outage(threshold: Numbers, means: Numbers) -> Float[Array, "..."]:
    """Return the outage probability P(Σ γ_l ≤ x) of maximum-ratio combining.

    Args:
        threshold: x ≥ 0, a ratio, [...].
        means: γ̄_l, ratios, [..., branches].

    >>> round(float(maximum_ratio_outage(1.0, jnp.array([1.0, 1.0]))), 4)  # 1 − 2/e
    0.2642
    """
    return mixtures.sum_of_exponentials_cdf(threshold, means)


def selection_outage(threshold: Numbers, means: Numbers) -> Float[Array, "..."]:
    """Return the outage probability P(max γ_l ≤ x) = Π (1 − e^(−x/γ̄_l)) of selection combining.

    Args:
        threshold: x ≥ 0, a ratio, [...].
        means: γ̄_l, ratios, [..., branches].

    >>> round(float(selection_outage(1.0, jnp.array([1.0, 1.0]))), 4)
    0.3996
    """
    return jnp.prod(
        rayleigh.power_cdf(as_float(threshold)[..., None] / _branches(means)),
        axis=-1,
    )


def maximum_ratio_error(means: Numbers) -> Float[Array, "..."]:
    """Return the mean bit error rate of coherent BPSK with maximum-ratio combining.

    (1/π)·∫ Π 1/(1 + γ̄_l/sin²φ) dφ.

    >>> round(float(maximum_ratio_error(jnp.array([1.0]))), 4)  # (1 − √½)/2
    0.1464
    """
    return quadrature.bpsk_error(
        lambda s: jnp.prod(rayleigh.laplace(s * _branches(means)[..., None]), axis=-2)
    )


def equal_gain_error(mean: Numbers) -> Float[Array, "..."]:
    """Return the mean bit error rate of coherent BPSK with equal-gain combining of two branches.

    ½(1 − √(1 − 1/(1 + γ̄)²)); both branches have the same mean SNR.

    Args:
        mean: γ̄ ≥ 0, of one branch, a ratio. ½ at 0.

    >>> round(float(equal_gain_error(1.0)), 4)
    0.067
    """
    mean = as_float(mean)
    sine = jnp.sqrt(mean * (2.0 + mean)) / (1.0 + mean)
    return 0.5 / ((1.0 + mean) ** 2 * (1.0 + sine))
