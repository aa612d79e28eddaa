"""Power control: never worse than the start, within every total, and optimal in convex problems."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from optimise.wmmse import MEANS, draw_problems, solve_by_wmmse, sum_rates
from sagin.optimise.power import (
    LinkGains,
    compute_sinrs,
    list_starts,
    maximise,
    maximise_from_starts,
    scale_to_totals,
    take_fractional_step,
)
from sagin.optimise.water_filling import ShareRange, Utility, fill

USERS, NODES = 7, 3


def draw(seed, crossing=1.0):
    """Links of a few nodes, weights, and powers to start from."""
    rng = np.random.default_rng(seed)
    own = 10.0 ** rng.uniform(-1, 3, USERS)
    cross = (
        crossing
        * 10.0 ** rng.uniform(-2, 2, (USERS, USERS))
        * (rng.random((USERS, USERS)) < 0.5)
        * ~np.eye(USERS, dtype=bool)
    )
    node = rng.integers(0, NODES, USERS)
    total = rng.uniform(0.5, 5.0, NODES)
    start = total[node] / np.bincount(node, minlength=NODES)[node] * rng.uniform(0.1, 1.0, USERS)
    links = LinkGains(jnp.asarray(own), jnp.asarray(cross), jnp.asarray(node), jnp.asarray(total))
    return links, jnp.asarray(rng.uniform(0.1, 2.0, USERS)), jnp.asarray(start)


def weighted(links, weights, power):
    """The weighted sum of logarithms, by numpy."""
    heard = 1.0 + np.asarray(links.cross) @ np.asarray(power)
    return float((np.asarray(weights) * np.log1p(np.asarray(links.direct * power) / heard)).sum())


def used(links, power):
    """What each node sends."""
    return np.bincount(np.asarray(links.node), np.asarray(power), NODES)


@given(seed=st.integers(0, 2**30))
def test_no_step_lowers_the_weighted_sum_or_breaks_a_total(seed):
    links, weights, power = draw(seed)
    for _ in range(6):
        new = step(links, weights, power)
        assert weighted(links, weights, new) >= weighted(links, weights, power) * (1 - 1e-5)
        assert np.all(used(links, new) <= np.asarray(links.total) * (1 + 1e-5))
        power = new


step = jax.jit(take_fractional_step)


def _climbed(links, weights, start, steps):
    def worth(ratio):
        return jnp.sum(weights * jnp.log1p(ratio))

    return maximise(links, start, worth, lambda ratio: weights, steps=steps)


climb = jax.jit(_climbed, static_argnames="steps")


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("seed", range(4))
def test_without_interference_it_is_water_filling(seed):
    links, weights, start = draw(seed, crossing=0.0)
    power, value = climb(links, weights, start, 3000)
    best = 0.0
    for node in range(NODES):
        rows = np.flatnonzero(np.asarray(links.node) == node)
        if rows.size:
            gain, weight = links.direct[rows], weights[rows]
            rule = Utility(
                lambda x, g=gain, w=weight: w * jnp.log1p(g * x),
                lambda x, g=gain, w=weight: w * g / (1 + g * x),
                lambda price, g=gain, w=weight: w / price - 1 / g,
            )
            best += float(
                fill(
                    rule,
                    ShareRange(jnp.zeros(rows.size), jnp.full(rows.size, links.total[node])),
                    links.total[node],
                )[0].value
            )
    assert float(value) == pytest.approx(best, rel=2e-3)
    assert float(value) <= best * (1 + 1e-9)
    assert np.all(used(links, power) <= np.asarray(links.total) * (1 + 1e-9))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("seed", range(4))
def test_under_interference_a_general_solver_finds_nothing_better_nearby(seed):
    links, weights, start = draw(seed)
    power, value = climb(links, weights, start, 3000)
    limits = [
        {"type": "ineq", "fun": lambda x, i=i: float(links.total[i]) - used(links, x)[i]}
        for i in range(NODES)
    ]
    other = minimize(
        lambda x: -weighted(links, weights, x),
        np.asarray(power),
        bounds=[(0.0, None)] * USERS,
        constraints=limits,
        method="SLSQP",
    )
    assert float(value) >= -other.fun * (1 - 5e-3)


def test_other_utilities_end_no_worse_than_they_start():
    links, weights, start = draw(3)

    def worth(ratio):
        return jnp.sum(jnp.where(ratio > 1.0, weights, 0.0))

    power, value = maximise(links, start, worth, lambda ratio: weights / (1.0 + ratio), steps=10)
    assert value >= worth(compute_sinrs(links, start))
    assert value == worth(compute_sinrs(links, power))


def test_totals_scale_down_only_who_exceeds_them():
    member = jnp.asarray([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    found = scale_to_totals(jnp.asarray([3.0, 1.0, 1.0, 5.0]), member, jnp.asarray([2.0, 2.0]))
    assert found.tolist() == [1.5, 0.5, 1.0, 0.0]


def as_links(gain):
    """Links of nodes of their own, noise and totals 1."""
    direct = jnp.diagonal(gain)
    return LinkGains(direct, gain - jnp.diag(direct), None, jnp.ones_like(direct))


def total(ratio):
    """The plain sum of logarithms."""
    return jnp.sum(jnp.log1p(ratio))


@jax.jit
def solve(gain):
    """Powers of one start, by default, for a batch of problems."""
    return jax.vmap(lambda one: maximise(as_links(one), jnp.ones(len(one)), total, jnp.ones_like))(
        gain
    )


@jax.jit
def solve_well(gain):
    """Powers of the best of 8 starts."""

    def one(gain):
        links = as_links(gain)
        starts = list_starts(links, jnp.ones(len(gain)), 8)
        return maximise_from_starts(links, starts, total, jnp.ones_like)

    return jax.vmap(one)(gain)


@pytest.mark.parametrize("links", MEANS)
def test_the_default_reaches_the_published_mean_of_wmmse(links):
    gain = draw_problems(links, 1000)
    power, value = solve(jnp.asarray(gain))
    assert float(jnp.mean(value)) / np.log(2.0) >= MEANS[links]
    assert np.all((np.asarray(power) >= 0.0) & (np.asarray(power) <= 1.0))
    rates = [sum_rates(*pair) for pair in zip(gain, np.asarray(power, float), strict=True)]
    np.testing.assert_allclose(rates, np.asarray(value) / np.log(2.0), rtol=1e-4)


def test_it_is_no_worse_than_wmmse_of_our_own_on_average():
    gain = draw_problems(10, 1000)[:20]
    best = np.mean([sum_rates(row, solve_by_wmmse(row)) for row in gain])
    assert float(jnp.mean(solve(jnp.asarray(gain))[1])) / np.log(2.0) >= best * (1 - 1e-3)


def test_eight_starts_reach_the_best_of_many():
    gain = draw_problems(30, 60)
    draws = np.random.default_rng(0).random((60, 60, 30))
    starts = np.concatenate([draws[:30], draws[30:] ** 8])

    @jax.jit
    def search(gain, starts):
        return maximise_from_starts(as_links(gain), starts, total, jnp.ones_like, steps=60)[1]

    best = [
        float(search(jnp.asarray(row), jnp.asarray(starts[:, n]))) for n, row in enumerate(gain)
    ]
    value = np.asarray(solve_well(jnp.asarray(gain))[1])
    assert value.mean() >= 0.995 * np.mean(best)


@pytest.mark.usefixtures("float64")
def test_a_node_of_each_user_is_the_same_as_none():
    gain = jnp.asarray(draw_problems(10, 1)[0])
    links = as_links(gain)
    starts = list_starts(links, jnp.full(10, 0.5), 4)
    named = links._replace(node=jnp.arange(10))
    for row in starts:
        alone, shared = (take_fractional_step(one, jnp.ones(10), row) for one in (links, named))
        np.testing.assert_allclose(alone, shared, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(starts, list_starts(named, jnp.full(10, 0.5), 4))
    assert starts.shape == (4, 10)
    assert np.all(np.asarray(starts).max(axis=1)[1:] == 1.0)
