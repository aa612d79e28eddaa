"""Points of which no other is better in everything, and the volume that they dominate."""

from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from sagin.types import Array, ArrayLike, Bool, Float


def find_non_dominated(points: Float[Array, "points terms"]) -> Bool[Array, " points"]:
    """Return which points are not dominated: no other one is at least as good in all terms, all
    maximised, and better in one.

    >>> find_non_dominated(jnp.array([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]])).tolist()
    [True, True, False]
    """
    no_worse = jnp.all(points[:, None] >= points, axis=-1)
    better = jnp.any(points[:, None] > points, axis=-1)
    return ~jnp.any(no_worse & better, axis=0)


def hypervolume(points: ArrayLike, reference: ArrayLike) -> float:
    """Return the volume of what the points dominate above a reference point, two or three terms,
    all maximised; exact.

    Slices of the third term between neighbouring points, each times the area that the points
    reaching it dominate. Cost: points² and logs.

    >>> hypervolume(np.array([[1.0, 2.0, 1.0], [2.0, 1.0, 1.0]]), np.zeros(3))
    3.0
    """
    corner = np.asarray(reference, float)
    excess = np.maximum(np.atleast_2d(np.asarray(points, float)) - corner, 0.0)
    if corner.shape[0] == 2:
        return _area(excess)
    levels = np.unique(np.append(excess[:, 2], 0.0))
    return float(
        sum((top - low) * _area(excess[excess[:, 2] >= top, :2]) for low, top in pairwise(levels))
    )


def _area(points: np.ndarray) -> float:
    """Return the area of the union of rectangles from the origin."""
    ordered = points[np.argsort(-points[:, 0])]
    highest = np.maximum.accumulate(np.append(0.0, ordered[:, 1]))
    return float(np.sum(ordered[:, 0] * np.diff(highest)))
