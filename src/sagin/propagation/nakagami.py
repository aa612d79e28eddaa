"""Nakagami-m fading of unit mean power: the power is gamma-distributed."""

import jax
import jax.numpy as jnp

from sagin.propagation import gamma
from sagin.types import Array, ArrayLike, Float, PRNGKeyArray


def sample_power(
    key: PRNGKeyArray, m: ArrayLike, shape: tuple[int, ...] = ()
) -> Float[Array, "..."]:
    """Return channel powers |h|², mean 1, variance 1/m, of the given shape; m > 0 broadcasts to it.

    >>> sample_power(jax.random.key(0), 2.0, (2, 3)).shape
    (2, 3)
    """
    return gamma.sample(key, m, shape) / jnp.asarray(m)


def power_cdf(power: ArrayLike, m: ArrayLike) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x) = P(m, m·x), the regularised lower incomplete gamma function; 0 for x ≤ 0;
    m = 1 is Rayleigh.

    power: x; m > 0; they broadcast.

    >>> round(float(power_cdf(1.0, 1.0)), 4)
    0.6321
    """
    m = jnp.asarray(m, dtype=float)
    return jax.scipy.special.gammainc(m, m * jnp.maximum(jnp.asarray(power, dtype=float), 0.0))


def outage(threshold: ArrayLike, m: ArrayLike, mean_snr: ArrayLike) -> Float[Array, "..."]:
    """Return P(γ̄|h|² ≤ γ_th); threshold: γ_th; m > 0; mean_snr: γ̄; ratios that broadcast.

    >>> round(float(outage(2.0, 1.0, 2.0)), 4)
    0.6321
    """
    return power_cdf(jnp.asarray(threshold, dtype=float) / mean_snr, m)
