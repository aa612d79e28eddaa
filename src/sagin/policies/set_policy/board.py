"""The physics of the decoder, updated user by user.

A cell is a subcarrier of a node type: users of one cell interfere with each other. When a user is
added or removed, the interference is computed again only for the users of its cell, from their
powers.

Slots are the last axis of every array, so that each kernel runs over many of them at once.
"""

import functools
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.local_search import Network
from sagin.planning.network import UserNumbers, utility
from sagin.policies.set_policy.layout import (
    Edges,
    NodeTypes,
    add_up,
    look_up,
    mark_rows,
    pick_rows,
)
from sagin.slicing.scenario import Scenario
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db

CROWD = 6
"""Largest number of users of a cell: more users are worth less together than fewer."""
LOW = 0.1
"""Power of a user with a small need, in equal shares of its node's power."""
LOW_SNR = 1e3
"""SNR that suffices for a user of slice L, if an equal share reaches it."""
MARGIN = 4.0
"""Reserve of a covered user's power if power is plentiful."""
LEAST_MARGIN = 1.02
"""Reserve otherwise."""
LEVELS, STEP = 4, 10.0**1.5
"""Number of powers at which harm is known, and the ratio of consecutive powers."""

Users = Int[Array, " slots"]


class UserRow(NamedTuple):
    """Data of users that stay the same during placement; several axes may lead."""

    numbers: UserNumbers
    weight: Float[Array, "*rows slots"]
    """Weight of its slice in the goal."""
    distance: Float[Array, "*rows nodes slots"]
    """Distance, m."""


class BoardField(NamedTuple):
    """Data that stay the same during placement; slots lead in arrays that are indexed by users."""

    facts: Float[Array, "slots users numbers"]
    """All fields of `UserRow`, one after another."""
    gain: Float[Array, "slots users edges"]
    """Gain over noise."""
    even: Float[Array, "nodes slots"]
    """Equal share of a node's power, W."""
    total: Float[Array, "nodes slots"]
    """Total power of each node, W."""
    limit: Float[Array, "nodes slots"]
    """Largest number of users of a node."""
    group: Int[Array, "users slots"]
    quota: Int[Array, "groups layers slots"]
    wanting: Bool[Array, "users slots"]
    """Mask of users who may be served."""
    best: Float[Array, "nodes subcarriers slots"]
    """The largest strength of any user of slice H, tenths of log2 of the SNR at an equal share."""
    threshold: Float[Array, " slots"]
    """SINR that covers a user of slice C."""
    scale: Float[Array, " slots"]
    """Number of users of a mean slice: the factor that brings utilities to order 1."""


class Board(NamedTuple):
    """The places of users, and the state of the cells that follows from them."""

    node: Int[Array, "users slots"]
    """Node of each user; −1: not placed."""
    subcarrier: Int[Array, "users slots"]
    power: Float[Array, "users slots"]
    """Provisional transmit power, W."""
    value: Float[Array, "users slots"]
    """Utility of the placed users."""
    waiting: Bool[Array, "users slots"]
    """Mask of users who have not had a turn yet."""
    crowd: Int[Array, "cells seats slots"]
    """Users of each cell, −1: free seat."""
    sent: Float[Array, "nodes subcarriers slots"]
    """Power sent on each subcarrier, W."""
    harm: Float[Array, "levels nodes subcarriers slots"]
    """Loss of the users of the cell if one more user is served there, at each of `LEVELS` powers.
    """
    numbers: Float[Array, "3 nodes subcarriers slots"]
    """Number of users of each slice."""
    wide: Float[Array, "nodes slots"]
    """Power of the users of slice C, W."""


class UserOffer(NamedTuple):
    """Results that a user who is not placed would have at each node and subcarrier."""

    heard: Edges
    """Interference over noise."""
    power: Edges
    """Provisional transmit power, W."""
    value: Edges
    """Utility."""
    harm: Edges
    """Loss that it causes to all others, ≤ 0."""


def survey_field(
    scenario: Scenario, network: Network, layout: NodeTypes, goal: Float[Array, " slices"]
) -> BoardField:
    """Return the data that stay the same while the users of one slot are placed.

    Slots have no axis yet.

    Args:
        network: gains over noise; powers are the nodes' totals.
        goal: weights of the slices.
    """
    features = network.features
    kinds = np.diff(layout.ends)[layout.kind]
    # each node's power in even shares over its subcarriers
    even = network.power * np.minimum(kinds / layout.subcarriers, 1.0)
    # the best signal of a user of H per node and subcarrier
    high = (features.row == 0) & network.wanting
    strength = measure_strength(even[:, None] * network.gain)
    best = jnp.max(jnp.where(high[:, None, None], strength, 0.0), axis=0, initial=0.0)
    facts = [part.astype(float) for part in (*features, goal[features.row])]
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))
    return BoardField(
        facts=jnp.concatenate([jnp.stack(facts, axis=1), network.distance], axis=1),
        gain=network.gain.reshape(network.gain.shape[0], -1),
        even=even,
        total=network.power,
        limit=network.limit,
        group=network.group,
        quota=network.quota,
        wanting=network.wanting,
        best=best,
        threshold=threshold,
        scale=jnp.maximum(jnp.sum(network.wanting) / 3.0, 1.0),
    )


def line_up(fields: BoardField) -> BoardField:
    """Return stacked fields with the slot axis in the position that the board uses."""
    last = jax.tree.map(lambda leaf: jnp.moveaxis(leaf, 0, -1), fields)
    return last._replace(facts=fields.facts, gain=fields.gain)


def find_gains(
    field: BoardField, layout: NodeTypes, user: Users
) -> Float[Array, "nodes subcarriers slots"]:
    """Return the gains of a user of each slot over noise."""
    gain = look_up(field.gain, user)
    return gain.reshape(layout.ends[-1], layout.subcarriers, -1)


def measure_strength(ratio: Array) -> Array:
    """Return tenths of log2(1 + SNR), a number of order 1."""
    return 0.1 * jnp.log2(1.0 + ratio)


def read_facts(facts: Float[Array, "*rows numbers slots"]) -> UserRow:
    """Split the facts of users into named fields."""
    row, arrivals, share, weight = (facts[..., number, :] for number in range(4))
    return UserRow(UserNumbers(row.astype(int), arrivals, share), weight, facts[..., 4:, :])


def weigh_utility(scenario: Scenario, user: UserRow, distance: Array, ratio: Array) -> Array:
    """Return what users add to the goal; further axes may follow those of the users' numbers."""
    return user.weight * utility(scenario, user.numbers, distance, ratio)


def clear_board(field: BoardField, layout: NodeTypes) -> Board:
    """Return the board without placed users."""
    users, slots = field.wanting.shape
    nodes, subcarriers = layout.ends[-1], layout.subcarriers
    nobody, nothing = jnp.full((users, slots), -1), jnp.zeros((users, slots))
    return Board(
        node=nobody,
        subcarrier=nobody,
        power=nothing,
        value=nothing,
        waiting=field.wanting,
        crowd=jnp.full((len(layout.ends[1:]) * subcarriers, CROWD, slots), -1),
        sent=jnp.zeros((nodes, subcarriers, slots)),
        harm=jnp.zeros((LEVELS, nodes, subcarriers, slots)),
        numbers=jnp.zeros((3, nodes, subcarriers, slots)),
        wide=jnp.zeros((nodes, slots)),
    )


def make_offer(
    scenario: Scenario,
    field: BoardField,
    layout: NodeTypes,
    board: Board,
    user: UserRow,
    gain: Float[Array, "nodes subcarriers slots"],
) -> UserOffer:
    """Return interference, power and value at every place for users who are not placed.

    Slice H gets an equal share of power, L enough for a good rate, C enough to cover it, with a
    reserve.
    """
    row = user.numbers.row
    # interference at this user from all nodes, over the noise
    heard = layout.spread_types(layout.sum_types(board.sent * gain))
    need = field.threshold * (1.0 + heard) / jnp.maximum(gain, 1e-30)
    total, even = field.total[:, None], field.even[:, None]
    # users of C get the power that coverage needs, with a margin
    least = jnp.maximum(jnp.minimum(MARGIN * need, LOW * total), LEAST_MARGIN * need)
    room = jnp.maximum(total - board.wide[:, None], 0.0)
    low = LOW_SNR * layout.subcarriers / jnp.maximum(add_up(gain, 1), 1e-30)[:, None]
    fixed = jnp.where(row == 0, even, jnp.clip(low, LOW * even, even))
    power = jnp.where(row == 2, jnp.minimum(least, room), fixed)
    ratio = power * gain / (1.0 + heard)
    value = weigh_utility(scenario, user, user.distance[:, None], ratio)
    return UserOffer(heard, power, value, weigh_harm(board.harm, power / even))


def weigh_harm(harm: Float[Array, "levels *edges"], share: Float[Array, "*edges"]) -> Array:
    """Return the loss of the other users for a power in equal shares, between the known levels.

    The loss is linear in the logarithm between two levels, and proportional to the power below the
    smallest level.
    """
    # levels are powers of STEP; the two nearest are weighed
    level = -jnp.log(jnp.clip(share, 1e-30, 1.0)) / np.log(STEP)
    weights = [jnp.maximum(1.0 - jnp.abs(level - row), 0.0) for row in range(LEVELS - 1)]
    last = LEVELS - 1.0
    below = jnp.exp(jnp.minimum(last - level, 0.0) * np.log(STEP))
    weights.append(jnp.where(level > last, below, jnp.maximum(1.0 + level - last, 0.0)))
    parts = [weight * part for weight, part in zip(weights, harm, strict=True)]
    return functools.reduce(operator.add, parts)


def put_user(
    scenario: Scenario,
    field: BoardField,
    layout: NodeTypes,
    board: Board,
    user: Users,
    target: tuple[Array, Array, Array],
) -> Board:
    """Return the board after users got places.

    `target` holds slices, UAV positions, node·N + subcarrier (−1 for none), and the powers.
    """
    row, spot, power = target
    (users, _), (nodes, subcarriers, _) = board.node.shape, board.sent.shape
    # marks of the user, its node and its cell in one-hot form
    placed = spot >= 0
    node, subcarrier = spot // subcarriers, spot % subcarriers
    cell = find_cell(layout, node, subcarrier)
    mine = mark_rows(users, user)
    here, at = mine & placed, mark_rows(nodes, node) & placed
    mark = at[:, None] & mark_rows(subcarriers, subcarrier)
    # the first free seat of the cell
    seats = pick_rows(board.crowd, cell)
    free = mark_rows(CROWD, jnp.argmax(seats < 0, axis=0)) & placed
    seat = mark_rows(board.crowd.shape[0], cell)[:, None] & free
    board = board._replace(
        node=jnp.where(here, node, board.node),
        subcarrier=jnp.where(here, subcarrier, board.subcarrier),
        power=jnp.where(here, power, board.power),
        waiting=board.waiting & ~mine,
        crowd=jnp.where(seat, user, board.crowd),
        numbers=board.numbers + jnp.where(mark & mark_rows(3, row)[:, None, None], 1.0, 0.0),
        wide=board.wide + jnp.where(at & (row == 2), power, 0.0),
    )
    return refresh_cell(scenario, field, layout, board, cell)


def take_user(
    scenario: Scenario,
    field: BoardField,
    layout: NodeTypes,
    board: Board,
    user: Users,
    row: Users,
) -> Board:
    """Return the board after users, if they are placed, are removed; `row` holds their slices."""
    (users, _), (nodes, subcarriers, _) = board.node.shape, board.sent.shape
    # marks of where the user is now
    node, subcarrier = pick_rows(board.node, user), pick_rows(board.subcarrier, user)
    cell, mine = find_cell(layout, node, subcarrier), mark_rows(users, user)
    at = mark_rows(nodes, node)
    mark = at[:, None] & mark_rows(subcarriers, subcarrier)
    freed = jnp.where(at & (row == 2), pick_rows(board.power, user), 0.0)
    board = board._replace(
        node=jnp.where(mine, -1, board.node),
        subcarrier=jnp.where(mine, -1, board.subcarrier),
        power=jnp.where(mine, 0.0, board.power),
        value=jnp.where(mine, 0.0, board.value),
        crowd=jnp.where(board.crowd == user, -1, board.crowd),
        numbers=board.numbers - jnp.where(mark & mark_rows(3, row)[:, None, None], 1.0, 0.0),
        wide=jnp.maximum(board.wide - freed, 0.0),
    )
    return refresh_cell(scenario, field, layout, board, cell)


def find_cell(layout: NodeTypes, node: Array, subcarrier: Array) -> Users:
    """Return the cell of a node and subcarrier; the first cell for −1."""
    kind = functools.reduce(operator.add, [(node >= end).astype(int) for end in layout.ends[1:-1]])
    return jnp.maximum(kind * layout.subcarriers + subcarrier, 0)


def refresh_cell(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, cell: Users
) -> Board:
    """Return the board with interference and losses of a cell's users computed again."""
    subcarriers, nodes = layout.subcarriers, layout.ends[-1]
    kind, subcarrier = cell // subcarriers, cell % subcarriers
    seats = pick_rows(board.crowd, cell)
    seated, user = seats >= 0, jnp.maximum(seats, 0)
    # the type's nodes, and what they send for the users of the cell: (seats, members, slots)
    members = jnp.asarray(layout.members)[:, kind]
    member = jnp.maximum(members, 0)
    link = (user[:, None] * nodes + member) * subcarriers + subcarrier
    gain = look_up(field.gain.reshape(cell.shape[0], -1, 1), link)[:, :, 0]
    at = (pick_rows(board.node, user)[:, None] == members) & seated[:, None]
    sent = jnp.where(at, pick_rows(board.power, user)[:, None], 0.0)
    received = add_up(gain[:, None] * sent, 2)
    heard = add_up(jnp.where(np.eye(CROWD, dtype=bool)[..., None], 0.0, received), 1)
    signal = add_up(gain * sent, 1)
    row = read_facts(look_up(field.facts, user))
    at_node = pick_rows(board.node, user)[:, None] == jnp.arange(nodes)[:, None]
    distance = add_up(jnp.where(at_node, row.distance, 0.0), 1)
    # present utilities, and those with one more user at each node, at all power levels
    value = weigh_utility(scenario, row, distance, signal / (1.0 + heard))
    value = jnp.where(seated, value, 0.0)
    steps = STEP ** -np.arange(LEVELS, dtype=np.float32)[:, None, None]
    extra = steps * (pick_rows(field.even, member) * gain)[:, None]
    column = jax.tree.map(lambda x: x[:, None, None], (row, distance, signal, heard))
    less = weigh_utility(scenario, column[0], column[1], column[2] / (1.0 + column[3] + extra))
    less = jnp.where(seated[:, None, None], less, 0.0)
    loss = add_up(less - value[:, None, None], 0)
    # otherwise XLA would compute them again for every array that uses them
    value, loss, sent = jax.lax.optimization_barrier((value, loss, add_up(sent, 0)))
    # their positions: (members, nodes, slots) and (nodes, subcarriers, slots)
    spots = members[:, None] == jnp.arange(nodes)[:, None]
    column = mark_rows(subcarriers, subcarrier)
    here = (add_up(jnp.where(spots, 1, 0), 0) > 0)[:, None] & column
    total = add_up(jnp.where(spots, sent[:, None], 0.0), 0)
    losses = add_up(jnp.where(spots, loss[:, :, None], 0.0), 1)
    mine = user[:, None] == jnp.arange(board.node.shape[0])[:, None]
    mine = mine & seated[:, None]
    values = add_up(jnp.where(mine, value[:, None], 0.0), 0)
    return board._replace(
        value=jnp.where(add_up(jnp.where(mine, 1, 0), 0) > 0, values, board.value),
        sent=jnp.where(here, total[:, None], board.sent),
        harm=jnp.where(here, losses[:, :, None], board.harm),
    )
