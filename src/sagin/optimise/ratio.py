"""Fractional programming: the largest ratio of a gain to a cost, by Dinkelbach's iteration."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.optimise.result import Solution

Gain = tuple[Array, Float[Array, ""], Float[Array, ""]]


def maximise_ratio(
    solve: Callable[[Float[Array, ""]], Gain],
    start: ArrayLike,
    least_cost: ArrayLike,
    steps: int = 8,
) -> Solution:
    """Maximise N(x)/D(x), D > 0, by Dinkelbach's iteration (1967).

    Solve max N(x) − λD(x), set λ to the ratio of the solution, repeat; λ rises and converges
    superlinearly.

    The best of (4 + x)/(1 + x²) on the line x = λ-dependent argmax 1/(2λ) is x = √17 − 4:

    Args:
        solve: λ ↦ (x, N(x), D(x)) at an exact maximum of N − λD.
        start: λ of the first step, at most the optimum.
        least_cost: a lower bound of D.

    Returns:
        x, its ratio, and the bound λ + (N − λD)/least_cost: N(x) ≤ λD(x) + F(λ) for every x gives
            N/D ≤ λ + F(λ)/D.

    >>> solve = lambda r: (1 / (2 * r), 4 + 1 / (2 * r), 1 + 1 / (4 * r**2))
    >>> best = maximise_ratio(solve, 4.0, 1.0)
    >>> round(float(best.point), 4), round(float(best.value), 4), round(float(best.bound), 4)
    (0.1231, 4.0616, 4.0616)
    """

    def step(_: ArrayLike, ratio: Float[Array, ""]) -> Float[Array, ""]:
        _, gain, cost = solve(ratio)
        return jnp.maximum(ratio, gain / cost)

    ratio = jax.lax.fori_loop(0, steps, step, jnp.asarray(start, float))
    point, gain, cost = solve(ratio)
    return Solution(point, gain / cost, ratio + jnp.maximum(gain - ratio * cost, 0.0) / least_cost)
