"""Rayleigh fading: a channel of unit mean power without a line of sight."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.propagation import quadrature
from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float


def sample(key: PRNGKeyArray, shape: tuple[int, ...] = ()) -> Array:
    """Return complex channel coefficients h ~ CN(0, 1), E|h|² = 1, of the given shape.

    >>> sample(jax.random.key(0), (2, 3)).shape
    (2, 3)
    """
    # both parts by one generator, which is compiled once; equal to a complex `jax.random.normal`
    real, imaginary = jax.vmap(lambda part: jax.random.normal(part, shape))(jax.random.split(key))
    return (real + 1j * imaginary) / np.sqrt(2.0)


def sample_power(key: PRNGKeyArray, shape: tuple[int, ...] = ()) -> Float[Array, "..."]:
    """Return channel powers |h|² ~ Exp(1) of the given shape.

    >>> sample_power(jax.random.key(0), (2, 3)).shape
    (2, 3)
    """
    return jax.random.exponential(key, shape)


def power_pdf(power: Numbers) -> Float[Array, "..."]:
    """Return the density e^−x of the power x ≥ 0; 0 below.

    >>> float(power_pdf(0.0))
    1.0
    """
    power = as_float(power)
    return jnp.where(power >= 0.0, jnp.exp(-power), 0.0)


def power_cdf(power: Numbers) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x) = 1 − e^−x of the power x ≥ 0; 0 below.

    >>> round(float(power_cdf(1.0)), 4)
    0.6321
    """
    return -jnp.expm1(-jnp.maximum(as_float(power), 0.0))


def moment(order: Numbers) -> Float[Array, "..."]:
    """Return E|h|^(2n) = Γ(n + 1) for an order n > −1.

    >>> round(float(moment(2)), 4)
    2.0
    """
    return jnp.exp(jax.scipy.special.gammaln(as_float(order) + 1.0))


def laplace(argument: Numbers) -> Float[Array, "..."]:
    """Return the Laplace transform E exp(−s|h|²) = 1/(1 + s) for s > −1.

    >>> float(laplace(1.0))
    0.5
    """
    return 1.0 / (1.0 + as_float(argument))


def mean_capacity(mean_snr: Numbers) -> Float[Array, "..."]:
    """Return the ergodic capacity E log2(1 + γ̄|h|²) = e^(1/γ̄)·E1(1/γ̄)/ln 2, bit/s/Hz.

    Computed as an integral, so that it neither overflows at low SNR nor cancels.

    Args:
        mean_snr: γ̄ ≥ 0, a ratio.

    >>> round(float(mean_capacity(1.0)), 4)
    0.8603
    """
    mean_snr = as_float(mean_snr)[..., None]
    return quadrature.half_line(
        lambda power: jnp.log1p(mean_snr * power) * jnp.exp(-power)
    ) / jnp.log(2.0)
