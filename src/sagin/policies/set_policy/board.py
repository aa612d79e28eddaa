"""The physics of the decoder, kept up to date user by user.

A cell is a subcarrier of a type of node: users of one cell disturb each other. When a user comes or
goes, what is heard is computed anew for the users of its cell alone, from their powers.
"""

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.local_search import Network
from sagin.planning.network import utility
from sagin.slicing.scenario import Scenario, Sizes
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db

CROWD = 6
"""Most users of a cell: more are worth less together than fewer."""
LOW = 0.1
"""Power of a user who needs little, in even shares of its node's power."""
LOW_SNR = 1e3
"""SNR that gives a user of slice L all that it needs, if an even share reaches it."""
MARGIN = 4.0
"""Reserve of a covered user's power, where power is plenty."""
LEAST_MARGIN = 1.02
"""Reserve where it is not."""

SHORT = 16
"""Numbers up to which a sum is written out."""

Edges = Float[Array, "*batch nodes subcarriers"]


def add_up(values: Array, axis: int) -> Array:
    """Return sums along an axis, written out where it is short.

    As a kernel of its own such a sum takes longer than what it adds up.
    """
    length = values.shape[axis]
    if not 0 < length <= SHORT:
        return jnp.sum(values, axis=axis)
    parts = [jax.lax.index_in_dim(values, row, axis, keepdims=False) for row in range(length)]
    return functools.reduce(operator.add, parts)


class NodeTypes(NamedTuple):
    """What of a slot's nodes is static."""

    ends: tuple[int, ...]
    """Number of the first node of each type, and of nodes."""
    subcarriers: int

    @property
    def kind(self) -> np.ndarray:
        """Return the type of each node."""
        return np.repeat(np.arange(3), np.diff(self.ends))

    @property
    def members(self) -> np.ndarray:
        """Return the nodes of each type, (types, most), −1 for none."""
        counts = np.diff(self.ends)
        column = np.arange(counts.max())
        first = np.array(self.ends[:-1])[:, None]
        return np.where(column < counts[:, None], first + column, -1)

    def sum_types(self, values: Edges) -> Float[Array, "*batch types subcarriers"]:
        """Return sums over the nodes of each type."""
        pairs = zip(self.ends, self.ends[1:], strict=False)
        return jnp.stack([add_up(values[..., a:b, :], -2) for a, b in pairs], axis=-2)

    def spread_types(self, values: Float[Array, "*batch types subcarriers"]) -> Edges:
        """Return each type's values at all of its nodes."""
        counts = np.diff(self.ends)
        parts = [
            jnp.broadcast_to(
                values[..., row : row + 1, :], (*values.shape[:-2], count, values.shape[-1])
            )
            for row, count in enumerate(counts.tolist())
        ]
        return jnp.concatenate(parts, axis=-2)


class BoardField(NamedTuple):
    """What does not change while users are placed."""

    network: Network
    """Gains over noise; powers are the nodes' totals."""
    even: Float[Array, " nodes"]
    """Even share of a node's power, W."""
    low: Float[Array, "users nodes"]
    """Power of a user of slice L, W."""
    threshold: Float[Array, ""]
    """SINR that covers a user of slice C."""
    scale: Float[Array, ""]
    """A mean slice's users: what utilities are multiplied by to be of order 1."""


class Board(NamedTuple):
    """Who is placed where, and what that makes of the cells."""

    node: Int[Array, " users"]
    """−1: not placed."""
    subcarrier: Int[Array, " users"]
    power: Float[Array, " users"]
    """Provisional, W."""
    value: Float[Array, " users"]
    """Utility of the users placed."""
    waiting: Bool[Array, " users"]
    """Who has not had a turn yet."""
    crowd: Int[Array, "cells seats"]
    """Users of each cell, −1: free seat."""
    sent: Float[Array, "nodes subcarriers"]
    """Power sent on each subcarrier, W."""
    harm: Float[Array, "levels nodes subcarriers"]
    """What the users of the cell lose if one more is served there, at an even share or at `LOW`."""
    numbers: Float[Array, "3 nodes subcarriers"]
    """Users of each slice."""
    wide: Float[Array, " nodes"]
    """Power of the users of slice C, W."""


class UserOffer(NamedTuple):
    """What a user who is not placed would have at each node and subcarrier."""

    heard: Edges
    """Interference over noise."""
    power: Edges
    """Provisional, W."""
    value: Edges
    """Utility."""


def lay_out(size: Sizes) -> NodeTypes:
    """Return what of a slot's nodes is static."""
    return NodeTypes((0, size.M, size.M + size.V, size.M + size.V + size.O), size.N)


def survey_field(scenario: Scenario, network: Network, layout: NodeTypes) -> BoardField:
    """Return what does not change while users are placed."""
    kinds = np.diff(layout.ends)[layout.kind]
    even = network.power * np.minimum(kinds / layout.subcarriers, 1.0)
    mean_gain = jnp.mean(network.gain, axis=2)
    low = jnp.clip(LOW_SNR / mean_gain, LOW * even, even)
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))
    return BoardField(
        network, even, low, threshold, jnp.maximum(jnp.sum(network.wanting) / 3.0, 1.0)
    )


def clear_board(field: BoardField, layout: NodeTypes) -> Board:
    """Return the board on which nobody is placed."""
    users, nodes, subcarriers = field.network.gain.shape
    nobody, nothing = jnp.full(users, -1), jnp.zeros(users)
    return Board(
        node=nobody,
        subcarrier=nobody,
        power=nothing,
        value=nothing,
        waiting=field.network.wanting,
        crowd=jnp.full((len(layout.ends[1:]) * subcarriers, CROWD), -1),
        sent=jnp.zeros((nodes, subcarriers)),
        harm=jnp.zeros((2, nodes, subcarriers)),
        numbers=jnp.zeros((3, nodes, subcarriers)),
        wide=jnp.zeros(nodes),
    )


def make_offer(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, user: Array
) -> UserOffer:
    """Return what a user who is not placed would hear, be sent and have everywhere.

    Slice H has an even share of power, L what gives it a good rate, C what covers it, with reserve.
    """
    network = field.network
    gain, features = network.gain[user], jax.tree.map(lambda x: x[user], network.features)
    heard = layout.spread_types(layout.sum_types(board.sent * gain))
    need = field.threshold * (1.0 + heard) / jnp.maximum(gain, 1e-30)
    total = network.power[:, None]
    least = jnp.maximum(jnp.minimum(MARGIN * need, LOW * total), LEAST_MARGIN * need)
    room = jnp.maximum(total - board.wide[:, None], 0.0)
    fixed = jnp.where(features.row == 0, field.even, field.low[user])[:, None]
    power = jnp.where(features.row == 2, jnp.minimum(least, room), fixed)
    ratio = power * gain / (1.0 + heard)
    value = utility(scenario, features, network.distance[user][:, None], ratio)
    return UserOffer(heard, power, value)


def put_user(
    scenario: Scenario,
    field: BoardField,
    layout: NodeTypes,
    board: Board,
    user: Array,
    target: tuple[Array, Array],
) -> Board:
    """Return the board once a user has a place.

    target: its spot, node·N + subcarrier, −1 for nowhere, and the power there.
    """
    spot, power = target
    nodes, subcarriers = board.sent.shape
    placed, row = spot >= 0, field.network.features.row[user]
    node, subcarrier = spot // subcarriers, spot % subcarriers
    cell = find_cell(layout, node, subcarrier)
    mine = (jnp.arange(board.node.shape[0]) == user) & placed
    at = (jnp.arange(nodes) == node) & placed
    mark = at[:, None] & (jnp.arange(subcarriers) == subcarrier)
    seats = board.crowd[cell]
    free = (jnp.arange(CROWD) == jnp.argmax(seats < 0)) & placed
    rows = (jnp.arange(board.crowd.shape[0]) == cell)[:, None]
    board = board._replace(
        node=jnp.where(mine, node, board.node),
        subcarrier=jnp.where(mine, subcarrier, board.subcarrier),
        power=jnp.where(mine, power, board.power),
        waiting=board.waiting & (jnp.arange(board.node.shape[0]) != user),
        crowd=jnp.where(rows & free, user, board.crowd),
        numbers=board.numbers + jnp.where(mark & (jnp.arange(3) == row)[:, None, None], 1.0, 0.0),
        wide=board.wide + jnp.where(at & (row == 2), power, 0.0),
    )
    return refresh_cell(scenario, field, layout, board, cell)


def take_user(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, user: Array
) -> Board:
    """Return the board once a user, if it is placed, is taken away."""
    nodes, subcarriers = board.sent.shape
    node, subcarrier = board.node[user], board.subcarrier[user]
    row = field.network.features.row[user]
    cell = find_cell(layout, node, subcarrier)
    mine = jnp.arange(board.node.shape[0]) == user
    at = jnp.arange(nodes) == node
    mark = at[:, None] & (jnp.arange(subcarriers) == subcarrier)
    freed = jnp.where(at & (row == 2), board.power[user], 0.0)
    board = board._replace(
        node=jnp.where(mine, -1, board.node),
        subcarrier=jnp.where(mine, -1, board.subcarrier),
        power=jnp.where(mine, 0.0, board.power),
        value=jnp.where(mine, 0.0, board.value),
        crowd=jnp.where(board.crowd == user, -1, board.crowd),
        numbers=board.numbers - jnp.where(mark & (jnp.arange(3) == row)[:, None, None], 1.0, 0.0),
        wide=jnp.maximum(board.wide - freed, 0.0),
    )
    return refresh_cell(scenario, field, layout, board, cell)


def find_cell(layout: NodeTypes, node: Array, subcarrier: Array) -> Int[Array, ""]:
    """Return the cell of a node and subcarrier; the first one for −1."""
    kind = functools.reduce(operator.add, [(node >= end).astype(int) for end in layout.ends[1:-1]])
    return jnp.maximum(kind * layout.subcarriers + subcarrier, 0)


def refresh_cell(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, cell: Array
) -> Board:
    """Return the board with what a cell's users hear and lose computed anew."""
    network, subcarriers = field.network, layout.subcarriers
    kind, subcarrier = cell // subcarriers, cell % subcarriers
    seats = board.crowd[cell]
    seated, user = seats >= 0, jnp.maximum(seats, 0)
    # the type's nodes, and what they send for the users of the cell
    nodes = jnp.asarray(layout.members)[kind]
    node = jnp.maximum(nodes, 0)
    gain = network.gain[user[:, None], node, subcarrier]
    at = (board.node[user][:, None] == nodes) & seated[:, None]
    sent = jnp.where(at, board.power[user][:, None], 0.0)
    received = add_up(gain[:, None] * sent, 2)
    heard = add_up(jnp.where(np.eye(CROWD, dtype=bool), 0.0, received), 1)
    signal = add_up(gain * sent, 1)
    distance = add_up(jnp.where(at, network.distance[user[:, None], node], 0.0), 1)
    # utilities as they are, and with one more user at each node, at both levels of power
    more = jnp.concatenate([field.even[node], LOW * field.even[node]])
    extra = jnp.pad(more * jnp.tile(gain, (1, 2)), ((0, 0), (1, 0)))
    features = jax.tree.map(lambda x: x[user][:, None], network.features)
    values = utility(
        scenario, features, distance[:, None], signal[:, None] / (1.0 + heard[:, None] + extra)
    )
    values = jnp.where(seated[:, None], values, 0.0)
    loss = add_up(values[:, 1:] - values[:, :1], 0).reshape(2, -1)
    # where they belong
    mine = seats[:, None] == jnp.arange(board.node.shape[0])
    spots = nodes[:, None] == jnp.arange(board.sent.shape[0])
    column = jnp.arange(subcarriers) == subcarrier
    here = (add_up(jnp.where(spots, 1, 0), 0) > 0)[:, None] & column
    total = add_up(jnp.where(spots, add_up(sent, 0)[:, None], 0.0), 0)
    losses = add_up(jnp.where(spots, loss[:, :, None], 0.0), 1)
    value = add_up(jnp.where(mine, values[:, :1], 0.0), 0)
    return board._replace(
        value=jnp.where(add_up(jnp.where(mine, 1, 0), 0) > 0, value, board.value),
        sent=jnp.where(here, total[:, None], board.sent),
        harm=jnp.where(here, losses[:, :, None], board.harm),
    )
