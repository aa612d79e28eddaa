"""What every solver returns: the point found, its value, and a bound that no point can pass."""

from typing import NamedTuple

from jaxtyping import Array, Float


class Solution(NamedTuple):
    """Answer of a solver: a point, its value and a bound.

    bound − value is the most that a better point could gain (a cost is bounded from below).
    """

    point: Array
    """The point found."""
    value: Float[Array, "..."]
    """The objective there."""
    bound: Float[Array, "..."]
    """No point's objective passes this; infinite where nothing is known."""
