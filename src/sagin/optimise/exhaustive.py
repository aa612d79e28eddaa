"""Exhaustive search over a finite list of points, or over all tuples of them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from sagin.optimise.result import Solution
from sagin.units import Numbers, as_float


def find_best(
    objective: Callable[[Array], Float[Array, ""]],
    candidates: Numbers,
    batch: int = 1024,
) -> Solution:
    """Return the best of the candidates; value and bound are equal.

    Args:
        objective: function of one candidate, to be maximised.
        candidates: candidates along the first axis, [candidates, ...].
        batch: number of candidates that are evaluated at once.

    >>> float(find_best(lambda x: -((x - 2.6) ** 2), jnp.arange(5.0)).point)
    3.0
    """
    candidates = as_float(candidates)
    values = jax.lax.map(objective, candidates, batch_size=min(batch, candidates.shape[0]))
    winner = jnp.argmax(values)
    return Solution(candidates[winner], values[winner], values[winner])


def find_best_tuple(
    objective: Callable[[Array], Float[Array, ""]],
    candidates: Numbers,
    count: int,
    batch: int = 1024,
) -> Solution:
    """Return the best of all ordered choices of several candidates, repetition allowed.

    Args:
        objective: takes an array (count, …).
        count: number of choices; the cost is candidates^count evaluations.

    >>> best = find_best_tuple(lambda pair: pair[0] - pair[1], jnp.array([1.0, 5.0, 2.0]), 2)
    >>> best.point.tolist()
    [5.0, 1.0]
    """
    candidates = as_float(candidates)
    size = candidates.shape[0]

    def decode(number: Array) -> Array:
        digits = [number // size**digit % size for digit in range(count)]
        return candidates[jnp.stack(digits)]

    total = size**count
    values = jax.lax.map(
        lambda number: objective(decode(number)), jnp.arange(total), batch_size=min(batch, total)
    )
    winner = jnp.argmax(values)
    return Solution(decode(winner), values[winner], values[winner])
