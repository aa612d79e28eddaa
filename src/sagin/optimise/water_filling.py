"""Water filling: share a total among items of concave utility, by bisection on the one price that all of them see."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.optimise.result import Result

Items = Float[Array, "items"]


class Box(NamedTuple):
    """Least and greatest share of each item; an item with low = high takes no part."""

    low: Items
    high: Items


def price_range(utility: Callable[[Items], Items], box: Box) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Return the prices between which demand moves: at the first every share is `high`, at the second every share is `low`."""
    marginal = jax.grad(lambda shares: utility(shares).sum())
    free = box.high > box.low
    floor = jnp.where(free, marginal(box.high), jnp.inf).min()
    ceiling = jnp.where(free, marginal(box.low), -jnp.inf).max()
    one = jnp.ones_like(floor)
    return jnp.where(free.any(), floor, one), jnp.where(free.any(), ceiling, one)


def fill(
    utility: Callable[[Items], Items], demand: Callable[[Float[Array, ""]], Items], box: Box, total: ArrayLike, steps: int = 50
) -> tuple[Result, Float[Array, ""]]:
    """Maximise Σ u_i(x_i) subject to Σ x_i ≤ total and low_i ≤ x_i ≤ high_i, each u_i concave and rising.

    By duality x_i = clip(demand_i(μ), low_i, high_i), demand_i(μ) = argmax u_i(x) − μx, and the price μ is the least one at which Σ x_i ≤
    total;
    it is bisected on a logarithmic scale between `price_range`'s ends.
    If the lows alone exceed the total, they are returned: the caller sees Σ low > total.

    utility: u, element by element. demand: unclipped argmax at a price. box: shapes (items,). total: Σ allowed. steps: halvings.
    Returns the result (point: x, shape (items,); value: Σ u(x); bound:
    the dual Σ max(u − μx) + μ·total, which no allowed x passes) and the price μ.

    >>> rate = lambda x: jnp.log1p(x * jnp.array([1.0, 2.0]))
    >>> best, price = fill(rate, lambda mu: 1 / mu - jnp.array([1.0, 0.5]), Box(jnp.zeros(2), jnp.full(2, 9.0)), 1.5)
    >>> [round(float(x), 3) for x in best.point], round(float(price), 3)
    ([0.5, 1.0], 0.667)
    """
    floor, ceiling = price_range(utility, box)

    def shares(price: Float[Array, ""]) -> Items:
        return jnp.clip(demand(price), box.low, box.high)

    def halve(_: ArrayLike, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = jnp.sqrt(low) * jnp.sqrt(high)
        too_much = shares(middle).sum() > total
        return jnp.where(too_much, middle, low), jnp.where(too_much, high, middle)

    _, price = jax.lax.fori_loop(0, steps, halve, (floor, ceiling))
    price = jnp.where(box.high.sum() <= total, floor, price)
    point = jnp.where(box.high.sum() <= total, box.high, shares(price))
    value = utility(point).sum()
    slack = jnp.where(jnp.isinf(total), 0.0, jnp.maximum(total - point.sum(), 0.0))
    bound = jnp.where(box.high.sum() <= total, value, value + price * slack)
    return Result(point, value, bound), price
