"""Conversion of numbers of any kind to floats, and of decibels to linear units and back."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.errors import InputError

Numbers = ArrayLike | Sequence[Any]
"""A number, an array, or a nested list of numbers; an integer counts as the equal float."""


def as_float(value: Numbers) -> Array:
    """Convert a number, an array or a nested list to a JAX array of floats.

    An integer gives the same result as the equal float, also above 2³¹, because it becomes a 64-bit
    float before it becomes a JAX array. Complex numbers stay complex.

    >>> float(as_float(5_000_000_000)) == float(as_float(5e9))
    True
    """
    if not isinstance(value, jax.Array):
        try:
            array = np.asarray(value)
        except jax.errors.TracerArrayConversionError:  # a list that holds traced numbers
            return jnp.stack([as_float(part) for part in cast(Sequence, value)])
        value = array if np.iscomplexobj(array) else array.astype(np.float64)
    return jnp.asarray(value) if jnp.iscomplexobj(value) else jnp.asarray(value, float)


def as_plain(value: Numbers) -> Float[np.ndarray, "..."] | None:
    """Return numbers that somebody has written, 64-bit; None for JAX arrays and traced numbers.

    >>> as_plain([1, 2]).tolist(), as_plain(jnp.ones(2))
    ([1.0, 2.0], None)
    """
    if isinstance(value, jax.Array):
        return None
    with suppress(jax.errors.TracerArrayConversionError):
        return np.asarray(value, np.float64)
    return None


def as_float_within(
    value: Numbers, low: float, high: float, name: str, *, open_low: bool = False
) -> Array:
    """Convert numbers like `as_float`; numbers outside a range become NaN.

    A number a few units in the last place beyond an end counts as that end. Python and NumPy
    numbers outside the range are refused, because a user wrote them.

    Args:
        value: numbers to convert.
        low: smallest allowed number.
        high: largest allowed number.
        name: name of the argument, with its unit.
        open_low: whether the smallest number itself is not allowed.

    Raises:
        InputError: a number that is not a JAX array is outside the range; the message has one line.

    >>> as_float_within(30, 0.0, 1.5708, "elevation_rad")
    Traceback (most recent call last):
    sagin.errors.InputError: elevation_rad: 30 (allowed: 0 to 1.5708)
    """
    numbers = as_float(value)
    slack = 4.0 * float(jnp.finfo(numbers.dtype).eps) * max(abs(low), abs(high))
    plain = as_plain(value)
    if plain is not None:
        outside = (plain < low - slack) | (plain > high + slack) | (open_low & (plain == low))
        if np.any(outside):
            start = f"above {low:g}" if open_low else f"{low:g}"
            wrong = plain[outside].flat[0]
            raise InputError(f"{name}: {wrong:g} (allowed: {start} to {high:g})")
    inside = (numbers >= low - slack) & (numbers <= high + slack)
    return jnp.where(inside & ~(open_low & (numbers == low)), numbers, jnp.nan)


def as_float64(value: Numbers) -> Float[np.ndarray, "..."]:
    """Convert a number, an array or a nested list to a NumPy array of 64-bit floats.

    >>> as_float64([1, 2]).tolist()
    [1.0, 2.0]
    """
    return np.asarray(value, np.float64)


def from_db(value_db: Numbers) -> Float[Array, "..."]:
    """Return the linear power ratio 10^(x/10) of a value in dB, same shape.

    >>> round(float(from_db(3.0)), 4)
    1.9953
    """
    return 10.0 ** (as_float(value_db) / 10.0)


def to_db(ratio: Numbers) -> Float[Array, "..."]:
    """Return 10·log10 of a linear power ratio, dB, same shape.

    0 gives −inf, a negative ratio NaN.

    >>> float(to_db(100.0))
    20.0
    """
    return 10.0 * jnp.log10(as_float(ratio))


def from_dbm(power_dbm: Numbers) -> Float[Array, "..."]:
    """Return the power in W of a power in dBm, same shape.

    >>> float(from_dbm(30.0))
    1.0
    """
    return 10.0 ** ((as_float(power_dbm) - 30.0) / 10.0)


def to_dbm(power_w: Numbers) -> Float[Array, "..."]:
    """Return the power in dBm of a power in W, same shape.

    >>> float(to_dbm(1.0))
    30.0
    """
    return to_db(power_w) + 30.0
