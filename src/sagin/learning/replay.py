"""A replay memory as a ring of arrays, carried through compiled loops."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.types import Array, Int, PRNGKeyArray


class Ring(NamedTuple):
    """The newest transitions, the oldest overwritten first."""

    rows: Any
    """A pytree of arrays [capacity, …]."""
    written: Int[Array, ""]
    """Transitions ever written."""


def empty(row: Any, capacity: int) -> Ring:
    """Return a memory for rows shaped as `row`.

    >>> empty(jnp.zeros(3), 4).rows.shape
    (4, 3)
    """
    return Ring(
        jax.tree.map(lambda part: jnp.zeros((capacity, *part.shape), part.dtype), row),
        jnp.asarray(0),
    )


def push(ring: Ring, block: Any) -> Ring:
    """Write a block of rows [block, …]; the capacity is a multiple of the block's length."""
    capacity = jax.tree.leaves(ring.rows)[0].shape[0]
    length = jax.tree.leaves(block)[0].shape[0]
    start = ring.written % capacity
    rows = jax.tree.map(
        lambda kept, new: jax.lax.dynamic_update_slice_in_dim(kept, new, start, 0), ring.rows, block
    )
    return Ring(rows, ring.written + length)


def sample(key: PRNGKeyArray, ring: Ring, number: int) -> Any:
    """Return `number` of the rows written, uniformly and with replacement, [number, …]."""
    capacity = jax.tree.leaves(ring.rows)[0].shape[0]
    chosen = jax.random.randint(key, (number,), 0, jnp.minimum(ring.written, capacity))
    return jax.tree.map(lambda kept: kept[chosen], ring.rows)
