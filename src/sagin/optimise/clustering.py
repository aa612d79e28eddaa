"""k-means clustering of weighted points, with a lower bound on the scatter."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.optimise.result import Solution
from sagin.units import Numbers, as_float

Centres = Float[Array, "clusters axes"]


def compute_scatter(points: Numbers, weights: Numbers, centres: Numbers) -> Float[Array, ""]:
    """Compute Σ_i w_i·min_j |x_i − c_j|², the objective of k-means."""
    squares = _squares(as_float(points), as_float(centres))
    return (as_float(weights) * squares.min(axis=1)).sum()


def _squares(
    points: Float[Array, "points axes"], centres: Centres
) -> Float[Array, "points clusters"]:
    return jnp.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=-1)


def k_means(
    points: Numbers,
    weights: Numbers,
    clusters: int,
    steps: int = 20,
) -> Solution:
    """Cluster weighted points by Lloyd's iteration from farthest-point starts.

    The first start is the mean; each next start is the point farthest from the earlier ones. The
    result does not depend on the order of the points. A centre without points keeps its position;
    without any points the centres are at the origin.

    Args:
        points: shape (points, axes).
        weights: w ≥ 0; 0 leaves a point out.
        clusters: k ≥ 1.

    Returns:
        the centres (k, axes), their scatter, and its lower bound, the sum of all but the k − 1
            largest eigenvalues of the scatter matrix (Ding and He 2004); it is exact for k = 1 and
            0 once k exceeds the number of axes.

    >>> best = k_means(jnp.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [10.0, 0.0]]), jnp.ones(4), 2)
    >>> sorted(best.point[:, 0].tolist()), float(best.value)
    ([0.5, 9.5], 1.0)
    """
    points, weights = as_float(points), as_float(weights)
    total = weights.sum()
    mean = (weights[:, None] * points).sum(axis=0) / jnp.where(total > 0, total, 1.0)

    def lloyd(_: ArrayLike, centres: Centres) -> Centres:
        nearest = (
            jax.nn.one_hot(_squares(points, centres).argmin(axis=1), clusters) * weights[:, None]
        )
        sizes = nearest.sum(axis=0)[:, None]
        return jnp.where(sizes > 0, nearest.T @ points / jnp.where(sizes > 0, sizes, 1.0), centres)

    centres = jax.lax.fori_loop(0, steps, lloyd, _farthest_points(points, weights, mean, clusters))
    spread = points - mean
    eigenvalues = jnp.linalg.eigvalsh((weights[:, None] * spread).T @ spread)
    bound = jnp.maximum(eigenvalues[: max(points.shape[1] - clusters + 1, 0)], 0.0).sum()
    return Solution(centres, compute_scatter(points, weights, centres), bound)


def _farthest_points(points: Array, weights: Array, mean: Array, clusters: int) -> Centres:
    centres = mean[None, :]
    for _ in range(clusters - 1):
        away = jnp.where(weights > 0, _squares(points, centres).min(axis=1), -jnp.inf)
        centres = jnp.concatenate(
            [centres, jnp.where((weights > 0).any(), points[jnp.argmax(away)], mean)[None, :]]
        )
    return centres
