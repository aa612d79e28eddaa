"""Distances between points, and the elevation at which a node is seen."""

import jax.numpy as jnp
import numpy as np

from sagin.types import Array, ArrayLike, Float

Positions = Float[Array | np.ndarray, "... _"]


def distance(a: Positions, b: Positions) -> Float[Array, "..."]:
    """Return the Euclidean distance |a − b|, m, of points in the plane or in space; leading axes
    broadcast.

    Args:
        a: positions, m, [..., 2 or 3].
        b: positions, m, [..., as many as a].

    At coincident points the gradient is 0 (the symmetric one), not NaN.

    >>> float(distance(jnp.array([0.0, 0.0, 0.0]), jnp.array([2.0, 3.0, 6.0])))
    7.0
    """
    square = jnp.sum(jnp.square(jnp.asarray(a) - jnp.asarray(b)), axis=-1)
    distinct = square > 0
    return jnp.where(distinct, jnp.sqrt(jnp.where(distinct, square, 1.0)), 0.0)


def horizontal_distance(a: Positions, b: Positions) -> Float[Array, "..."]:
    """Return the distance r in the horizontal plane, m: of the first two coordinates; leading axes
    broadcast.

    Args:
        a: positions, m, [..., 2 or 3].
        b: positions, m, [..., 2 or 3].

    >>> float(horizontal_distance(jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0, 30.0])))
    5.0
    """
    return distance(a[..., :2], b[..., :2])


def elevation(horizontal_distance_m: ArrayLike, height_m: ArrayLike) -> Float[Array, "..."]:
    """Return the angle above the horizon, rad, of a node above flat ground: θ = arctan(h/r).

    Args:
        horizontal_distance_m: r, m, at least 0.
        height_m: h, m, of the node above the observer.

    Right below the node it is π/2, also where r = 0; a node at the observer's own place has 0.

    >>> round(float(elevation(30.0, 30.0)), 6)
    0.785398
    """
    return jnp.arctan2(jnp.asarray(height_m, float), jnp.asarray(horizontal_distance_m, float))
