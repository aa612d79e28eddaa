"""Where the planner starts: assignments that are best without interference or with all of it, a
greedy allocation, and random ones.
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
    """Return UAV positions to start from, m: around clusters of users, as before, or anywhere, but
    allowed.
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
    key: Key, found: local_search.Network, scenario: Scenario, wanted: Goal, kind: str
) -> tuple[Array, Array]:
    """Return what each user would add on each column of an assignment, and the node that it would
    have there.

    apart: a column is a kind of node and a subcarrier, the node the best of that kind; others: a
    node and a subcarrier. −inf: not allowed.
    """
    users, nodes, subcarriers = found.gain.shape
    share = _even_share(found)
    signal = share[:, None] * found.gain
    same = jnp.asarray(
        (found.kind[:, None] == found.kind) & ~np.eye(nodes, dtype=bool), found.gain.dtype
    )
    others = (
        jnp.einsum("ij,kjn->kin", same, signal) if kind == "together" else jnp.zeros_like(signal)
    )
    own = jax.tree.map(lambda x: x[:, None, None], found.features)
    slope = wanted.weights + jnp.where(
        wanted.least > 0, PENALTY * jnp.maximum(jnp.sum(wanted.weights), 1.0), 0.0
    )
    value = (
        utility(scenario, own, found.distance[:, :, None], signal / (found.noise + others))
        * (found.term @ slope)[:, None, None]
    )
    if kind == "random":
        value = 0.1 + 0.9 * uniforms(key, user_rows(scenario), nodes * subcarriers)
        value = value.reshape(users, nodes, subcarriers)
    allowed = (
        (found.quota[found.group][:, found.layer] > 0) & (found.limit > 0) & found.wanting[:, None]
    )
    value = jnp.where(allowed[:, :, None], value, -jnp.inf)
    if kind != "apart":
        column = jnp.broadcast_to(jnp.arange(nodes)[:, None], (users, nodes, subcarriers))
        return value.reshape(users, -1), column.reshape(users, -1)
    by_kind = [np.flatnonzero(found.kind == kind) for kind in np.unique(found.kind)]
    best = [jnp.asarray(rows)[jnp.argmax(value[:, rows], axis=1)] for rows in by_kind]
    return jnp.concatenate(
        [value[:, rows].max(axis=1) for rows in by_kind], axis=1
    ), jnp.concatenate(best, axis=1)


def begin_start(
    key: Key,
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    wanted: Goal,
    *,
    kind: str,
    respect_priority: bool,
) -> tuple[local_search.Places, Spots]:
    """Return allowed places of users and UAV positions to start from."""
    place_key, value_key = jax.random.split(key)
    chosen = serve_greedily(place_key, scenario, state) if kind == "greedy" else None
    positions = choose_positions(place_key, scenario, state, kind) if chosen is None else chosen[1]
    found = build_network(scenario, state, slot, positions, respect_priority=respect_priority)
    places = (
        _assign_users(value_key, found, scenario, wanted, kind) if chosen is None else chosen[0]
    )
    return local_search.admit(found, places), positions


def _assign_users(
    key: Key, found: local_search.Network, scenario: Scenario, wanted: Goal, kind: str
) -> local_search.Places:
    if found.gain.size == 0:
        nobody = jnp.full(found.gain.shape[0], -1)
        return local_search.Places(nobody, nobody)
    value, node = value_columns(key, found, scenario, wanted, kind)
    column = assign(value)
    at = jnp.take_along_axis(node, jnp.maximum(column, 0)[:, None], axis=1)[:, 0]
    return local_search.Places(
        jnp.where(column >= 0, at, -1), jnp.where(column >= 0, column % found.gain.shape[2], -1)
    )


def _even_share(found: local_search.Network) -> Float[Array, " nodes"]:
    """Return a node's power over the subcarriers or users it would have if all of its kind had as
    many.
    """
    kinds = (found.kind[:, None] == found.kind).sum(axis=1)
    return found.power * np.minimum(kinds / found.gain.shape[2], 1.0)


def count_loads(node: Int[Array, " users"], nodes: int) -> Float[Array, " nodes"]:
    """Return the users of each node."""
    return jnp.sum(jax.nn.one_hot(node, nodes), axis=0)
