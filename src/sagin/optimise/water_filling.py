"""Water filling: divide a total among items of concave utility by bisection on the price."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.optimise.result import Solution

Items = Float[Array, "items"]


class ShareRange(NamedTuple):
    """Smallest and largest share of each item; an item with low = high takes no part."""

    low: Items
    high: Items


class Utility(NamedTuple):
    """Utility of a share for each item, element by element: u concave and increasing."""

    value: Callable[[Items], Items]
    """Function u(x)."""
    marginal: Callable[[Items], Items]
    """u'(x) ≥ 0, which the caller writes without a difference of nearly equal numbers, unlike
    automatic differentiation.
    """
    demand: Callable[[Float[Array, ""]], Items]
    """argmax u(x) − μx over all real x, at a price μ > 0."""


def find_price_range(
    marginal: Callable[[Items], Items], box: ShareRange
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Return the range of prices in which demand changes.

    At the first price every share is `high`, at the second every share is `low`. The prices are a
    factor of 2 outside the extreme marginals, so that rounding has no effect. An item with marginal
    0 is ignored.
    """
    greatest, least = marginal(box.low), marginal(box.high)
    floor = jnp.where((box.high > box.low) & (least > 0), least, jnp.inf).min()
    ceiling = jnp.where(box.high > box.low, greatest, 0.0).max()
    moves = jnp.isfinite(floor)
    return jnp.where(moves, 0.5 * floor, 1.0), jnp.where(moves, 2.0 * ceiling, 1.0)


def fill(
    utility: Utility, box: ShareRange, total: ArrayLike, steps: int = 50
) -> tuple[Solution, Float[Array, ""]]:
    """Maximise Σ u_i(x_i) subject to Σ x_i ≤ total and low_i ≤ x_i ≤ high_i.

    By duality x_i = clip(demand_i(μ), low_i, high_i), and the price μ is the smallest one at which
    Σ x_i ≤ total. It is bisected on a logarithmic scale between the ends of `find_price_range`. At
    the end, the last feasible price and the last infeasible one are neighbours; the returned point
    lies on the line between their points and uses the whole total, even if demand jumps between the
    two. If the lower limits alone exceed the total, they are returned, and the caller sees Σ low >
    total.

    Args:
        utility: u, each u_i concave and increasing.
        box: limits, shapes (items,).
        total: allowed sum.
        steps: number of halvings.

    Returns:
        the result (point: x, shape (items,); value: Σ u(x); bound: the dual Σ max(u − μx) +
            μ·total, which no feasible x exceeds) and the price μ; if all upper limits fit, it is a
            price at which they are demanded.

    >>> gain = jnp.array([1.0, 2.0])
    >>> value, marginal = lambda x: jnp.log1p(x * gain), lambda x: gain / (1 + gain * x)
    >>> rate = Utility(value, marginal, lambda mu: 1 / mu - 1 / gain)
    >>> best, price = fill(rate, ShareRange(jnp.zeros(2), jnp.full(2, 9.0)), 1.5)
    >>> [round(float(x), 3) for x in best.point], round(float(price), 3)
    ([0.5, 1.0], 0.667)
    """
    floor, ceiling = find_price_range(utility.marginal, box)

    def shares(price: Float[Array, ""]) -> Items:
        return jnp.clip(utility.demand(price), box.low, box.high)

    def halve(_: ArrayLike, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = jnp.sqrt(low) * jnp.sqrt(high)
        too_much = shares(middle).sum() > total
        return jnp.where(too_much, middle, low), jnp.where(too_much, high, middle)

    cheap, price = jax.lax.fori_loop(0, steps, halve, (floor, ceiling))
    within, all_fit = shares(price), box.high.sum() <= total
    point = jnp.where(all_fit, box.high, _between(within, shares(cheap), total))
    value = utility.value(point).sum()
    dual = utility.value(within).sum() + price * (total - within.sum())
    return Solution(point, value, jnp.where(all_fit, value, jnp.maximum(value, dual))), jnp.where(
        all_fit, floor, price
    )


def _between(within: Items, beyond: Items, total: ArrayLike) -> Items:
    """Return the point with the given sum on the line between two points; an end if none has it."""
    span = beyond.sum() - within.sum()
    part = jnp.clip((total - within.sum()) / jnp.where(span > 0, span, 1.0), 0.0, 1.0)
    return within + jnp.where(span > 0, part, 0.0) * (beyond - within)
