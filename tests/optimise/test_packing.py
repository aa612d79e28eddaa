"""Bounds of packing problems by prices, compared with exact optima."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from sagin.errors import InputError
from sagin.optimise.packing import Bids, bound_by_prices, descend


def market(worth):
    """Blocks that each buy the item of the most worth after its price, of (items, blocks)."""

    def ask(price):
        gain = worth - price[: len(worth), None]
        best, value = gain.argmax(axis=0), np.maximum(gain.max(axis=0), 0.0)
        use = np.zeros((worth.shape[1], len(price)))
        use[np.arange(len(use)), best] = value > 0
        return Bids(value, use, value)

    return ask


@pytest.mark.parametrize("seed", range(5))
def test_an_assignment_is_reached(seed):
    worth = np.random.default_rng(seed).random((12, 8))
    best = worth[linear_sum_assignment(worth, maximize=True)].sum()
    found = bound_by_prices(market(worth), np.ones(12), np.zeros(12), width=0.2, rounds=100)
    assert best - 1e-9 <= found.value <= best * (1 + 2e-3)
    assert found.low <= found.value + 1e-9
    rough = descend(market(worth), np.ones(12), np.zeros(12), width=0.2, rounds=100)
    assert best - 1e-9 <= rough.value <= best * 1.1


def test_every_price_bounds():
    rng = np.random.default_rng(0)
    worth = rng.random((6, 6))
    best = worth[linear_sum_assignment(worth, maximize=True)].sum()
    for scale in (0.0, 0.3, 1.0, 5.0):
        price = scale * rng.random(6)
        assert price.sum() + market(worth)(price).value.sum() >= best - 1e-12
        assert (
            bound_by_prices(market(worth), np.ones(6), price, width=0.1, rounds=1).value
            >= best - 1e-12
        )


def test_what_is_without_limit_is_free_and_what_is_not_there_is_dear():
    worth = np.array([[3.0, 2.0], [1.0, 1.0]])
    assert bound_by_prices(
        market(worth), np.array([np.inf, 1.0]), np.zeros(2), width=1.0
    ).value == pytest.approx(5.0)
    assert bound_by_prices(
        market(worth), np.array([0.0, 1.0]), np.zeros(2), width=1.0
    ).value == pytest.approx(1.0, rel=2e-3)


def test_values_above_what_the_choice_is_worth_stay_in_the_bound():
    def ask(price):
        return Bids(np.array([2.0]), np.zeros((1, 1)), np.array([1.0]))

    assert bound_by_prices(
        ask, np.ones(1), np.zeros(1), width=1.0, rounds=5
    ).value == pytest.approx(2.0)


def test_negative_supply_or_prices_are_refused():
    with pytest.raises(InputError, match="at least 0"):
        bound_by_prices(market(np.eye(2)), np.array([-1.0, 1.0]), np.zeros(2), width=1.0)
