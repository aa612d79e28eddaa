"""The single draw of random numbers of a slot; no user's numbers depend on padding."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.slicing.scenario import SLICES, Scenario, slice_sizes
from sagin.types import Array, Float, PRNGKeyArray

FIRST_AGENT = 2**31
"""Row of agent 0 in a draw, far beyond all users' rows."""

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""Rotations in bits of Threefry-2x32, for even and for odd groups of four rounds."""


def user_rows(scenario: Scenario) -> np.ndarray:
    """Return each user's row in a draw, 3·(index within its slice) + slice.

    The row does not depend on the size of the slices, so padding a slice changes no row.
    """
    numbers = [
        len(SLICES) * np.arange(rows) + number for number, rows in enumerate(slice_sizes(scenario))
    ]
    return np.concatenate(numbers).astype(np.uint32)


def uniforms(
    key: PRNGKeyArray | Array, rows: np.ndarray, columns: int
) -> Float[Array, "rows columns"]:
    """Return uniform numbers at the centres of equal cells of (0, 1): never 0 or 1.

    A row's numbers are a function of the key, the row's number and `columns` alone. Block b of row
    r is Threefry-2x32 (Salmon et al. 2011) of the counter (r, b). In single precision a block gives
    two numbers. `jax.random.uniform` uses one block per number, which takes a quarter of a slot's
    time.

    Args:
        key: random key of any kind; a key of another generator is converted to a Threefry key.
        rows: numbers of the rows, integers in [0, 2³²).
        columns: length of a row.

    >>> uniforms(jax.random.key(0), np.arange(3), 5).shape
    (3, 5)
    """
    wide = jnp.zeros(()).dtype == jnp.float64
    blocks = columns if wide else (columns + 1) // 2
    # the counters' two words
    shape = (len(rows), blocks)
    row = jnp.broadcast_to(jnp.asarray(rows, jnp.uint32)[:, None], shape)
    block = jax.lax.broadcasted_iota(jnp.uint32, shape, 1)
    high, low = jax.lax.optimization_barrier(hash_counters(_words(key), row, block))
    if wide:
        bits = (high.astype(jnp.uint64) << 32) | low.astype(jnp.uint64)
        mantissa = (bits >> 12) | jnp.uint64(0x3FF0000000000000)
        return jax.lax.bitcast_convert_type(mantissa, jnp.float64) - (1.0 - 2.0**-53)
    bits = jnp.concatenate([high, low], axis=1)[:, :columns]
    mantissa = (bits >> 9) | jnp.uint32(0x3F800000)
    return jax.lax.bitcast_convert_type(mantissa, jnp.float32) - (1.0 - 2.0**-24)


def hash_counters(words: Array, high: Array, low: Array) -> tuple[Array, Array]:
    """Return Threefry-2x32 with 20 rounds (Salmon et al. 2011) of a key's words and counters.

    The numbers equal those of `jax.extend.random.threefry2x32_p`, whose rounds are a loop of small
    kernels on a CPU. Written out they are one kernel, which compiles and runs faster.
    """
    # the key schedule: two words and their parity
    keys = words[0], words[1], words[0] ^ words[1] ^ np.uint32(0x1BD11BDA)
    high, low = high + keys[0], low + keys[1]
    # five groups of four rounds, with a key injection after each
    for part in range(5):
        for turn in ROTATIONS[part % 2]:
            high = high + low
            low = ((low << np.uint32(turn)) | (low >> np.uint32(32 - turn))) ^ high
        high = high + keys[(part + 1) % 3]
        low = low + keys[(part + 2) % 3] + np.uint32(part + 1)
    return high, low


def _words(key: PRNGKeyArray | Array) -> Array:
    """Return the two words of a Threefry key."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    if jax.random.key_impl(key) == "threefry2x32":
        return jax.random.key_data(key)
    return jax.random.bits(key, (2,), jnp.uint32)
