"""Array types that several signatures share."""

from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

__all__ = ["Array", "ArrayLike", "Bool", "Float", "Int", "PRNGKeyArray", "Points2", "Points3"]

Points2 = Float[Array, "*points 2"]
"""Positions in the plane, m."""

Points3 = Float[Array, "*points 3"]
"""Positions in space, m (local east, north, up, or Earth-centred)."""
