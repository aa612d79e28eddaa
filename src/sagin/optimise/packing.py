"""Bounds on packing problems by prices of resources: cutting planes on the Lagrangian dual.

Prices are found by cutting planes (Kelley 1960), one cut per block and round, in a box around the
best prices so far that grows after a gain and shrinks otherwise (the boxstep method, Marsten, Hogan
and Blankenship 1975). HiGHS solves the linear programs. At best, the bound equals the linear
program over the convex hulls of the blocks' choices (Dantzig and Wolfe 1960).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sagin.errors import InputError

Vector = np.ndarray
"""One number per resource."""


class Bids(NamedTuple):
    """Purchases of each block of a packing problem at given prices."""

    value: np.ndarray
    """(blocks,): upper bound of the worth of any choice of the block after payment."""
    use: np.ndarray
    """(blocks, resources): use of a choice of the block, the best or a near one; it guides the
    prices and is not part of the bound.
    """
    net: np.ndarray
    """(blocks,): worth of that choice after payment, at most `value`."""


class Bound(NamedTuple):
    """A bound and the prices that prove it."""

    value: float
    prices: Vector
    rounds: int
    """Number of calls of the blocks."""
    low: float
    """Minimum value that the cuts allow, if they are exact and the smallest prices lie in the last
    box; −inf: not computed.
    """


Ask = Callable[[Vector], Bids]


class _Cuts(NamedTuple):
    block: list[int]
    use: list[Vector]
    level: list[float]


def bound_by_prices(
    ask: Ask,
    supply: Vector,
    start: Vector,
    *,
    width: float,
    rounds: int = 40,
    tolerance: float = 1e-3,
) -> Bound:
    """Bound max Σ_b v_b(x_b) subject to Σ_b a_b(x_b) ≤ s, x_b in block b's own set, from above.

    For all prices π ≥ 0 weak duality gives Σ v_b(x_b) ≤ π·s + Σ_b max_x [v_b(x) − π·a_b(x)], since
    π·(s − Σ a_b) ≥ 0 for feasible x: *every* set of prices gives a bound, and the smallest one is
    returned.

    Args:
        ask: prices ↦ `Bids`; values may be too high (a relaxation), never too low.
        supply: s ≥ 0, inf for no limit; such resources are free.
        start: initial prices, ≥ 0.
        width: initial half side of the box, as the cost of a resource's whole supply.
        rounds: largest number of calls of `ask`.
        tolerance: relative gap between bound and cuts at which to stop.

    Two items of worth 3 and 2 that both need the only piece:

    >>> def ask(price):
    ...     gain = np.array([3.0, 2.0]) - price[0]
    ...     return Bids(np.maximum(gain, 0.0), (gain > 0)[:, None] * 1.0, np.maximum(gain, 0.0))
    >>> round(bound_by_prices(ask, np.ones(1), np.zeros(1), width=1.0).value, 6)
    3.0
    """
    supply, best, limited = _check_limits(supply, start)
    reach = _scale(supply) * limited
    cuts, record, low, prices, count = _Cuts([], [], []), np.inf, -np.inf, best, 0
    while count < rounds:
        count += 1
        bids = ask(prices)
        _add(cuts, bids, prices)
        value = float(supply @ prices + bids.value.sum())
        width *= _choose_growth(record - value, record - low)
        if value < record:
            record, best = value, prices
        prices, low = _next(cuts, supply, best, width * reach, len(bids.value))
        if record - low <= tolerance * max(abs(record), 1e-12):
            # little to gain near by: look farther, and stop if there is as little
            width *= 8.0
            prices, low = _next(cuts, supply, best, width * reach, len(bids.value))
            if record - low <= tolerance * max(abs(record), 1e-12):
                break
    return Bound(record, best, count, low)


def descend(ask: Ask, supply: Vector, start: Vector, *, width: float, rounds: int = 30) -> Bound:
    """Return the bound of `bound_by_prices` by subgradient steps of length width/√round.

    Use it for thousands of resources, for which the linear programs would take longer than the
    blocks. The arguments are those of `bound_by_prices`.

    >>> def ask(price):
    ...     gain = np.array([3.0, 2.0]) - price[0]
    ...     return Bids(np.maximum(gain, 0.0), (gain > 0)[:, None] * 1.0, np.maximum(gain, 0.0))
    >>> round(descend(ask, np.ones(1), np.zeros(1), width=1.5).value, 6)
    3.0
    """
    supply, prices, limited = _check_limits(supply, start)
    scale, best, record = _scale(supply), prices, np.inf
    for count in range(1, rounds + 1):
        bids = ask(prices)
        value = float(supply @ prices + bids.value.sum())
        if value < record:
            record, best = value, prices
        slope = (supply - bids.use.sum(axis=0)) * limited * scale
        prices = np.maximum(
            prices - width / np.sqrt(count) * scale * slope / max(np.abs(slope).max(), 1e-300), 0.0
        )
    return Bound(record, best, rounds, -np.inf)


def _check_limits(supply: Vector, start: Vector) -> tuple[Vector, Vector, np.ndarray]:
    """Return supply and initial prices, 0 for unlimited resources, and the mask of limited ones."""
    supply, prices = np.asarray(supply, float), np.asarray(start, float)
    if np.any(supply < 0) or np.any(prices < 0):
        raise InputError(
            "packing: supply and prices of at least 0 are needed, "
            f"here {supply.min()} and {prices.min()}"
        )
    limited = np.isfinite(supply)
    return np.where(limited, supply, 0.0), np.where(limited, prices, 0.0), limited


def _scale(supply: Vector) -> Vector:
    """Return the size of a price of 1 per unit of supply.

    It gives the box the same meaning for watts and for users.
    """
    return 1.0 / np.where(supply > 0, supply, 1.0)


def _choose_growth(gain: float, gap: float) -> float:
    """Return the factor on the box's width after a gain, or after none, on a record with a gap."""
    if gain <= 0 or np.isnan(gain):
        return 0.85
    return 1.5 if gain > 0.3 * gap else 1.0


def _add(cuts: _Cuts, bids: Bids, prices: Vector) -> None:
    for block, (net, use) in enumerate(zip(bids.net, bids.use, strict=True)):
        cuts.block.append(block)
        cuts.use.append(use)
        cuts.level.append(float(net + use @ prices))


def _next(
    cuts: _Cuts, supply: Vector, centre: Vector, reach: Vector, blocks: int
) -> tuple[Vector, float]:
    """Return the prices of smallest model value in the box, and that value.

    min s·π + Σ_b v_b, with v_b ≥ level − use·π for all cuts.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    rows = len(cuts.block)
    membership = csr_array((np.ones(rows), (np.arange(rows), cuts.block)), shape=(rows, blocks))
    matrix = hstack([csr_array(np.stack(cuts.use)), membership], format="csr")
    ends = np.stack([np.maximum(centre - reach, 0.0), centre + reach], axis=1)
    limits = np.concatenate([ends, np.tile([0.0, np.inf], (blocks, 1))])
    cost = np.concatenate([supply, np.ones(blocks)])
    solution = linprog(
        cost, A_ub=-matrix, b_ub=-np.asarray(cuts.level), bounds=limits, method="highs"
    )
    if solution.x is None:
        return centre, -np.inf
    return np.clip(solution.x[: len(centre)], ends[:, 0], ends[:, 1]), float(solution.fun)
