"""Local search of association and subcarriers under interference, by moves and swaps.

All options of a user are evaluated at once. A move changes only the interference of users on the
same subcarrier whose nodes share the band, so all moves cost users × nodes utilities, not users ×
users × options.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.types import Array, ArrayLike, Bool, Float, Int

Users = Int[Array, " users"]
Utility = Callable[[Any, Array, Array], Array]
"""Function (own, apart, sinr) ↦ value, element by element; `own` and `apart` are rows of
`Network`'s, with axes for broadcasting.
"""
Combine = Callable[[Float[Array, "... terms"]], Float[Array, "..."]]
"""Function from sums of the values by term to the objective."""


class Network(NamedTuple):
    """Possible links and constraints."""

    gain: Float[Array, "users nodes subcarriers"]
    """Power gain g."""
    distance: Float[Array, "users nodes"]
    """Further parameter of the utility by user and node, such as a distance."""
    power: Float[Array, " nodes"]
    """Power of a node for each of its users, W."""
    kind: Int[np.ndarray, " nodes"]
    """Only nodes of one kind share a band."""
    disturbs: Bool[np.ndarray, "nodes others"]
    """Whether users of another node, or of the same node, interfere with a node's users on the same
    subcarrier.
    """
    noise: ArrayLike
    """Noise in a subcarrier, W."""
    limit: Float[Array, " nodes"]
    """Largest number of users of a node."""
    layer: Int[np.ndarray, " nodes"]
    """Nodes of a layer share the groups' quotas."""
    group: Users
    quota: Int[Array, "groups layers"]
    """Largest number of users of a group that a layer serves."""
    wanting: Bool[Array, " users"]
    """Mask of users who may be served."""
    features: Any
    """Parameters of each user's utility: arrays (users, …)."""
    term: Float[Array, "users terms"]
    """1 at the term for which the user's value counts, otherwise 0."""


class Places(NamedTuple):
    """Node and subcarrier of each user, −1 for none."""

    node: Users
    subcarrier: Users


class _Now(NamedTuple):
    """State of the search."""

    node: Users
    subcarrier: Users
    heard: Float[Array, "users nodes"]
    """g of every node on the user's own subcarrier."""
    crowd: Float[Array, "nodes subcarriers"]
    """Number of users of each node and subcarrier."""
    moves: Int[Array, ""]


class _Context(NamedTuple):
    """Values of all users before user k moves, and with user k removed."""

    served: Bool[Array, " users"]
    sent: Float[Array, "users nodes"]
    """Power of other users on the user's subcarrier from nodes that interfere, W."""
    with_one: Float[Array, "users nodes"]
    """Values if user k were at each node on the user's own subcarrier."""
    without: Float[Array, " users"]
    now: Float[Array, " users"]


def search(
    network: Network,
    utility: Utility,
    combine: Combine,
    start: Places,
    *,
    sweeps: int = 30,
    least_gain: float = 1e-5,
) -> tuple[Places, Int[Array, ""]]:
    """Return places that no move of one user and no swap of two users improves by `least_gain`.

    A move leads to any node and subcarrier, or to none. Each user in turn takes its best option,
    until a round without a move, or until `sweeps` end. The objective, combine(Σ values by term),
    never decreases. The evaluation is exact: powers belong to the nodes, so counts of users
    determine the interference. A sweep costs users² × nodes; the memory is users × nodes ×
    subcarriers.

    Args:
        start: feasible places.

    Returns:
        the places and the number of moves.
    """
    users = network.gain.shape[0]
    if network.gain.size == 0:
        return start, jnp.zeros((), int)

    def turn(state: tuple[_Now, Array, Array]) -> tuple[_Now, Array, Array]:
        now, idle, number = state
        after = _turn(network, utility, combine, now, number % users, least_gain)
        return after, jnp.where(after.moves > now.moves, 0, idle + 1), number + 1

    def unsettled(state: tuple[_Now, Array, Array]) -> Array:
        return (state[1] < users) & (state[2] < sweeps * users)

    zero = jnp.zeros((), int)
    last = jax.lax.while_loop(unsettled, turn, (_begin(network, start), zero, zero))[0]
    return Places(last.node, last.subcarrier), last.moves


def admit(network: Network, proposal: Places) -> Places:
    """Return the places that keep limits and quotas if users are admitted one by one.

    Users who are not admitted have no place (−1).
    """

    def come(
        state: tuple[Array, Array], user: tuple[Array, Array, Array, Array]
    ) -> tuple[tuple[Array, Array], Array]:
        load, members = state
        node, subcarrier, group, wanting = user
        at = jax.nn.one_hot(node, load.shape[0])
        cell = jax.nn.one_hot(group, members.shape[0])[:, None] * (at @ _layers(network))[None, :]
        room = jnp.all(load + at <= network.limit) & jnp.all(members + cell <= network.quota)
        accepted = wanting & (node >= 0) & (subcarrier >= 0) & room
        return (load + at * accepted, members + cell * accepted), accepted

    empty = jnp.zeros(network.limit.shape), jnp.zeros(network.quota.shape)
    admitted = jax.lax.scan(
        come, empty, (proposal.node, proposal.subcarrier, network.group, network.wanting)
    )[1]
    return Places(
        jnp.where(admitted, proposal.node, -1), jnp.where(admitted, proposal.subcarrier, -1)
    )


def _layers(network: Network) -> Float[np.ndarray, "nodes layers"]:
    return np.eye(network.quota.shape[1], dtype=np.float32)[network.layer]


def _begin(network: Network, start: Places) -> _Now:
    nodes, subcarriers = network.gain.shape[1:]
    cell = jnp.where(
        start.node >= 0, start.node * subcarriers + start.subcarrier, nodes * subcarriers
    )
    count = jnp.zeros(nodes * subcarriers + 1).at[cell].add(1.0)[:-1].reshape(nodes, subcarriers)
    heard = jnp.take_along_axis(
        network.gain, jnp.maximum(start.subcarrier, 0)[:, None, None], axis=2
    )[..., 0]
    return _Now(start.node, start.subcarrier, heard, count, jnp.zeros((), int))


def _turn(
    network: Network, utility: Utility, combine: Combine, now: _Now, k: ArrayLike, least_gain: float
) -> _Now:
    """Let user k take its best option."""
    nodes, subcarriers = now.crowd.shape
    context = _describe_context(network, utility, now, k)
    present = combine(context.now @ network.term)
    moved = jnp.where(
        _room(network, now, k), _moves(network, utility, combine, now, context, k), -jnp.inf
    )
    swapped = jnp.where(
        _exchangeable(network, now, k), _swaps(network, utility, combine, now, context, k), -jnp.inf
    )
    options = jnp.concatenate(
        [moved.reshape(-1), combine(context.without @ network.term)[None], swapped]
    )
    best = jnp.argmax(options)
    better = network.wanting[k] & (options[best] > present + least_gain)
    cells = nodes * subcarriers
    swap, away = better & (best > cells), best == cells
    partner = jnp.where(swap, best - cells - 1, k)
    node = jnp.where(swap, now.node[partner], jnp.where(away, -1, best // subcarriers))
    subcarrier = jnp.where(swap, now.subcarrier[partner], jnp.where(away, -1, best % subcarriers))
    to = Places(
        jnp.where(better, node, now.node[k]), jnp.where(better, subcarrier, now.subcarrier[k])
    )
    return _put(network, now, k, partner, to)._replace(moves=now.moves + better)


def _put(network: Network, now: _Now, k: ArrayLike, partner: Array, to: Places) -> _Now:
    """Move user k to a place, and its partner, unless that is k itself, to k's old place."""
    user = jnp.arange(now.node.shape[0])
    mine, theirs = user == k, (user == partner) & (partner != k)
    from_node, from_subcarrier = now.node[k], now.subcarrier[k]
    node = jnp.where(mine, to.node, jnp.where(theirs, from_node, now.node))
    subcarrier = jnp.where(mine, to.subcarrier, jnp.where(theirs, from_subcarrier, now.subcarrier))
    heard = jnp.where(mine[:, None], network.gain[k, :, jnp.maximum(to.subcarrier, 0)], now.heard)
    heard = jnp.where(
        theirs[:, None], network.gain[partner, :, jnp.maximum(from_subcarrier, 0)], heard
    )
    change = jnp.where(
        partner == k,
        _cell(now, to.node, to.subcarrier) - _cell(now, from_node, from_subcarrier),
        0.0,
    )
    return _Now(node, subcarrier, heard, now.crowd + change, now.moves)


def _cell(now: _Now, node: Array, subcarrier: Array) -> Float[Array, "nodes subcarriers"]:
    nodes, subcarriers = now.crowd.shape
    return jax.nn.one_hot(node, nodes)[:, None] * jax.nn.one_hot(subcarrier, subcarriers)


def _describe_context(network: Network, utility: Utility, now: _Now, k: ArrayLike) -> _Context:
    node_index = np.arange(network.power.shape[0])
    same = jnp.asarray(network.disturbs)[jnp.maximum(now.node, 0)]
    at_node = now.node[:, None] == node_index
    meets = (now.subcarrier == now.subcarrier[k]) & (jnp.arange(now.node.shape[0]) != k)
    number = now.crowd.T[jnp.maximum(now.subcarrier, 0)] - at_node
    without = number - (meets[:, None] & (node_index == now.node[k]))
    sent = jnp.where(same, network.power * number, 0.0)
    noise = (
        jnp.sum(jnp.where(same, network.power * without, 0.0) * now.heard, axis=1) + network.noise
    )
    signal = jnp.sum(jnp.where(at_node, network.power * now.heard, 0.0), axis=1)
    distance = jnp.sum(jnp.where(at_node, network.distance, 0.0), axis=1)
    added = jnp.where(same, network.power * now.heard, 0.0)
    served = now.node >= 0
    counted = served & (jnp.arange(served.shape[0]) != k)
    column = jax.tree.map(lambda x: x[:, None], network.features)
    with_one = jnp.where(
        counted[:, None],
        utility(column, distance[:, None], signal[:, None] / (noise[:, None] + added)),
        0.0,
    )
    alone = jnp.where(served, utility(network.features, distance, signal / noise), 0.0)
    at_k = jnp.sum(jnp.where(node_index == now.node[k], with_one, 0.0), axis=1)
    return _Context(
        served,
        sent,
        with_one,
        jnp.where(counted, alone, 0.0),
        jnp.where(meets & (now.node[k] >= 0), at_k, alone),
    )


def _moves(
    network: Network, utility: Utility, combine: Combine, now: _Now, context: _Context, k: ArrayLike
) -> Float[Array, "nodes subcarriers"]:
    """Return the objective if user k is at each node and subcarrier."""
    count = now.crowd - _cell(now, now.node[k], now.subcarrier[k])
    gain = network.gain[k]
    noise = (
        jnp.asarray(network.disturbs, gain.dtype) @ (network.power[:, None] * count * gain)
        + network.noise
    )
    features = jax.tree.map(lambda x: x[k], network.features)
    value = utility(features, network.distance[k][:, None], network.power[:, None] * gain / noise)
    subcarrier = jax.nn.one_hot(now.subcarrier, gain.shape[1])
    marks = (network.term[:, :, None] * subcarrier[:, None, :]).reshape(subcarrier.shape[0], -1)
    change = ((context.with_one - context.without[:, None]).T @ marks).reshape(
        gain.shape[0], -1, gain.shape[1]
    )
    total = (
        context.without @ network.term
        + jnp.moveaxis(change, 1, 2)
        + value[..., None] * network.term[k]
    )
    return combine(total)


def _swaps(
    network: Network, utility: Utility, combine: Combine, now: _Now, context: _Context, k: ArrayLike
) -> Float[Array, " users"]:
    """Return the objective if user k swaps places with each other user.

    All other users are unaffected, because places keep their powers.
    """
    node_index, mine = np.arange(network.power.shape[0]), now.node[k]
    power = network.power
    theirs_gain = network.gain[k][:, jnp.maximum(now.subcarrier, 0)].T
    at = now.node[:, None] == node_index
    signal = jnp.sum(jnp.where(at, power * theirs_gain, 0.0), axis=1)
    features = jax.tree.map(lambda x: x[k], network.features)
    distance = jnp.sum(jnp.where(at, network.distance[k], 0.0), axis=1)
    k_there = utility(
        features, distance, signal / (jnp.sum(context.sent * theirs_gain, axis=1) + network.noise)
    )
    k_there = jnp.where(context.served, k_there, 0.0)
    my_gain = network.gain[:, :, jnp.maximum(now.subcarrier[k], 0)]
    at = (node_index == mine)[None, :]
    signal = jnp.sum(jnp.where(at, power * my_gain, 0.0), axis=1)
    heard = jnp.sum(context.sent[k] * my_gain, axis=1)
    distance = jnp.sum(jnp.where(at, network.distance, 0.0), axis=1)
    other_here = jnp.where(
        mine >= 0, utility(network.features, distance, signal / (heard + network.noise)), 0.0
    )
    change = (k_there - context.now[k])[:, None] * network.term[k] + (other_here - context.now)[
        :, None
    ] * network.term
    return combine(context.now @ network.term + change)


def _room(network: Network, now: _Now, k: ArrayLike) -> Bool[Array, "nodes 1"]:
    """Return the nodes with room for one more user of k's group, after k is removed."""
    node_index = np.arange(network.limit.shape[0])
    away = (now.node[:, None] == node_index) & (jnp.arange(now.node.shape[0]) != k)[:, None]
    members = jnp.sum(away & (network.group == network.group[k])[:, None], axis=0) @ _layers(
        network
    )
    allowed = (members + 1 <= network.quota[network.group[k]])[network.layer]
    return (allowed & (jnp.sum(away, axis=0) + 1 <= network.limit))[:, None]


def _exchangeable(network: Network, now: _Now, k: ArrayLike) -> Bool[Array, " users"]:
    """Return the users with whom user k may swap places.

    Both may be served, and they are of the same group or layer or the quotas have room.
    """
    layer = jnp.where(now.node >= 0, jnp.asarray(network.layer)[now.node], -1)
    groups, layers = network.quota.shape
    members = jax.nn.one_hot(network.group, groups).T @ jax.nn.one_hot(layer, layers)
    room = members + 1 <= network.quota
    k_there = (layer < 0) | room[network.group[k], jnp.maximum(layer, 0)]
    other_here = (layer[k] < 0) | room[network.group, jnp.maximum(layer[k], 0)]
    alike = (network.group == network.group[k]) | (layer == layer[k])
    return network.wanting & (alike | (k_there & other_here))
