"""Links of a large network: near nodes with their fading, far nodes by their mean gain."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32

from sagin.slicing import links
from sagin.slicing.fading import get_link_fading
from sagin.slicing.scenario import Scenario
from sagin.types import Array, ArrayLike, Bool, Float, Int
from sagin.units import from_db

CHUNK = 1000
"""Users compared with all nodes at once: memory grows with chunk × nodes, not users × nodes."""


class NodeType(NamedTuple):
    """The nodes of one type, equal except for their positions."""

    places: Float[Array, "nodes 2"]
    height: ArrayLike
    exponent: ArrayLike
    reference_gain: ArrayLike
    fading: Callable[[Array], Array]
    """Function from two uniform numbers on the last axis to the power of a link, of mean 1."""
    variance: ArrayLike
    """Variance of that power."""
    seed: Array


class LargeClaim(NamedTuple):
    """A claim of every user on one node type."""

    near: Int[Array, "users candidates"]
    """Candidate nodes of each user, nearest first; the user claims the first."""
    subcarrier: Int[Array, " users"]


def build_base_stations(
    scenario: Scenario, places: Float[Array, "nodes 2"], seed: Array
) -> NodeType:
    """Build the base stations at the given positions, m, with their fading."""
    settings = scenario.base_stations
    return NodeType(
        places,
        0.0,
        settings.exponent,
        from_db(settings.reference_gain_db),
        lambda draw: links.base_fading(scenario, draw[..., 0]),
        get_link_fading(settings.fading, "rayleigh").variance(settings),
        seed,
    )


def build_uavs(scenario: Scenario, places: Float[Array, "nodes 2"], seed: Array) -> NodeType:
    """Build the UAVs above the given positions, m, with their fading."""
    settings = scenario.uavs
    variance = get_link_fading(settings.fading, "rician").variance(settings)
    reference = from_db(settings.reference_gain_db)
    return NodeType(
        places,
        settings.altitude_m,
        settings.exponent,
        reference,
        functools.partial(links.uav_fading, scenario),
        variance,
        seed,
    )


def place_evenly(count: int, side: ArrayLike) -> Float[Array, "count 2"]:
    """Return the first positions of an even square grid, m."""
    rows = int(np.ceil(np.sqrt(count)))
    ticks = (np.arange(rows) + 0.5) / rows
    return jnp.asarray(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)[:count]) * side


def claim_nearest(
    scenario: Scenario, nodes: NodeType, users: Float[Array, "users 2"], candidates: int
) -> LargeClaim:
    """Return each user's nearest nodes and its best subcarrier at the nearest one."""
    count = min(candidates, nodes.places.shape[0])
    subcarriers = jnp.arange(scenario.radio.subcarriers)

    # nearest nodes in chunks of users, without a matrix of all pairs
    def nearest(user: Array) -> Array:
        squares = jnp.square(user[0] - nodes.places[:, 0]) + jnp.square(
            user[1] - nodes.places[:, 1]
        )
        return jax.lax.top_k(-squares, count)[1]

    # the best subcarrier at the nearest node
    near = jax.lax.map(nearest, users, batch_size=CHUNK)
    return LargeClaim(
        near,
        jnp.argmax(compute_fading(nodes, near[:, :1] * subcarriers.size + subcarriers), axis=1),
    )


def link_draws(seed: Array, link: Int[Array, "users links"]) -> Float[Array, "users links 2"]:
    """Return two uniform numbers in (0, 1), a hash of user and link number node·N + subcarrier."""
    user = jnp.broadcast_to(jnp.arange(link.shape[0])[:, None], link.shape)
    words = jnp.stack([user, link]).astype(jnp.uint32)
    hashed = threefry_2x32(seed, words.reshape(-1)).reshape(words.shape)
    # 23 bits and a half are exact in 32-bit floats, and never 0 or 1
    return jnp.moveaxis(((hashed >> 9).astype(float) + 0.5) * 2.0**-23, 0, -1)


def compute_fading(nodes: NodeType, link: Int[Array, "users links"]) -> Float[Array, "users links"]:
    """Compute the fading power of links numbered node·N + subcarrier, of mean 1."""
    return nodes.fading(link_draws(nodes.seed, link))


def measure_distance(
    nodes: NodeType, users: Float[Array, "users 2"], near: Int[Array, "users candidates"]
) -> Float[Array, "users candidates"]:
    """Measure the distance of each user to its candidates, m."""
    return jax.vmap(lambda user, places: links.distances(user[None], places, nodes.height)[0])(
        users, nodes.places[near]
    )


def compute_mean_gain(nodes: NodeType, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    """Compute the gain at a distance, m, without fading."""
    return links.power_law(distance, nodes.exponent, nodes.reference_gain)


def compute_sinr(
    scenario: Scenario,
    nodes: NodeType,
    users: Float[Array, "users 2"],
    claim: LargeClaim,
    sent: Float[Array, " users"],
) -> tuple[Float[Array, " users"], Float[Array, " users"]]:
    """Compute SINR and spread of each user; `sent` is 0 for users who are not served."""
    count, subcarriers = nodes.places.shape[0], scenario.radio.subcarriers
    near, subcarrier = claim
    cell = subcarrier * count + near[:, 0]
    alone, sums = sum_others(sent, cell, subcarriers * count)
    load = sums.reshape(subcarriers, count)
    gain = compute_mean_gain(nodes, measure_distance(nodes, users, near)) * compute_fading(
        nodes, near * subcarriers + subcarrier[:, None]
    )
    senders = load[subcarrier[:, None], near].at[:, 0].set(alone)

    # a matrix product over all subcarriers, on a CPU several times as fast as a sum on each
    # user's own subcarrier
    summed = functools.partial(jnp.matmul, precision="highest")

    def far(user_row: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        user, near, subcarrier = user_row
        gain = (
            compute_mean_gain(nodes, links.distances(user[None], nodes.places, nodes.height)[0])
            .at[near]
            .set(0.0)
        )
        # without the barrier, XLA would compute the gains again for each sum below
        gain = jax.lax.optimization_barrier(gain)
        return summed(load, gain)[subcarrier], summed(jnp.square(load), jnp.square(gain))[
            subcarrier
        ] * nodes.variance

    mean, variance = jax.lax.map(far, (users, near, subcarrier), batch_size=CHUNK)
    disturbance = jnp.sum(senders * gain, axis=1) + mean + links.noise_power(scenario)
    return sent * gain[:, 0] / disturbance, jnp.where(
        sent > 0, jnp.sqrt(variance) / disturbance, 0.0
    )


def sum_others(
    sent: Float[Array, " users"], cell: Int[Array, " users"], cells: int
) -> tuple[Float[Array, " users"], Float[Array, " _"]]:
    """Return the power of the other users in each user's cell, and the power of every cell.

    Users of a node have equal powers, so the subtraction concerns only numbers of users.
    """
    number = jax.ops.segment_sum((sent > 0).astype(int), cell, cells)
    power = jax.ops.segment_max(sent, cell, cells)
    return sent * (number[cell] - 1), jnp.where(number > 0, number * power, 0.0)


def sum_all_but_one(values: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
    """Return, at each position, the sum of the other numbers in its row, without a subtraction.

    >>> sum_all_but_one(jnp.array([[1.0, 2.0, 4.0]])).tolist()
    [[6.0, 5.0, 3.0]]
    """
    none = jnp.zeros_like(values[:, :1])
    before = jnp.cumsum(jnp.concatenate([none, values[:, :-1]], axis=1), axis=1)
    after = jnp.cumsum(jnp.concatenate([none, values[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    return before + after


def share_evenly(
    total: Float[Array, " nodes"], node: Int[Array, " users"], served: Bool[Array, " users"]
) -> tuple[Array, Array]:
    """Return every node's load and every user's power, an equal share of its node's power."""
    load = jax.ops.segment_sum(served.astype(int), node, total.shape[0])
    return load, jnp.where(served, (total / jnp.maximum(load, 1))[node], 0.0)
