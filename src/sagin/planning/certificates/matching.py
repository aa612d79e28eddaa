"""The largest matching of users to subcarriers over the cells of UAVs, or an upper bound of it."""

import numpy as np

MOST_MATCHINGS = 60
"""Largest number of UAV cells that are matched exactly; beyond it, the present limit is the bound.
"""


def match_subcarriers(gains: list[np.ndarray]) -> tuple[float, list[int], np.ndarray, np.ndarray]:
    """Return the largest matching of users to subcarriers over UAV cells, or an upper bound of it.

    For all η ≥ 0 no matching exceeds Σ_k η_k + Σ_n max_k (gain − η_k)⁺. The cell with the largest
    such limit is matched exactly, its dual prices η lower the limits of all other cells, and so on
    until a matching reaches all limits.

    Args:
        gains: gains of each UAV, (users, subcarriers, cells), ≥ 0; a user on a subcarrier takes the
            UAV with the greater gain.

    Returns:
        Value, cells, users, subcarriers.
    """
    from scipy.optimize import linear_sum_assignment

    none = np.zeros(0, int)
    if gains[0].shape[0] == 0:
        return 0.0, [0] * len(gains), none, none
    price, limit = np.zeros(gains[0].shape[0]), np.full([gain.shape[2] for gain in gains], np.inf)
    best, best_cells, matched = -1.0, [0] * len(gains), (none, none)
    for _ in range(MOST_MATCHINGS):
        tops = [np.maximum((gain - price[:, None, None]).max(axis=0), 0.0) for gain in gains]
        sums = tops[0] if len(tops) == 1 else np.maximum(tops[0][:, :, None], tops[1][:, None, :])
        limit = np.minimum(limit, sums.sum(axis=0) + price.sum())
        number = int(limit.argmax())
        most = float(limit.ravel()[number])
        if most <= best * (1.0 + 1e-9) + 1e-15:
            break
        cells = [int(cell) for cell in np.unravel_index(number, limit.shape)]
        table = np.maximum.reduce(
            [gain[:, :, cell] for gain, cell in zip(gains, cells, strict=True)]
        )
        rows, columns = linear_sum_assignment(table, maximize=True)
        value = float(table[rows, columns].sum())
        limit.ravel()[number] = value
        if value > best:
            best, best_cells, matched = value, cells, (rows, columns)
        price = _dual(table, rows, columns)
    return max(best, float(limit.max())), best_cells, matched[0], matched[1]


def _dual(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the smallest prices of users, (users,), that prove a largest matching.

    A user's price covers the value that it would add elsewhere.
    """
    free = np.setdiff1d(np.arange(table.shape[1]), columns)
    price = table[:, free].max(axis=1, initial=0.0)
    for _ in range(len(rows)):
        # column n is worth table[m(n), n] − η_m(n) to its user m(n)
        more = np.maximum(
            price,
            (table[:, columns] - (table[rows, columns] - price[rows])).max(axis=1, initial=0.0),
        )
        if np.array_equal(more, price):
            break
        price = more
    return price
