"""Erlang's formulas compared with their sums, printed tables and limits."""

import math

import numpy as np
import pytest

from sagin.traffic import erlang


def lost_share(channels, load):
    """Erlang's B as its sum, with whole numbers."""
    terms = [load**k / math.factorial(k) for k in range(channels + 1)]
    return terms[-1] / sum(terms)


def test_blocking_is_the_sum_and_broadcasts():
    channels, load = np.array([1, 5, 10, 20])[:, None], np.array([0.0, 0.5, 5.0, 30.0])
    expected = [[lost_share(int(c), a) for a in load] for c in channels[:, 0]]
    found = erlang.blocking_probability(channels, load)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize(
    ("channels", "load", "blocking"),
    # tables of the Erlang B formula: the load in erlang at a blocking of 1 and 2 %
    [(10, 4.461, 0.01), (20, 12.03, 0.01), (50, 40.26, 0.02), (100, 87.97, 0.02)],
)
def test_blocking_is_that_of_printed_tables(channels, load, blocking):
    assert float(erlang.blocking_probability(channels, load)) == pytest.approx(blocking, rel=2e-3)


def test_one_channel_waits_as_m_m_1():
    load = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(erlang.waiting_probability(1, load), load, rtol=1e-5)
    np.testing.assert_allclose(erlang.waiting_time(1, load), load / (1 - load), rtol=1e-5)


def test_ends_of_the_range():
    assert float(erlang.blocking_probability(0, 3.0)) == 1.0
    assert float(erlang.blocking_probability(2, 1e6)) == pytest.approx(1.0, abs=1e-5)
    assert float(erlang.waiting_probability(4, 4.0)) == 1.0
    assert float(erlang.waiting_time(4, 4.0)) == math.inf
    assert float(erlang.waiting_time(4, 0.0)) == 0.0
