"""Positions of the UAVs: combine the agents' proposals and enforce the constraints."""

import jax
import jax.numpy as jnp

from sagin.geometry.distance import distance
from sagin.geometry.spacing import separate
from sagin.slicing.scenario import Scenario
from sagin.types import Array, ArrayLike, Float

Places = Float[Array, "uavs 2"]


def fixed_positions(scenario: Scenario) -> Places:
    """Return the scenario's UAV positions, m."""
    return jnp.asarray(scenario.uavs.positions_m, float).reshape(-1, 2)


def start_positions(scenario: Scenario) -> Places:
    """Return the UAV positions before the first slot, m.

    They are the scenario's positions if their number equals the number of UAVs, otherwise positions
    around the centre of the area.
    """
    if len(scenario.uavs.positions_m) == scenario.uavs.count:
        return fixed_positions(scenario)
    side = jnp.asarray(scenario.area.side_m, float)
    return _separate(jnp.full((scenario.uavs.count, 2), 0.5 * side), side, scenario.uavs.spacing_m)


def decide_positions(
    scenario: Scenario, last: Places, proposals: Float[Array, "agents uavs 2"]
) -> Places:
    """Return the UAV positions, m: the mean of the proposals, moved as little as C6 needs.

    Proposals are in units of the side; `last` are the positions in the previous slot, m. With a
    speed limit, a UAV flies towards its proposal as far as a slot allows. If the spacing would then
    push a UAV beyond that, all UAVs stay. Fixed UAVs always stay.
    """
    fixed = scenario.uavs.placement == "fixed"
    if fixed is True:
        return fixed_positions(scenario)
    free = _follow_proposals(scenario, last, proposals)
    # fixed UAVs need one position each
    if fixed is False or len(scenario.uavs.positions_m) != scenario.uavs.count:
        return free
    return jnp.where(fixed, fixed_positions(scenario), free)


def _follow_proposals(
    scenario: Scenario, last: Places, proposals: Float[Array, "agents uavs 2"]
) -> Places:
    # the mean proposal, then no farther than a slot's flight
    target = jnp.mean(proposals, axis=0) * scenario.area.side_m
    if scenario.uavs.speed_m_s is None:
        return _separate(target, scenario.area.side_m, scenario.uavs.spacing_m)
    reach = jnp.asarray(scenario.uavs.speed_m_s * scenario.traffic.slot_s, float)
    far = distance(target, last)
    toward = last + (target - last) * jnp.minimum(1.0, reach / jnp.maximum(far, reach))[:, None]
    allowed = _separate(toward, scenario.area.side_m, scenario.uavs.spacing_m)
    # reject positions that the spacing pushes too far
    rounding = 4.0 * jnp.finfo(allowed.dtype).eps * scenario.area.side_m
    return jnp.where(jnp.any(distance(allowed, last) > reach + rounding), last, allowed)


@jax.custom_jvp
def _separate(places: Places, side: ArrayLike, spacing: ArrayLike) -> Places:
    return separate(places, side, spacing)


@_separate.defjvp
def _separate_jvp(
    primals: tuple[Array, ArrayLike, ArrayLike], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Pass gradients as if no position had to be moved.

    This is exact if no position is moved; the loop of `separate` has no reverse mode.
    """
    return _separate(*primals), tangents[0]
