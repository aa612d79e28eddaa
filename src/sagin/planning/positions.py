"""UAV positions for given users, subcarriers and powers, by gradient ascent from several starts."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.gradient import ascend
from sagin.planning.goals import Goal
from sagin.planning.network import PlannedSlot, penalise, smooth
from sagin.slicing import links, uavs
from sagin.slicing.allocation import Allocation
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array, Float, PRNGKeyArray

Key = PRNGKeyArray | Array
Places = Float[Array, "uavs 2"]
FIRST_STEP = 0.08
"""First step of all UAVs together, in units of the area's side."""


def improve_positions(
    key: Key,
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    goal: Goal,
    allocation: Allocation,
    *,
    steps: int,
) -> Places:
    """Return feasible UAV positions, m, that are good for an allocation by a smooth measure.

    The caller judges them by the exact measure.
    """
    side = jnp.asarray(scenario.area.side_m, float)
    measure = build_measure(scenario, state, slot, goal, allocation)
    # mean position of each UAV's users, (uavs, 2)
    served = jax.nn.one_hot(allocation.node - sizes(scenario).M, sizes(scenario).V)
    load = jnp.sum(served, axis=0)[:, None]
    middle = jnp.where(
        load > 0, served.T @ state.user_positions / jnp.maximum(load, 1.0), allocation.uav_positions
    )
    # three starts: the present position, above its users, random
    anywhere = jax.random.uniform(key, middle.shape) * side
    starts = jnp.stack([allocation.uav_positions, middle, anywhere])
    best = ascend(measure, starts, FIRST_STEP * side, steps, 0.85).point
    return uavs.decide_positions(scenario, state.uav_positions, (best / side)[None])


def build_measure(
    scenario: Scenario, state: State, slot: PlannedSlot, goal: Goal, allocation: Allocation
) -> Callable[[Places], Float[Array, ""]]:
    """Build the smooth measure of UAV positions for an allocation."""
    size = sizes(scenario)
    band = allocation.node - size.M
    served = (band >= 0) & (band < size.V)
    subcarrier = jnp.maximum(allocation.subcarrier, 0)
    fading = jnp.take_along_axis(slot.fading, subcarrier[:, None, None], axis=2)[..., 0].T
    # power of each UAV for a user, and for all others on its subcarrier
    at = jax.nn.one_hot(band, size.V, axis=0)
    own = at * allocation.power
    meets = (subcarrier[:, None] == subcarrier) & ~np.eye(len(band), dtype=bool)
    disturbs = links.find_disturbing(scenario, np.zeros(size.V, int))
    others = jnp.where(disturbs.T @ at > 0, own @ meets.astype(own.dtype), 0.0)

    def measure(places: Places) -> Float[Array, ""]:
        # gains over the noise, (uavs, users)
        gain = links.uav_path_gain(scenario, state.user_positions, places).T * fading
        ratio = jnp.sum(own * gain, axis=0) / (1.0 + jnp.sum(others * gain, axis=0))
        distances = links.uav_distance(scenario, state.user_positions, places).T
        distance = jnp.sum(at * distances, axis=0)
        value = smooth(scenario, slot.users, distance, jnp.where(served, ratio, 1.0))
        return penalise(goal, jnp.where(served, value, 0.0) @ slot.term)

    return measure
