"""Round numbers in [0, 1] to nodes and subcarriers, and divide powers."""

from typing import Literal

import jax
import jax.numpy as jnp

from sagin.types import Array, Bool, Float, Int

Repair = Literal["first", "none"]
"""Rule for a user of whom several numbers round to 1; by default the largest is kept."""
ROUNDING = 0.5
"""Smallest number that counts as an association or subcarrier."""
FEW_CHOICES = 16
"""Largest number of choices for which comparing column by column is faster than a row reduction."""


def round_choice(
    action: Float[Array, "users choices"], repair: Repair | None = None
) -> Int[Array, " users"]:
    """Return each user's choice with the largest number if that is ≥ 0.5, otherwise −1.

    Among equal numbers the first is taken; there is at most one choice per user (C2, C3). This
    equals rounding every number at 0.5 separately and keeping the largest of those that become 1.

    `repair` keeps the `first` or `none` of several numbers instead.

    >>> round_choice(jnp.array([[0.2, 0.7], [0.5, 0.5], [0.4, 0.1]])).tolist()
    [1, 0, -1]
    >>> several = jnp.array([[0.6, 0.7], [0.5, 0.4]])
    >>> [round_choice(several, repair).tolist() for repair in (None, "first", "none")]
    [[1, 0], [0, 0], [-1, 0]]
    """
    if action.shape[1] == 0:
        return jnp.full(action.shape[0], -1)
    if repair is not None:
        ones = action >= ROUNDING
        count = jnp.sum(ones, axis=1)
        valid = count > 0 if repair == "first" else count == 1
        return jnp.where(valid, jnp.argmax(ones, axis=1), -1)
    if action.shape[1] > FEW_CHOICES:
        return jnp.where(jnp.max(action, axis=1) >= ROUNDING, jnp.argmax(action, axis=1), -1)
    # column by column, for all users at once; a NaN stays the largest, and is no choice
    largest, choice = action[:, 0], jnp.zeros(action.shape[0], int)
    for index in range(1, action.shape[1]):
        choice = jnp.where(action[:, index] > largest, index, choice)
        largest = jnp.maximum(largest, action[:, index])
    return jax.lax.optimization_barrier(jnp.where(largest >= ROUNDING, choice, -1))


def served_by(
    node: Int[Array, " users"], served: Bool[Array, " users"], nodes: int
) -> Bool[Array, "users nodes"]:
    """Return the mask (users, nodes) of which node serves which user."""
    return (node[:, None] == jnp.arange(nodes)) & served[:, None]


def share_power(
    total: Float[Array, " nodes"],
    action: Float[Array, " users"],
    node: Int[Array, " users"],
    served: Bool[Array, " users"],
) -> Float[Array, " users"]:
    """Return p_k = P·a_k/max(1, Σ a over the node's served users), W; 0 if not served.

    A node's powers sum to at most P (C4).

    Args:
        total: P of each node, W, shape (nodes,).
        action: a_k in [0, 1], shape (users,).
        node: node of each user, shape (users,).
        served: whether the user is served, shape (users,).

    >>> action, node, served = jnp.array([0.5, 1.0, 0.5]), jnp.zeros(3, int), jnp.ones(3, bool)
    >>> share_power(jnp.array([8.0]), action, node, served).tolist()
    [2.0, 4.0, 2.0]
    """
    # sum of the served users' requests at each node, (nodes,)
    links = served_by(node, served, total.shape[0])
    requested = jnp.sum(jnp.where(links, action[:, None], 0.0), axis=0)
    return action * jnp.sum(jnp.where(links, total / jnp.maximum(requested, 1.0), 0.0), axis=1)
