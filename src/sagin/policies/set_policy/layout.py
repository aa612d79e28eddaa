"""Nodes by type, and sums and look-ups in arrays whose last axis is slots."""

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.slicing.scenario import Sizes
from sagin.types import Array, Bool, Float, Int

SHORT = 16
"""Largest length of a sum that is written out."""

Edges = Float[Array, "*parts nodes subcarriers slots"]


def add_up(values: Array, axis: int) -> Array:
    """Return sums along an axis, written out if the axis is short.

    As a separate kernel, such a sum takes longer than the computation of its terms.
    """
    length = values.shape[axis]
    if not 0 < length <= SHORT:
        return jnp.sum(values, axis=axis)
    parts = [jax.lax.index_in_dim(values, row, axis, keepdims=False) for row in range(length)]
    return functools.reduce(operator.add, parts)


def pick_rows(values: Array, row: Int[Array, "*rows slots"]) -> Array:
    """Return each slot's rows of an array, (rows of the array, ..., slots)."""
    parts, leading = values.ndim - 2, row.reshape(-1, row.shape[-1])
    index = leading.reshape(leading.shape[0], *(1,) * parts, leading.shape[1])
    picked = jnp.take_along_axis(values, index, axis=0)
    return picked.reshape(*row.shape[:-1], *picked.shape[1:])


def look_up(
    values: Float[Array, "slots users numbers"], row: Int[Array, "*rows slots"]
) -> Float[Array, "*rows numbers slots"]:
    """Return the data of each slot's users; the numbers of one user are contiguous in memory."""
    leading = row.reshape(-1, row.shape[-1]).T
    picked = jnp.take_along_axis(values, leading[..., None], axis=1)
    return jnp.moveaxis(picked, 0, -1).reshape(*row.shape[:-1], values.shape[2], row.shape[-1])


def mark_rows(count: int, row: Int[Array, " slots"]) -> Bool[Array, "count slots"]:
    """Return the mask of the row with this index."""
    return jnp.arange(count)[:, None] == row


class NodeTypes(NamedTuple):
    """Static data of a slot's nodes."""

    ends: tuple[int, ...]
    """Number of the first node of each type, and of nodes."""
    subcarriers: int

    @property
    def kind(self) -> np.ndarray:
        """Return the type of each node."""
        return np.repeat(np.arange(3), np.diff(self.ends))

    @property
    def members(self) -> np.ndarray:
        """Return the nodes of each type, (most, types), −1 for none."""
        counts = np.diff(self.ends)
        column = np.arange(counts.max())[:, None]
        return np.where(column < counts, np.array(self.ends[:-1]) + column, -1)

    def sum_types(self, values: Edges) -> Float[Array, "*parts types subcarriers slots"]:
        """Return sums over the nodes of each type."""
        pairs = zip(self.ends, self.ends[1:], strict=False)
        return jnp.stack([add_up(values[..., a:b, :, :], -3) for a, b in pairs], axis=-3)

    def spread_types(self, values: Float[Array, "*parts types subcarriers slots"]) -> Edges:
        """Return each type's value at all of its nodes."""
        parts = [values[..., row : row + 1, :, :] for row in self.kind.tolist()]
        return jnp.concatenate(parts, axis=-3)


def lay_out(size: Sizes) -> NodeTypes:
    """Return the static data of a slot's nodes."""
    return NodeTypes((0, size.M, size.M + size.V, size.M + size.V + size.O), size.N)
