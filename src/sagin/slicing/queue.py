"""The queue of slice L between slots: packets that overloaded slots leave."""

import jax.numpy as jnp

from sagin.slicing.scenario import Scenario
from sagin.slicing.state import State
from sagin.traffic.backlog import carry_over
from sagin.types import Array, Float


def carry_backlog(
    scenario: Scenario, state: State, rate: Float[Array, " users"]
) -> Float[Array, " users"] | None:
    """Return the packets that a slot leaves to the next, Q' = max(0, Q + A − R·δ/b).

    The M/D/1 wait of (21) includes all waiting of a stable queue. A queue therefore begins only if
    the slot is overloaded (μ = R/b ≤ λ, or not served), and it lasts until it is empty. The next
    slot's delay is d/c + (A + Q')/μ + W, at most the cap. Without Q' this is (21) to the last bit,
    and at a fixed rate with μ > λ the mean wait is that of the M/D/1 queue.

    The result is None if `traffic.queue` carries nothing. `state.arrivals` are Q + A; `rate` is R,
    bit/s.
    """
    if state.backlog is None:
        return None
    traffic = scenario.traffic
    slot = jnp.asarray(traffic.slot_s, float)
    # packets that the slot serves; an overloaded queue keeps the others
    service = rate / jnp.asarray(traffic.packet_bits, float)
    overloaded = service <= traffic.packets_per_slot / slot
    left = carry_over(0.0, state.arrivals, service * slot)
    return jnp.where((state.backlog > 0) | overloaded, left, 0.0)
