"""Power control: never worse, never over a total, and the optimum where the problem is convex."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from sagin.optimise.power import (
    LinkGains,
    compute_sinrs,
    maximise,
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
    def worth(power):
        return jnp.sum(weights * jnp.log1p(compute_sinrs(links, power)))

    return maximise(links, start, worth, lambda power: weights, steps=steps)


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

    def worth(power):
        return jnp.sum(jnp.where(compute_sinrs(links, power) > 1.0, weights, 0.0))

    power, value = maximise(
        links, start, worth, lambda power: weights / (1.0 + compute_sinrs(links, power)), steps=10
    )
    assert value >= worth(start)
    assert value == worth(power)


def test_totals_scale_down_only_who_exceeds_them():
    member = jnp.asarray([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    found = scale_to_totals(jnp.asarray([3.0, 1.0, 1.0, 5.0]), member, jnp.asarray([2.0, 2.0]))
    assert found.tolist() == [1.5, 0.5, 1.0, 0.0]
