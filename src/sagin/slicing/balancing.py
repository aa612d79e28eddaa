"""Load balancing: which users a node with more of them than its capacity disconnects."""

from typing import Literal

import jax.numpy as jnp

from sagin.types import Array, Bool, Float, Int

Rule = Literal["priority", "uniform", "none"]


def balance(
    rule: Rule,
    node: Int[Array, " users"],
    served: Bool[Array, " users"],
    slice_of: Int[Array, " users"],
    tiebreak: Float[Array, " users"],
    capacity: Float[Array, " nodes"],
) -> Bool[Array, " users"]:
    """Return who stays connected: at each node the first C_th of its users (C5), in an order that the rule sets.

    rule: `priority` goes by slice, H first, and at random within it (Algorithm 1, line 9); `uniform` at random; `none` disconnects nobody.
    node: of each user; served: who is connected; slice_of: 0 H, 1 L, 2 C; tiebreak: random numbers, the least stays longest, equal ones
    in the order of the users; capacity: C_th of each node, inf for no limit. Cost: users².

    >>> zero, one = jnp.zeros(3, int), jnp.ones(3, bool)
    >>> balance("priority", zero, one, jnp.array([2, 1, 0]), jnp.array([0.1, 0.2, 0.3]), jnp.array([2.0])).tolist()
    [False, True, True]
    """
    if rule == "none" or capacity.shape[0] == 0:
        return served
    grade = slice_of if rule == "priority" else jnp.zeros_like(slice_of)
    place = jnp.arange(node.shape[0])
    tied = (tiebreak < tiebreak[:, None]) | ((tiebreak == tiebreak[:, None]) & (place < place[:, None]))
    before = (grade < grade[:, None]) | ((grade == grade[:, None]) & tied)
    rank = jnp.sum(before & served & (node == node[:, None]), axis=1)
    room = jnp.sum(jnp.where(node[:, None] == jnp.arange(capacity.shape[0]), capacity, 0.0), axis=1)
    return served & (rank < room)
