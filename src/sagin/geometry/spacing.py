"""The minimum distance between nodes, and a projection of positions that keeps it."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from sagin.geometry.distance import distance
from sagin.types import Array, ArrayLike, Bool, Float, Int
from sagin.units import Numbers, as_float

ROUNDS = 100
"""Number of sweeps over all pairs before the grid is used; each about halves the violation."""

GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
"""Rotation, rad, that gives any number of coincident pairs well-spread directions."""


def minimum_distance(points: Numbers) -> Float[Array, ""]:
    """Return the minimum distance between any two points, m.

    It is infinite for fewer than two points. Cost: count².

    Args:
        points: m, [count, dimensions].

    >>> float(minimum_distance(jnp.array([[0.0, 0.0], [3.0, 4.0], [9.0, 9.0]])))
    5.0
    """
    points = as_float(points)
    first, second = np.triu_indices(points.shape[0], 1)
    return jnp.min(distance(points[first], points[second]), initial=jnp.inf)


def fits(count: int, side_m: Numbers, spacing_m: Numbers) -> Bool[Array, ""]:
    """Return whether `separate` is certain to succeed: (⌈√count⌉ − 1)·spacing ≤ side.

    Sufficient, not necessary: up to the densest packing a few more points may fit, and `separate`
    often finds them.

    Args:
        count: number of points.
        side_m: of the square, m.
        spacing_m: d_min, m.

    >>> bool(fits(4, 100.0, 100.0)), bool(fits(5, 100.0, 100.0))
    (True, False)
    """
    return (_rows(count) - 1) * as_float(spacing_m) <= as_float(side_m)


def separate(points: Numbers, side_m: Numbers, spacing_m: Numbers) -> Float[Array, "count 2"]:
    """Return positions near the proposals, in [0, side]² and at least d_min apart (C6), m.

    Positions are first moved into the square. Pairs that are too close are then pushed apart
    symmetrically along their line, in the fixed order (0,1), (0,2), …; coincident ones along a
    direction that depends only on the pair. If this does not converge, each position in turn takes
    the nearest free node of an even grid. If nothing has to change, the result is the argument
    itself.

    The result satisfies the spacing (at the very limit of `fits`, to a rounding error of the side)
    whenever `fits(count, side, spacing)`. Otherwise it is the better of the two attempts, and
    `minimum_distance` shows whether it suffices.

    Args:
        points: proposals, m, [count, 2], for few points (each sweep costs count²).
        side_m: m.
        spacing_m: d_min, m.

    >>> separate(jnp.array([[40.0, 50.0], [60.0, 50.0]]), 100.0, 40.0).round().tolist()
    [[30.0, 50.0], [70.0, 50.0]]
    """
    points, side_m, spacing_m = as_float(points), as_float(side_m), as_float(spacing_m)
    inside = jnp.clip(points, 0.0, side_m)
    if points.shape[0] < 2:
        return inside
    # a push that aimed at the spacing itself would end a rounding error short of it
    aim = spacing_m + 4.0 * jnp.finfo(inside.dtype).eps * side_m

    def unsettled(state: tuple[Array, Array]) -> Array:
        return (state[0] < ROUNDS) & (minimum_distance(state[1]) < spacing_m)

    pushed = jax.lax.while_loop(
        unsettled,
        lambda state: (state[0] + 1, _sweep(state[1], side_m, aim)),
        (jnp.asarray(0), inside),
    )[1]
    reached = minimum_distance(pushed)
    grid = _on_grid(inside, side_m, reached < spacing_m)
    return jnp.where((reached >= spacing_m) | (reached >= minimum_distance(grid)), pushed, grid)


def _rows(count: int) -> int:
    return math.isqrt(max(count - 1, 0)) + 1


def _sweep(
    points: Float[Array, "count 2"], side: ArrayLike, spacing: ArrayLike
) -> Float[Array, "count 2"]:
    first, second = np.triu_indices(points.shape[0], 1)
    angle = GOLDEN_ANGLE * np.arange(len(first))
    default = jnp.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=-1), points.dtype)

    def push(points: Array, pair: tuple[Array, Array, Array]) -> tuple[Array, None]:
        first_point, second_point, fallback = pair
        line = points[second_point] - points[first_point]
        length = distance(points[second_point], points[first_point])
        direction = jnp.where(length > 0, line / jnp.where(length > 0, length, 1.0), fallback)
        move = 0.5 * jnp.maximum(spacing - length, 0.0) * direction
        points = points.at[first_point].add(-move).at[second_point].add(move)
        return jnp.clip(points, 0.0, side), None

    return jax.lax.scan(push, points, (jnp.asarray(first), jnp.asarray(second), default))[0]


def _on_grid(
    points: Float[Array, "count 2"], side: ArrayLike, needed: Bool[Array, ""]
) -> Float[Array, "count 2"]:
    """Return the nearest free node of an even grid for each point in turn, if needed."""
    rows = _rows(points.shape[0])
    ticks = np.linspace(0.0, 1.0, rows)
    nodes = (
        jnp.asarray(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), points.dtype)
        * side
    )
    State = tuple[Int[Array, ""], Bool[Array, " nodes"], Int[Array, " count"]]

    def settle(state: State) -> State:
        index, occupied, taken = state
        node = jnp.argmin(jnp.where(occupied, jnp.inf, distance(nodes, points[index])))
        return index + 1, occupied.at[node].set(True), taken.at[index].set(node)

    start = jnp.asarray(0), jnp.zeros(rows**2, bool), jnp.zeros(points.shape[0], int)
    # a loop that does not begin costs nothing, in a batch too
    return nodes[
        jax.lax.while_loop(lambda state: needed & (state[0] < points.shape[0]), settle, start)[2]
    ]
