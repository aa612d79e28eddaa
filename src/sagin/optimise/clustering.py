"""k-means clustering of weighted points, with a lower bound on the scatter that no clustering can
beat.
"""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.optimise.result import Result

Centres = Float[Array, "clusters axes"]


def compute_scatter(
    points: Float[Array, "points axes"], weights: Float[Array, "points"], centres: Centres
) -> Float[Array, ""]:
    """Return Σ_i w_i·min_j |x_i − c_j|², what k-means minimises."""
    return (weights * _squares(points, centres).min(axis=1)).sum()


def _squares(
    points: Float[Array, "points axes"], centres: Centres
) -> Float[Array, "points clusters"]:
    return jnp.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=-1)


def k_means(
    points: Float[Array, "points axes"],
    weights: Float[Array, "points"],
    clusters: int,
    steps: int = 20,
) -> Result:
    """Cluster by Lloyd's iteration from farthest-point starts:
    the first start is the mean, each next one the point farthest from those before.

    points: shape (points, axes). weights: w ≥ 0; 0 leaves a point out.
    clusters: k ≥ 1. The result doesn't depend on the order of the points. Returns the centres (k,
    axes), their scatter, and its lower bound, the sum of all but the k − 1 largest eigenvalues of
    the scatter matrix (Ding and He 2004); it is exact for k = 1 and 0 once k exceeds the number of
    axes. A centre with no points stays where it was; no points at all give the origin.

    >>> best = k_means(jnp.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [10.0, 0.0]]), jnp.ones(4), 2)
    >>> sorted(best.point[:, 0].tolist()), float(best.value)
    ([0.5, 9.5], 1.0)
    """
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
    return Result(centres, compute_scatter(points, weights, centres), bound)


def _farthest_points(points: Array, weights: Array, mean: Array, clusters: int) -> Centres:
    centres = mean[None, :]
    for _ in range(clusters - 1):
        away = jnp.where(weights > 0, _squares(points, centres).min(axis=1), -jnp.inf)
        centres = jnp.concatenate(
            [centres, jnp.where((weights > 0).any(), points[jnp.argmax(away)], mean)[None, :]]
        )
    return centres
