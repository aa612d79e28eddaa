"""Erlang's formulas: Poisson arrivals, exponential holding times, a group of equal channels."""

import jax
import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def blocking_probability(channels: Numbers, load: Numbers) -> Float[Array, "..."]:
    """Return Erlang's B, the share of requests lost if all channels are busy and none may wait.

    (a^c/c!)/Σ_(k≤c) a^k/k!, by the recursion B_n = a·B_(n−1)/(n + a·B_(n−1)), whose terms are all
    positive (Erlang 1917). The arguments broadcast.

    Args:
        channels: c ≥ 0, a whole number.
        load: a = arrival rate × mean holding time ≥ 0, erlang.

    >>> round(float(blocking_probability(2.0, 1.0)), 4)  # ½/(1 + 1 + ½)
    0.2
    """
    channels, load = jnp.broadcast_arrays(as_float(channels), as_float(load))

    def add_channel(number: Array, lost: Array) -> Array:
        more = load * lost / (number + load * lost)
        return jnp.where(number <= channels, more, lost)

    most = jnp.max(channels, initial=0.0).astype(int)
    return jax.lax.fori_loop(1, most + 1, add_channel, jnp.ones_like(load))


def waiting_probability(channels: Numbers, load: Numbers) -> Float[Array, "..."]:
    """Return Erlang's C, the share of requests that wait if all requests may wait.

    C = B/(1 − (a/c)(1 − B)); 1 if the load is c or more.

    Args:
        channels: c ≥ 1, a whole number.
        load: a ≥ 0, erlang.

    >>> round(float(waiting_probability(2.0, 1.0)), 4)
    0.3333
    """
    channels, load = as_float(channels), as_float(load)
    lost = blocking_probability(channels, load)
    return jnp.where(load < channels, lost / (1.0 - load / channels * (1.0 - lost)), 1.0)


def waiting_time(channels: Numbers, load: Numbers) -> Float[Array, "..."]:
    """Return the mean wait of all requests in mean holding times, C/(c − a).

    Args:
        channels: c ≥ 1, a whole number.
        load: a ≥ 0, erlang; the result is infinite from c on.

    >>> round(float(waiting_time(2.0, 1.0)), 4)
    0.3333
    """
    spare = as_float(channels) - as_float(load)
    waits = waiting_probability(channels, load)
    return jnp.where(spare > 0.0, waits / jnp.where(spare > 0.0, spare, 1.0), jnp.inf)
