"""Imperfect channel knowledge: estimates of a channel from pilots."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def estimate_coefficient(
    coefficient: Numbers, noise: Numbers, error_variance: Numbers
) -> Float[Array, "..."]:
    """Return the estimate ĥ = √(1 − σ²)·h + σ·e of a channel's coefficient, or of a part of it.

    `estimate_power` says where it comes from. The arguments broadcast.

    Args:
        coefficient: h, or its real or imaginary part.
        noise: e, or the same part of it: as strong as h, and independent of it.
        error_variance: σ², 0 (known exactly) to 1 (nothing is known).

    >>> round(float(estimate_coefficient(1.0, 2.0, 0.36)), 4)  # 0.8·1 + 0.6·2
    2.0
    """
    variance = as_float(error_variance)
    return jnp.sqrt(1.0 - variance) * as_float(coefficient) + jnp.sqrt(variance) * as_float(noise)


def estimate_power(
    power: Numbers, mean_power: Numbers, errors: Numbers, error_variance: Numbers
) -> Float[Array, "..."]:
    """Return the power |ĥ|² of an estimated channel, ĥ = √(1 − σ²)·h + σ·√Ω·w, w ~ CN(0, 1).

    From pilots the linear MMSE estimate of h, E|h|² = Ω, with a mean square error of σ²Ω is
    (1 − σ²)·h + √(σ²(1 − σ²)Ω)·w: its error is orthogonal to it (Hassibi and Hochwald, IEEE Trans.
    Inf. Theory 49(4), 2003). This is that estimate times 1/√(1 − σ²), which gives it the mean power
    of the channel; the correlation of h and ĥ is √(1 − σ²). The phase of h does not matter.

    The arguments broadcast, except for the last axis of the errors.

    Args:
        power: |h|² ≥ 0.
        mean_power: Ω, in the unit of the power.
        errors: √2·w as two independent standard normal numbers, shape [..., 2].
        error_variance: σ², 0 (known exactly) to 1 (nothing is known).

    >>> round(float(estimate_power(4.0, 1.0, jnp.array([1.0, 1.0]), 1.0)), 5)
    1.0
    """
    scale, errors = jnp.sqrt(as_float(mean_power) / 2.0), as_float(errors)
    # the channel's phase is 0
    real = estimate_coefficient(jnp.sqrt(as_float(power)), scale * errors[..., 0], error_variance)
    imaginary = estimate_coefficient(0.0, scale * errors[..., 1], error_variance)
    return real**2 + imaginary**2
