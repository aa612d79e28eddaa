"""A slot as the generic solvers see it: gains over noise, utilities of users, and what an
allocation is worth.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.local_search import Network
from sagin.planning.goals import Goal, sum_shortfall, weigh_terms
from sagin.radio.capacity import shannon_rate
from sagin.slicing import links, objectives
from sagin.slicing.allocation import node_limits, node_powers, quotas
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import State
from sagin.types import Array, Float
from sagin.units import from_db

PENALTY = 100.0
"""ρ: what a missing unit of a least value costs, in units of the weights' sum."""

Places = Float[Array, "uavs 2"]


class OwnNumbers(NamedTuple):
    """What a user's utility depends on besides its link."""

    row: Array
    """Slice, 0 H, 1 L, 2 C."""
    arrivals: Array
    share: Array
    """1/K_s of slices L and C."""


class PlannedSlot(NamedTuple):
    """What doesn't change while a slot is planned."""

    still: Float[Array, "users others subcarriers"]
    """Gains of base stations and of satellites over noise."""
    fading: Float[Array, "users uavs subcarriers"]
    """Of UAVs, over noise."""
    own: OwnNumbers
    term: Float[Array, "users 3"]


def build_slot(scenario: Scenario, state: State) -> PlannedSlot:
    """Return what of a slot doesn't depend on any decision."""
    noise, size, place = links.noise_power(scenario), sizes(scenario), slice_of(scenario)
    above = jnp.broadcast_to(links.satellite_gains(scenario)[..., None], (size.K, size.O, size.N))
    term = jax.nn.one_hot(place, 3)
    count = jnp.sum(term * state.active[:, None], axis=0)
    own = OwnNumbers(jnp.asarray(place), state.arrivals, (1.0 / jnp.maximum(count, 1.0))[place])
    still = jnp.concatenate([links.base_gains(scenario, state), above], axis=1)
    return PlannedSlot(
        still / noise, links.uav_fading(scenario, state.uav_draws) / noise, own, term
    )


def build_network(
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    positions: Places,
    *,
    respect_priority: bool,
) -> Network:
    """Return who could be served by whom with UAVs at given places, m; what a node sends is left at
    its total.
    """
    size, stations = sizes(scenario), sizes(scenario).M
    uav = links.uav_path_gain(scenario, state.user_positions, positions)[..., None] * slot.fading
    apart = [
        links.base_distance(scenario, state.user_positions),
        links.uav_distance(scenario, state.user_positions, positions),
    ]
    apart.append(links.satellite_distance(scenario))
    group = (
        jnp.asarray(slice_of(scenario))
        if scenario.balancing.rule != "uniform"
        else jnp.zeros(size.K, int)
    )
    most = quotas(scenario, state) if respect_priority else jnp.full((3, 2), size.K)
    return Network(
        gain=jnp.concatenate([slot.still[:, :stations], uav, slot.still[:, stations:]], axis=1),
        distance=jnp.concatenate(apart, axis=1),
        power=node_powers(scenario),
        kind=np.repeat([0, 1, 2], (size.M, size.V, size.O)),
        noise=1.0,
        limit=node_limits(scenario),
        layer=np.repeat([0, 1], (size.M, size.V + size.O)),
        group=group,
        quota=most,
        wanting=state.active,
        features=slot.own,
        term=slot.term,
    )


def utility(scenario: Scenario, own: OwnNumbers, apart: Array, sinr: Array) -> Array:
    """Return what a user adds to its slice's term: R/reference, (1 − D/β)/K_L or [SINR > γ_th]/K_C;
    0 without a signal; they broadcast.
    """
    rate, delay = _rate_and_delay(scenario, own, apart, sinr)
    settings = scenario.objectives
    covered = jnp.where(
        sinr > from_db(jnp.asarray(settings.coverage_threshold_db, float)), own.share, 0.0
    )
    low = (1.0 - delay / settings.delay_limit_s) * own.share
    return jnp.where(
        own.row == 0,
        rate / (settings.throughput_reference_mbps * 1e6),
        jnp.where(own.row == 1, low, covered),
    )


def smooth(scenario: Scenario, own: OwnNumbers, apart: Array, sinr: Array) -> Array:
    """Return `utility` with coverage as a smooth step, x²/(1 + x²) of x = SINR/(1.25·γ_th), whose
    slope leads uncovered users upwards.
    """
    exact = utility(scenario, own, apart, sinr)
    ratio = jnp.square(
        sinr / (1.25 * from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float)))
    )
    return jnp.where(own.row == 2, own.share * ratio / (1.0 + ratio), exact)


def _rate_and_delay(
    scenario: Scenario, own: OwnNumbers, apart: Array, sinr: Array
) -> tuple[Array, Array]:
    rate = shannon_rate(links.subcarrier_band(scenario), sinr)
    flat = [x.reshape(-1) for x in jnp.broadcast_arrays(own.arrivals, apart, rate)]
    return rate, objectives.delays(scenario, *flat).reshape(
        jnp.broadcast_shapes(own.arrivals.shape, apart.shape, rate.shape)
    )


def penalise(wanted: Goal, found: Float[Array, "... 3"]) -> Float[Array, "..."]:
    """Return w·terms − ρ·shortfall, what the planner maximises."""
    return weigh_terms(wanted, found) - PENALTY * jnp.maximum(
        jnp.sum(wanted.weights), 1.0
    ) * sum_shortfall(wanted, found)
