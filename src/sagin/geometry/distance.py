"""Distances between points, and the elevation at which a node is seen."""

import jax.numpy as jnp

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def distance(a: Numbers, b: Numbers) -> Float[Array, "..."]:
    """Return the Euclidean distance |a − b| of points in the plane or in space, m.

    Leading axes broadcast.

    At coincident points the gradient is 0 (the symmetric one), not NaN.

    Args:
        a: positions, m, [..., 2 or 3].
        b: positions, m, [..., as many as a].

    >>> float(distance(jnp.array([0.0, 0.0, 0.0]), jnp.array([2.0, 3.0, 6.0])))
    7.0
    """
    square = jnp.sum(jnp.square(as_float(a) - as_float(b)), axis=-1)
    distinct = square > 0
    return jnp.where(distinct, jnp.sqrt(jnp.where(distinct, square, 1.0)), 0.0)


def horizontal_distance(a: Numbers, b: Numbers) -> Float[Array, "..."]:
    """Return the distance r in the horizontal plane, m.

    It uses the first two coordinates. Leading axes broadcast.

    Args:
        a: positions, m, [..., 2 or 3].
        b: positions, m, [..., 2 or 3].

    >>> float(horizontal_distance(jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0, 30.0])))
    5.0
    """
    return distance(as_float(a)[..., :2], as_float(b)[..., :2])


def elevation(horizontal_distance_m: Numbers, height_m: Numbers) -> Float[Array, "..."]:
    """Return the angle above the horizon, rad, of a node above flat ground: θ = arctan(h/r).

    Directly below the node it is π/2, also for r = 0; a node at the observer's position has 0.

    Args:
        horizontal_distance_m: r, m, at least 0.
        height_m: h, m, of the node above the observer.

    >>> round(float(elevation(30.0, 30.0)), 6)
    0.785398
    """
    return jnp.arctan2(as_float(height_m), as_float(horizontal_distance_m))
