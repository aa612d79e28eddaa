"""Pareto-optimal points, and the volume that they dominate."""

from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from sagin.types import Array, Bool
from sagin.units import Numbers, as_float, as_float64


def find_non_dominated(points: Numbers) -> Bool[Array, " points"]:
    """Return the mask of points that no other point dominates; all terms are maximised.

    A point dominates another if it is at least as good in all terms and better in one.

    >>> find_non_dominated(jnp.array([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]])).tolist()
    [True, True, False]
    """
    points = as_float(points)
    no_worse = jnp.all(points[:, None] >= points, axis=-1)
    better = jnp.any(points[:, None] > points, axis=-1)
    return ~jnp.any(no_worse & better, axis=0)


def hypervolume(points: Numbers, reference: Numbers) -> float:
    """Return the exact volume that the points dominate above a reference point.

    There are two or three terms, all maximised.

    Slices of the third term between neighbouring points, each times the area that the points
    reaching it dominate. Cost: points² and logs.

    >>> hypervolume(np.array([[1.0, 2.0, 1.0], [2.0, 1.0, 1.0]]), np.zeros(3))
    3.0
    """
    corner = as_float64(reference)
    excess = np.maximum(np.atleast_2d(as_float64(points)) - corner, 0.0)
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
