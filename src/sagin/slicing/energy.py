"""Power of a slot: propulsion of the UAVs, and radiated power of all nodes."""

import jax.numpy as jnp

from sagin.flight import propulsion_power
from sagin.geometry.distance import distance
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Layer, State
from sagin.types import Array, Float


def compute_power(
    scenario: Scenario, state: State, first: Layer, second: Layer, positions: Float[Array, "uavs 2"]
) -> Float[Array, ""]:
    """Compute the power of a slot, Σ_v P(V_v) + Σ_k p_k, W.

    P is a UAV's power in level flight, P(0) in hover (Zeng, Xu and Zhang, IEEE Trans. Wireless
    Commun. 18(4), 2019, (12)). Within the slot the UAV flies from its position in the previous
    slot, V = distance/δ. Without a speed limit, positions may jump, as no aircraft can; UAVs then
    hover. p_k is the power that a node sends for a served user.

    `positions` are the UAVs' positions in the slot, m.
    """
    way = distance(positions, state.uav_positions)
    limit, slot = scenario.uavs.speed_m_s, jnp.asarray(scenario.traffic.slot_s, float)
    speed = jnp.zeros_like(way) if limit is None else way / slot
    flight = jnp.sum(propulsion_power(speed, scenario.flight))
    return flight + jnp.sum(first.power) + jnp.sum(second.power)
