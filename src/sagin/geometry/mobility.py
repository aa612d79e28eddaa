"""Motion of users between slots."""

import jax
import jax.numpy as jnp

from sagin.geometry.points import Key
from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def reflect(positions: Numbers, side_m: Numbers) -> Float[Array, "... dimensions"]:
    """Return positions folded back into [0, side] by mirrors at the borders, m.

    A position may cross the borders any number of times.

    A coordinate x becomes the triangle wave |((x + L) mod 2L) − L| with L the side; inside the
    square nothing changes.

    Args:
        positions: m, [..., dimensions].
        side_m: L, m.

    >>> reflect(jnp.array([-1.0, 4.0, 11.0, 25.0]), 10.0).tolist()
    [1.0, 4.0, 9.0, 5.0]
    """
    side_m = as_float(side_m)
    folded = jnp.mod(as_float(positions), 2.0 * side_m)
    return jnp.where(folded > side_m, 2.0 * side_m - folded, folded)


def random_direction(
    key: Key,
    positions: Numbers,
    speed_m_s: Numbers,
    duration_s: Numbers,
    side_m: Numbers,
) -> Float[Array, "... 2"]:
    """Return positions after one step of speed·duration in a random direction, m.

    Each direction is uniform; a step is reflected at the border of [0, side]².

    Args:
        key: random key.
        positions: m, [..., 2].
        speed_m_s: m/s.
        duration_s: s.
        side_m: of the square, m.
    """
    positions = as_float(positions)
    angle = jax.random.uniform(key, positions.shape[:-1], maxval=2.0 * jnp.pi)
    step = (as_float(speed_m_s) * as_float(duration_s))[..., None] * jnp.stack(
        [jnp.cos(angle), jnp.sin(angle)], axis=-1
    )
    return reflect(positions + step, side_m)
