"""Random point sets in the plane: uniform, Poisson, and with a hotspot."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.types import Array, Bool, Float, Int, PRNGKeyArray
from sagin.units import Numbers, as_float

Key = PRNGKeyArray | Array


class PointProcess(NamedTuple):
    """A random number of points, padded to a fixed size."""

    points: Float[Array, "maximum 2"]
    """Positions, m; those beyond the drawn number are padding."""
    present: Bool[Array, " maximum"]
    """Whether each row is a point."""
    drawn: Int[Array, ""]
    """Number of points that the process has, before the cut to the maximum."""

    @property
    def overflow(self) -> Int[Array, "..."]:
        """Number of points beyond the maximum.

        Above 0 the count is cut to the maximum; the positions stay uniform.
        """
        return jnp.maximum(self.drawn - self.points.shape[-2], 0)


def uniform_square(key: Key, count: int, side_m: Numbers) -> Float[Array, "count 2"]:
    """Return independent points, uniform in the square [0, side]², m.

    Args:
        key: random key.
        count: number of points, static.
        side_m: m.

    >>> uniform_square(jax.random.key(0), 5, 3000.0).shape
    (5, 2)
    """
    return jax.random.uniform(key, (count, 2)) * as_float(side_m)


def uniform_disc(
    key: Key, count: int, radius_m: Numbers, centre: Numbers = (0.0, 0.0)
) -> Float[Array, "count 2"]:
    """Return independent points, uniform in a disc, m.

    The distance from the centre is R·√U, so that equal areas are equally likely: its mean is 2R/3.

    Args:
        key: random key.
        count: number of points, static.
        radius_m: R, m.
        centre: m, [2].

    >>> uniform_disc(jax.random.key(0), 5, 500.0).shape
    (5, 2)
    """
    return place_in_disc(jax.random.uniform(key, (2, count)), radius_m, centre)


def place_in_disc(
    uniforms: Numbers, radius_m: Numbers, centre: Numbers = (0.0, 0.0)
) -> Float[Array, "*points 2"]:
    """Place points in a disc, m, by two uniform numbers each: of the area within, and of the angle.

    Args:
        uniforms: from 0 to 1, [2, ...].
        radius_m: R, m, broadcasting with the points.
        centre: m, [..., 2].

    >>> place_in_disc(jnp.array([1.0, 0.0]), 500.0).tolist()
    [500.0, 0.0]
    """
    area, angle = as_float(uniforms)
    distance, turn = as_float(radius_m) * jnp.sqrt(area), 2.0 * jnp.pi * angle
    return as_float(centre) + jnp.stack(
        [distance * jnp.cos(turn), distance * jnp.sin(turn)], axis=-1
    )


def poisson_square(key: Key, density: Numbers, side_m: Numbers, maximum: int) -> PointProcess:
    """Draw a homogeneous Poisson process on [0, side]², padded to a fixed number of points.

    The field `overflow` counts the points that exceed the maximum.

    Args:
        key: random key.
        density: λ, points per m²; the number of points is Poisson with mean λ·side².
        side_m: m.
        maximum: static number of rows.
    """
    count_key, place_key = jax.random.split(key)
    return _pad_points(
        count_key,
        jnp.square(as_float(side_m)) * as_float(density),
        uniform_square(place_key, maximum, side_m),
    )


def poisson_disc(
    key: Key,
    density: Numbers,
    radius_m: Numbers,
    maximum: int,
    centre: Numbers = (0.0, 0.0),
) -> PointProcess:
    """Draw a homogeneous Poisson process on a disc, padded to a fixed number of points.

    The field `overflow` counts the points that exceed the maximum.

    Args:
        key: random key.
        density: λ, points per m²; the number of points is Poisson with mean λ·π·radius².
        radius_m: m.
        maximum: static number of rows.
        centre: m, [2].
    """
    count_key, place_key = jax.random.split(key)
    return _pad_points(
        count_key,
        jnp.pi * jnp.square(as_float(radius_m)) * as_float(density),
        uniform_disc(place_key, maximum, radius_m, centre),
    )


def _pad_points(key: Key, mean: Array, places: Float[Array, "maximum 2"]) -> PointProcess:
    drawn = jax.random.poisson(key, mean, ())
    return PointProcess(places, jnp.arange(places.shape[0]) < drawn, drawn)


def hotspot(
    key: Key,
    count: int,
    radius_m: Numbers,
    share: Numbers,
    centre: Numbers,
    hotspot_radius_m: Numbers,
) -> Float[Array, "count 2"]:
    """Return points in a disc around the origin, a share of which lies in a hotspot, m.

    Both parts are uniform in their disc.

    Args:
        key: random key.
        count: number of points in all.
        radius_m: of the cell, m.
        share: share of the points in the hotspot, 0 to 1; they are the first
            round(share·count) rows.
        centre: of the hotspot, m, [2]; `uniform_disc(key, 1, radius)[0]` draws one. A hotspot at
            the edge reaches beyond the cell.
        hotspot_radius_m: m.
    """
    spread_key, dense_key = jax.random.split(key)
    dense = jnp.arange(count) < jnp.round(as_float(share) * count)
    return jnp.where(
        dense[:, None],
        uniform_disc(dense_key, count, hotspot_radius_m, centre),
        uniform_disc(spread_key, count, radius_m),
    )
