"""The assignment of largest value by shortest augmenting paths, unmatched rows allowed."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.types import Array, Bool, Float, Int
from sagin.units import Numbers, as_float


class _Path(NamedTuple):
    """Shortest paths from an unmatched row to columns."""

    length: Float[Array, " columns"]
    """Length of the shortest path so far; final if `done`."""
    row: Int[Array, " columns"]
    """The path's last row."""
    done: Bool[Array, " columns"]
    last: Int[Array, ""]
    """The column that was finished last, −1: none."""


def assign(value: Numbers) -> Int[Array, " rows"]:
    """Return the column of each row in the assignment of largest value, −1 for none.

    Each column is used at most once. A pair without a positive value is never matched, because an
    unmatched row is worth 0.

    Rows are matched one by one, each along a shortest path of reduced costs (Jonker and Volgenant
    1987, as in Crouse 2016). All columns of a step are processed at once, so the program compiles
    and batches well.

    Args:
        value: value of each pair, shape (rows, columns); −inf forbids the pair.

    >>> assign(jnp.array([[3.0, 2.0], [2.5, -1.0], [0.5, 0.0]])).tolist()
    [1, 0, -1]
    """
    value = as_float(value)
    rows, columns = value.shape
    if rows == 0 or columns == 0:
        return jnp.full(rows, -1)
    gain = jnp.where(value > 0, value, 0.0)
    if rows > columns:
        row = _match_rows(-gain.T)
        match = jnp.full(rows, -1).at[row].set(jnp.arange(columns))
    else:
        match = _match_rows(-gain)
    valuable = jnp.take_along_axis(gain, jnp.maximum(match, 0)[:, None], axis=1)[:, 0] > 0
    return jnp.where((match >= 0) & valuable, match, -1)


def _match_rows(cost: Float[Array, "rows columns"]) -> Int[Array, " rows"]:
    """Return each row's column in the assignment of minimum cost; rows ≤ columns."""
    rows, columns = cost.shape

    def match(new: Array, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        price, row_at, column_of = state
        path = _find_path(cost, price, row_at, new)
        low = path.length[path.last]
        price = price + jnp.where(path.done, path.length - low, 0.0)

        def turn(state: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            row_at, column_of, column, _ = state
            row = path.row[column]
            return row_at.at[column].set(row), column_of.at[row].set(column), column_of[row], row

        changed = jax.lax.while_loop(
            lambda state: state[3] != new, turn, (row_at, column_of, path.last, jnp.full((), -1))
        )
        return price, *changed[:2]

    first = jnp.zeros(columns, cost.dtype), jnp.full(columns, -1), jnp.full(rows, -1)
    return jax.lax.fori_loop(0, rows, match, first)[2]


def _find_path(cost: Array, price: Array, row_at: Array, new: Array) -> _Path:
    """Return shortest paths from a row, until one reaches a free column."""
    index = jnp.arange(price.shape[0])

    def extend(path: _Path) -> _Path:
        begun = path.last >= 0
        row = jnp.where(begun, row_at[path.last], new)
        # a matched row's dual price makes the reduced cost at its own column 0
        offset = jnp.where(
            begun, path.length[path.last] - (cost[row, path.last] - price[path.last]), 0.0
        )
        length = offset + cost[row] - price
        better = ~path.done & (length < path.length)
        length = jnp.where(better, length, path.length)
        nearest = jnp.argmin(jnp.where(path.done, jnp.inf, length))
        return _Path(
            length, jnp.where(better, row, path.row), path.done | (index == nearest), nearest
        )

    none = jnp.full(price.shape, -1)
    start = _Path(jnp.full(price.shape, jnp.inf, price.dtype), none, none >= 0, jnp.full((), -1))
    return jax.lax.while_loop(
        lambda path: (path.last < 0) | (row_at[path.last] >= 0), extend, start
    )
