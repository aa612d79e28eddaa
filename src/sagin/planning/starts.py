"""Where the planner starts: assignments, a greedy allocation, and random ones.

Assignments are best without interference or with all of it.
"""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise import local_search
from sagin.optimise.assignment import assign
from sagin.planning.goals import Goal
from sagin.planning.network import PENALTY, PlannedSlot, build_network, utility
from sagin.slicing import uavs
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.rules import (
    allow_any,
    build_rule_policy,
    find_cluster_centres,
    pick_greedily,
)
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.slicing.step import act_non_terrestrial, act_terrestrial
from sagin.types import Array, Float, Int, PRNGKeyArray

Key = PRNGKeyArray | Array
Spots = Float[Array, "uavs 2"]
KINDS = ("apart", "together", "greedy", "random")
"""Users on cells of their own; users on all nodes' subcarriers, under full interference; the
policy's; anyhow.
"""


def choose_positions(key: Key, scenario: Scenario, state: State, kind: str) -> Spots:
    """Return allowed UAV positions to start from, m.

    They are around clusters of users, as before, or anywhere.
    """
    shape = state.uav_positions.shape
    if kind == "random":
        proposal = jax.random.uniform(key, shape)
    elif kind == "together":
        proposal = state.uav_positions / scenario.area.side_m
    else:
        proposal = find_cluster_centres(scenario, state, state.active)
    return uavs.decide_positions(scenario, state.uav_positions, proposal[None])


def serve_greedily(key: Key, scenario: Scenario, state: State) -> tuple[local_search.Places, Spots]:
    """Return where the policy `greedy` serves users, and its UAV positions, m."""
    policy = build_rule_policy("greedy", "best SINR in turn", allow_any, pick_greedily)
    first = act_terrestrial(scenario, state, policy.terrestrial(key, scenario, state))
    action = policy.non_terrestrial(key, scenario, state, state.active & ~first.served)
    second, positions = act_non_terrestrial(scenario, state, first, action)
    node = jnp.where(
        first.served, first.node, jnp.where(second.served, second.node + sizes(scenario).M, -1)
    )
    return local_search.Places(node, jnp.maximum(first.subcarrier, second.subcarrier)), positions


def value_columns(
    key: Key, network: local_search.Network, scenario: Scenario, goal: Goal, kind: str
) -> tuple[Array, Array]:
    """Return each user's value in each column of an assignment, and the column's node for it.

    apart: a column is a kind of node and a subcarrier, the node the best of that kind; others: a
    node and a subcarrier. −inf: not allowed.
    """
    users, nodes, subcarriers = network.gain.shape
    share = _even_share(network)
    signal = share[:, None] * network.gain
    same = jnp.asarray(
        (network.kind[:, None] == network.kind) & ~np.eye(nodes, dtype=bool), network.gain.dtype
    )
    interference = (
        jnp.einsum("ij,kjn->kin", same, signal) if kind == "together" else jnp.zeros_like(signal)
    )
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
    if kind == "random":
        value = 0.1 + 0.9 * uniforms(key, user_rows(scenario), nodes * subcarriers)
        value = value.reshape(users, nodes, subcarriers)
    allowed = (
        (network.quota[network.group][:, network.layer] > 0)
        & (network.limit > 0)
        & network.wanting[:, None]
    )
    value = jnp.where(allowed[:, :, None], value, -jnp.inf)
    if kind != "apart":
        column = jnp.broadcast_to(jnp.arange(nodes)[:, None], (users, nodes, subcarriers))
        return value.reshape(users, -1), column.reshape(users, -1)
    by_kind = [np.flatnonzero(network.kind == kind) for kind in np.unique(network.kind)]
    best = [jnp.asarray(rows)[jnp.argmax(value[:, rows], axis=1)] for rows in by_kind]
    return jnp.concatenate(
        [value[:, rows].max(axis=1) for rows in by_kind], axis=1
    ), jnp.concatenate(best, axis=1)


def begin_start(
    key: Key,
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    goal: Goal,
    *,
    kind: str,
    respect_priority: bool,
) -> tuple[local_search.Places, Spots]:
    """Return allowed places of users and UAV positions to start from."""
    place_key, value_key = jax.random.split(key)
    greedy = serve_greedily(place_key, scenario, state) if kind == "greedy" else None
    positions = choose_positions(place_key, scenario, state, kind) if greedy is None else greedy[1]
    network = build_network(scenario, state, slot, positions, respect_priority=respect_priority)
    places = (
        _assign_users(value_key, network, scenario, goal, kind) if greedy is None else greedy[0]
    )
    return local_search.admit(network, places), positions


def _assign_users(
    key: Key, network: local_search.Network, scenario: Scenario, goal: Goal, kind: str
) -> local_search.Places:
    if network.gain.size == 0:
        nobody = jnp.full(network.gain.shape[0], -1)
        return local_search.Places(nobody, nobody)
    value, node = value_columns(key, network, scenario, goal, kind)
    column = assign(value)
    at = jnp.take_along_axis(node, jnp.maximum(column, 0)[:, None], axis=1)[:, 0]
    return local_search.Places(
        jnp.where(column >= 0, at, -1), jnp.where(column >= 0, column % network.gain.shape[2], -1)
    )


def _even_share(network: local_search.Network) -> Float[Array, " nodes"]:
    """Return a node's power over its subcarriers or users.

    It counts as many as it would have if all nodes of its kind had equally many.
    """
    kinds = (network.kind[:, None] == network.kind).sum(axis=1)
    return network.power * np.minimum(kinds / network.gain.shape[2], 1.0)


def count_loads(node: Int[Array, " users"], nodes: int) -> Float[Array, " nodes"]:
    """Return the users of each node."""
    return jnp.sum(jax.nn.one_hot(node, nodes), axis=0)
