"""How actors try what they don't know: noise on the actions, less and less of it."""

import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def squash(raw: Array) -> Array:
    """Return actions in [0, 1] of a network's raw numbers, (1 + tanh u)/2.

    >>> squash(jnp.array([-50.0, 0.0, 50.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (1.0 + jnp.tanh(raw))


def compute_deviation(
    slot: ArrayLike, start: ArrayLike, end: ArrayLike, slots: ArrayLike
) -> Float[Array, ""]:
    """Return the standard deviation of the noise, falling evenly from `start` at slot 0 to `end` at
    `slots`, and staying there.

    >>> [round(float(compute_deviation(slot, 0.4, 0.2, 10.0)), 3) for slot in (0, 5, 10, 99)]
    [0.4, 0.3, 0.2, 0.2]
    """
    start, end = jnp.asarray(start, float), jnp.asarray(end, float)
    return start + (end - start) * jnp.minimum(jnp.asarray(slot) / jnp.asarray(slots, float), 1.0)


def add_noise(noise: Array, action: Array, spread: ArrayLike) -> Array:
    """Return actions with noise of this standard deviation, within the box [0, 1].

    noise: of deviation 1, an array shaped as the actions.
    """
    return jnp.clip(action + spread * noise, 0.0, 1.0)
