"""The encoder of the set policy: an embedding of every user before UAVs have positions."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.planning.network import PlannedSlot
from sagin.policies.set_policy.weights import Weights
from sagin.slicing import links
from sagin.slicing.allocation import node_powers, quotas
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import State
from sagin.types import Array, ArrayLike, Bool, Float, Int

NEAR_M = 300.0
"""Distance within which users count as near each other, m."""


class SlotSight(NamedTuple):
    """Inputs of the networks before UAVs have positions."""

    users: Float[Array, "users features"]
    context: Float[Array, " features"]
    term: Float[Array, "users 3"]
    """1 at the slice of an active user."""
    near: Float[Array, "users 3"]
    """Number of users of each slice near a user, each weighted by its proximity."""
    positions: Float[Array, "users 2"]
    """Positions, m."""
    active: Bool[Array, " users"]


def limit_layers(
    scenario: Scenario, state: State, respect_priority: ArrayLike
) -> Int[Array, "groups layers"]:
    """Return the largest number of users of each group and layer; the flag may be traced."""
    most = quotas(scenario, state)
    return jnp.where(jnp.asarray(respect_priority), most, state.active.shape[0])


def look_at_slot(
    scenario: Scenario,
    state: State,
    slot: PlannedSlot,
    most: Int[Array, "groups layers"],
    goal: Float[Array, " slices"],
) -> SlotSight:
    """Return the networks' inputs; all are of order 1 and independent of the users' order."""
    size, active = sizes(scenario), state.active
    term = slot.term * active[:, None]
    count = jnp.maximum(jnp.sum(term, axis=0), 1.0)
    # users near each user, by slice, without itself
    spread = jnp.square(state.user_positions[:, None] - state.user_positions).sum(axis=-1)
    near = (1.0 / (1.0 + spread / NEAR_M**2)) @ term - term
    power = node_powers(scenario)
    strength = [
        jnp.log2(1.0 + power[rows, None] * slot.still[:, columns])
        for rows, columns in _list_still(size)
    ]
    # base stations by path loss alone, over the noise
    noise = links.noise_power(scenario)
    path = links.base_path_gain(scenario, state.user_positions) / noise
    base = jnp.log2(1.0 + power[: size.M] * path)
    east = 2.0 * state.user_positions / scenario.area.side_m - 1.0
    mean = jnp.asarray(scenario.traffic.packets_per_slot, float)
    features = [
        term,
        east,
        jnp.square(east),
        (state.arrivals / jnp.maximum(mean, 1.0) * term[:, 1])[:, None],
        0.1 * _take_most(base, 2),
        0.1 * _take_most(strength[0].reshape(size.K, -1), 2),
        0.1 * _take_most(strength[1].reshape(size.K, -1), 1),
        jnp.log1p(near),
    ]
    # crowding of the slot: users per cell, and quotas as shares
    cells = size.N * (min(size.M, 1) + min(size.V, 1) + min(size.O, 1))
    room = jnp.minimum(most, jnp.sum(count)) / jnp.maximum(jnp.sum(count), 1.0)
    context = [3.0 * jnp.sum(term, axis=0) / max(cells, 1), room.reshape(-1), goal - 1.0]
    shape = [jnp.asarray([float(size.M), float(size.V)]) / 4.0]
    users = jnp.concatenate(features, axis=1) * active[:, None]
    return SlotSight(
        users, jnp.concatenate(context + shape), term, near, state.user_positions, active
    )


def _list_still(size):
    stations = size.M
    nodes = stations + size.V
    return (
        (slice(0, stations), slice(0, stations)),
        (slice(nodes, nodes + size.O), slice(stations, None)),
    )


def _take_most(values: Float[Array, "users columns"], count: int) -> Float[Array, "users count"]:
    """Return the largest values of each row, padded with 0."""
    padded = jnp.pad(values, ((0, 0), (0, count)))
    most = []
    # as often as asked for, the first of the greatest is taken away
    for _ in range(count):
        first = jnp.argmax(padded, axis=1)[:, None] == np.arange(padded.shape[1])
        most.append(jnp.max(padded, axis=1))
        padded = jnp.where(first, -jnp.inf, padded)
    return jnp.stack(most, axis=1)


def embed_users(weights: Weights, sight: SlotSight) -> Float[Array, "users width"]:
    """Return an embedding of every user, which includes all others through their slices' means."""
    codes = jax.nn.relu(weights.user(sight.users))
    count = jnp.maximum(jnp.sum(sight.term, axis=0), 1.0)
    means = (sight.term.T @ codes / count[:, None]).reshape(-1)
    shared = jnp.concatenate([means, sight.context])
    # features that all users share pass the first layer once
    first, last = weights.mixer.layers
    own, common = first.weight[: codes.shape[1]], first.weight[codes.shape[1] :]
    hidden = jax.nn.relu(codes @ own + (shared @ common + first.bias))
    return jax.nn.relu(last(hidden))


def list_anchor_features(
    sight: SlotSight, anchors: Float[Array, "uavs 2"], number: ArrayLike
) -> Float[Array, "users features"]:
    """Return features of users as anchors of UAV `number`, after the earlier UAVs have theirs."""
    uavs = anchors.shape[0]
    # distance to the nearest earlier anchor
    spread = jnp.square(sight.positions[:, None] - anchors).sum(axis=-1)
    spread = jnp.where(jnp.arange(uavs) < number, spread, 1e8)
    closest = 0.25 * jnp.log(1.0 + jnp.min(spread, axis=1) / NEAR_M**2)
    turn = jnp.full_like(closest, jnp.asarray(number) / max(uavs, 1))
    return jnp.concatenate([closest[:, None], turn[:, None], jnp.log1p(sight.near)], axis=1)


def score_anchors(
    weights: Weights, embedding: Float[Array, "*batch users width"], features: Array, active: Array
) -> Float[Array, "*batch users"]:
    """Return each user's logit for a UAV above it."""
    scores = weights.anchor(jnp.concatenate([embedding, features], axis=-1))[..., 0]
    return jnp.where(active, scores, -1e9)
