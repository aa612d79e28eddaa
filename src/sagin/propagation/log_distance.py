"""Log-distance path loss: a power law of the distance from a reference at 1 m."""

import jax.numpy as jnp
from jax.scipy.special import ndtri

from sagin.propagation import free_space
from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def path_gain(
    distance_m: Numbers, exponent: Numbers, reference_gain: Numbers
) -> Float[Array, "..."]:
    """Return the power gain g_0·d^−α (slicing paper (1), (4), (8); relaying paper (13)–(15)).

    The arguments broadcast. The law is meant for d ≥ 1 m; below it the gain exceeds g_0, and d = 0
    gives inf.

    Args:
        distance_m: d, m, relative to 1 m.
        exponent: α.
        reference_gain: g_0, power ratio at 1 m.

    Returns:
        a ratio.

    >>> round(float(path_gain(100.0, 1.5, 1.0)), 6)  # 100^−1.5
    0.001
    """
    return as_float(reference_gain) * as_float(distance_m) ** -as_float(exponent)


def path_loss_db(
    distance_m: Numbers, frequency_hz: Numbers, exponent: Numbers, reference_distance_m: Numbers
) -> Float[Array, "..."]:
    """Return the mean loss PL(d_0) + 10·n·log10(d/d_0), dB, with free space's at d_0.

    Rappaport, Wireless Communications, 2nd edition, (4.68). The arguments broadcast. Up to d_0 the
    loss is that of free space.

    Args:
        distance_m: d, m.
        frequency_hz: f, Hz.
        exponent: n.
        reference_distance_m: d_0, m.

    >>> round(float(path_loss_db(100.0, 2.4e9, 3.0, 1.0)), 2)  # 40.05 dB at 1 m + 60 dB
    100.05
    """
    distance, reference = as_float(distance_m), as_float(reference_distance_m)
    near = free_space.path_loss_db(jnp.minimum(distance, reference), frequency_hz)
    steps = jnp.log10(jnp.maximum(distance / reference, 1.0))
    return near + 10.0 * as_float(exponent) * steps


def shadow_margin_db(std_db: Numbers, coverage: Numbers) -> Float[Array, "..."]:
    """Return the margin that log-normal shadowing does not exceed in a share of places, σ·Φ⁻¹(p).

    The arguments broadcast.

    Args:
        std_db: σ, dB.
        coverage: p, above 0 and below 1; one half gives no margin.

    >>> round(float(shadow_margin_db(8.0, 0.9)), 2)
    10.25
    """
    return as_float(std_db) * ndtri(as_float(coverage))
