"""The set policy as a whole: a slot → an allocation, greedily or sampled."""

from collections.abc import Callable
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
from sagin.policies.set_policy.board import Board, lay_out, survey_field
from sagin.policies.set_policy.decoder import (
    Noise,
    PlacementTurn,
    PolicyOptions,
    count_revisions,
    make_decoder,
    place_users,
)
from sagin.policies.set_policy.encoder import (
    SlotSight,
    embed_users,
    limit_layers,
    list_anchor_features,
    look_at_slot,
    score_anchors,
)
from sagin.policies.set_policy.powers import Need, list_members, refine_powers, trim_powers
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
"""Steps of UAVs up the gradient once users are placed, and how much shorter each is than the last.
"""
LEAST_RATIO = 1e-9
"""SINR that counts as none."""
DEFAULT = PolicyOptions()


class Anchors(NamedTuple):
    """What the networks saw when UAVs were sent, and whom each hovers above; UAVs lead."""

    features: Float[Array, "uavs users features"]
    user: Int[Array, " uavs"]


class DecidedSample(NamedTuple):
    """An allocation and all that its probability and its worth follow from."""

    allocation: Allocation
    sight: SlotSight
    anchors: Anchors
    turns: PlacementTurn | None
    worth: Float[Array, ""]
    """Score of the slot."""
    smooth_worth: Float[Array, " rounds"]
    """The same with coverage as a smooth step, after each power round."""


def decide(
    weights: Weights,
    scenario: Scenario,
    state: State,
    respect_priority: ArrayLike,
    *,
    key: Key | None = None,
    options: PolicyOptions = DEFAULT,
) -> DecidedSample:
    """Return the policy's allocation of a slot, the likeliest, or with a key a sample.

    Args:
        respect_priority: whether the quotas of the priority hold; may be traced.
        options: static.
    """
    slot = build_slot(scenario, state)
    most = limit_layers(scenario, state, respect_priority)
    sight = look_at_slot(scenario, state, slot, most)
    embedding = embed_users(weights, sight)
    uav_key, user_key = (None, None) if key is None else jax.random.split(key)
    anchors, positions = send_uavs(uav_key, weights, scenario, state, sight, embedding)
    network = build_network(scenario, state, slot, positions, respect_priority=False)
    field = survey_field(scenario, network._replace(quota=most), lay_out(sizes(scenario)))
    decoder = make_decoder(weights, scenario, field, embedding, options)
    noise = None if user_key is None else draw_noise(user_key, network, options)
    board, turns = place_users(decoder, noise, keep=key is not None)
    moved, allocation = climb(scenario, state, slot, board, positions)
    powers = share_powers(weights, scenario, moved, allocation, options)
    links = build_links(moved, Places(allocation.node, allocation.subcarrier))
    power = jax.lax.stop_gradient(powers[-1])
    if options.power_rounds:
        power = trim_powers(links, build_need(scenario, moved), power)
    value = build_value(scenario, moved, allocation)
    return DecidedSample(
        allocation._replace(power=power),
        sight,
        anchors,
        turns,
        value(utility, power),
        jax.vmap(lambda power: value(smooth, power))(powers),
    )


def draw_noise(key: Key, network: Network, options: PolicyOptions) -> Noise:
    """Return the noise of a sample's choices."""
    users, nodes, subcarriers = network.gain.shape
    turns, (user_key, edge_key) = users + count_revisions(options, users), jax.random.split(key)
    return Noise(
        jax.random.gumbel(user_key, (turns, users)),
        jax.random.gumbel(edge_key, (turns, nodes * subcarriers + 1)),
    )


def send_uavs(
    key: Key | None,
    weights: Weights,
    scenario: Scenario,
    state: State,
    sight: SlotSight,
    embedding: Float[Array, "users width"],
) -> tuple[Anchors, Places2]:
    """Return above whom each UAV hovers, and the allowed UAV positions, m."""
    count, users = sizes(scenario).V, state.active.shape[0]
    noise = jnp.zeros((count, users)) if key is None else jax.random.gumbel(key, (count, users))

    def send(spots: Array, turn: tuple[Array, Array]) -> tuple[Array, Anchors]:
        number, noise = turn
        features = list_anchor_features(sight, spots, number)
        user = jnp.argmax(score_anchors(weights, embedding, features, sight.active) + noise)
        return spots.at[number].set(sight.positions[user]), Anchors(features, user)

    first = jnp.zeros((count, 2))
    spots, anchors = jax.lax.scan(send, first, (jnp.arange(count), noise))
    shares = (spots / scenario.area.side_m)[None]
    return anchors, uavs.decide_positions(scenario, state.uav_positions, shares)


def climb(
    scenario: Scenario, state: State, slot: PlannedSlot, board: Board, positions: Places2
) -> tuple[Network, Allocation]:
    """Return the network and allocation once UAVs are where their users are best off."""
    draft = Allocation(board.node, board.subcarrier, board.power, positions)
    if sizes(scenario).V and scenario.uavs.placement != "fixed":
        measure = build_measure(scenario, state, slot, build_goal(), draft)
        side = jnp.asarray(scenario.area.side_m, float)
        best = ascend(measure, positions[None], FIRST_STEP * side, CLIMBS, SHRINK).point
        positions = uavs.decide_positions(scenario, state.uav_positions, (best / side)[None])
        draft = draft._replace(uav_positions=positions)
    return build_network(scenario, state, slot, positions, respect_priority=False), draft


def build_value(
    scenario: Scenario, network: Network, allocation: Allocation
) -> Callable[[Callable[..., Array], Array], Array]:
    """Return what powers are worth, by a measure of a user's utility."""
    links = build_links(network, Places(allocation.node, allocation.subcarrier))
    served, distance = allocation.node >= 0, find_distances(network, allocation)

    def value(measure: Callable[..., Array], power: Array) -> Array:
        ratio = power * links.direct / (1.0 + links.cross @ power)
        # next to 0 a ratio has no gradient
        values = measure(scenario, network.features, distance, jnp.maximum(ratio, LEAST_RATIO))
        return jnp.sum(jnp.where(served, values, 0.0))

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
    options: PolicyOptions,
) -> Float[Array, "rounds users"]:
    """Return the powers after each round, W."""
    links = build_links(network, Places(allocation.node, allocation.subcarrier))
    if not options.power_rounds:
        return scale_to_totals(allocation.power, list_members(links), links.total)[None]
    served, distance = allocation.node >= 0, find_distances(network, allocation)

    def total(ratio: Array) -> Array:
        return jnp.sum(smooth(scenario, network.features, distance, ratio))

    def slopes(ratio: Array) -> Array:
        slope = jax.grad(total)(jnp.maximum(ratio, LEAST_RATIO)) * (1.0 + ratio)
        return jnp.where(served, jnp.maximum(slope, 0.0), 0.0)

    need = build_need(scenario, network)
    return refine_powers(weights.power, links, slopes, allocation.power, network.term, need)


def build_need(scenario: Scenario, network: Network) -> Need:
    """Return that users of slice C need to be covered, and no more."""
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))
    # no two users have the same gains
    return Need(network.features.row == 2, threshold, jnp.sum(network.gain, axis=(1, 2)))
