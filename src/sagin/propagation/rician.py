"""Rician fading: a steady line of sight plus scatter, of unit mean power in all."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.propagation import mixtures, quadrature, rayleigh
from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float

LARGE = 100.0
"""K from which density and distribution are no sums of Poisson's weights, which lose digits, but
follow from Bessel's function directly.
"""

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_DEPTH = 80.0
"""Twice the exponent beyond which the rest of an integral vanishes in 64 bits."""


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
    power, k_factor = as_float(power), as_float(k_factor)
    small = jnp.minimum(k_factor, LARGE)
    mixture = mixtures.poisson_mixture_pdf((1.0 + small) * power, 0.0, small, -small)
    steady, amplitude, gap = _scale(power, k_factor)
    bessel = jax.scipy.special.i0e(steady * amplitude) * jnp.exp(-0.5 * gap**2)
    large = jnp.where(jnp.isfinite(power) & (power >= 0.0), bessel, 0.0)
    return (1.0 + k_factor) * jnp.where(k_factor > LARGE, large, mixture)


def _scale(power: Array, k_factor: Array) -> tuple[Array, Array, Array]:
    """Return a = √(2K), b = √(2(1+K)x), and a − b without its cancellation."""
    # 1 replaces powers of 0 and infinity, for which the callers insert the known limits
    power = jnp.where((power > 0.0) & jnp.isfinite(power), power, 1.0)
    steady, amplitude = jnp.sqrt(2.0 * k_factor), jnp.sqrt(2.0 * (1.0 + k_factor) * power)
    gap = -2.0 * (power + k_factor * (power - 1.0)) / (steady + amplitude)
    return steady, amplitude, gap


def power_cdf(power: Numbers, k_factor: Numbers) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x) = 1 − Q_1(√(2K), √(2(1+K)x)), Q_1 Marcum's function.

    The arguments broadcast.

    Args:
        power: x.
        k_factor: K ≥ 0, a ratio.

    >>> round(float(power_cdf(1.0, 6.0)), 4), round(float(power_cdf(1.0, 1e4)), 4)
    (0.5544, 0.5014)
    """
    power, k_factor = jnp.broadcast_arrays(as_float(power), as_float(k_factor))
    small = jnp.minimum(k_factor, LARGE)
    mixture = mixtures.poisson_mixture_cdf((1.0 + small) * power, 0.0, small, -small)
    inside = jnp.where(power > 0.0, _integrate(power, k_factor), 0.0)
    large = jnp.where(jnp.isnan(power), power, jnp.where(power == jnp.inf, 1.0, inside))
    return jnp.where(k_factor > LARGE, large, mixture)


def _integrate(power: Array, k_factor: Array) -> Float[Array, "..."]:
    """Return 1 − Q_1(a, b) = ∫_0^b r·e^(−(a−r)²/2)·[e^(−ar)·I_0(ar)] dr for large a.

    All is positive and, where it counts, smooth: Gauss and Legendre's rule over the stretch below
    min(a, b) in which the exponent falls by 40, and up to 9 beyond a.
    """
    steady, amplitude, gap = _scale(power, k_factor)
    # distances below b: of the upper end, and of the lower one
    above = jnp.maximum(-gap, 0.0)
    upper = jnp.maximum(above - jnp.sqrt(_DEPTH), 0.0)
    below = jnp.maximum(gap, 0.0)
    lower = above + _DEPTH / (below + jnp.sqrt(below**2 + _DEPTH))
    half = (jnp.minimum(lower, amplitude) - upper)[..., None] / 2.0
    axes = tuple(range(power.ndim))
    points, weights = (jnp.expand_dims(jnp.asarray(x, float), axes) for x in (_POINTS, _WEIGHTS))
    distance = upper[..., None] + half * (1.0 + points)
    radius = jnp.maximum(amplitude[..., None] - distance, 0.0)
    bessel = jax.scipy.special.i0e(steady[..., None] * radius)
    height = radius * bessel * jnp.exp(-0.5 * (gap[..., None] + distance) ** 2)
    return jnp.minimum(jnp.sum(half * weights * height, axis=-1), 1.0)


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
