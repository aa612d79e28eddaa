"""The goal of a slot: weights and minimum values of the three normalised terms."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.types import Array, ArrayLike, Float


class Goal(NamedTuple):
    """Weights and minimum values of the three terms, of slices H, L and C (`terms`)."""

    weights: Float[Array, "*goals 3"]
    """Weights w ≥ 0."""
    least: Float[Array, "*goals 3"]
    """ε-constraints: minimum values of the terms; −inf: none."""


def build_goal(
    weights: ArrayLike | Sequence[float] = (1.0, 1.0, 1.0),
    least: ArrayLike | Sequence[float] | None = None,
) -> Goal:
    """Return a goal from weights and minimum values; the default is the terms' plain sum.

    >>> build_goal((1, 0, 0)).least.tolist()
    [-inf, -inf, -inf]
    """
    weights = jnp.asarray(weights, float)
    return Goal(
        weights,
        jnp.asarray(np.full(weights.shape, -np.inf), float)
        if least is None
        else jnp.broadcast_to(jnp.asarray(least, float), weights.shape),
    )


def weigh_terms(goal: Goal, terms: Float[Array, "*slots 3"]) -> Float[Array, "*slots"]:
    """Return w·terms.

    >>> float(weigh_terms(build_goal((2, 1, 0)), jnp.array([1.0, 0.5, 0.7])))
    2.5
    """
    return jnp.sum(goal.weights * terms, axis=-1)


def sum_shortfall(goal: Goal, terms: Float[Array, "*slots 3"]) -> Float[Array, "*slots"]:
    """Return the sum by which the terms miss their minimum values, Σ max(0, least − term).

    >>> float(sum_shortfall(build_goal(least=(1.0, 0.25, 0.5)), jnp.array([0.5, 0.5, 0.25])))
    0.75
    """
    return jnp.sum(jnp.maximum(goal.least - terms, 0.0), axis=-1)
