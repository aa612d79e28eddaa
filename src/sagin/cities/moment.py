"""Stored numbers of a moment of a city: serving nodes, loads, rates, power."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.slicing import links
from sagin.slicing.objectives import find_covered, score
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import Outcome, State
from sagin.types import Array, Float, Int


class Moment(NamedTuple):
    """Numbers of a slot; axes of runs and slots may lead."""

    users: Int[Array, "*slots"]
    """Number of users who are present."""
    unserved: Int[Array, "*slots"]
    """Number of users whom no node serves, or who receive less than the minimum rate."""
    covered: Float[Array, "*slots"]
    """Share of the users whose SINR exceeds γ_th."""
    throughput: Float[Array, "*slots"]
    """Sum of the rates of all users, bit/s."""
    satellite_rate: Float[Array, "*slots"]
    """The part of the throughput that satellites carry, bit/s."""
    delay: Float[Array, "*slots"]
    """Mean delay of slice L, s."""
    power: Float[Array, "*slots"]
    """Power of hovering UAVs and radiated power of all nodes, W."""
    score: Float[Array, "*slots"]
    """Sum of the three normalised terms, which the planner maximises and the bounds limit."""
    offered: Int[Array, "*slots base_stations"]
    """Number of users for whom each cell has the best mean signal."""
    load: Int[Array, "*slots nodes"]
    """Number of users whom each base station, UAV and satellite serves."""
    node: Int[Array, "*slots users"]
    """Serving node of each user, −1 if none, −2 for an absent user."""
    user_positions: Float[Array, "*slots users 2"]
    """Positions of the users, m."""
    uav_positions: Float[Array, "*slots uavs 2"]
    """Positions of the UAVs, m."""


def keep_moment(scenario: Scenario, state: State, outcome: Outcome) -> Moment:
    """Return the stored numbers of a slot of a city."""
    size, first, second = sizes(scenario), outcome.terrestrial, outcome.non_terrestrial
    served, rate = first.served | second.served, first.rate + second.rate
    least = 0.0 if scenario.location is None else scenario.location.least_rate_kbit_s
    carried = served & (rate > 0) & (rate >= jnp.asarray(least, float) * 1e3)
    covered = find_covered(scenario, first.sinr + second.sinr) & state.active
    count = jnp.sum(state.active)
    # all cells have equal power, so the cell with the largest gain has the best signal
    best = jnp.argmax(links.base_path_gain(scenario, state.user_positions), axis=1)
    cells = jax.nn.one_hot(best, size.M, dtype=int) * state.active[:, None]
    node = jnp.where(second.served, second.node + size.M, jnp.where(first.served, first.node, -1))
    return Moment(
        users=count,
        unserved=count - jnp.sum(carried & state.active),
        covered=jnp.sum(covered) / jnp.maximum(count, 1),
        throughput=jnp.sum(rate),
        satellite_rate=jnp.sum(jnp.where(second.node >= size.V, second.rate, 0.0)),
        delay=outcome.kpis.delay,
        power=outcome.kpis.power,
        score=score(scenario, outcome.kpis),
        offered=jnp.sum(cells, axis=0),
        load=jnp.concatenate([first.load, second.load]),
        node=jnp.where(state.active, node, -2),
        user_positions=state.user_positions,
        uav_positions=outcome.uav_positions,
    )
