"""One optimiser for the networks of all agents: Adam, on gradients of bounded norm."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.settings import Settings
from sagin.types import Array, Float, Int

MEAN_DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-8
"""β_1, β_2 and ε of Adam (Kingma and Ba 2015)."""
PACKED = 2**17
"""Largest size for which all arrays of a step are joined into one: this compiles faster, but copies
them once.
"""


class Moments(NamedTuple):
    """State of Adam."""

    steps: Int[Array, ""]
    mean: list[Array]
    """Decaying mean of the gradients: one array per array, or one array for small ones."""
    square: list[Array]
    """Decaying mean of their squares."""


def make_moments(nets: Any) -> Moments:
    """Return the state before the first step."""
    zeros = [jnp.zeros_like(part) for part in _pack(nets)]
    return Moments(jnp.asarray(0), zeros, zeros)


def _pack(nets: Any) -> list[Array]:
    """Return the arrays of networks, the small ones joined into one."""
    leaves = jax.tree.leaves(nets)
    if sum(leaf.size for leaf in leaves) > PACKED:
        return leaves
    return [jnp.concatenate([leaf.reshape(-1) for leaf in leaves])]


def _unpack(parts: list[Array], nets: Any) -> Any:
    """Return arrays with the shapes of networks: the inverse of `_pack`."""
    leaves, structure = jax.tree.flatten(nets)
    if len(parts) < len(leaves):
        ends = np.cumsum([leaf.size for leaf in leaves])[:-1].tolist()
        pieces = jnp.split(parts[0], ends)
        parts = [part.reshape(leaf.shape) for part, leaf in zip(pieces, leaves, strict=True)]
    return jax.tree.unflatten(structure, parts)


def apply_gradients(
    settings: Settings, rate: Any, slope: Any, moments: Moments, nets: Any
) -> tuple[Any, Moments]:
    """Return stacked networks after a step of Adam against the gradient, and the new moments.

    Each network's gradient is shortened to the norm that the settings allow, if they set one.
    """
    if settings.gradient_norm is not None:
        slope = jax.vmap(lambda one: _shorten(one, settings.gradient_norm))(slope)
    steps, slopes = moments.steps + 1, _pack(slope)
    mean = [b + (1 - MEAN_DECAY) * (g - b) for g, b in zip(slopes, moments.mean, strict=True)]
    square = [
        b + (1 - SQUARE_DECAY) * (g * g - b) for g, b in zip(slopes, moments.square, strict=True)
    ]
    # both moments start at 0, which this corrects
    growth = [1.0 - decay ** steps.astype(float) for decay in (MEAN_DECAY, SQUARE_DECAY)]
    change = [
        rate * (m / growth[0]) / (jnp.sqrt(v / growth[1]) + EPSILON)
        for m, v in zip(mean, square, strict=True)
    ]
    after = jax.tree.map(jnp.subtract, nets, _unpack(change, nets))
    return after, Moments(steps, mean, square)


def _shorten(slope: Any, longest: Any) -> Any:
    norm: Float[Array, ""] = jnp.sqrt(sum(jnp.sum(leaf * leaf) for leaf in jax.tree.leaves(slope)))
    share = jnp.where(norm > longest, longest / norm, 1.0)
    return jax.tree.map(lambda leaf: share * leaf, slope)
