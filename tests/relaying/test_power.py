"""Powers: minimum powers compared with their SNR, clipping with lines 12 to 20, optima with brute
force.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.parameters import list_fields
from sagin.relaying.power import (
    Hops,
    OtherNodes,
    PowerRule,
    allocate_powers,
    clip,
    differentiate_rate,
    find_power_at_price,
    minimum_combined_power,
    minimum_hop_power,
    snr,
)
from sagin.relaying.scenario import Scenario
from sagin.units import from_dbm

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
    assert float(clip(jnp.float32(best), jnp.float32(least), greatest)) == np.float32(
        oracle.clip(best, least, greatest)
    )


def example(seed, users, relays):
    random = np.random.default_rng(seed)
    shape = (users, relays)
    hops = Hops(
        *(
            jnp.asarray(10.0 ** random.uniform(low, high, shape))
            for low, high in ((-1, 0.3), (0.3, 1.5), (0.7, 1.2), (0, 4))
        )
    )
    chosen = np.zeros(shape, bool)
    chosen[np.arange(users), np.arange(users) % relays] = True
    return hops, jnp.asarray(chosen), jnp.asarray(10.0 ** random.uniform(-4, -2.5, shape))


def value(hops, chosen, power, rules, rest):
    rate = float(jnp.sum(rules.band * jnp.log2(1.0 + snr(hops, power)), where=chosen))
    return (
        rate
        if rules.objective == "capacity"
        else (rate + rest.rate) / (float(power.sum()) + rest.power)
    )


@pytest.mark.parametrize("limit", ["link", "relay"])
@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
@pytest.mark.parametrize("standing", [0.01, 200.0])
def test_the_optimum_is_that_of_a_fine_grid(float64, objective, limit, standing):
    """Three links of one relay, 60 powers each: no allowed point of the grid is better, and the
    bound is met.
    """
    hops, chosen, least = example(4, 3, 1)
    rules, rest = PowerRule(objective, limit, 0.8, 10e6), OtherNodes(5e7, standing)
    found = allocate_powers(hops, chosen, least, rules, rest)
    assert value(hops, chosen, found.point, rules, rest) == pytest.approx(
        float(found.value), rel=1e-9
    )
    assert np.all((found.point >= np.minimum(least, 0.8) - 1e-12) & (found.point <= 0.8 + 1e-12))
    lines = [np.geomspace(float(low), 0.8, 60) for low in least[:, 0]]
    grid = np.array(list(itertools.product(*lines)))
    if limit == "relay":
        assert float(found.point.sum()) <= 0.8 + 1e-9
        grid = grid[grid.sum(axis=1) <= 0.8]
    rates = rules.band * np.log2(
        1.0 + np.asarray(snr(Hops(*(field[:, 0] for field in hops)), jnp.asarray(grid)))
    ).sum(axis=1)
    best = (
        rates if objective == "capacity" else (rates + rest.rate) / (grid.sum(axis=1) + rest.power)
    ).max()
    assert best <= float(found.value) * (1 + 1e-9)
    assert float(found.value) <= best * 1.02
    assert float(found.value) <= float(found.bound) * (1 + 1e-9)
    assert float(found.bound) == pytest.approx(float(found.value), rel=1e-6)


def test_capacity_with_a_limit_per_link_is_the_greatest_power():
    hops, chosen, least = example(0, 6, 2)
    found = allocate_powers(
        hops, chosen, least, PowerRule("capacity", "link", 0.8, 10e6), OtherNodes(0.0, 1.0)
    )
    np.testing.assert_array_equal(found.point, np.where(chosen, np.float32(0.8), 0.0))


@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
def test_each_relay_keeps_its_own_limit(objective):
    hops, chosen, least = example(1, 9, 3)
    found = allocate_powers(
        hops, chosen, least, PowerRule(objective, "relay", 0.8, 10e6), OtherNodes(1e6, 0.05)
    )
    assert np.all(np.asarray(found.point).sum(axis=0) <= 0.8 * (1 + 1e-5))
    assert not np.any(np.asarray(found.point)[~np.asarray(chosen)])


def test_a_least_power_beyond_the_greatest_gives_the_greatest_and_waives_where_the_sum_exceeds_it():
    hops, chosen, _ = example(2, 2, 1)
    least = jnp.full((2, 1), 5.0)
    alone = allocate_powers(
        hops, chosen, least, PowerRule("efficiency", "link", 0.8, 10e6), OtherNodes(0.0, 1.0)
    )
    np.testing.assert_allclose(alone.point, 0.8, rtol=1e-6)
    together = allocate_powers(
        hops, chosen, least, PowerRule("capacity", "relay", 0.8, 10e6), OtherNodes(0.0, 1.0)
    )
    assert float(together.point.sum()) == pytest.approx(0.8, rel=1e-4)


def test_nobody_chosen_costs_nothing():
    hops, chosen, least = example(3, 4, 1)
    for objective, limit in itertools.product(("capacity", "efficiency"), ("link", "relay")):
        found = allocate_powers(
            hops,
            chosen & False,
            least,
            PowerRule(objective, limit, 0.8, 10e6),
            OtherNodes(1e6, 10.0),
        )
        assert not np.any(found.point)
        assert np.isfinite(found.value)


def test_demand_is_where_the_marginal_rate_meets_the_price(float64):
    hops, _, _ = example(5, 8, 1)
    price = 3e6
    power = find_power_at_price(hops, price, 10e6)

    def surplus(p):
        return jnp.sum(10e6 * jnp.log2(1.0 + snr(hops, p)) - price * p)

    inside = np.asarray(power) > 0
    assert inside.any()
    np.testing.assert_allclose(np.asarray(jax.grad(surplus)(power))[inside], 0.0, atol=1e-6 * price)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE, st.floats(1e-6, 1e3))
@settings(deadline=None)
def test_the_marginal_is_the_slope_of_the_rate_and_demand_its_inverse(
    direct, first, constant, unit, power
):
    with jax.enable_x64(True):
        hops = Hops(*(jnp.asarray(value) for value in (direct, first, constant, unit)))
        slope = float(differentiate_rate(hops, power, 10e6))
        slope_of_rate = jax.grad(lambda p: 10e6 * jnp.log2(1.0 + snr(hops, p)))(jnp.asarray(power))
        assert slope == pytest.approx(float(slope_of_rate), rel=1e-6)
        assert float(find_power_at_price(hops, slope, 10e6)) == pytest.approx(
            power, rel=1e-6, abs=1e-9 * constant / unit
        )


def strong(users, relays, constant):
    """Links in the sense of the field: γ_ij/p of 3.2e5/W, the relay's own hop far better than
    needed at most powers.
    """
    random = np.random.default_rng(11)
    shape = (users, relays)
    direct, first, unit = (
        10.0 ** random.uniform(low, high, shape) for low, high in ((-2, 0.3), (-1, 1.5), (2, 7))
    )
    unit[0] = 3.2e5
    chosen = np.arange(users)[:, None] % relays == np.arange(relays)
    return Hops(
        *(jnp.asarray(value) for value in (direct, first, np.full(shape, constant), unit))
    ), jnp.asarray(chosen)


@pytest.mark.parametrize("constant", [2.0, 10.0])
@pytest.mark.parametrize("limit", ["link", "relay"])
@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
def test_every_allowed_power_has_an_optimum_and_more_of_it_never_costs(
    both_widths, objective, limit, constant
):
    """From relay.power_dbm's least to its greatest value: no NaN, a value that rises, and for
    capacity a budget that is used in full.
    """
    field = next(
        parameter for name, parameter, _ in list_fields(Scenario) if name == "relay.power_dbm"
    )
    assert field.low is not None
    assert field.high is not None
    budgets = from_dbm(jnp.linspace(field.low, field.high, 49))
    hops, chosen = strong(8, 2, constant)
    rest = OtherNodes(0.0, 1e-3) if objective == "capacity" else OtherNodes(5e7, 200.0)

    def best(budget):
        return allocate_powers(
            hops, chosen, jnp.zeros(chosen.shape), PowerRule(objective, limit, budget, 10e6), rest
        )

    found = jax.jit(jax.vmap(best))(budgets)
    assert all(np.all(np.isfinite(part)) for part in found)
    value = np.asarray(found.value, float)
    assert np.all(np.diff(value) >= -20 * both_widths * value[1:])
    assert np.all(found.bound >= found.value * (1 - 20 * both_widths))
    sums = np.asarray(found.point).sum(axis=1)
    each = np.asarray(budgets)[:, None] * (chosen.sum(axis=0) if limit == "link" else 1)
    assert np.all(sums <= each * (1 + 20 * both_widths))
    if objective == "capacity":
        np.testing.assert_allclose(sums, np.broadcast_to(each, sums.shape), rtol=20 * both_widths)


@pytest.mark.parametrize("objective", ["capacity", "efficiency"])
@pytest.mark.parametrize("limit", ["link", "relay"])
def test_narrow_floats_reach_what_wide_ones_do(objective, limit):
    values = []
    for wide in (False, True):
        with jax.enable_x64(wide):
            hops, chosen = strong(8, 2, 10.0)
            budgets = from_dbm(jnp.linspace(-60.0, 60.0, 13))
            rules = PowerRule(objective, limit, 0.0, 10e6)
            other, none = OtherNodes(5e7, 0.5), jnp.zeros(chosen.shape)

            def find_value(budget, parts=(hops, chosen, none, rules), other=other):
                rule = parts[3]._replace(greatest=budget)
                return allocate_powers(*parts[:3], rule, other).value

            values.append(np.asarray(jax.vmap(find_value)(budgets), float))
    np.testing.assert_allclose(values[0], values[1], rtol=2e-6)


def test_nothing_to_gain_and_nobody_else_is_no_nan():
    hops, chosen, least = example(3, 4, 1)
    for limit in ("link", "relay"):
        for found in (
            allocate_powers(
                hops,
                chosen & False,
                least,
                PowerRule("efficiency", limit, 0.8, 10e6),
                OtherNodes(0.0, 10.0),
            ),
            allocate_powers(
                hops._replace(first=hops.first * 0, direct=hops.direct * 0),
                chosen,
                least,
                PowerRule("efficiency", limit, 0.8, 10e6),
                OtherNodes(0.0, 10.0),
            ),
        ):
            assert np.all(np.isfinite(found.point))
            assert float(found.value) == 0.0
