"""The result of every solver: a point, its value, and a bound that no point can exceed."""

from typing import NamedTuple

from jaxtyping import Array, Float


class Solution(NamedTuple):
    """Result of a solver: a point, its value and a bound.

    bound − value is the largest possible gain of a better point (a cost is bounded from below).
    """

    point: Array
    """Best point found."""
    value: Float[Array, "..."]
    """Objective at that point."""
    bound: Float[Array, "..."]
    """Bound that no point's objective exceeds; infinite if none is known."""
