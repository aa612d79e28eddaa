"""Random point sets in the plane: uniform, Poisson, and with a hotspot."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Bool, Float, Int, PRNGKeyArray

Key = PRNGKeyArray | Array


class PointProcess(NamedTuple):
    """A random number of points, padded to a fixed size."""

    points: Float[Array, "maximum 2"]
    """Positions, m; those beyond the number drawn are places that nobody takes."""
    present: Bool[Array, " maximum"]
    """Which rows are points."""
    drawn: Int[Array, ""]
    """Number of points that the process has, before the cut to the maximum."""

    @property
    def overflow(self) -> Int[Array, "..."]:
        """Number of points that found no room: above 0 the count is cut to the maximum, the places
        stay uniform.
        """
        return jnp.maximum(self.drawn - self.points.shape[-2], 0)


def uniform_square(key: Key, count: int, side_m: ArrayLike) -> Float[Array, "count 2"]:
    """Return `count` independent points, m, uniform in the square [0, side]².

    >>> uniform_square(jax.random.key(0), 5, 3000.0).shape
    (5, 2)
    """
    return jax.random.uniform(key, (count, 2)) * side_m


def uniform_disc(
    key: Key, count: int, radius_m: ArrayLike, centre: ArrayLike | tuple[float, float] = (0.0, 0.0)
) -> Float[Array, "count 2"]:
    """Return `count` independent points, m, uniform in the disc of a radius, m, around a centre, m,
    [2].

    The distance from the centre is R·√U, so that equal areas are equally likely: its mean is 2R/3.

    >>> uniform_disc(jax.random.key(0), 5, 500.0).shape
    (5, 2)
    """
    far, angle = jax.random.uniform(key, (2, count))
    distance, turn = radius_m * jnp.sqrt(far), 2.0 * jnp.pi * angle
    return jnp.asarray(centre) + jnp.stack(
        [distance * jnp.cos(turn), distance * jnp.sin(turn)], axis=-1
    )


def poisson_square(key: Key, density: ArrayLike, side_m: ArrayLike, maximum: int) -> PointProcess:
    """Return a homogeneous Poisson process on [0, side]², padded to `maximum` points; `overflow`
    says how many had no room.

    Args:
        key: random key.
        density: λ, points per m²; the number of points is Poisson with mean λ·side².
        side_m: m.
        maximum: static number of rows.
    """
    count_key, place_key = jax.random.split(key)
    return _padded(
        count_key,
        jnp.square(jnp.asarray(side_m, float)) * density,
        uniform_square(place_key, maximum, side_m),
    )


def poisson_disc(
    key: Key,
    density: ArrayLike,
    radius_m: ArrayLike,
    maximum: int,
    centre: ArrayLike | tuple[float, float] = (0.0, 0.0),
) -> PointProcess:
    """Return a homogeneous Poisson process on a disc, padded to `maximum` points; `overflow` says
    how many had no room.

    Args:
        key: random key.
        density: λ, points per m²; the number of points is Poisson with mean λ·π·radius².
        radius_m: m.
        maximum: static number of rows.
        centre: m, [2].
    """
    count_key, place_key = jax.random.split(key)
    return _padded(
        count_key,
        jnp.pi * jnp.square(jnp.asarray(radius_m, float)) * density,
        uniform_disc(place_key, maximum, radius_m, centre),
    )


def _padded(key: Key, mean: ArrayLike, places: Float[Array, "maximum 2"]) -> PointProcess:
    drawn = jax.random.poisson(key, mean, ())
    return PointProcess(places, jnp.arange(places.shape[0]) < drawn, drawn)


def hotspot(
    key: Key,
    count: int,
    radius_m: ArrayLike,
    share: ArrayLike,
    centre: ArrayLike | tuple[float, float],
    hotspot_radius_m: ArrayLike,
) -> Float[Array, "count 2"]:
    """Return points uniform in a cell around the origin, of which a share stands in a small disc
    instead.

    Args:
        key: random key.
        count: number of points in all.
        radius_m: of the cell, m.
        share: of the points that stand in the hotspot, 0 to 1; they are the first
        round(share·count) rows.
        centre: of the hotspot, m, [2]; `uniform_disc(key, 1, radius)[0]` draws one. A hotspot at
        the edge reaches beyond the cell.
        hotspot_radius_m: m.
    """
    spread_key, dense_key = jax.random.split(key)
    dense = jnp.arange(count) < jnp.round(jnp.asarray(share) * count)
    return jnp.where(
        dense[:, None],
        uniform_disc(dense_key, count, hotspot_radius_m, centre),
        uniform_disc(spread_key, count, radius_m),
    )
