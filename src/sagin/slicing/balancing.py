"""Load balancing: the users that a node disconnects if their number exceeds its capacity."""

from typing import Any, Literal

import jax.numpy as jnp

from sagin.choices import Choice
from sagin.types import Array, Bool, Float, Int

Rule = Literal["priority", "uniform", "none", "uniform-all"]

MOST_IN_PAIRS = 256
"""Largest number of users for which comparison in pairs is faster than sorting; for the paper's 30
users it is four times as fast on a CPU.
"""


def ignores_slices(rule: Rule | Choice) -> Any:
    """Return whether a rule treats users of all slices equally; traced if the rule is.

    >>> [ignores_slices(rule) for rule in ("priority", "uniform", "none", "uniform-all")]
    [False, True, False, True]
    """
    return (rule == "uniform") | (rule == "uniform-all")


def balance(
    rule: Rule | Choice,
    node: Int[Array, " users"],
    served: Bool[Array, " users"],
    slice_of: Int[Array, " users"],
    tiebreak: Float[Array, " users"],
    capacity: Float[Array, " nodes"],
) -> Bool[Array, " users"]:
    """Return the mask of users who stay connected: at each node the first C_th users (C5).

    The cost is users², or users·log(users) for many users.

    Args:
        rule: `priority` orders by slice, H first, and at random within a slice (Algorithm 1, line
            9); `uniform` orders at random; `none` disconnects no user; `uniform-all` disconnects
            all users of a node with more than C_th users.
        node: node of each user, −1 for none, shape (users,).
        served: whether the user is connected before balancing, shape (users,).
        slice_of: 0 H, 1 L, 2 C, shape (users,).
        tiebreak: random numbers, shape (users,); the smallest stays longest, equal ones in the
            order of the users.
        capacity: C_th of each node, inf for no limit, shape (nodes,).

    >>> zero, one = jnp.zeros(3, int), jnp.ones(3, bool)
    >>> slices, tiebreak = jnp.array([2, 1, 0]), jnp.array([0.1, 0.2, 0.3])
    >>> balance("priority", zero, one, slices, tiebreak, jnp.array([2.0])).tolist()
    [False, True, True]
    >>> balance("uniform-all", zero, one, slices, tiebreak, jnp.array([2.0])).tolist()
    [False, False, False]
    """
    nobody = rule == "none"
    if nobody is True or capacity.shape[0] == 0:
        return served
    # rank of each user in its node's order
    grade = jnp.where(rule == "priority", slice_of, 0)
    rank = rank_in_pairs if node.shape[0] <= MOST_IN_PAIRS else rank_by_sorting
    # clipped, −1 takes node 0's capacity, which `served` then masks
    place = rank(jnp.where(served, node, -1), grade, tiebreak)
    everyone = rule == "uniform-all"
    if everyone is not False:
        # a node without room for its last user disconnects all users
        load = _count_users(node, served, capacity.shape[0])
        capacity = jnp.where(everyone & (load - 1 >= capacity), 0.0, capacity)
    return served & (nobody | (place < jnp.take(capacity, node, mode="clip")))


def _count_users(
    node: Int[Array, " users"], served: Bool[Array, " users"], nodes: int
) -> Int[Array, " nodes"]:
    """Return the number of served users of each node.

    For few users, comparison is faster than a scatter.
    """
    # pairs of users and nodes while they are few
    if node.shape[0] <= MOST_IN_PAIRS:
        return jnp.sum((node[:, None] == jnp.arange(nodes)) & served[:, None], axis=0)
    return jnp.zeros(nodes, int).at[node].add(jnp.where(served, 1, 0))


def rank_in_pairs(
    group: Int[Array, " users"], grade: Int[Array, " users"], tiebreak: Float[Array, " users"]
) -> Int[Array, " users"]:
    """Return how many users of its group precede each user.

    Users of a group are ordered by grade, then tiebreak, then index.

    >>> group, grade = jnp.array([0, 0, 1, 0]), jnp.array([1, 0, 0, 1])
    >>> rank_in_pairs(group, grade, jnp.array([0.2, 0.9, 0.5, 0.1])).tolist()
    [2, 0, 0, 1]
    """
    index = jnp.arange(group.shape[0])
    # ties are broken by the random order, then by the row
    tied = (tiebreak < tiebreak[:, None]) | (
        (tiebreak == tiebreak[:, None]) & (index < index[:, None])
    )
    before = (grade < grade[:, None]) | ((grade == grade[:, None]) & tied)
    return jnp.sum(before & (group == group[:, None]), axis=1)


def rank_by_sorting(
    group: Int[Array, " users"], grade: Int[Array, " users"], tiebreak: Float[Array, " users"]
) -> Int[Array, " users"]:
    """Return the same as `rank_in_pairs`, without an array of users × users.

    >>> group, grade = jnp.array([0, 0, 1, 0]), jnp.array([1, 0, 0, 1])
    >>> rank_by_sorting(group, grade, jnp.array([0.2, 0.9, 0.5, 0.1])).tolist()
    [2, 0, 0, 1]
    """
    order = jnp.lexsort((tiebreak, grade, group))
    starts = jnp.searchsorted(group[order], group[order], side="left", method="sort")
    return jnp.zeros_like(group).at[order].set(jnp.arange(group.shape[0]) - starts)
