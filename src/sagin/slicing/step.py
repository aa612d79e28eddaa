"""One slot of the slicing system, stage by stage (Algorithm 1), and the step to the next slot."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.geometry.mobility import reflect
from sagin.geometry.points import place_in_disc
from sagin.slicing import objectives, uavs
from sagin.slicing.csi import draw_estimates
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.layers import (
    Claims,
    balance_non_terrestrial,
    balance_terrestrial,
    link_non_terrestrial,
    link_terrestrial,
    round_claims,
)
from sagin.slicing.links import find_visible
from sagin.slicing.mobility import get_mobility
from sagin.slicing.queue import carry_backlog
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.schedule import begin_schedule, follow_schedule
from sagin.slicing.state import (
    Actions,
    Layer,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.traffic.arrivals import poisson_quantile
from sagin.types import Array, ArrayLike, Float, PRNGKeyArray

Key = PRNGKeyArray | Array
Places = Float[Array, "uavs 2"]


def step(key: Key, scenario: Scenario, state: State, actions: Actions) -> tuple[State, Outcome]:
    """Return the next state and the outcome of a slot in which the layers act in turn.

    Layer 1 acts and is balanced, layer 2 acts on the remaining users, the objectives follow, and
    users, channels and arrivals change.

    Args:
        key: random key of the next slot's draws.
        scenario: slicing scenario.
        state: state at the start of the slot.
        actions: actions of both layers, numbers in [0, 1].
    """
    first = act_terrestrial(scenario, state, actions.terrestrial)
    second, positions = act_non_terrestrial(scenario, state, first, actions.non_terrestrial)
    outcome = assess_slot(scenario, state, first, second, positions)
    return advance(key, scenario, end_slot(scenario, state, outcome)), outcome


def step_together(
    key: Key, scenario: Scenario, state: State, actions: Actions
) -> tuple[State, Outcome]:
    """Return the same as `step` if both layers act at once on all users.

    These are benchmarks 3 and 4; the scenario's rule decides who serves a user whom both layers
    claim.

    Args:
        key: random key of the next slot's draws.
        scenario: slicing scenario.
        state: state at the start of the slot.
        actions: actions of both layers, numbers in [0, 1].
    """
    first, second, positions = act_together(scenario, state, actions)
    outcome = assess_slot(scenario, state, first, second, positions)
    return advance(key, scenario, end_slot(scenario, state, outcome)), outcome


def reset(key: Key, scenario: Scenario, counts: ArrayLike | None = None) -> State:
    """Return the first state: users uniform in the area, channels and arrivals drawn.

    `counts` are the users of H, L and C who take part, at most the scenario's numbers; None: all.
    """
    place_key, slot_key = jax.random.split(key)
    size = sizes(scenario)
    # the first rows of each slice take part
    places = draw_places(place_key, scenario)
    most = np.array(slice_sizes(scenario))
    numbers = jnp.asarray(most if counts is None else counts)
    turn = np.concatenate([np.arange(rows) for rows in most])
    active = jnp.asarray(turn) < jnp.repeat(numbers, most, total_repeat_length=size.K)
    # channels and arrivals are filled by the first draw
    blank = State(
        user_positions=places,
        active=active,
        base_draws=jnp.zeros((size.K, size.M, size.N)),
        uav_draws=jnp.zeros((size.K, size.V, size.N, 2)),
        arrivals=jnp.zeros(size.K),
        tiebreak=jnp.zeros(size.K),
        uav_positions=uavs.start_positions(scenario),
        slot=jnp.zeros((), int),
        backlog=jnp.zeros(size.K) if scenario.traffic.queue == "carried" else None,
    )
    return _draw_slot(slot_key, scenario, begin_schedule(scenario, blank))[0]


def draw_places(key: Key, scenario: Scenario) -> Float[Array, "users 2"]:
    """Draw users' positions, m: uniform in the area, or in its spots by their weights."""
    rows, side, spots = user_rows(scenario), scenario.area.side_m, scenario.area.spots
    if spots is None:
        return uniforms(key, rows, 2) * side
    # weights become ends of parts of (0, 1)
    numbers = uniforms(key, rows, 3)
    x, y, weight, radius = jnp.asarray(spots.rows, float).T
    # a spot by its weight, then uniform in its disc
    ends = jnp.cumsum(weight / jnp.sum(weight))
    spot = jnp.minimum(jnp.searchsorted(ends, numbers[:, 0]), len(spots.rows) - 1)
    centre = jnp.stack([x, y], axis=1)[spot]
    return reflect(place_in_disc(numbers[:, 1:].T, radius[spot], centre), side)


def end_slot(scenario: Scenario, state: State, outcome: Outcome) -> State:
    """Return the state with the values left to the next slot: UAV positions and packets."""
    # a user is served by one layer at most
    rate = outcome.terrestrial.rate + outcome.non_terrestrial.rate
    backlog = carry_backlog(scenario, state, rate)
    return state._replace(uav_positions=outcome.uav_positions, backlog=backlog)


def advance(key: Key, scenario: Scenario, state: State) -> State:
    """Return the next slot's state: users have moved; channels and arrivals are new.

    `state` is that of the present slot, after `end_slot`.
    """
    new, direction = _draw_slot(key, scenario, follow_schedule(scenario, state, state.slot + 1))
    # users who leave the area are reflected into it
    moved = get_mobility(scenario.mobility.model).move(scenario, state, direction)
    return new._replace(user_positions=reflect(moved, scenario.area.side_m), slot=state.slot + 1)


def _draw_slot(key: Key, scenario: Scenario, state: State) -> tuple[State, Float[Array, "users 2"]]:
    """Return the state with new channels, arrivals and order, and two more numbers per user.

    All come from one draw: on a CPU many small draws cost several times as much.
    """
    size, (high, low, _) = sizes(scenario), slice_sizes(scenario)
    # one row of numbers per user
    ends = np.cumsum([size.M * size.N, size.V * size.N * 2, 1, 1, 2])
    numbers = uniforms(key, user_rows(scenario), int(ends[-1]))
    # columns: fading of base stations and UAVs, packets, order, movement
    base, uav, packets, tiebreak, direction = jnp.split(numbers, ends[:-1], axis=1)
    count = poisson_quantile(
        packets[high : high + low, 0],
        scenario.traffic.packets_per_slot,
        scenario.traffic.most_packets,
    )
    # packets of slice L only, and only of users who take part
    arrivals = jnp.zeros_like(state.arrivals).at[high : high + low].set(count.astype(numbers.dtype))
    arrivals = jnp.where(state.active, arrivals, 0.0)
    backlog = state.backlog
    if backlog is not None:
        # a user who leaves takes its packets along
        backlog = jnp.where(state.active, backlog, 0.0)
        arrivals += backlog
    drawn = state._replace(
        base_draws=base.reshape(size.K, size.M, size.N),
        uav_draws=uav.reshape(size.K, size.V, size.N, 2),
        arrivals=arrivals,
        tiebreak=tiebreak[:, 0],
        backlog=backlog,
    )
    return draw_estimates(key, scenario, drawn), direction


def act_terrestrial(scenario: Scenario, state: State, action: TerrestrialAction) -> Layer:
    """Return the links of layer 1: rounding, load balancing, powers, SINR and rates.

    Args:
        scenario: slicing scenario.
        state: state at the start of the slot.
        action: action of layer 1, numbers in [0, 1].
    """
    claim = round_claims(scenario, action, state.active)
    return link_terrestrial(scenario, state, claim, balance_terrestrial(scenario, state, claim))


def act_non_terrestrial(
    scenario: Scenario, state: State, first: Layer, action: NonTerrestrialAction
) -> tuple[Layer, Places]:
    """Return the links of layer 2 for K^NT, and the UAV positions, m.

    Args:
        scenario: slicing scenario.
        state: state at the start of the slot.
        first: links of layer 1; K^NT are the users whom it does not serve.
        action: action of layer 2, numbers in [0, 1].
    """
    claim = round_claims(scenario, action, state.active & ~first.served)
    return _act_second(scenario, state, claim, action)


def _act_second(
    scenario: Scenario, state: State, claim: Claims, action: NonTerrestrialAction
) -> tuple[Layer, Places]:
    positions = uavs.decide_positions(scenario, state.uav_positions, action.positions)
    # satellites out of sight complete no claim
    visible = find_visible(scenario)
    if visible is not None:
        in_sight = jnp.take(visible, claim.node, mode="clip")
        claim = claim._replace(complete=claim.complete & in_sight)
    served = balance_non_terrestrial(scenario, state, claim)
    return link_non_terrestrial(scenario, state, claim, served, positions), positions


def act_together(scenario: Scenario, state: State, actions: Actions) -> tuple[Layer, Layer, Places]:
    """Return the links of both layers if they act at once, and the UAV positions, m.

    A user whom a base station keeps and layer 2 claims collides: either the base station serves it,
    or no node does.
    """
    claim, other = (
        round_claims(scenario, actions.terrestrial, state.active),
        round_claims(scenario, actions.non_terrestrial, state.active),
    )
    stations_served = balance_terrestrial(scenario, state, claim)
    clash = stations_served & other.complete
    drop = scenario.game.collision == "drop"
    first = link_terrestrial(scenario, state, claim, stations_served & ~(clash & drop))
    second, positions = _act_second(
        scenario,
        state,
        other._replace(complete=other.complete & ~stations_served),
        actions.non_terrestrial,
    )
    first = first._replace(refused=claim.complete & ~stations_served, collided=clash & drop)
    return first, second._replace(collided=clash), positions


def assess_slot(
    scenario: Scenario, state: State, first: Layer, second: Layer, positions: Places
) -> Outcome:
    """Return the rewards and indicators of a slot together with the layers' links.

    Args:
        scenario: slicing scenario.
        state: state at the start of the slot.
        first: links of layer 1.
        second: links of layer 2.
        positions: positions of the UAVs, m, [uavs, 2].
    """
    rewards = objectives.rewards(scenario, state, first, second)
    kpis = objectives.kpis(scenario, state, first, second, positions)
    return Outcome(first, second, positions, rewards, kpis)
