"""Rules for nodes and for subcarriers, and the policies that combine two of them."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.clustering import k_means
from sagin.slicing import links, uavs
from sagin.slicing.actions import AGENTS
from sagin.slicing.allocation import node_limits
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.policy import Key, Mask, Policy
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import NonTerrestrialAction, State, TerrestrialAction
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db


class Offer(NamedTuple):
    """Nodes, gains and limits that a layer offers its users in a slot."""

    gain: Float[Array, "users nodes subcarriers"]
    """Power gain g."""
    distance: Float[Array, "users nodes"]
    """Distance d, m."""
    power: Float[Array, " nodes"]
    """Total power of a node, W."""
    disturbs: Bool[np.ndarray, "nodes others"]
    """Whether another node's users on a subcarrier interfere with a node's users."""
    noise: Float[Array, "..."]
    """Noise in a subcarrier, W; of all nodes, or (nodes, 1)."""
    wanting: Mask
    """Mask of users to serve."""
    slot: Int[Array, ""]
    rows: np.ndarray
    """Each user's row in a draw (`draws.user_rows`)."""
    limit: Float[Array, " nodes"] | None = None
    """Largest number of users of each node, inf for no limit; None if no rule needs it."""


Choice = tuple[Int[Array, " users"], Int[Array, " users"]]
"""Node and subcarrier of each user."""


def allow_nearest(offer: Offer) -> Bool[Array, "users nodes"]:
    """Allow each user only its nearest node, the first of several."""
    return _only(jnp.argmin(offer.distance, axis=1), offer.distance.shape[1])


def allow_in_turn(offer: Offer) -> Bool[Array, "users nodes"]:
    """Allow each user one node, in turn; another one in the next slot."""
    nodes = offer.distance.shape[1]
    return _only((_rank(offer) + offer.slot) % nodes, nodes)


def allow_any(offer: Offer) -> Bool[Array, "users nodes"]:
    """Allow every node."""
    return jnp.ones(offer.distance.shape, bool)


def pick_at_random(key: Key, offer: Offer, allowed: Bool[Array, "users nodes"]) -> Choice:
    """Take the allowed node and a random subcarrier."""
    subcarriers = offer.gain.shape[2]
    subcarrier = (uniforms(key, offer.rows, 1)[:, 0] * subcarriers).astype(int)
    return jnp.argmax(allowed, axis=1), jnp.minimum(subcarrier, subcarriers - 1)


def pick_in_turn(key: Key, offer: Offer, allowed: Bool[Array, "users nodes"]) -> Choice:
    """Take the allowed node and its subcarriers in turn, starting with another one in each slot."""
    del key
    _, nodes, subcarriers = offer.gain.shape
    return jnp.argmax(allowed, axis=1), (_rank(offer) // nodes + offer.slot) % subcarriers


def pick_greedily(key: Key, offer: Offer, allowed: Bool[Array, "users nodes"]) -> Choice:
    """Give users, in the order H, L, C, the allowed node and subcarrier of the best SINR.

    Each user's SINR counts the users before it.

    SINR = p·g_(k,i,n)/(Σ_(i' that interferes with i) p'·m_(i',n)·g_(k,i',n) + noise), m the number
    of earlier users at i' and n. Each user is assumed to receive the same share p of its node's
    power, as if all nodes had equal numbers of users.
    """
    del key
    return _give_in_turn(offer, allowed)


def pick_with_room(key: Key, offer: Offer, allowed: Bool[Array, "users nodes"]) -> Choice:
    """Give users the best node with room, like `pick_greedily`; −1 if no node reaches them."""
    del key
    return _give_in_turn(offer, allowed, limit=offer.limit)


def _give_in_turn(
    offer: Offer,
    allowed: Bool[Array, "users nodes"],
    limit: Float[Array, " nodes"] | None = None,
) -> Choice:
    """Give users, one after another, the allowed node and subcarrier of the best SINR."""
    # equal power shares, as if users were spread evenly
    shared = jnp.asarray(offer.disturbs, offer.gain.dtype)
    nodes = offer.gain.shape[1]
    power = offer.power / jnp.maximum(offer.wanting.sum() / nodes, 1.0)

    def give(load: Array, user: tuple[Array, Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        gain, permitted, wanting = user
        # SINR at every node and subcarrier, given the earlier users
        received = power[:, None] * gain
        sinr = received / (shared @ (load * received) + offer.noise)
        if limit is not None:
            permitted = permitted & (jnp.sum(load, axis=1) < limit)
        worth = jnp.where(permitted[:, None], sinr, -1.0)
        best = jnp.argmax(worth)
        node, subcarrier = best // gain.shape[1], best % gain.shape[1]
        # a user without room requests nothing more
        if limit is not None:
            found = jnp.max(worth) > 0
            node, wanting = jnp.where(found, node, -1), wanting & found
        return load.at[node, subcarrier].add(jnp.where(wanting, 1.0, 0.0)), (node, subcarrier)

    return jax.lax.scan(give, jnp.zeros_like(offer.gain[0]), (offer.gain, allowed, offer.wanting))[
        1
    ]


def _only(node: Int[Array, " users"], nodes: int) -> Bool[Array, "users nodes"]:
    return node[:, None] == jnp.arange(nodes)


def _rank(offer: Offer) -> Int[Array, " users"]:
    return jnp.maximum(jnp.cumsum(offer.wanting) - 1, 0)


def offer_terrestrial(scenario: Scenario, state: State) -> Offer:
    """Return the base stations' offer."""
    stations, users = sizes(scenario).M, state.user_positions
    # gains over subcarriers, (users, base stations, subcarriers)
    power = jnp.full(stations, from_db(scenario.base_stations.power_dbw))
    gain, distance = links.base_gains(scenario, state), links.base_distance(scenario, users)
    return Offer(
        gain,
        distance,
        power,
        links.find_disturbing(scenario, np.zeros(stations, int)),
        links.noise_power(scenario),
        state.active,
        state.slot,
        user_rows(scenario),
        node_limits(scenario)[:stations],
    )


def offer_non_terrestrial(
    scenario: Scenario, state: State, remaining: Mask, proposal: Float[Array, "uavs 2"]
) -> Offer:
    """Return the offer of satellites and of UAVs at the positions that follow from the proposal."""
    counts = sizes(scenario).V, sizes(scenario).O
    places = uavs.decide_positions(scenario, state.uav_positions, proposal[None])
    # satellites have no fading: the same gain on all subcarriers
    gain = links.uav_gains(scenario, state, places)
    satellite_gain = links.satellite_gains(scenario)[..., None]
    gain = jnp.concatenate(
        [gain, jnp.broadcast_to(satellite_gain, (*satellite_gain.shape[:2], gain.shape[2]))], axis=1
    )
    distances = [
        links.uav_distance(scenario, state.user_positions, places),
        links.satellite_distance(scenario),
    ]
    budgets = (scenario.uavs.power_dbw, scenario.satellites.power_dbw)
    power = jnp.concatenate(
        [jnp.full(count, from_db(budget)) for count, budget in zip(counts, budgets, strict=True)]
    )
    return Offer(
        gain,
        jnp.concatenate(distances, axis=1),
        power,
        links.find_disturbing(
            scenario, np.concatenate([np.zeros(counts[0], int), 1 + links.paint_beams(scenario)])
        ),
        links.aerial_noise_power(scenario, counts[0]),
        remaining,
        state.slot,
        user_rows(scenario),
        node_limits(scenario)[sizes(scenario).M :],
    )


def find_cluster_centres(
    scenario: Scenario, state: State, remaining: Mask
) -> Float[Array, "uavs 2"]:
    """Return UAV positions at the cluster centres of the remaining users, in units of the side.

    The clusters are those of k-means.
    """
    count = sizes(scenario).V
    if count == 0:
        return jnp.zeros((0, 2))
    centres = k_means(state.user_positions, remaining.astype(float), count).point
    return jnp.clip(centres / scenario.area.side_m, 0.0, 1.0)


Allow = Callable[[Offer], Bool[Array, "users nodes"]]
Claim = Callable[[Scenario], Mask]
Pick = Callable[[Key, Offer, Bool[Array, "users nodes"]], Choice]


def build_rule_policy(
    name: str, text: str, allow: Allow, pick: Pick, claim: Claim | None = None
) -> Policy:
    """Build the policy of a rule for nodes and a rule for subcarriers.

    UAVs hover over the cluster centres of the remaining users; power is divided evenly. `claim`
    selects the users whom layer 1 asks to serve; None: all users.
    """

    # a rule's choice as one-hot numbers
    def soft(key: Key, offer: Offer) -> tuple[Array, Array, Array]:
        users, nodes, subcarriers = offer.gain.shape
        none = jnp.zeros(users, int)
        node, subcarrier = pick(key, offer, allow(offer)) if nodes else (none, none)
        return jax.nn.one_hot(node, nodes), jax.nn.one_hot(subcarrier, subcarriers), jnp.ones(users)

    def terrestrial(key: Key, scenario: Scenario, state: State) -> TerrestrialAction:
        offer = offer_terrestrial(scenario, state)
        if claim is None:
            return TerrestrialAction(*soft(key, offer))
        wanting = offer.wanting & claim(scenario)
        association, subcarrier, power = soft(key, offer._replace(wanting=wanting))
        return TerrestrialAction(association * wanting[:, None], subcarrier, power)

    def non_terrestrial(
        key: Key, scenario: Scenario, state: State, remaining: Mask
    ) -> NonTerrestrialAction:
        proposal = find_cluster_centres(scenario, state, remaining)
        action = soft(key, offer_non_terrestrial(scenario, state, remaining, proposal))
        return NonTerrestrialAction(jnp.broadcast_to(proposal, (AGENTS, *proposal.shape)), *action)

    return Policy(name, text, terrestrial, non_terrestrial)
