"""Gradient ascent with restarts, for smooth objectives of few variables with many maxima."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from sagin.optimise.result import Solution
from sagin.units import Numbers, as_float

Point = Float[Array, "*point"]


def ascend(
    objective: Callable[[Point], Float[Array, ""]],
    starts: Numbers,
    length: Numbers,
    steps: int = 60,
    shrink: float = 0.92,
) -> Solution:
    """Climb from each start along the normalised gradient, and return the best visited point.

    x ← x + ℓ_n·∇f/‖∇f‖, ℓ_n = length·shrink^n. The starts count as visited. A point with zero
    gradient stays.

    Args:
        objective: f, differentiable.
        starts: shape (starts, …).
        length: first step ℓ_0, in x's unit.

    Returns:
        the best point, f there, and an infinite bound, because a local maximum proves nothing about
            other points.

    >>> best = ascend(lambda x: -jnp.sum((x - 2.0) ** 2), jnp.zeros((1, 1)), 0.5)
    >>> round(float(best.point[0]), 1)
    2.0
    """
    starts, length = as_float(starts), as_float(length)
    slope = jax.value_and_grad(objective)

    def climb(start: Point) -> tuple[Point, Float[Array, ""]]:
        def step(
            state: tuple[Point, Point, Array], number: Array
        ) -> tuple[tuple[Point, Point, Array], None]:
            position, best, record = state
            value, gradient = slope(position)
            better = value > record
            best, record = jnp.where(better, position, best), jnp.where(better, value, record)
            size = jnp.sqrt(jnp.sum(gradient**2))
            move = jnp.where(size > 0, gradient / jnp.where(size > 0, size, 1.0), 0.0)
            return (position + length * shrink**number * move, best, record), None

        first = (start, start, jnp.full((), -jnp.inf, start.dtype))
        (last, best, record), _ = jax.lax.scan(step, first, jnp.arange(steps))
        value = objective(last)
        return jnp.where(value > record, last, best), jnp.maximum(value, record)

    points, values = jax.vmap(climb)(starts)
    winner = jnp.argmax(values)
    return Solution(points[winner], values[winner], jnp.full((), jnp.inf))
