"""Rician fading: a steady line of sight plus scatter, of unit mean power in all."""

import jax
import jax.numpy as jnp

from sagin.propagation import mixtures, quadrature, rayleigh
from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float


def sample(key: PRNGKeyArray, k_factor: Numbers, shape: tuple[int, ...] = ()) -> Array:
    """Draw complex channel coefficients h = √(K/(K+1))·ĥ + √(1/(K+1))·h̃, E|h|² = 1.

    Slicing paper (5).

    ĥ has modulus 1 and uniform phase, h̃ ~ CN(0, 1).

    Args:
        k_factor: K ≥ 0, a ratio, broadcasts to shape; 0 is Rayleigh.

    >>> sample(jax.random.key(0), 6.0, (2, 3)).shape
    (2, 3)
    """
    key_phase, key_scatter = jax.random.split(key)
    phase = jax.random.uniform(key_phase, shape, maxval=2.0 * jnp.pi)
    return jnp.exp(1j * phase) * _coefficient(key_scatter, k_factor, shape)


def sample_power(
    key: PRNGKeyArray, k_factor: Numbers, shape: tuple[int, ...] = ()
) -> Float[Array, "..."]:
    """Draw channel powers |h|² of mean 1.

    Args:
        key: random key.
        k_factor: K ≥ 0, a ratio, broadcasts to shape.
        shape: of the result.

    >>> sample_power(jax.random.key(0), 6.0, (2, 3)).shape
    (2, 3)
    """
    h = _coefficient(key, k_factor, shape)
    return h.real**2 + h.imag**2


def _coefficient(key: PRNGKeyArray, k_factor: Numbers, shape: tuple[int, ...]) -> Array:
    k_factor = as_float(k_factor)
    return jnp.sqrt(k_factor / (1.0 + k_factor)) + jnp.sqrt(
        1.0 / (1.0 + k_factor)
    ) * rayleigh.sample(key, shape)


def power_pdf(power: Numbers, k_factor: Numbers) -> Float[Array, "..."]:
    """Return the density (1+K)·exp(−K − (1+K)x)·I_0(2√(K(1+K)x)) of the power x.

    The arguments broadcast.

    Args:
        power: x.
        k_factor: K ≥ 0, a ratio.

    >>> float(power_pdf(0.0, 0.0))
    1.0
    """
    k_factor = as_float(k_factor)
    return (1.0 + k_factor) * mixtures.poisson_mixture_pdf(
        (1.0 + k_factor) * as_float(power), 0.0, k_factor, -k_factor
    )


def power_cdf(power: Numbers, k_factor: Numbers) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x) = 1 − Q_1(√(2K), √(2(1+K)x)), Q_1 Marcum's function.

    The arguments broadcast.

    Args:
        power: x.
        k_factor: K ≥ 0, a ratio.

    >>> round(float(power_cdf(1.0, 6.0)), 4)
    0.5544
    """
    k_factor = as_float(k_factor)
    return mixtures.poisson_mixture_cdf(
        (1.0 + k_factor) * as_float(power), 0.0, k_factor, -k_factor
    )


def outage(threshold: Numbers, k_factor: Numbers, mean_snr: Numbers) -> Float[Array, "..."]:
    """Return P(γ̄|h|² ≤ γ_th).

    The arguments broadcast.

    Args:
        threshold: γ_th.
        k_factor: K.
        mean_snr: γ̄.

    >>> round(float(outage(2.0, 6.0, 2.0)), 4)
    0.5544
    """
    return power_cdf(as_float(threshold) / as_float(mean_snr), k_factor)


def second_moment(k_factor: Numbers) -> Float[Array, "..."]:
    """Return E|h|⁴ = (2 + 4K + K²)/(1 + K)²; the mean power is 1.

    Args:
        k_factor: K ≥ 0, a ratio.

    >>> float(second_moment(0.0))
    2.0
    """
    k_factor = as_float(k_factor)
    return (2.0 + 4.0 * k_factor + k_factor**2) / (1.0 + k_factor) ** 2


def laplace(argument: Numbers, k_factor: Numbers) -> Float[Array, "..."]:
    """Return the Laplace transform E exp(−s|h|²) = (1+K)/(1+K+s)·exp(−Ks/(1+K+s)), s > −(1+K).

    The arguments broadcast.

    Args:
        argument: s.
        k_factor: K ≥ 0, a ratio.

    >>> float(laplace(1.0, 0.0))
    0.5
    """
    return jnp.exp(_log_laplace(as_float(argument), as_float(k_factor)))


def _log_laplace(argument: Array, k_factor: Array) -> Array:
    share = argument / (1.0 + k_factor)
    return -jnp.log1p(share) - k_factor * share / (1.0 + share)


def mean_capacity(k_factor: Numbers, mean_snr: Numbers) -> Float[Array, "..."]:
    """Return the ergodic capacity E log2(1 + γ̄|h|²), bit/s/Hz.

    Args:
        k_factor: K ≥ 0, a ratio.
        mean_snr: γ̄ ≥ 0, a ratio; both broadcast.

    >>> round(float(mean_capacity(0.0, 1.0)), 4)
    0.8603
    """
    k_factor, mean_snr = (as_float(x)[..., None] for x in (k_factor, mean_snr))
    return quadrature.mean_capacity(lambda z: -jnp.expm1(_log_laplace(mean_snr * z, k_factor)))
