"""Shadowed-Rician fading of satellite links: a shadowed line of sight plus scatter.

The model of Abdi, Lau, Alouini and Kaveh, A new simple model for land mobile satellite channels
(IEEE TWC 2(3), 2003): h = √Z·e^(jφ) + s, the power Z of the line of sight gamma-distributed with
mean Ω and shape m, φ uniform, s ~ CN(0, 2b_0). The power is not normalised: its mean is Ω + 2b_0.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.propagation import gamma, mixtures, quadrature, rayleigh
from sagin.types import Array, Float, PRNGKeyArray
from sagin.units import Numbers, as_float


class ShadowedRician(NamedTuple):
    """Parameters of shadowed-Rician fading, SR(Ω, b_0, m)."""

    omega: Numbers
    """Ω, mean power of the line of sight, ≥ 0; 0 is Rayleigh."""
    scatter: Numbers
    """b_0, half the mean power of the scatter, > 0."""
    m: Numbers
    """m, Nakagami parameter of the line of sight, any real number > 0; ∞ would be Rician."""


HEAVY = ShadowedRician(8.97e-4, 0.063, 0.739)
AVERAGE = ShadowedRician(0.835, 0.126, 10.1)
LIGHT = ShadowedRician(1.29, 0.158, 19.4)

SHADOWING: Mapping[str, ShadowedRician] = MappingProxyType(
    {"frequent_heavy": HEAVY, "average": AVERAGE, "infrequent_light": LIGHT}
)
"""The three measured sets of parameters by name (Abdi 2003, table III)."""


def sample(key: PRNGKeyArray, fading: ShadowedRician, shape: tuple[int, ...] = ()) -> Array:
    """Draw complex channel coefficients h = √Z·e^(jφ) + s.

    The parameters broadcast to the shape.

    >>> sample(jax.random.key(0), HEAVY, (2, 3)).shape
    (2, 3)
    """
    key_phase, key_power = jax.random.split(key)
    phase = jax.random.uniform(key_phase, shape, maxval=2.0 * jnp.pi)
    return jnp.exp(1j * phase) * _coefficient(key_power, fading, shape)


def sample_power(
    key: PRNGKeyArray, fading: ShadowedRician, shape: tuple[int, ...] = ()
) -> Float[Array, "..."]:
    """Draw channel powers |h|² of mean Ω + 2b_0.

    The parameters broadcast to the shape.

    >>> sample_power(jax.random.key(0), HEAVY, (2, 3)).shape
    (2, 3)
    """
    h = _coefficient(key, fading, shape)
    return h.real**2 + h.imag**2


def _coefficient(key: PRNGKeyArray, fading: ShadowedRician, shape: tuple[int, ...]) -> Array:
    """Return h without the phase of its line of sight: the scatter has no preferred phase."""
    key_sight, key_scatter = jax.random.split(key)
    omega, scatter, m = (as_float(x) for x in fading)
    sight = jnp.sqrt(omega / m) * jnp.sqrt(gamma.sample(key_sight, m, shape))
    return sight + jnp.sqrt(2.0 * scatter) * rayleigh.sample(key_scatter, shape)


def mean_power(fading: ShadowedRician) -> Float[Array, "..."]:
    """Return E|h|² = Ω + 2b_0.

    >>> round(float(mean_power(AVERAGE)), 4)
    1.087
    """
    return as_float(fading.omega) + 2.0 * as_float(fading.scatter)


def second_moment(fading: ShadowedRician) -> Float[Array, "..."]:
    """Return E|h|⁴ = 8b_0² + 8b_0·Ω + Ω²·(m + 1)/m.

    >>> round(float(second_moment(AVERAGE)), 4)
    1.7349
    """
    omega, scatter, m = (as_float(x) for x in fading)
    return 8.0 * scatter * (scatter + omega) + omega**2 * (1.0 + 1.0 / m)


def _mixture(power: Numbers, fading: ShadowedRician) -> tuple[Array, Array, Array, Array]:
    """Return the arguments of the mixture that is the distribution of |h|²/(2b_0).

    Given Z it is gamma of shape n + 1, n ~ Poisson(Z/(2b_0)); over Z, n is negative binomial.
    """
    omega, scatter, m = (as_float(x) for x in fading)
    ratio = omega / (2.0 * scatter * m)
    share = ratio / (1.0 + ratio)
    return (
        as_float(power) / (2.0 * scatter),
        share,
        share * m,
        -m * jnp.log1p(ratio),
    )


def power_pdf(power: Numbers, fading: ShadowedRician) -> Float[Array, "..."]:
    """Return the density of the power x (Abdi 2003 (6)).

    (2b_0m/(2b_0m+Ω))^m/(2b_0)·e^(−x/2b_0)·1F1(m; 1; Ωx/(2b_0(2b_0m+Ω))).

    Args:
        power: x; broadcasts with the parameters.

    >>> round(float(power_pdf(0.0, HEAVY)), 4)
    7.8805
    """
    return mixtures.poisson_mixture_pdf(*_mixture(power, fading)) / (2.0 * as_float(fading.scatter))


def power_cdf(power: Numbers, fading: ShadowedRician) -> Float[Array, "..."]:
    """Return P(|h|² ≤ x), the integral of `power_pdf`.

    Args:
        power: x; broadcasts with the parameters.

    >>> round(float(power_cdf(0.1, HEAVY)), 4)
    0.5453
    """
    return mixtures.poisson_mixture_cdf(*_mixture(power, fading))


def outage(threshold: Numbers, fading: ShadowedRician, snr_scale: Numbers) -> Float[Array, "..."]:
    """Return the outage probability P(ρ|h|² ≤ γ_th).

    Args:
        threshold: γ_th, a ratio.
        fading: Ω, b_0, m.
        snr_scale: ρ, the SNR at |h|² = 1, a ratio; all broadcast.

    >>> round(float(outage(1.0, HEAVY, 10.0)), 4)
    0.5453
    """
    return power_cdf(as_float(threshold) / as_float(snr_scale), fading)


def laplace(argument: Numbers, fading: ShadowedRician) -> Float[Array, "..."]:
    """Return the Laplace transform E exp(−s|h|²), s ≥ 0 (Abdi 2003 (7)).

    (2b_0m)^m·(1+2b_0s)^(m−1)/((2b_0m+Ω)(1+2b_0s) − Ω)^m.

    Args:
        argument: s; broadcasts with the parameters.

    >>> round(float(laplace(1.0, AVERAGE)), 4)
    0.4187
    """
    return jnp.exp(_log_laplace(as_float(argument), fading))


def _log_laplace(argument: Array, fading: ShadowedRician) -> Array:
    omega, scatter, m = (as_float(x) for x in fading)
    scattered = 2.0 * scatter * argument
    return -jnp.log1p(scattered) - m * jnp.log1p(omega / m * argument / (1.0 + scattered))


def mean_capacity(fading: ShadowedRician, snr_scale: Numbers) -> Float[Array, "..."]:
    """Return the ergodic capacity E log2(1 + ρ|h|²), bit/s/Hz.

    Args:
        fading: Ω, b_0, m.
        snr_scale: ρ ≥ 0, the SNR at |h|² = 1.

    >>> round(float(mean_capacity(AVERAGE, 1.0)), 4)
    0.9775
    """
    fading, snr_scale = _with_axis(fading), as_float(snr_scale)[..., None]
    return quadrature.mean_capacity(lambda z: -jnp.expm1(_log_laplace(snr_scale * z, fading)))


def bpsk_error(fading: ShadowedRician, snr_scale: Numbers) -> Float[Array, "..."]:
    """Return the mean bit error rate of coherent BPSK, E Q(√(2ρ|h|²)).

    Args:
        fading: Ω, b_0, m.
        snr_scale: ρ ≥ 0, the SNR at |h|² = 1.

    >>> round(float(bpsk_error(AVERAGE, 10.0)), 5)
    0.00781
    """
    fading, snr_scale = _with_axis(fading), as_float(snr_scale)[..., None]
    return quadrature.bpsk_error(lambda s: jnp.exp(_log_laplace(snr_scale * s, fading)))


def _with_axis(fading: ShadowedRician) -> ShadowedRician:
    return jax.tree.map(lambda x: as_float(x)[..., None], fading)
