"""Packet arrivals."""

import jax

from sagin.types import Array, ArrayLike, Int, PRNGKeyArray


def poisson_packets(key: PRNGKeyArray, mean: ArrayLike, shape: tuple[int, ...] = ()) -> Int[Array, "..."]:
    """Return numbers of packets that arrive in a slot, Poisson-distributed, of the given shape.

    mean: λ ≥ 0, packets per slot, broadcasts to shape; 0 gives 0.

    >>> poisson_packets(jax.random.key(0), 50.0, (2, 3)).shape
    (2, 3)
    """
    return jax.random.poisson(key, mean, shape)
