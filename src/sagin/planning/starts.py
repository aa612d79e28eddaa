"""Starts of the planner: assignments without or with full interference, or random placements."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise import local_search
from sagin.optimise.assignment import assign
from sagin.planning.goals import Goal
from sagin.planning.network import PENALTY, PlannedSlot, build_network, utility
from sagin.slicing import uavs
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.rules import find_cluster_centres
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import State
from sagin.types import Array, Float, Int, PRNGKeyArray

Key = PRNGKeyArray | Array
Spots = Float[Array, "uavs 2"]
KINDS = ("apart", "together", "random")
"""Users in separate cells; users on all nodes' subcarriers, under full interference; at random."""
APART, TOGETHER, RANDOM = range(len(KINDS))


def choose_positions(key: Key, scenario: Scenario, state: State, kind: Array) -> Spots:
    """Return feasible initial UAV positions, m.

    They are around clusters of users, those of the previous slot, or random.
    """
    shape = state.uav_positions.shape
    # cluster centres, previous positions, or random positions
    proposals = (
        find_cluster_centres(scenario, state, state.active),
        state.uav_positions / scenario.area.side_m,
        jax.random.uniform(key, shape),
    )
    return uavs.decide_positions(scenario, state.uav_positions, jnp.stack(proposals)[kind][None])


def value_columns(
    key: Key, network: local_search.Network, scenario: Scenario, goal: Goal, kind: Array
) -> tuple[Array, Array]:
    """Return each user's value in each column of an assignment, and the column's node for the user.

    A column is a node and a subcarrier. If users are to be apart, it is a node type and a
    subcarrier, with the best node of that type. −inf: not allowed.
    """
    users, nodes, subcarriers = network.gain.shape
    # signal of each user at each node and subcarrier, from an even share of power
    signal = _even_share(network)[:, None] * network.gain
    same = jnp.asarray(network.disturbs & ~np.eye(nodes, dtype=bool), network.gain.dtype)
    interference = jnp.where(kind == TOGETHER, jnp.einsum("ij,kjn->kin", same, signal), 0.0)
    # a user alone in each column: its slope in the goal times its utility
    features = jax.tree.map(lambda x: x[:, None, None], network.features)
    slope = goal.weights + jnp.where(
        goal.least > 0, PENALTY * jnp.maximum(jnp.sum(goal.weights), 1.0), 0.0
    )
    value = (
        utility(
            scenario,
            features,
            network.distance[:, :, None],
            signal / (network.noise + interference),
        )
        * (network.term @ slope)[:, None, None]
    )
    # a random start ignores the values
    anyhow = 0.1 + 0.9 * uniforms(key, user_rows(scenario), nodes * subcarriers)
    value = jnp.where(kind == RANDOM, anyhow.reshape(value.shape), value)
    # no value where quota or capacity is 0, or the user is absent
    allowed = (
        (network.quota[network.group][:, network.layer] > 0)
        & (network.limit > 0)
        & network.wanting[:, None]
    )
    value = jnp.where(allowed[:, :, None], value, -jnp.inf)
    node = jnp.broadcast_to(jnp.arange(nodes)[:, None], value.shape)
    apart = [_keep_best(value, np.flatnonzero(network.kind == row)) for row in (0, 1, 2)]
    best, best_node = (jnp.concatenate(parts, axis=1) for parts in zip(*apart, strict=True))
    is_apart = kind == APART
    return jnp.where(is_apart, best, value).reshape(users, -1), jnp.where(
        is_apart, best_node, node
    ).reshape(users, -1)


def _keep_best(value: Array, rows: np.ndarray) -> tuple[Array, Array]:
    """Return the largest of some nodes' values in the first node's columns, and the node with it.

    The other nodes' columns hold −inf.
    """
    part = value[:, rows]
    if len(rows) == 0:
        return part, jnp.zeros(part.shape, int)
    node = jnp.asarray(rows)[jnp.argmax(part, axis=1)]
    first = (jnp.arange(len(rows)) == 0)[:, None]
    return jnp.where(first, part.max(axis=1, keepdims=True), -jnp.inf), jnp.broadcast_to(
        node[:, None], part.shape
    )


def begin_start(
    key: Key,
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    goal: Goal,
    *,
    kind: Array,
    respect_priority: bool,
) -> tuple[local_search.Places, Spots]:
    """Return feasible initial places of users and UAV positions; `kind` is a row of `KINDS`."""
    place_key, value_key = jax.random.split(key)
    positions = choose_positions(place_key, scenario, state, kind)
    network = build_network(scenario, state, slot, positions, respect_priority=respect_priority)
    # one user per column, then node and subcarrier of its column
    value, node = value_columns(value_key, network, scenario, goal, kind)
    column = assign(value)
    at = jnp.take_along_axis(node, jnp.maximum(column, 0)[:, None], axis=1)[:, 0]
    subcarrier = column % network.gain.shape[2]
    matched = column >= 0
    places = local_search.Places(jnp.where(matched, at, -1), jnp.where(matched, subcarrier, -1))
    return local_search.admit(network, places), positions


def _even_share(network: local_search.Network) -> Float[Array, " nodes"]:
    """Return a node's power divided by its subcarriers or users.

    It counts as many users as each node would have if all nodes of its kind had equally many.
    """
    kinds = (network.kind[:, None] == network.kind).sum(axis=1)
    return network.power * np.minimum(kinds / network.gain.shape[2], 1.0)


def count_loads(node: Int[Array, " users"], nodes: int) -> Float[Array, " nodes"]:
    """Count the users of each node."""
    return jnp.sum(jax.nn.one_hot(node, nodes), axis=0)
