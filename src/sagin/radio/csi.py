"""Imperfect channel knowledge: what a pilot tells of a channel's power."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


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

    >>> float(estimate_power(4.0, 1.0, jnp.array([1.0, 1.0]), 1.0))
    1.0
    """
    power, mean_power, errors, variance = map(as_float, (power, mean_power, errors, error_variance))
    known, scale = jnp.sqrt((1.0 - variance) * power), jnp.sqrt(variance * mean_power / 2.0)
    return (known + scale * errors[..., 0]) ** 2 + (scale * errors[..., 1]) ** 2
