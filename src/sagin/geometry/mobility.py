"""Motion of users between slots."""

import jax
import jax.numpy as jnp

from sagin.geometry.points import Key
from sagin.types import Array, ArrayLike, Float


def reflect(
    positions: Float[Array, "... dimensions"], side_m: ArrayLike
) -> Float[Array, "... dimensions"]:
    """Return the positions, m, folded back into [0, side] by mirrors at its borders, however often
    they are hit.

    A coordinate x becomes the triangle wave |((x + L) mod 2L) − L| with L the side; inside the
    square nothing changes.

    >>> reflect(jnp.array([-1.0, 4.0, 11.0, 25.0]), 10.0).tolist()
    [1.0, 4.0, 9.0, 5.0]
    """
    folded = jnp.mod(positions, 2.0 * jnp.asarray(side_m))
    return jnp.where(folded > side_m, 2.0 * jnp.asarray(side_m) - folded, folded)


def random_direction(
    key: Key,
    positions: Float[Array, "... 2"],
    speed_m_s: ArrayLike,
    duration_s: ArrayLike,
    side_m: ArrayLike,
) -> Float[Array, "... 2"]:
    """Return the positions, m, after a step of speed·duration in a uniform direction each,
    reflected at the border of [0, side]².

    Args:
        key: random key.
        positions: m, [..., 2].
        speed_m_s: m/s.
        duration_s: s.
        side_m: of the square, m.
    """
    angle = jax.random.uniform(key, positions.shape[:-1], maxval=2.0 * jnp.pi)
    step = jnp.asarray(speed_m_s * duration_s)[..., None] * jnp.stack(
        [jnp.cos(angle), jnp.sin(angle)], axis=-1
    )
    return reflect(positions + step, side_m)
