"""The assignment of greatest value by optax's Hungarian algorithm, unmatched rows allowed."""

import jax.numpy as jnp
from optax.assignment import hungarian_algorithm

from sagin.types import Array, Int
from sagin.units import Numbers, as_float


def assign(value: Numbers) -> Int[Array, " rows"]:
    """Return the column of each row in the assignment of greatest value, −1 for none.

    Each column is used at most once.

    A pair without a positive value is never matched: leaving a row out is worth 0.

    optax's implementation compiles and batches; 30×30 takes 0.1 ms alone and 0.15 ms each in a
    batch of 256, 48×50 0.1 and 0.4 ms, on a CPU's two cores: an auction of our own would have
    nothing to gain.

    Args:
        value: of each pair; −inf forbids it.

    >>> assign(jnp.array([[3.0, 2.0], [2.5, -1.0], [0.5, 0.0]])).tolist()
    [1, 0, -1]
    """
    value = as_float(value)
    rows, columns = value.shape
    if rows == 0 or columns == 0:
        return jnp.full(rows, -1)
    gain = jnp.where(value > 0, value, 0.0)
    row, column = hungarian_algorithm(-gain)
    match = jnp.full(rows, -1).at[row].set(column)
    valuable = jnp.take_along_axis(gain, jnp.maximum(match, 0)[:, None], axis=1)[:, 0] > 0
    return jnp.where((match >= 0) & valuable, match, -1)
