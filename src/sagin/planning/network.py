"""A slot in the form of the generic solvers: gains over noise, and utilities of users."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.local_search import Network
from sagin.planning.goals import Goal, sum_shortfall, weigh_terms
from sagin.radio.capacity import shannon_rate
from sagin.slicing import links, objectives
from sagin.slicing.allocation import node_limits, node_powers, quotas
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import Scenario, check_reuse, sizes, slice_of
from sagin.slicing.state import State
from sagin.types import Array, Float
from sagin.units import from_db

PENALTY = 100.0
"""ρ: cost of one missing unit of a minimum value, in units of the weights' sum."""

Places = Float[Array, "uavs 2"]


class UserNumbers(NamedTuple):
    """Parameters of a user's utility besides its link."""

    row: Array
    """Slice, 0 H, 1 L, 2 C."""
    arrivals: Array
    share: Array
    """1/K_s of slices L and C."""


class PlannedSlot(NamedTuple):
    """Data of a slot that stay the same during planning."""

    still: Float[Array, "users others subcarriers"]
    """Gains of base stations and of satellites over noise."""
    fading: Float[Array, "users uavs subcarriers"]
    """Fading of the UAVs' links, over noise."""
    users: UserNumbers
    term: Float[Array, "users 3"]


def build_slot(scenario: Scenario, state: State) -> PlannedSlot:
    """Return the data of a slot that depend on no decision."""
    check_reuse(scenario, "plan")
    noise, size, slices = links.noise_power(scenario), sizes(scenario), slice_of(scenario)
    satellite_gain = jnp.broadcast_to(
        links.satellite_gains(scenario)[..., None], (size.K, size.O, size.N)
    )
    term = jax.nn.one_hot(slices, 3)
    count = jnp.sum(term * state.active[:, None], axis=0)
    user = UserNumbers(jnp.asarray(slices), state.arrivals, (1.0 / jnp.maximum(count, 1.0))[slices])
    still = jnp.concatenate([links.base_gains(scenario, state), satellite_gain], axis=1)
    return PlannedSlot(
        still / noise, links.uav_fading(scenario, state.uav_draws) / noise, user, term
    )


def build_network(
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    positions: Places,
    *,
    respect_priority: bool,
) -> Network:
    """Return the possible links with UAVs at the given positions, m.

    The power of each node is left at its total.
    """
    size, stations = sizes(scenario), sizes(scenario).M
    uav = links.uav_path_gain(scenario, state.user_positions, positions)[..., None] * slot.fading
    distances = [
        links.base_distance(scenario, state.user_positions),
        links.uav_distance(scenario, state.user_positions, positions),
    ]
    distances.append(links.satellite_distance(scenario))
    group = (
        jnp.zeros(size.K, int)
        if ignores_slices(scenario.balancing.rule)
        else jnp.asarray(slice_of(scenario))
    )
    kind = np.repeat([0, 1, 2], (size.M, size.V, size.O))
    most = quotas(scenario, state) if respect_priority else jnp.full((3, 2), size.K)
    return Network(
        gain=jnp.concatenate([slot.still[:, :stations], uav, slot.still[:, stations:]], axis=1),
        distance=jnp.concatenate(distances, axis=1),
        power=node_powers(scenario),
        kind=kind,
        disturbs=links.find_disturbing(scenario, kind),
        noise=1.0,
        limit=node_limits(scenario),
        layer=np.repeat([0, 1], (size.M, size.V + size.O)),
        group=group,
        quota=most,
        wanting=state.active,
        features=slot.users,
        term=slot.term,
    )


def utility(scenario: Scenario, user: UserNumbers, distance: Array, sinr: Array) -> Array:
    """Return what a user adds to its slice's term; 0 without a signal.

    It is R/reference, (1 − D/β)/K_L or [SINR > γ_th]/K_C; the arguments broadcast.
    """
    rate, delay = _rate_and_delay(scenario, user, distance, sinr)
    settings = scenario.objectives
    covered = jnp.where(objectives.find_covered(scenario, sinr), user.share, 0.0)
    low = (1.0 - delay / settings.delay_limit_s) * user.share
    return jnp.where(
        user.row == 0,
        rate / (settings.throughput_reference_mbps * 1e6),
        jnp.where(user.row == 1, low, covered),
    )


def smooth(scenario: Scenario, user: UserNumbers, distance: Array, sinr: Array) -> Array:
    """Return `utility` with coverage as a smooth step, whose slope draws uncovered users upwards.

    The step is x²/(1 + x²) of x = SINR/(1.25·γ_th).
    """
    exact = utility(scenario, user, distance, sinr)
    ratio = jnp.square(
        sinr / (1.25 * from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float)))
    )
    return jnp.where(user.row == 2, user.share * ratio / (1.0 + ratio), exact)


def _rate_and_delay(
    scenario: Scenario, user: UserNumbers, distance: Array, sinr: Array
) -> tuple[Array, Array]:
    rate = shannon_rate(links.subcarrier_band(scenario), sinr)
    flat = [x.reshape(-1) for x in jnp.broadcast_arrays(user.arrivals, distance, rate)]
    return rate, objectives.delays(scenario, *flat).reshape(
        jnp.broadcast_shapes(user.arrivals.shape, distance.shape, rate.shape)
    )


def penalise(goal: Goal, terms: Float[Array, "... 3"]) -> Float[Array, "..."]:
    """Return w·terms − ρ·shortfall, what the planner maximises."""
    return weigh_terms(goal, terms) - PENALTY * jnp.maximum(
        jnp.sum(goal.weights), 1.0
    ) * sum_shortfall(goal, terms)
