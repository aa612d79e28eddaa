"""Packets that a slot's service leaves for the next one."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def carry_over(backlog: Numbers, arrivals: Numbers, served: Numbers) -> Float[Array, "..."]:
    """Return Q' = max(0, Q + A − S), the remainder of a queue after a slot (Lindley).

    With Poisson arrivals and one packet served per slot, the mean of Q is that of an M/D/1 queue,
    ρ²/(2(1 − ρ)) (`md1.number_waiting`). The arguments broadcast.

    Args:
        backlog: Q, packets at the slot's start.
        arrivals: A, packets that arrive.
        served: S, packets that the slot can serve.

    >>> carry_over([0.0, 3.0], [5.0, 1.0], 4.5).tolist()
    [0.5, 0.0]
    """
    return jnp.maximum(as_float(backlog) + as_float(arrivals) - as_float(served), 0.0)
