"""The trapezoid rule of fading means against integrals that are known."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from sagin.propagation import quadrature


@pytest.mark.parametrize("order", [0.5, 1.0, 3.0, 8.0])
@pytest.mark.usefixtures("float64")
def test_half_line_gives_the_gamma_function(order):
    found = quadrature.half_line(lambda t: t ** (order - 1) * jnp.exp(-t))
    assert float(found) == pytest.approx(special.gamma(order), rel=1e-9 if order < 1 else 1e-13)


@pytest.mark.parametrize("argument", [1e-8, 1e-3, 1.0, 30.0])
@pytest.mark.usefixtures("float64")
def test_half_line_gives_the_bessel_function(argument):
    """∫ exp(−t − β/t) dt = 2√β·K1(2√β)."""
    found = quadrature.half_line(lambda t: jnp.exp(-t - argument / t))
    assert float(found) == pytest.approx(
        2 * np.sqrt(argument) * special.k1(2 * np.sqrt(argument)), rel=1e-12
    )


@pytest.mark.parametrize("snr", [1e-4, 0.1, 3.0, 15.0])
@pytest.mark.usefixtures("float64")
def test_a_constant_snr_gives_shannon_and_the_q_function(snr):
    assert float(quadrature.mean_capacity(lambda z: -jnp.expm1(-snr * z))) == pytest.approx(
        np.log2(1 + snr), rel=1e-12
    )
    assert float(quadrature.bpsk_error(lambda s: jnp.exp(-snr * s))) == pytest.approx(
        0.5 * special.erfc(np.sqrt(snr)), rel=1e-12
    )


@pytest.mark.parametrize("mean", [1e-6, 1e-2, 1.0, 1e6])
def test_rayleigh_errors_in_both_widths(mean, both_widths):
    expected = 0.5 / (1 + mean) / (1 + np.sqrt(mean / (1 + mean)))
    assert float(quadrature.bpsk_error(lambda s: 1 / (1 + mean * s))) == pytest.approx(
        expected, rel=32 * both_widths
    )
