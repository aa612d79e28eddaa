"""Exploration: noise on the actions, which decreases during the training."""

import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def squash(raw: Array) -> Array:
    """Return actions in [0, 1] from a network's raw outputs, (1 + tanh u)/2.

    >>> squash(jnp.array([-50.0, 0.0, 50.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (1.0 + jnp.tanh(raw))


def compute_deviation(
    slot: ArrayLike, start: ArrayLike, end: ArrayLike, slots: ArrayLike
) -> Float[Array, ""]:
    """Return the standard deviation of the noise.

    It decreases linearly from `start` at slot 0 to `end` at `slots`, and then stays constant.

    >>> [round(float(compute_deviation(slot, 0.4, 0.2, 10.0)), 3) for slot in (0, 5, 10, 99)]
    [0.4, 0.3, 0.2, 0.2]
    """
    start, end = jnp.asarray(start, float), jnp.asarray(end, float)
    return start + (end - start) * jnp.minimum(jnp.asarray(slot) / jnp.asarray(slots, float), 1.0)


def add_noise(noise: Array, action: Array, spread: ArrayLike) -> Array:
    """Return actions with noise of a standard deviation, clipped to [0, 1].

    `noise` has standard deviation 1 and the shape of the actions.
    """
    return jnp.clip(action + spread * noise, 0.0, 1.0)
