"""Nakagami-m fading of unit mean power: the power is gamma-distributed."""

import jax
import jax.numpy as jnp

from sagin.propagation import gamma
from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float


def sample_power(key: PRNGKeyArray, m: Numbers, shape: tuple[int, ...] = ()) -> Float[Array, "..."]:
    """Return channel powers |h|², mean 1, variance 1/m, of the given shape; m > 0 broadcasts to it.

    >>> sample_power(jax.random.key(0), 2.0, (2, 3)).shape
    (2, 3)
    """
    return gamma.sample(key, m, shape) / as_float(m)


def power_cdf(power: Numbers, m: Numbers) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x) = P(m, m·x), the regularised lower incomplete gamma function.

    It is 0 for x ≤ 0; m = 1 is Rayleigh.

    The arguments broadcast.

    Args:
        power: x.
        m: m > 0.

    >>> round(float(power_cdf(1.0, 1.0)), 4)
    0.6321
    """
    m = as_float(m)
    return jax.scipy.special.gammainc(m, m * jnp.maximum(as_float(power), 0.0))


def outage(threshold: Numbers, m: Numbers, mean_snr: Numbers) -> Float[Array, "..."]:
    """Return P(γ̄|h|² ≤ γ_th).

    The arguments broadcast.

    Args:
        threshold: γ_th.
        m: m > 0.
        mean_snr: γ̄.

    >>> round(float(outage(2.0, 1.0, 2.0)), 4)
    0.6321
    """
    return power_cdf(as_float(threshold) / as_float(mean_snr), m)
