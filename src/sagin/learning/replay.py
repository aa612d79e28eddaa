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
    """Total number of written transitions."""


def make_ring(row: Any, capacity: int) -> Ring:
    """Make an empty memory for rows shaped as `row`.

    >>> make_ring(jnp.zeros(3), 4).rows.shape
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
    # a block never wraps, as the capacity is a multiple of its length
    start = ring.written % capacity
    rows = jax.tree.map(
        lambda old, new: jax.lax.dynamic_update_slice_in_dim(old, new, start, 0), ring.rows, block
    )
    return Ring(rows, ring.written + length)


def sample(key: PRNGKeyArray, ring: Ring, number: int) -> Any:
    """Return `number` of the written rows, uniformly and with replacement, [number, …].

    Rows are remainders of 32 random bits: of n rows, one is more likely than another by a share of
    at most n/2³².
    """
    capacity = jax.tree.leaves(ring.rows)[0].shape[0]
    written = jnp.minimum(ring.written, capacity).astype(jnp.uint32)
    numbers = jax.random.bits(key, (number,), jnp.uint32) % written
    return jax.tree.map(lambda old: old[numbers], ring.rows)
