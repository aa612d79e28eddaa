"""The set policy as a whole: from a slot to an allocation, most likely or sampled."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.optimise.gradient import ascend
from sagin.optimise.local_search import Network, Places
from sagin.optimise.power import scale_to_totals
from sagin.planning.goals import build_goal
from sagin.planning.network import PlannedSlot, build_network, build_slot, smooth, utility
from sagin.planning.positions import FIRST_STEP, build_measure
from sagin.planning.powers import build_links
from sagin.policies.set_policy.board import BoardField, line_up, survey_field
from sagin.policies.set_policy.decoder import (
    Decoder,
    Noise,
    PlacementTurn,
    PolicyOptions,
    count_most_turns,
    make_decoder,
    place_users,
    sample_places,
)
from sagin.policies.set_policy.encoder import (
    SlotSight,
    embed_users,
    limit_layers,
    list_anchor_features,
    look_at_slot,
    score_anchors,
)
from sagin.policies.set_policy.layout import lay_out
from sagin.policies.set_policy.powers import Need, list_members, refine_powers, settle_powers
from sagin.policies.set_policy.weights import Weights
from sagin.slicing import uavs
from sagin.slicing.allocation import Allocation
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array, ArrayLike, Float, Int, PRNGKeyArray
from sagin.units import from_db

Key = PRNGKeyArray | Array
Places2 = Float[Array, "uavs 2"]
CLIMBS, SHRINK = 6, 0.7
"""Number of gradient steps of UAVs after placement, and the ratio of consecutive step lengths."""
LEAST_RATIO = 1e-9
"""SINR that counts as 0."""
DEFAULT = PolicyOptions()


class Anchors(NamedTuple):
    """Inputs of the networks when UAVs are sent, and the user below each UAV; UAVs lead."""

    features: Float[Array, "uavs users features"]
    user: Int[Array, " uavs"]


class SeenSlot(NamedTuple):
    """A slot, with the networks' results before any decision."""

    state: State
    slot: PlannedSlot
    most: Int[Array, "groups layers"]
    """Quotas."""
    goal: Float[Array, " slices"]
    """Weights of the slices, with mean 1."""
    sight: SlotSight
    embedding: Float[Array, "users width"]


class DecidedSample(NamedTuple):
    """Allocations of slots, with the data for their probability and worth; slots lead."""

    allocation: Allocation
    anchors: Anchors
    turns: PlacementTurn | None
    """Slots are the last axis, turns the first."""
    worth: Float[Array, " slots"]
    """Score of the slot."""
    smooth_worth: Float[Array, "slots rounds"]
    """The same with coverage as a smooth step, after each power round."""


def see_slot(
    weights: Weights,
    scenario: Scenario,
    state: State,
    respect_priority: ArrayLike,
    goal: ArrayLike | None = None,
) -> SeenSlot:
    """Return the networks' results for one slot; flag and goal may be traced.

    `goal` holds the weights of the slices; None: equal weights.
    """
    slot = build_slot(scenario, state)
    most = limit_layers(scenario, state, respect_priority)
    goal = jnp.ones(3) if goal is None else jnp.asarray(goal, float)
    goal = goal / jnp.mean(goal)
    sight = look_at_slot(scenario, state, slot, most, goal)
    return SeenSlot(state, slot, most, goal, sight, embed_users(weights, sight))


def decide(
    weights: Weights,
    scenario: Scenario,
    seen: SeenSlot,
    *,
    key: Key | None = None,
    options: PolicyOptions = DEFAULT,
) -> DecidedSample:
    """Return the policy's allocations of slots: the most likely ones, or samples if there is a key.

    Args:
        seen: stacked slots.
        options: static.
    """
    layout = lay_out(sizes(scenario))
    uav_key, user_key = (None, None) if key is None else jax.random.split(key)

    def open_slot(noise: Array, seen: SeenSlot) -> tuple[Anchors, Places2]:
        return send_uavs(noise, weights, scenario, seen)

    def open_board(seen: SeenSlot, positions: Places2) -> BoardField:
        network = build_network(scenario, seen.state, seen.slot, positions, respect_priority=False)
        return survey_field(scenario, network._replace(quota=seen.most), layout, seen.goal)

    slots, users = seen.state.active.shape
    shape = (slots, sizes(scenario).V, users)
    # with Gumbel noise this samples; without it, it takes the most likely option
    noise = jnp.zeros(shape) if uav_key is None else jax.random.gumbel(uav_key, shape)
    anchors, positions = jax.vmap(open_slot)(noise, seen)
    field = line_up(jax.vmap(open_board)(seen, positions))
    decoder, turns = make_decoder(weights, scenario, field, seen.embedding, options), None
    if user_key is None:
        board = place_users(decoder)
    else:
        board, turns = sample_places(decoder, draw_noise(user_key, decoder))
    # slots are the last axis on the board, the first one from here on
    draft = jax.vmap(Allocation)(board.node.T, board.subcarrier.T, board.power.T, positions)
    finish = partial(finish_slot, weights, scenario, options)
    allocation, worth, smooth_worth = jax.vmap(finish)(seen, draft)
    return DecidedSample(allocation, anchors, turns, worth, smooth_worth)


def draw_noise(key: Key, decoder: Decoder) -> Noise:
    """Return the noise of samples' choices."""
    slots, users, _ = decoder.embedding.shape
    turns, (user_key, edge_key) = count_most_turns(decoder.options, users), jax.random.split(key)
    options = decoder.layout.ends[-1] * decoder.layout.subcarriers + 1
    return Noise(
        jax.random.gumbel(user_key, (sum(turns), users, slots)),
        jax.random.gumbel(edge_key, (sum(turns), options, slots)),
    )


def send_uavs(
    noise: Float[Array, "uavs users"], weights: Weights, scenario: Scenario, seen: SeenSlot
) -> tuple[Anchors, Places2]:
    """Return the user below each UAV, and the feasible UAV positions, m."""
    count, sight = sizes(scenario).V, seen.sight

    def send(spots: Array, turn: tuple[Array, Array]) -> tuple[Array, Anchors]:
        number, noise = turn
        features = list_anchor_features(sight, spots, number)
        user = jnp.argmax(score_anchors(weights, seen.embedding, features, sight.active) + noise)
        return spots.at[number].set(sight.positions[user]), Anchors(features, user)

    first = jnp.zeros((count, 2))
    spots, anchors = jax.lax.scan(send, first, (jnp.arange(count), noise))
    shares = (spots / scenario.area.side_m)[None]
    return anchors, uavs.decide_positions(scenario, seen.state.uav_positions, shares)


def finish_slot(
    weights: Weights, scenario: Scenario, options: PolicyOptions, seen: SeenSlot, draft: Allocation
) -> tuple[Allocation, Float[Array, ""], Float[Array, " rounds"]]:
    """Return a slot's allocation after placement, its worth, and the worth after each round."""
    moved, allocation = climb(scenario, seen, draft)
    powers = share_powers(weights, scenario, moved, allocation, seen.goal, options)
    links = build_links(moved, Places(allocation.node, allocation.subcarrier))
    power = jax.lax.stop_gradient(powers[-1])
    # the last power is settled without gradients
    if options.power_rounds:
        power = settle_powers(links, build_need(scenario, moved), power)
    value = build_value(scenario, moved, allocation, seen.goal)
    smooth_worth = jax.vmap(lambda power: value(smooth, power))(powers)
    return allocation._replace(power=power), value(utility, power), smooth_worth


def climb(scenario: Scenario, seen: SeenSlot, draft: Allocation) -> tuple[Network, Allocation]:
    """Return the network and allocation after the UAVs moved along their users' gradient."""
    state, slot, positions = seen.state, seen.slot, draft.uav_positions
    if sizes(scenario).V and scenario.uavs.placement != "fixed":
        measure = build_measure(scenario, state, slot, build_goal(seen.goal), draft)
        side = jnp.asarray(scenario.area.side_m, float)
        best = ascend(measure, positions[None], FIRST_STEP * side, CLIMBS, SHRINK).point
        positions = uavs.decide_positions(scenario, state.uav_positions, (best / side)[None])
        draft = draft._replace(uav_positions=positions)
    return build_network(scenario, state, slot, positions, respect_priority=False), draft


def build_value(
    scenario: Scenario, network: Network, allocation: Allocation, goal: Float[Array, " slices"]
) -> Callable[[Callable[..., Array], Array], Array]:
    """Return the value function of powers, by a measure of a user's utility."""
    links = build_links(network, Places(allocation.node, allocation.subcarrier))
    served, distance = allocation.node >= 0, find_distances(network, allocation)
    weight = network.term @ goal

    def value(measure: Callable[..., Array], power: Array) -> Array:
        ratio = power * links.direct / (1.0 + links.cross @ power)
        # close to 0 a ratio has no gradient
        values = measure(scenario, network.features, distance, jnp.maximum(ratio, LEAST_RATIO))
        return jnp.sum(jnp.where(served, weight * values, 0.0))

    return value


def find_distances(network: Network, allocation: Allocation) -> Float[Array, " users"]:
    """Return each user's distance to its node, m; 0 without a node."""
    at = jax.nn.one_hot(allocation.node, network.power.shape[0])
    return jnp.sum(at * network.distance, axis=1)


def share_powers(
    weights: Weights,
    scenario: Scenario,
    network: Network,
    allocation: Allocation,
    goal: Float[Array, " slices"],
    options: PolicyOptions,
) -> Float[Array, "rounds users"]:
    """Return the powers after each round, W."""
    links = build_links(network, Places(allocation.node, allocation.subcarrier))
    if not options.power_rounds:
        return scale_to_totals(allocation.power, list_members(links), links.total)[None]
    # weights of slices as users' weights
    served, distance = allocation.node >= 0, find_distances(network, allocation)
    weight = network.term @ goal

    def total(ratio: Array) -> Array:
        return jnp.sum(weight * smooth(scenario, network.features, distance, ratio))

    def slopes(ratio: Array) -> Array:
        slope = jax.grad(total)(jnp.maximum(ratio, LEAST_RATIO)) * (1.0 + ratio)
        return jnp.where(served, jnp.maximum(slope, 0.0), 0.0)

    need = build_need(scenario, network)
    return refine_powers(weights.power, links, slopes, allocation.power, network.term, need)


def build_need(scenario: Scenario, network: Network) -> Need:
    """Return the need of users of slice C: to be covered, and no more."""
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))
    # no two users have the same gains
    return Need(network.features.row == 2, threshold, jnp.sum(network.gain, axis=(1, 2)))
