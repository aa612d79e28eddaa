"""Poisson mixtures and sums of exponentials against scipy and exact partial fractions."""

from decimal import Context, Decimal
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from sagin.propagation import mixtures


@pytest.mark.parametrize(("p", "m"), [(0.3, 0.4), (0.9, 3.3), (0.02, 1.0)])
@pytest.mark.usefixtures("float64")
def test_negative_binomial_weights_against_the_direct_sum(p, m):
    n, y = np.arange(3000), np.array([0.01, 1.0, 20.0, 200.0])
    weights = stats.nbinom(m, p).pmf(n)
    arguments = (y, 1.0 - p, (1.0 - p) * m, m * np.log(p))
    expected = [np.sum(weights * stats.gamma(n + 1).cdf(value)) for value in y]
    assert np.asarray(mixtures.poisson_mixture_cdf(*arguments)) == pytest.approx(
        expected, rel=1e-10
    )
    expected = [np.sum(weights * stats.gamma(n + 1).pdf(value)) for value in y]
    assert np.asarray(mixtures.poisson_mixture_pdf(*arguments)) == pytest.approx(
        expected, rel=1e-10
    )


@pytest.mark.usefixtures("float64")
def test_a_density_that_needs_too_many_terms_is_nan_and_the_distribution_still_1():
    assert jnp.isnan(mixtures.poisson_mixture_pdf(1e7, 0.5, 0.5, np.log(0.5)))
    assert mixtures.poisson_mixture_cdf(1e7, 0.5, 0.5, np.log(0.5)) == 1.0


@pytest.mark.parametrize("branches", [1, 2, 4, 8])
@pytest.mark.usefixtures("float64")
def test_equal_means_give_the_gamma_distribution(branches):
    values = np.array([0.0, 1e-6, 0.1, 3.0, 40.0])
    found = mixtures.sum_of_exponentials_cdf(values, jnp.full((5, branches), 2.0))
    assert np.asarray(found) == pytest.approx(special.gammainc(branches, values / 2.0), rel=1e-12)


def exponential(exponent):
    """Return e^x of a fraction as a fraction, to 60 digits."""
    context = Context(prec=60)
    return Fraction(
        context.exp(context.divide(Decimal(exponent.numerator), Decimal(exponent.denominator)))
    )


@settings(max_examples=25, deadline=None)
@given(
    means=st.lists(st.integers(1, 60), min_size=1, max_size=5, unique=True),
    value=st.integers(1, 200),
)
def test_unequal_means_against_partial_fractions(means, value):
    """The weights are exact fractions, the exponentials have 60 digits."""
    survival = Fraction(0)
    for a in means:
        weight = Fraction(1)
        for other in means:
            weight *= 1 if other == a else Fraction(a, a - other)
        survival += weight * exponential(Fraction(-value, 10 * a))
    with jax.enable_x64(True):
        found = float(mixtures.sum_of_exponentials_cdf(value / 10.0, jnp.array(means, dtype=float)))
    assert found == pytest.approx(float(1 - survival), rel=1e-12)


def test_order_of_the_branches_is_free_and_32_bits_hold(both_widths):
    means = jnp.array([0.01, 1.0, 5.0, 5.0])
    found = mixtures.sum_of_exponentials_cdf(2.0, means)
    assert jnp.allclose(
        found, mixtures.sum_of_exponentials_cdf(2.0, means[::-1]), rtol=200 * both_widths
    )
    assert mixtures.sum_of_exponentials_cdf(0.0, means) == 0.0
    assert mixtures.sum_of_exponentials_cdf(1e6, means) == pytest.approx(1.0)
