"""The M/D/1 queue: Erlang's series in 200 digits, a simulated queue, limits, unstable queues."""

from decimal import Decimal, localcontext

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.traffic import md1

DELAYS = [0.0, 0.4, 1.0, 3.7, 10.0, 25.5, 31.999, 32.0, 60.25]


def erlang(wait, rho):
    """Return (1 − ρ)·Σ (ρ(k − t))^k/k!·e^(−ρ(k − t)), which needs the digits."""
    with localcontext() as context:
        context.prec = 200
        rho, wait, total, factorial = Decimal(str(rho)), Decimal(str(wait)), Decimal(0), Decimal(1)
        for k in range(int(wait) + 1):
            factorial *= max(k, 1)
            exponent = rho * (wait - k)
            total += ((-exponent) ** k if k else 1) / factorial * exponent.exp()
        return float((1 - rho) * total)


@pytest.mark.parametrize("rho", [0.01, 0.3, 0.7, 0.9, 0.95, 0.99])
def test_waits_against_erlang(rho, both_widths):
    found = md1.waiting_probability(jnp.array(DELAYS), rho)
    assert np.asarray(found) == pytest.approx(
        [erlang(wait, rho) for wait in DELAYS], rel=max(20.0, 1.0 / (1.0 - rho)) * both_widths
    )


@pytest.mark.parametrize("rho", [0.3, 0.8])
@pytest.mark.usefixtures("float64")
def test_the_mean_wait_is_the_integral_of_the_tail(rho):
    waits = jnp.linspace(0.0, 120.0, 120 * 64 + 1)
    tail = 1.0 - md1.waiting_probability(waits, rho)
    mean = float(jnp.trapezoid(tail, waits))
    assert mean == pytest.approx(float(md1.relative_waiting_time(rho)), rel=1e-3)


def test_a_simulated_queue_waits_as_said():
    """Lindley's recursion, W' = max(0, W + D − gap), D = 1; batches give the standard error."""
    rho, batches, length = 0.7, 2000, 2000
    rng = np.random.default_rng(1)
    wait, total, late = np.zeros(batches), np.zeros(batches), np.zeros(batches)
    for turn in range(length + 200):
        wait = np.maximum(0.0, wait + 1.0 - rng.exponential(1.0 / rho, batches))
        if turn >= 200:
            total, late = total + wait, late + (wait <= 1.5)
    for seen, expected in (
        (total, md1.relative_waiting_time(rho)),
        (late, md1.waiting_probability(1.5, rho)),
    ):
        assert np.mean(seen / length) == pytest.approx(
            float(expected), abs=5.0 * np.std(seen / length) / np.sqrt(batches)
        )


@settings(max_examples=30, deadline=None)
@given(rho=st.floats(0.0, 0.98), wait=st.floats(0.0, 100.0))
def test_longer_waits_are_rarer_and_busier_queues_wait_longer(rho, wait):
    now, later, busier = md1.waiting_probability(
        jnp.array([wait, wait + 0.5, wait]), jnp.array([rho, rho, rho + 0.01])
    )
    assert 0.0 <= now <= later + 1e-5
    assert busier <= now + 1e-5
    assert later <= 1.0


@settings(max_examples=30, deadline=None)
@given(arrival=st.floats(0.1, 100.0), slack=st.floats(0.1, 100.0), faster=st.floats(1.5, 1000.0))
def test_littles_law_and_units(arrival, slack, faster):
    service = arrival + slack
    wait = float(md1.waiting_time(arrival, service))
    assert float(md1.number_waiting(arrival / service)) == pytest.approx(arrival * wait, rel=1e-3)
    assert float(md1.number_in_system(arrival / service)) == pytest.approx(
        arrival * (wait + 1 / service), rel=1e-3
    )
    assert float(md1.waiting_time(faster * arrival, faster * service)) == pytest.approx(
        wait / faster, rel=1e-3
    )


def test_an_unstable_queue_waits_for_ever():
    assert md1.waiting_time(jnp.array([2.0, 3.0]), 2.0).tolist() == [jnp.inf, jnp.inf]
    assert md1.relative_waiting_time(1.0) == jnp.inf
    assert md1.number_in_system(1.5) == jnp.inf
    assert md1.waiting_probability(5.0, jnp.array([1.0, 2.0])).tolist() == [0.0, 0.0]
    assert jnp.isnan(md1.waiting_time(jnp.nan, 2.0))
    assert jnp.isfinite(jax.grad(md1.waiting_time)(1.0, 2.0))
    assert not jnp.isnan(jax.grad(md1.waiting_time)(3.0, 2.0))


def test_nobody_arrives_nobody_waits():
    assert md1.waiting_time(0.0, 2.0) == 0.0
    assert md1.waiting_probability(jnp.array([-1.0, 0.0, 1.0, 50.0, jnp.inf]), 0.0).tolist() == [
        0.0,
        1.0,
        1.0,
        1.0,
        1.0,
    ]


@pytest.mark.usefixtures("float64")
def test_jit_vmap_and_gradients():
    waits = jnp.array(DELAYS)
    expected = md1.waiting_probability(waits, 0.8)
    assert jnp.allclose(jax.jit(md1.waiting_probability)(waits, 0.8), expected, rtol=1e-13)
    assert jnp.allclose(
        jax.vmap(md1.waiting_probability, (0, None))(waits, 0.8), expected, rtol=1e-13
    )
    slope = jax.vmap(jax.grad(md1.waiting_probability, argnums=1), (0, None))(waits, 0.8)
    difference = (
        md1.waiting_probability(waits, 0.8 + 1e-6) - md1.waiting_probability(waits, 0.8 - 1e-6)
    ) / 2e-6
    assert jnp.allclose(slope, difference, atol=1e-7)
    assert float(jax.grad(md1.waiting_time)(8.0, 12.0)) == pytest.approx(1 / 32, rel=1e-12)
