"""Log-distance path loss: a power law of the distance from a reference at 1 m."""

import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def path_gain(
    distance_m: ArrayLike, exponent: ArrayLike, reference_gain: ArrayLike
) -> Float[Array, "..."]:
    """Return the power gain g_0·d^−α (slicing paper (1), (4), (8); relaying paper (13)–(15)).

    distance_m: d, m, relative to 1 m; exponent: α; reference_gain: g_0, power ratio at 1 m; they
    broadcast. Returns a ratio. The law is meant for d ≥ 1 m; below it the gain exceeds g_0, and d =
    0 gives inf.

    >>> round(float(path_gain(100.0, 1.5, 1.0)), 6)  # 100^−1.5
    0.001
    """
    return jnp.asarray(reference_gain) * jnp.asarray(distance_m, dtype=float) ** -jnp.asarray(
        exponent
    )
