"""The decoder of the set policy: a pointer picks the next user, edge scores decide its place.

Slots are the last axis of every array, as on the board.
"""

import functools
import math
import operator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.networks import Dense
from sagin.policies.set_policy.board import (
    CROWD,
    Board,
    BoardField,
    UserOffer,
    clear_board,
    find_gains,
    make_offer,
    measure_strength,
    put_user,
    read_facts,
    take_user,
)
from sagin.policies.set_policy.layout import NodeTypes, add_up, lay_out, look_up, pick_rows
from sagin.policies.set_policy.weights import USER_STATES, Weights
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.types import Array, ArrayLike, Bool, Float, Int

BLIND = 3
"""Columns of an edge's features that are utilities, harm and interference."""
NEVER = -1e9
"""Logit of an option that is not allowed."""


class PolicyOptions(NamedTuple):
    """Parts that may be switched off, and how often users are placed again; static."""

    revisions: float = 0.5
    """Number of turns in which a user is placed again, per user."""
    power_rounds: bool = True
    pointer: bool = True
    """Whether the network picks the next user; otherwise users are placed in the order of their
    rows.
    """
    physics: bool = True
    """Whether edges include utilities, harm and interference."""


def count_most_turns(options: PolicyOptions, users: int) -> tuple[int, int]:
    """Return the total number of turns for a number of users, including second placements."""
    return users, math.floor(options.revisions * users + 0.5)


def count_turns(options: PolicyOptions, users: ArrayLike) -> tuple[Array, Array]:
    """Return `count_most_turns` for a traced number."""
    users = jnp.asarray(users, int)
    return users, jnp.floor(options.revisions * users + 0.5).astype(int)


class PlacementTurn(NamedTuple):
    """Inputs of the networks in one turn, and the choice."""

    states: Float[Array, "states users slots"]
    board: Float[Array, "features slots"]
    worth: Float[Array, " slots"]
    """Sum of the utilities of all placed users."""
    eligible: Bool[Array, "users slots"]
    user: Int[Array, " slots"]
    edges: Float[Array, "features edges slots"]
    gain: Float[Array, "edges slots"]
    """Marginal utility, in units of a mean user's part."""
    allowed: Bool[Array, "edges slots"]
    choice: Int[Array, " slots"]
    """Chosen edge; the number of edges means not served."""


def feed(weight: Float[Array, "inputs outputs"], values: Float[Array, "inputs *rest"]) -> Array:
    """Multiply a layer's weights with inputs on the leading axis."""
    return jnp.tensordot(weight, values, axes=((0,), (0,)))


def feed_layer(layer: Dense, values: Float[Array, "inputs *rest"]) -> Array:
    """Apply a layer to inputs on the leading axis."""
    return feed(layer.weight, values) + layer.bias.reshape(-1, *(1,) * (values.ndim - 1))


def pass_hidden(
    weight: Float[Array, "inputs hidden"],
    values: Float[Array, "inputs *rest"],
    bases: tuple[Float[Array, "hidden *#rest"], ...],
    head: Dense,
    written: bool,
) -> Float[Array, "*rest"]:
    """Return the output of a hidden layer with one output, Σ_h v_h·relu(Σ_f w_fh·x_f + b_h) + c.

    bases: parts of b.
    written: whether sums are written out, so that they and what they add up are one kernel; as
        products of such narrow layers they take a core longer, but gradients go through them.
    """
    if not written:
        hidden = functools.reduce(operator.add, bases, feed(weight, values))
        return feed_layer(head, jax.nn.relu(hidden))[0]
    # the inputs are made once, not once for each of their uses
    values = jax.lax.optimization_barrier(values)
    total: Any = head.bias[0]
    for unit in range(weight.shape[1]):
        parts = [weight[row, unit] * values[row] for row in range(weight.shape[0])]
        parts += [base[unit] for base in bases]
        hidden = jax.nn.relu(functools.reduce(operator.add, parts))
        total = total + head.weight[unit, 0] * hidden
    return total


def choose(logits: Float[Array, "options slots"]) -> Int[Array, " slots"]:
    """Return the options of largest logits, computed once for all uses."""
    logits = jax.lax.optimization_barrier(logits)
    best = jax.lax.optimization_barrier(jnp.max(logits, axis=0))
    number = jnp.arange(logits.shape[0])[:, None]
    first = jnp.min(jnp.where(logits == best, number, logits.shape[0] - 1), axis=0)
    return jax.lax.optimization_barrier(first)


def describe_board(layout: NodeTypes, term: Array, board: Board) -> Float[Array, "features slots"]:
    """Return features of all placed users; `term` is 1 at each user's slice."""
    left = feed(term, board.waiting.astype(float))
    types = add_up(layout.sum_types(board.numbers), 2)
    parts = [left, add_up(types, 0), types[:2].reshape(-1, types.shape[-1])]
    return jnp.concatenate(parts) / layout.subcarriers


def describe_users(
    field: BoardField, layout: NodeTypes, board: Board
) -> Float[Array, "states users slots"]:
    """Return features of each user's place."""
    placed = board.node >= 0
    around = add_up(layout.sum_types(board.numbers), 0)
    # kind of node, and the row of its subcarrier among all cells
    kind = sum((board.node >= end).astype(int) for end in layout.ends[1:-1])
    cell = jnp.maximum(kind * layout.subcarriers + board.subcarrier, 0)
    others = pick_rows(around.reshape(-1, cell.shape[-1]), cell) - 1.0
    columns = [
        placed.astype(float),
        board.value * field.scale,
        jnp.where(placed, others, 0.0),
        jnp.where(placed, kind - 1.0, 0.0),
    ]
    return jnp.stack(columns)


def describe_edges(
    field: BoardField,
    layout: NodeTypes,
    board: Board,
    gain: Float[Array, "nodes subcarriers slots"],
    offer: UserOffer,
) -> tuple[Array, Array]:
    """Return features and marginal utility of each node and subcarrier for a user."""
    value, harm = offer.value * field.scale, offer.harm * field.scale
    # users per node and subcarrier, and around it
    count = add_up(board.numbers, 0)
    around = layout.spread_types(layout.sum_types(board.numbers))
    load = add_up(count, 1)[:, None] / layout.subcarriers
    used = (add_up(board.sent, 1) / field.total)[:, None]
    strength = measure_strength(field.even[:, None] * gain)
    most = jnp.max(strength, axis=(0, 1))
    # features, (features, nodes, subcarriers, slots)
    columns = [
        value,
        harm,
        measure_strength(offer.heard),
        add_up(around, 0) / 2.0,
        count,
        around[0],
        jnp.broadcast_to(load, count.shape),
        jnp.broadcast_to(used, count.shape),
        strength,
        strength - field.best,
        strength - most,
    ]
    slots = gain.shape[-1]
    features = jnp.stack(columns).reshape(len(columns), -1, slots)
    return features, (value + harm).reshape(-1, slots)


def allow_edges(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, user: Array
) -> Bool[Array, "edges slots"]:
    """Return the mask of a user's allowed places: capacities, the priority's quotas, seats."""
    stations, (nodes, _, slots) = layout.ends[1], board.sent.shape
    # users of the same slice where quotas count slices, else all
    load, group = add_up(board.numbers, 2), pick_rows(field.group, user)
    alone = jnp.arange(3)[:, None, None] == group
    alike = alone | ignores_slices(scenario.balancing.rule)
    members = add_up(jnp.where(alike, load, 0.0), 0)
    layers = jnp.stack([add_up(members[:stations], 0), add_up(members[stations:], 0)])
    quota = add_up(jnp.where(alone, field.quota, 0), 0)
    # a layer has room while its quota is not reached
    rooms = layers + 1 <= quota
    room = jnp.where(np.arange(nodes)[:, None] < stations, rooms[0], rooms[1])
    room = room & (add_up(load, 0) + 1 <= field.limit) & pick_rows(field.wanting, user)
    crowd = layout.spread_types(layout.sum_types(add_up(board.numbers, 0)))
    return (room[:, None] & (crowd < CROWD)).reshape(-1, slots)


def point_at_users(
    weights: Weights,
    static: Float[Array, "hidden users slots"],
    turn: PlacementTurn,
    *,
    written: bool = False,
) -> Float[Array, "users slots"]:
    """Return the logit of each user to have its turn now; static: the embeddings' part."""
    bases = static, feed_layer(weights.pointer_board, turn.board)[:, None]
    logits = pass_hidden(weights.pointer_state, turn.states, bases, weights.pointer_head, written)
    return jnp.where(turn.eligible, logits, NEVER)


def score_edges(
    weights: Weights,
    layout: NodeTypes,
    embedding: Float[Array, "width slots"],
    factor: Float[Array, " slots"],
    turn: PlacementTurn,
    *,
    written: bool = False,
) -> Float[Array, "options slots"]:
    """Return the logits of a user's edges, and of not being served.

    Args:
        embedding: embedding of the user whose turn it is.
        factor: weight of its marginal utility.
    """
    about = feed_layer(weights.edge_user, jnp.concatenate([embedding, turn.board]))
    # each edge: its features, its node's type and the user
    types = jnp.repeat(weights.edge_type[layout.kind], layout.subcarriers, axis=0).T
    bases = types[..., None], about[:, None]
    logits = pass_hidden(weights.edge, turn.edges, bases, weights.edge_head, written)
    logits = logits + factor * turn.gain
    idle = feed_layer(weights.idle_head, jax.nn.relu(about))
    return jnp.concatenate([jnp.where(turn.allowed, logits, NEVER), idle])


class Noise(NamedTuple):
    """Gumbel noise of each turn's choices; with noise 0 the largest logit is chosen."""

    user: Float[Array, "turns users slots"]
    edge: Float[Array, "turns options slots"]


class Decoder(NamedTuple):
    """Common data of all turns of a slot."""

    weights: Weights
    scenario: Scenario
    field: BoardField
    layout: NodeTypes
    options: PolicyOptions
    embedding: Float[Array, "slots users width"]
    pointer: Float[Array, "hidden users slots"]
    """The embedding's part of the pointer's hidden layer."""


def make_decoder(
    weights: Weights,
    scenario: Scenario,
    field: BoardField,
    embedding: Float[Array, "slots users width"],
    options: PolicyOptions,
) -> Decoder:
    """Return the common data of all turns."""
    layout = lay_out(sizes(scenario))
    pointer = feed_layer(weights.pointer_user, jnp.transpose(embedding, (2, 1, 0)))
    return Decoder(weights, scenario, field, layout, options, embedding, pointer)


def point(
    decoder: Decoder, again: bool, number: ArrayLike, board: Board, written: bool
) -> tuple[PlacementTurn, Array]:
    """Return the pointer's inputs in a turn, and the users' logits."""
    field, layout, options = decoder.field, decoder.layout, decoder.options
    slots, users, _ = decoder.embedding.shape
    eligible, states = board.waiting, jnp.zeros((USER_STATES, users, slots))
    if again:
        turns = count_turns(options, jnp.sum(field.wanting, axis=0))[1]
        eligible, states = field.wanting & (number < turns), describe_users(field, layout, board)
    # users on the board per slice, and their worth
    term = jax.nn.one_hot(slice_of(decoder.scenario), 3)
    about, worth = describe_board(layout, term, board), jnp.sum(board.value, axis=0)
    turn = PlacementTurn(states, about, worth, eligible, *(jnp.zeros(()),) * 5)
    if options.pointer:
        return turn, point_at_users(decoder.weights, decoder.pointer, turn, written=written)
    order = -jnp.arange(users, dtype=about.dtype)[:, None]
    return turn, jnp.where(eligible, order, NEVER)


def play_turn(
    decoder: Decoder, again: bool, board: Board, number: ArrayLike, noise: Noise | None
) -> tuple[Board, PlacementTurn]:
    """Return the board after one turn, and the networks' inputs in it.

    `again` is whether a user who had its turn is first removed.
    """
    weights, scenario, field, layout, options = decoder[:5]
    # the pointer chooses the user
    written = noise is None
    turn, logits = point(decoder, again, number, board, written)
    user, before = choose(logits if noise is None else logits + noise.user), board
    row, gain = read_facts(look_up(field.facts, user)), find_gains(field, layout, user)
    if again:
        board = take_user(scenario, field, layout, board, user, row.numbers.row)
    # then the edge is chosen among those that are allowed
    offer = make_offer(scenario, field, layout, board, row, gain)
    features, worth = describe_edges(field, layout, board, gain, offer)
    if not options.physics:
        features, worth = features.at[:BLIND].set(0.0), 0.0 * worth
    busy = jnp.any(turn.eligible, axis=0)
    allowed = allow_edges(scenario, field, layout, board, user) & busy
    turn = turn._replace(user=user, edges=features, gain=worth, allowed=allowed)
    factor = weights.factor[row.numbers.row]
    embedding = look_up(decoder.embedding, user)
    logits = score_edges(weights, layout, embedding, factor, turn, written=written)
    choice = choose(logits if noise is None else logits + noise.edge)
    spot = jnp.where(choice < worth.shape[0], choice, -1)
    power = pick_rows(offer.power.reshape(worth.shape), jnp.maximum(spot, 0))
    target = (row.numbers.row, spot, power)
    board = put_user(scenario, field, layout, board, user, target)
    if again:
        board = jax.tree.map(lambda new, old: jnp.where(busy, new, old), board, before)
    return board, turn._replace(choice=choice)


def place_users(decoder: Decoder) -> Board:
    """Place all users one after another, then remove some users and place them again.

    Each choice is the most likely one. The number of turns is that of the slot with most users.
    """
    board = clear_board(decoder.field, decoder.layout)
    # turns of the slot with most users; others wait
    most = jnp.max(jnp.sum(decoder.field.wanting, axis=0), initial=0)
    for again, turns in enumerate(count_turns(decoder.options, most)):
        turn = partial(play_turn, decoder, bool(again), noise=None)
        board = jax.lax.fori_loop(
            0, turns, lambda number, board, turn=turn: turn(board, number)[0], board
        )
    return board


def sample_places(decoder: Decoder, noise: Noise) -> tuple[Board, PlacementTurn]:
    """Return the board of sampled choices, and the networks' inputs in each turn, stacked."""
    board, turns, first = clear_board(decoder.field, decoder.layout), [], 0
    users = decoder.embedding.shape[1]
    for again, length in enumerate(count_most_turns(decoder.options, users)):
        if not length:
            continue
        # noise of these turns, then one scan over them
        rows = jax.tree.map(lambda leaf, a=first, b=first + length: leaf[a:b], noise)

        def take(board: Board, step: Any, again: bool = bool(again)) -> Any:
            return play_turn(decoder, again, board, *step)

        board, seen = jax.lax.scan(take, board, (jnp.arange(length), rows))
        turns.append(seen)
        first += length
    return board, jax.tree.map(lambda *parts: jnp.concatenate(parts), *turns)
