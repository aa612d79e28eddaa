"""Shadowed-Rician fading: the law against scipy's 1F1, samples of any m against the law, the
Rayleigh and Rician limits.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from sagin.propagation import rayleigh, rician
from sagin.propagation import shadowed_rician as sr
from sagin.propagation.shadowed_rician import AVERAGE, HEAVY, LIGHT, ShadowedRician

COUNT = 200_000
DEEP = ShadowedRician(1.0, 0.05, 0.5)
STRONG = ShadowedRician(10.0, 0.05, 1.0)
ALL = [HEAVY, AVERAGE, LIGHT, DEEP, STRONG]
each_fading = pytest.mark.parametrize(
    "fading", ALL, ids=["heavy", "average", "light", "deep", "strong"]
)


def density(x, fading):
    omega, b0, m = fading
    argument = omega * x / (2 * b0 * (2 * b0 * m + omega))
    return (
        (2 * b0 * m / (2 * b0 * m + omega)) ** m
        / (2 * b0)
        * np.exp(-x / (2 * b0))
        * special.hyp1f1(m, 1, argument)
    )


@each_fading
@pytest.mark.usefixtures("float64")
def test_density_against_the_hypergeometric_function(fading):
    power = np.array([0.0, 1e-3, 0.1, 1.0, 3.0, 10.0])
    assert np.asarray(sr.power_pdf(power, fading)) == pytest.approx(
        density(power, fading), rel=1e-11
    )


@each_fading
@pytest.mark.usefixtures("float64")
def test_distribution_is_the_integral_of_the_density(fading):
    power = np.array([1e-4, 0.05, 0.5, 2.0, 8.0])
    expected = [
        integrate.quad(density, 0, x, (fading,), epsabs=0, epsrel=1e-11, limit=400)[0]
        for x in power
    ]
    assert np.asarray(sr.power_cdf(power, fading)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "fading", ALL[:4], ids=["heavy", "average", "light", "deep"]
)  # 1F1 overflows in the tail of the strong one
@pytest.mark.usefixtures("float64")
def test_means_are_integrals_over_the_density(fading):
    top = float(60.0 * sr.mean_power(fading))

    def mean(function):
        return integrate.quad(
            lambda x: function(x) * density(x, fading),
            0,
            top,
            epsrel=1e-11,
            limit=800,
            points=[0.1, 1.0, top / 20],
        )[0]

    assert float(sr.mean_power(fading)) == pytest.approx(mean(lambda x: x), rel=1e-8)
    assert float(sr.second_moment(fading)) == pytest.approx(mean(lambda x: x**2), rel=1e-8)
    assert float(sr.mean_capacity(fading, 10.0)) == pytest.approx(
        mean(lambda x: np.log2(1 + 10 * x)), rel=1e-8
    )
    assert float(sr.bpsk_error(fading, 3.0)) == pytest.approx(
        mean(lambda x: 0.5 * special.erfc(np.sqrt(3 * x))), rel=1e-8
    )
    assert float(sr.laplace(5.0, fading)) == pytest.approx(mean(lambda x: np.exp(-5 * x)), rel=1e-8)


@each_fading
@pytest.mark.parametrize(
    "sampler",
    [sr.sample_power, lambda key, fading, shape: jnp.abs(sr.sample(key, fading, shape)) ** 2],
)
def test_samples_follow_the_law(sampler, fading):
    power = np.asarray(sampler(jax.random.key(7), fading, (COUNT,)), dtype=float)
    assert stats.kstest(power[:20_000], lambda x: np.asarray(sr.power_cdf(x, fading))).pvalue > 1e-4
    assert np.mean(power) == pytest.approx(
        float(sr.mean_power(fading)), abs=5.0 * np.std(power) / np.sqrt(COUNT)
    )
    assert np.mean(power**2) == pytest.approx(
        float(sr.second_moment(fading)), abs=5.0 * np.std(power**2) / np.sqrt(COUNT)
    )
    low = float(jnp.quantile(power, 1e-3))  # the tail that outage lives on
    share = float(sr.power_cdf(low, fading))
    assert np.mean(power <= low) == pytest.approx(share, abs=5.0 * np.sqrt(share / COUNT))


def test_samples_have_no_preferred_phase():
    h = np.asarray(sr.sample(jax.random.key(8), LIGHT, (COUNT,)))
    assert abs(np.mean(h)) < 5.0 * np.sqrt(1.606 / COUNT)
    assert abs(np.mean(h**2)) < 5.0 * np.sqrt(float(sr.second_moment(LIGHT)) / COUNT)


def test_parameters_may_differ_from_place_to_place():
    both = jax.tree.map(lambda *values: jnp.array(values), HEAVY, LIGHT)
    power = np.asarray(sr.sample_power(jax.random.key(9), both, (COUNT, 2)))
    expected = np.asarray(sr.mean_power(both))
    assert np.all(np.abs(power.mean(axis=0) - expected) < 5.0 * power.std(axis=0) / np.sqrt(COUNT))


def test_without_a_line_of_sight_it_is_rayleigh(both_widths):
    none, power = ShadowedRician(0.0, 0.5, 2.0), jnp.array([0.0, 0.3, 2.0, 9.0])
    assert jnp.allclose(sr.power_cdf(power, none), rayleigh.power_cdf(power), rtol=16 * both_widths)
    assert jnp.allclose(sr.laplace(power, none), rayleigh.laplace(power), rtol=16 * both_widths)


@pytest.mark.usefixtures("float64")
def test_m_of_one_is_rayleigh_of_the_whole_power():
    power, mean = jnp.array([1e-3, 1.0, 30.0, 300.0]), float(sr.mean_power(STRONG))
    assert jnp.allclose(sr.power_cdf(power, STRONG), rayleigh.power_cdf(power / mean), rtol=1e-12)
    assert jnp.allclose(
        sr.power_pdf(power, STRONG), rayleigh.power_pdf(power / mean) / mean, rtol=1e-12
    )
    assert jnp.allclose(
        sr.mean_capacity(STRONG, 7.0), rayleigh.mean_capacity(7.0 * mean), rtol=1e-12
    )


@pytest.mark.usefixtures("float64")
def test_without_shadowing_it_is_rician():
    steady, power = ShadowedRician(6.0 / 7.0, 0.5 / 7.0, 1e9), jnp.array([0.01, 0.3, 1.0, 2.0])
    assert jnp.allclose(sr.power_cdf(power, steady), rician.power_cdf(power, 6.0), rtol=1e-6)
    assert jnp.allclose(sr.mean_capacity(steady, 5.0), rician.mean_capacity(6.0, 5.0), rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    omega=st.floats(0.0, 5.0),
    scatter=st.floats(0.02, 1.0),
    m=st.floats(0.3, 50.0),
    power=st.floats(0.0, 20.0),
)
def test_a_distribution_stays_within_0_and_1_and_rises(omega, scatter, m, power):
    low, high = sr.power_cdf(jnp.array([power, power + 0.1]), ShadowedRician(omega, scatter, m))
    assert 0.0 <= low <= high + 1e-5
    assert high <= 1.0


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-3, 1e5))
def test_capacity_and_errors_keep_their_bounds(scale):
    for fading in (HEAVY, LIGHT):
        assert (
            0.0
            < float(sr.mean_capacity(fading, scale))
            <= np.log2(1 + scale * float(sr.mean_power(fading))) * (1 + 1e-5)
        )
        assert 0.0 < float(sr.bpsk_error(fading, scale)) < 0.5 + 1e-6


def test_32_bits_hold_the_law():
    power = np.array([0.01, 0.1, 0.5, 2.0, 8.0])

    def values(fading):
        found = (
            sr.power_cdf(power, fading),
            sr.power_pdf(power, fading),
            sr.mean_capacity(fading, power),
        )
        return np.array(found, dtype=float)

    for fading in (HEAVY, AVERAGE, LIGHT):
        narrow = values(fading)
        with jax.enable_x64(True):
            assert narrow == pytest.approx(values(fading), rel=2e-5, abs=1e-30)


@pytest.mark.usefixtures("float64")
def test_gradients_in_the_power_and_the_parameters():
    power = jnp.array([0.0, 0.3, 2.0])
    assert jnp.allclose(
        jax.vmap(jax.grad(sr.power_cdf), (0, None))(power, LIGHT),
        sr.power_pdf(power, LIGHT),
        rtol=1e-11,
    )
    for function in (
        lambda f: sr.power_cdf(1.0, f),
        lambda f: sr.power_pdf(1.0, f),
        lambda f: sr.mean_capacity(f, 10.0),
    ):
        for name, slope in jax.grad(function)(LIGHT)._asdict().items():
            step = 1e-5 * getattr(LIGHT, name)
            low, high = (
                function(LIGHT._replace(**{name: getattr(LIGHT, name) + side * step}))
                for side in (-1, 1)
            )
            assert float(slope) == pytest.approx(
                float((high - low) / (2 * step)), rel=1e-4, abs=1e-8
            )


@pytest.mark.usefixtures("float64")
def test_jit_and_vmap_change_nothing():
    power = jnp.array([0.0, 0.3, 2.0])
    for function in (
        sr.power_cdf,
        sr.power_pdf,
        sr.laplace,
        lambda x, f: sr.mean_capacity(f, x),
        lambda x, f: sr.bpsk_error(f, x),
    ):
        expected = function(power, AVERAGE)
        assert jnp.allclose(jax.jit(function)(power, AVERAGE), expected, rtol=1e-12)
        assert jnp.allclose(jax.vmap(function, (0, None))(power, AVERAGE), expected, rtol=1e-12)
    assert float(sr.outage(2.0, AVERAGE, 4.0)) == pytest.approx(
        float(sr.power_cdf(0.5, AVERAGE)), rel=1e-14
    )
