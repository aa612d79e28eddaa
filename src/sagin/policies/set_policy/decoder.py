"""The decoder of the set policy: a pointer picks the next user, edges say where it is served."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.policies.set_policy.board import (
    CROWD,
    Board,
    BoardField,
    NodeTypes,
    UserOffer,
    add_up,
    clear_board,
    lay_out,
    make_offer,
    put_user,
    take_user,
)
from sagin.policies.set_policy.weights import USER_STATES, Weights
from sagin.slicing.scenario import Scenario, sizes
from sagin.types import Array, Bool, Float, Int

BLIND = 3
"""Columns of an edge's features that are utilities, harm and interference."""
NEVER = -1e9
"""Logit of what is not allowed."""


class PolicyOptions(NamedTuple):
    """What may be switched off, and how often users are placed anew; static."""

    revisions: float = 0.5
    """Turns in which a user is taken up again, per user."""
    power_rounds: bool = True
    pointer: bool = True
    """Whether the network picks the next user; else users come in the order of their rows."""
    physics: bool = True
    """Whether edges show utilities, harm and what is heard."""


def count_revisions(options: PolicyOptions, users: int) -> int:
    """Return in how many turns a user is taken up again."""
    return round(options.revisions * users)


class PlacementTurn(NamedTuple):
    """What the networks saw in one turn, and what was chosen."""

    states: Float[Array, "users states"]
    board: Float[Array, " features"]
    eligible: Bool[Array, " users"]
    user: Int[Array, ""]
    edges: Float[Array, "edges features"]
    gain: Float[Array, " edges"]
    """Marginal utility, in mean users' parts."""
    allowed: Bool[Array, " edges"]
    choice: Int[Array, ""]
    """Edge; their number: served nowhere."""


class Chart(NamedTuple):
    """What of the edges does not change while users are placed."""

    strength: Float[Array, "users edges"]
    """Tenths of log2 of the SNR at an even share."""
    best: Float[Array, " edges"]
    """The greatest of any user of slice H."""
    most: Float[Array, " users"]
    """The user's greatest."""


def chart_edges(field: BoardField) -> Chart:
    """Return what of the edges does not change."""
    network = field.network
    strength = 0.1 * jnp.log2(1.0 + field.even[:, None] * network.gain)
    strength = strength.reshape(strength.shape[0], -1)
    high = (network.features.row == 0) & network.wanting
    best = jnp.max(jnp.where(high[:, None], strength, 0.0), axis=0, initial=0.0)
    return Chart(strength, best, jnp.max(strength, axis=1, initial=0.0))


def describe_board(field: BoardField, layout: NodeTypes, board: Board) -> Float[Array, " features"]:
    """Return what the networks know of all that is placed."""
    network = field.network
    left = jnp.sum(network.term * (board.waiting & network.wanting)[:, None], axis=0)
    types = add_up(layout.sum_types(board.numbers), 2)
    return jnp.concatenate([left, add_up(types, 0), types[:2].reshape(-1)]) / (layout.subcarriers)


def describe_users(
    field: BoardField, layout: NodeTypes, board: Board
) -> Float[Array, "users states"]:
    """Return what the networks know of each user's place."""
    placed = board.node >= 0
    around = add_up(layout.sum_types(board.numbers), 0)
    kind = add_up(jnp.where(board.node[:, None] >= np.array(layout.ends[1:-1]), 1, 0), 1)
    columns = [
        placed.astype(float),
        board.value * field.scale,
        jnp.where(placed, around[kind, board.subcarrier] - 1.0, 0.0),
        jnp.where(placed, kind - 1.0, 0.0),
    ]
    return jnp.stack(columns, axis=1)


def describe_edges(
    field: BoardField, layout: NodeTypes, chart: Chart, board: Board, user: Array, offer: UserOffer
) -> tuple[Array, Array]:
    """Return features and marginal utility of serving a user at each node and subcarrier."""
    network = field.network
    row = network.features.row[user]
    value = offer.value * field.scale
    harm = board.harm[jnp.where(row == 0, 0, 1)] * field.scale
    count = add_up(board.numbers, 0)
    around = layout.spread_types(layout.sum_types(board.numbers))
    load = add_up(count, 1)[:, None] / layout.subcarriers
    used = (add_up(board.sent, 1) / network.power)[:, None]
    columns = [
        value,
        harm,
        0.1 * jnp.log2(1.0 + offer.heard),
        add_up(around, 0) / 2.0,
        count,
        around[0],
        jnp.broadcast_to(load, count.shape),
        jnp.broadcast_to(used, count.shape),
    ]
    strength = chart.strength[user]
    static = [strength, strength - chart.best, strength - chart.most[user]]
    features = jnp.stack([column.reshape(-1) for column in columns] + static, axis=1)
    return features, (value + harm).reshape(-1)


def allow_edges(
    scenario: Scenario, field: BoardField, layout: NodeTypes, board: Board, user: Array
) -> Bool[Array, " edges"]:
    """Return where a user may be served: capacities, the priority's quotas, seats of the cell."""
    network, stations = field.network, layout.ends[1]
    load = add_up(board.numbers, 2)
    group = network.group[user]
    members = add_up(load, 0) if scenario.balancing.rule == "uniform" else load[group]
    layers = jnp.stack([add_up(members[:stations], 0), add_up(members[stations:], 0)])
    open_layers = layers + 1 <= network.quota[group]
    room = jnp.where(np.arange(load.shape[1]) < stations, open_layers[0], open_layers[1])
    room = room & (add_up(load, 0) + 1 <= network.limit) & network.wanting[user]
    crowd = layout.spread_types(layout.sum_types(add_up(board.numbers, 0)))
    return (room[:, None] & (crowd < CROWD)).reshape(-1)


def point_at_users(
    weights: Weights, static: Array, turn: PlacementTurn
) -> Float[Array, "*batch users"]:
    """Return the logit of each user to have its turn now; static: `embed_pointers`."""
    board = weights.pointer_board(turn.board)[..., None, :]
    hidden = jax.nn.relu(static + turn.states @ weights.pointer_state + board)
    logits = weights.pointer_head(hidden)[..., 0]
    return jnp.where(turn.eligible, logits, NEVER)


def score_edges(
    weights: Weights, layout: NodeTypes, embedding: Array, factor: Array, turn: PlacementTurn
) -> Float[Array, "*batch options"]:
    """Return the logits of a user's edges, and of being served nowhere.

    Args:
        embedding: of the user in turn.
        factor: what its marginal utility weighs.
    """
    about = weights.edge_user(jnp.concatenate([embedding, turn.board], axis=-1))
    types = jnp.repeat(weights.edge_type[layout.kind], layout.subcarriers, axis=0)
    hidden = jax.nn.relu(turn.edges @ weights.edge + types + about[..., None, :])
    logits = weights.edge_head(hidden)[..., 0] + factor[..., None] * turn.gain
    idle = weights.idle_head(jax.nn.relu(about))
    return jnp.concatenate([jnp.where(turn.allowed, logits, NEVER), idle], axis=-1)


class Noise(NamedTuple):
    """Gumbel noise of each turn's choices; with 0 the greatest logit is chosen."""

    user: Float[Array, "turns users"]
    edge: Float[Array, "turns options"]


class Decoder(NamedTuple):
    """What all turns of a slot have in common."""

    weights: Weights
    scenario: Scenario
    field: BoardField
    layout: NodeTypes
    options: PolicyOptions
    embedding: Float[Array, "users width"]
    chart: Chart
    pointer: Float[Array, "users hidden"]
    """The embedding's part of the pointer's hidden layer."""


def play_turn(
    decoder: Decoder, again: bool, keep: bool, board: Board, noise: Noise | None
) -> tuple[Board, PlacementTurn | None]:
    """Return the board after one turn, and what was seen in it.

    again: whether a user who had its turn is taken up first.
    """
    weights, scenario, field, layout, options = decoder[:5]
    users = decoder.embedding.shape[0]
    eligible = field.network.wanting if again else board.waiting
    states = describe_users(field, layout, board) if again else jnp.zeros((users, USER_STATES))
    about = describe_board(field, layout, board)
    turn = PlacementTurn(states, about, eligible, *(jnp.zeros(()),) * 5)
    pointer = point_at_users(weights, decoder.pointer, turn)
    if not options.pointer:
        pointer = jnp.where(eligible, -jnp.arange(users, dtype=pointer.dtype), NEVER)
    user = jnp.argmax(pointer if noise is None else pointer + noise.user)
    if again:
        board = take_user(scenario, field, layout, board, user)
    offer = make_offer(scenario, field, layout, board, user)
    features, gain = describe_edges(field, layout, decoder.chart, board, user, offer)
    if not options.physics:
        features, gain = features.at[:, :BLIND].set(0.0), 0.0 * gain
    allowed = allow_edges(scenario, field, layout, board, user) & jnp.any(eligible)
    turn = turn._replace(user=user, edges=features, gain=gain, allowed=allowed)
    factor = weights.factor[field.network.features.row[user]]
    logits = score_edges(weights, layout, decoder.embedding[user], factor, turn)
    choice = jnp.argmax(logits if noise is None else logits + noise.edge)
    spot = jnp.where(choice < gain.shape[0], choice, -1)
    board = put_user(scenario, field, layout, board, user, (spot, offer.power.reshape(-1)[spot]))
    return board, turn._replace(choice=choice) if keep else None


def make_decoder(
    weights: Weights,
    scenario: Scenario,
    field: BoardField,
    embedding: Float[Array, "users width"],
    options: PolicyOptions,
) -> Decoder:
    """Return what all turns have in common."""
    layout = lay_out(sizes(scenario))
    pointer = weights.pointer_user(embedding)
    return Decoder(
        weights, scenario, field, layout, options, embedding, chart_edges(field), pointer
    )


def place_users(
    decoder: Decoder, noise: Noise | None = None, *, keep: bool = False
) -> tuple[Board, PlacementTurn | None]:
    """Place all users one after another, then take some up again and place them anew.

    Args:
        decoder: of the slot.
        noise: of a sample; None: the greatest logits.
        keep: whether to return what the networks saw in each turn.
    """
    users = decoder.embedding.shape[0]
    revisions = count_revisions(decoder.options, users)
    board, turns = clear_board(decoder.field, decoder.layout), []
    for again, first, last in ((False, 0, users), (True, users, users + revisions)):
        if first == last:
            continue
        part = jax.tree.map(lambda leaf, rows=slice(first, last): leaf[rows], noise)
        turn = partial(play_turn, decoder, again, keep)
        board, seen = jax.lax.scan(turn, board, part, length=last - first)
        turns.append(seen)
    return board, jax.tree.map(lambda *parts: jnp.concatenate(parts), *turns) if keep else None
