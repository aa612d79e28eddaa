"""Interference of served users on each other, and their SINR."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.types import Array, Bool, Float, Int
from sagin.units import Numbers, as_float

FEW_USERS, FEW_NODES = 64, 16
"""Up to here a sum over pairs of users is faster than one over nodes."""


def received_interference(
    power_w: Numbers,
    gain: Numbers,
    node: Int[Array, " users"],
    subcarrier: Int[Array, " users"],
    served: Bool[Array, " users"],
    *,
    subcarriers: int,
    within_nodes: bool = True,
) -> Float[Array, " users"]:
    """Return the interference I_k = Σ p_k'·g_(k,i') at each user, W.

    The sum is over the served users k' ≠ k of user k's subcarrier; i' is the node of k' (slicing
    paper (2), (6), (9)).

    All nodes are of one type, which shares a band.

    Users who share a subcarrier at one node interfere too, unless nodes keep their own users
    orthogonal (`within_nodes=False`). A user's own power is never added and
    taken away again, which would lose all digits beside a strong signal; and no sum is reordered
    when a user is no longer served, so that no other user's interference can rise by it. Cost:
    users × users × nodes where both are few, else users × nodes and the sorting of the users.

    Args:
        power_w: p_k, sent for user k, W.
        gain: g_(k,i), power gain from node i to user k at k's own subcarrier.
        node: i of user k.
        subcarrier: n of user k.
        served: whether user k has both (the others' numbers don't count).
        subcarriers: N.
        within_nodes: whether i' may be k's own node.

    Returns:
        W.

    >>> one, zero = jnp.ones(2), jnp.zeros(2, int)
    >>> slot = one, jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([0, 1]), zero, one > 0
    >>> received_interference(*slot, subcarriers=1).tolist()
    [2.0, 3.0]
    """
    power_w, gain = as_float(power_w), as_float(gain)
    sent = jnp.where(served, power_w, 0.0)
    few = gain.shape[0] <= FEW_USERS and gain.shape[1] <= FEW_NODES
    summed = _over_pairs if few else _over_nodes
    return summed(sent, gain, node, subcarrier, subcarriers, within_nodes)


def _over_pairs(
    sent: Array, gain: Array, node: Array, subcarrier: Array, subcarriers: int, within: bool
) -> Float[Array, " users"]:
    """Sum over pairs of users; within: whether users of one node count."""
    del subcarriers
    # choosing among few nodes takes half the time of looking up the gain from each other user's
    # node
    gains = sum(
        jnp.where(node == index, gain[:, index : index + 1], 0.0) for index in range(gain.shape[1])
    )
    shared = (subcarrier[:, None] == subcarrier) & ~np.eye(sent.shape[0], dtype=bool)
    if not within:
        shared &= node[:, None] != node
    return jnp.sum(jnp.where(shared, sent * gains, 0.0), axis=1)


def _over_nodes(
    sent: Array, gain: Array, node: Array, subcarrier: Array, subcarriers: int, within: bool
) -> Float[Array, " users"]:
    """Sum over nodes, from the power that each sends on each subcarrier."""
    nodes = gain.shape[1]
    cell = node * subcarriers + subcarrier
    loads = jax.ops.segment_sum(sent, cell, nodes * subcarriers).reshape(nodes, subcarriers)
    own = _without_own(sent, cell)[:, None] if within else 0.0
    interferers = jnp.where(jnp.arange(nodes) == node[:, None], own, loads.T[subcarrier])
    return jnp.sum(interferers * gain, axis=1)


def _without_own(
    value: Float[Array, " users"], group: Int[Array, " users"]
) -> Float[Array, " users"]:
    """Return the sum of all other users' values in each user's group.

    It adds the sums before and after the user in the group, without a subtraction.
    """
    order = jnp.argsort(group)
    value, group = value[order], group[order]
    index = jnp.arange(value.shape[0])
    starts = (index == 0) | (group != jnp.roll(group, 1))
    ends = (index == value.shape[0] - 1) | (group != jnp.roll(group, -1))
    before = _running_sum(jnp.where(starts, 0.0, jnp.roll(value, 1)), starts)
    after = _running_sum(jnp.where(ends, 0.0, jnp.roll(value, -1)), ends, reverse=True)
    return jnp.zeros_like(value).at[order].set(before + after)


def _running_sum(value: Array, restart: Array, reverse: bool = False) -> Array:
    """Return sums of the values up to each place since the last restart."""

    def join(first, second):
        return first[0] | second[0], jnp.where(second[0], second[1], first[1] + second[1])

    return jax.lax.associative_scan(join, (restart, value), reverse=reverse)[1]


def sinr(
    power_w: Numbers,
    gain: Numbers,
    node: Int[Array, " users"],
    subcarrier: Int[Array, " users"],
    served: Bool[Array, " users"],
    *,
    subcarriers: int,
    noise_w: Numbers,
    within_nodes: bool = True,
) -> Float[Array, " users"]:
    """Return the SINR p_k·g_(k,i)/(I_k + noise) of every user, 0 for a user who is not served.

    Slicing paper (2), (6), (9).

    Args:
        noise_w: power in a subcarrier, W, > 0; the rest as for `received_interference`.

    >>> one, zero = jnp.ones(2), jnp.zeros(2, int)
    >>> slot = one, jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([0, 1]), zero, one > 0
    >>> sinr(*slot, subcarriers=1, noise_w=1.0).tolist()
    [0.3333333432674408, 1.0]
    """
    power_w, gain = as_float(power_w), as_float(gain)
    signal_gain = jnp.take_along_axis(gain, jnp.clip(node, 0, gain.shape[1] - 1)[:, None], axis=1)[
        :, 0
    ]
    interference = received_interference(
        power_w,
        gain,
        node,
        subcarrier,
        served,
        subcarriers=subcarriers,
        within_nodes=within_nodes,
    )
    return jnp.where(served, power_w * signal_gain / (interference + as_float(noise_w)), 0.0)
