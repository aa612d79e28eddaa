"""Delays, coverage and rewards: known values at the edges."""

import jax.numpy as jnp
import numpy as np
import pytest

from sagin.slicing.objectives import delays, find_covered, metrics
from sagin.slicing.scenario import build_scenario

from oracle import slicing as oracle


def test_delay_by_hand():
    scenario = build_scenario("paper")
    found = delays(scenario, jnp.array([50.0]), jnp.array([200e3]), jnp.array([5e6]))
    assert float(found[0]) == pytest.approx(
        200e3 / 299_792_458.0 + 50e3 / 5e6 + 500.0 / (2 * 5000.0 * 4500.0), rel=1e-5
    )


def test_delay_is_capped_where_the_queue_is_unstable_or_nobody_serves(numbers):
    scenario = build_scenario("paper")
    rate = jnp.array([0.0, 1.0, 4.9e5, 5e5, 5.1e5, 1e6, 1e9])
    packets = jnp.array([0.0, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0])
    found = np.asarray(delays(scenario, packets, jnp.full(7, 1e3), rate))
    expected = [
        oracle.delay(numbers(scenario), float(a), 1e3, float(r))
        for a, r in zip(packets, rate, strict=True)
    ]
    assert found == pytest.approx(expected, rel=1e-4)
    assert found[:4].tolist() == pytest.approx([0.1] * 4)
    assert found[4] < 0.1


def test_delay_falls_with_the_rate_and_rises_with_arrivals():
    rate = jnp.geomspace(1e3, 1e9, 200)
    scenario = build_scenario("paper")
    assert np.all(np.diff(delays(scenario, jnp.full(200, 50.0), jnp.zeros(200), rate)) <= 0.0)
    assert np.all(
        np.diff(delays(scenario, jnp.arange(200.0), jnp.zeros(200), jnp.full(200, 1e7))) >= 0.0
    )


def test_coverage_needs_more_than_the_threshold():
    assert find_covered(build_scenario("paper"), jnp.array([0.0, 1.0, 1.0001])).tolist() == [
        False,
        False,
        True,
    ]


def test_nobody_counts_as_nothing_the_cap_and_nothing():
    zero = jnp.zeros(30)
    found = metrics(build_scenario("paper"), jnp.zeros(30, bool), zero, zero, zero)
    assert [float(x) for x in found] == pytest.approx([0.0, 0.1, 0.0])
