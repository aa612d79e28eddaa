"""Powers: least powers against the SNR they are to give, clipping against lines 12 to 20, optima against brute force."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.relaying.power import Hops, Rest, Rules, allocate, clip, demand, minimum_combined_power, minimum_hop_power, snr

from oracle import relaying as oracle

POSITIVE = st.floats(1e-3, 1e3)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE, st.floats(0.1, 20.0))
@settings(max_examples=50, deadline=None)
def test_the_least_powers_give_exactly_the_threshold(direct, first, constant, unit, threshold):
    with jax.enable_x64(True):
        hops = Hops(*(jnp.asarray(value) for value in (direct, first, constant, unit)))
        assert float(minimum_hop_power(threshold, hops.unit)) * unit == pytest.approx(threshold)
        least = float(minimum_combined_power(threshold, hops))
        if direct >= threshold:
            assert least == 0.0
        elif threshold - direct >= first:
            assert least == np.inf
        else:
            assert float(snr(hops, least)) == pytest.approx(threshold, rel=1e-6)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.1, 10))
@settings(deadline=None)
def test_clipping_is_lines_12_to_20(best, least, greatest):
    assert float(clip(jnp.float32(best), jnp.float32(least), greatest)) == np.float32(oracle.clip(best, least, greatest))


def example(seed, users, relays):
    random = np.random.default_rng(seed)
    shape = (users, relays)
    hops = Hops(*(jnp.asarray(10.0 ** random.uniform(low, high, shape)) for low, high in ((-1, 0.3), (0.3, 1.5), (0.7, 1.2), (0, 4))))
    chosen = np.zeros(shape, bool)
    chosen[np.arange(users), np.arange(users) % relays] = True
    return hops, jnp.asarray(chosen), jnp.asarray(10.0 ** random.uniform(-4, -2.5, shape))


def value(hops, chosen, power, rules, rest):
    rate = float(jnp.sum(rules.band * jnp.log2(1.0 + snr(hops, power)), where=chosen))
    return rate if rules.objective == "capacity" else (rate + rest.rate) / (float(power.sum()) + rest.power)


@pytest.mark.parametrize("limit", ["link", "relay"])
@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
@pytest.mark.parametrize("standing", [0.01, 200.0])
def test_the_optimum_is_that_of_a_fine_grid(float64, objective, limit, standing):
    """Three links of one relay, 60 powers each: no allowed point of the grid is better, and the bound is met."""
    hops, chosen, least = example(4, 3, 1)
    rules, rest = Rules(objective, limit, 0.8, 10e6), Rest(5e7, standing)
    found = allocate(hops, chosen, least, rules, rest)
    assert value(hops, chosen, found.point, rules, rest) == pytest.approx(float(found.value), rel=1e-9)
    assert np.all((found.point >= np.minimum(least, 0.8) - 1e-12) & (found.point <= 0.8 + 1e-12))
    lines = [np.geomspace(float(low), 0.8, 60) for low in least[:, 0]]
    grid = np.array(list(itertools.product(*lines)))
    if limit == "relay":
        assert float(found.point.sum()) <= 0.8 + 1e-9
        grid = grid[grid.sum(axis=1) <= 0.8]
    rates = rules.band * np.log2(1.0 + np.asarray(snr(Hops(*(field[:, 0] for field in hops)), jnp.asarray(grid)))).sum(axis=1)
    best = (rates if objective == "capacity" else (rates + rest.rate) / (grid.sum(axis=1) + rest.power)).max()
    assert best <= float(found.value) * (1 + 1e-9)
    assert float(found.value) <= best * 1.02
    assert float(found.value) <= float(found.bound) * (1 + 1e-9)
    assert float(found.bound) == pytest.approx(float(found.value), rel=1e-6)


def test_capacity_with_a_limit_per_link_is_the_greatest_power():
    hops, chosen, least = example(0, 6, 2)
    found = allocate(hops, chosen, least, Rules("capacity", "link", 0.8, 10e6), Rest(0.0, 1.0))
    np.testing.assert_array_equal(found.point, np.where(chosen, np.float32(0.8), 0.0))


@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
def test_each_relay_keeps_its_own_limit(objective):
    hops, chosen, least = example(1, 9, 3)
    found = allocate(hops, chosen, least, Rules(objective, "relay", 0.8, 10e6), Rest(1e6, 0.05))
    assert np.all(np.asarray(found.point).sum(axis=0) <= 0.8 * (1 + 1e-5))
    assert not np.any(np.asarray(found.point)[~np.asarray(chosen)])


def test_a_least_power_beyond_the_greatest_gives_the_greatest_and_waives_where_the_sum_exceeds_it():
    hops, chosen, _ = example(2, 2, 1)
    least = jnp.full((2, 1), 5.0)
    alone = allocate(hops, chosen, least, Rules("efficiency", "link", 0.8, 10e6), Rest(0.0, 1.0))
    np.testing.assert_allclose(alone.point, 0.8, rtol=1e-6)
    together = allocate(hops, chosen, least, Rules("capacity", "relay", 0.8, 10e6), Rest(0.0, 1.0))
    assert float(together.point.sum()) == pytest.approx(0.8, rel=1e-4)


def test_nobody_chosen_costs_nothing():
    hops, chosen, least = example(3, 4, 1)
    for objective, limit in itertools.product(("capacity", "efficiency"), ("link", "relay")):
        found = allocate(hops, chosen & False, least, Rules(objective, limit, 0.8, 10e6), Rest(1e6, 10.0))
        assert not np.any(found.point)
        assert np.isfinite(found.value)


def test_demand_is_where_the_marginal_rate_meets_the_price(float64):
    hops, _, _ = example(5, 8, 1)
    price = 3e6
    power = demand(hops, price, 10e6)

    def surplus(p):
        return jnp.sum(10e6 * jnp.log2(1.0 + snr(hops, p)) - price * p)

    inside = np.asarray(power) > 0
    assert inside.any()
    np.testing.assert_allclose(np.asarray(jax.grad(surplus)(power))[inside], 0.0, atol=1e-6 * price)
