"""Integrals over fading by the trapezoid rule in the logarithm of the variable.

The integrands are analytic up to imaginary part ±π/4 of that logarithm or further and decay at
least exponentially, so the rule's error is of the order of exp(−π²/(2h)), below the rounding of
64-bit floats for the step h = 1/8. All terms are positive: small values keep their digits.
"""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from sagin.types import Array, Float

_STEP = 0.125
_NODES = np.exp(np.arange(-44.0, 5.0, _STEP))
_ANGLES = np.arange(-30.0, 38.0, _STEP)


def half_line(
    integrand: Callable[[Float[Array, " nodes"]], Float[Array, "... nodes"]],
) -> Float[Array, "..."]:
    """Return ∫_0^∞ f(t) dt of an integrand that decays like e^−t.

    The integrand must be analytic in the right half-plane.

    The error is a few roundings if f varies on the scale of log t. The part of f below t = 8·10⁻²⁰
    is left out, so f must not grow like 1/t there.

    Args:
        integrand: maps the nodes t, shape [nodes], to f(t), shape [..., nodes].

    >>> round(float(half_line(lambda t: t * jnp.exp(-t))), 5)
    1.0
    """
    nodes = jnp.asarray(_NODES, dtype=float)
    return jnp.sum(_STEP * nodes * integrand(nodes), axis=-1)


def mean_capacity(
    laplace_complement: Callable[[Float[Array, " nodes"]], Float[Array, "... nodes"]],
) -> Float[Array, "..."]:
    """Return the ergodic capacity E log2(1 + γ) from the Laplace transform L of γ, bit/s/Hz.

    (1/ln 2)·∫_0^∞ (1 − L(z))·e^−z/z dz (Hamdi, IEEE Trans. Commun. 2010, lemma 1).

    Args:
        laplace_complement: 1 − L(z) = 1 − E exp(−zγ) at nodes z of shape [nodes], shape [...,
            nodes], precise for small z.

    >>> round(float(mean_capacity(lambda z: -jnp.expm1(-3.0 * z))), 5)  # a constant SNR of 3
    2.0
    """
    return half_line(lambda z: laplace_complement(z) * jnp.exp(-z) / z) / jnp.log(2.0)


def bpsk_error(
    laplace: Callable[[Float[Array, " nodes"]], Float[Array, "... nodes"]],
) -> Float[Array, "..."]:
    """Return the mean bit error rate of coherent BPSK, E Q(√(2γ)).

    (1/π)·∫_0^(π/2) L(1/sin²φ) dφ (Simon & Alouini, Craig's form).

    With cot φ = e^−u the poles keep their distance at any SNR.

    Args:
        laplace: L(s) = E exp(−sγ) at nodes s ≥ 1 of shape [nodes], shape [..., nodes].

    >>> round(float(bpsk_error(lambda s: jnp.exp(-1.0 * s))), 5)  # Q(√2)
    0.07865
    """
    angles = jnp.asarray(_ANGLES, dtype=float)
    weights = _STEP / (2.0 * jnp.pi * jnp.cosh(angles))
    return jnp.sum(weights * laplace(1.0 + jnp.exp(-2.0 * angles)), axis=-1)
