"""The one draw of random numbers that a slot needs."""

import jax
import jax.numpy as jnp
from jax.extend import random as extended

from sagin.types import Array, Float, PRNGKeyArray


def uniforms(key: PRNGKeyArray | Array, count: int) -> Float[Array, " count"]:
    """Return uniform numbers in the middles of equal cells of (0, 1): never 0 or 1, and symmetric
    about a half.

    In single precision a threefry key gives two numbers a block; `jax.random.uniform` takes a block
    for each, a quarter of a slot's time.

    >>> uniforms(jax.random.key(0), 5).shape
    (5,)
    """
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    if jnp.zeros(()).dtype != jnp.float32 or jax.random.key_impl(key) != "threefry2x32":
        plain = jax.random.uniform(key, (count,))
        return plain + 0.5 * jnp.finfo(plain.dtype).eps
    even = count + count % 2
    bits = extended.threefry_2x32(jax.random.key_data(key), jax.lax.iota(jnp.uint32, even))[:count]
    one_to_two = jax.lax.bitcast_convert_type((bits >> 9) | jnp.uint32(0x3F800000), jnp.float32)
    return one_to_two - (1.0 - 2.0**-24)
