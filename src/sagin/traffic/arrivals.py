"""Packet arrivals."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from sagin.types import Array, Float, Int, PRNGKeyArray
from sagin.units import Numbers, as_float


def poisson_packets(
    key: PRNGKeyArray, mean: Numbers, shape: tuple[int, ...] = ()
) -> Int[Array, "..."]:
    """Draw numbers of packets that arrive in a slot, Poisson-distributed.

    Args:
        key: random key.
        mean: λ ≥ 0, packets per slot, broadcasts to shape; 0 gives 0.
        shape: shape of the result.

    >>> poisson_packets(jax.random.key(0), 50.0, (2, 3)).shape
    (2, 3)
    """
    return jax.random.poisson(key, as_float(mean), shape)


def poisson_quantile(probability: Numbers, mean: Numbers, most: int) -> Int[Array, "..."]:
    """Return the smallest number n with P(X ≤ n) ≥ u of a Poisson variable X.

    This is exact inversion: uniform u give Poisson numbers.

    Where many means or few numbers are drawn, `poisson_packets` is cheaper.

    Args:
        probability: u in (0, 1).
        mean: λ ≥ 0, scalar.
        most: static length of the table of P(X ≤ n), n < most, which is cut off there: λ + 8√λ + 12
            loses nothing in single precision.

    >>> poisson_quantile([0.1, 0.4, 0.8], 1.0, 21).tolist()  # P(X ≤ 0) = 0.368, P(X ≤ 1) = 0.736
    [0, 1, 2]
    """
    below = jnp.cumsum(_poisson_pmf(as_float(mean), most))
    return jnp.sum(as_float(probability)[..., None] > (below / below[-1])[:-1], axis=-1)


def _poisson_pmf(mean: Float[Array, ""], most: int) -> Float[Array, " most"]:
    """Return P(X = n), n < most, in Loader's saddle-point form (2000).

    Its exponent is small where the probability is not.
    """
    n = np.arange(1, most)
    stirling = np.array(
        [
            math.lgamma(k + 1.0) - (k * math.log(k) - k + 0.5 * math.log(2.0 * math.pi * k))
            for k in n.tolist()
        ]
    )
    positive = mean > 0
    safe = jnp.where(positive, mean, 1.0)
    excess = (n - safe) / safe
    deviance = safe * ((1.0 + excess) * jnp.log1p(excess) - excess)
    positive_counts = jnp.where(
        positive,
        jnp.exp(-deviance - jnp.asarray(stirling, mean.dtype)) / jnp.sqrt(2.0 * np.pi * n),
        0.0,
    )
    return jnp.concatenate([jnp.exp(-mean)[None], positive_counts])
