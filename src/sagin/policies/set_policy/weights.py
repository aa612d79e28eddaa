"""The weights of the set policy: small networks that do not depend on the number of users."""

from functools import partial
from importlib import resources
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.networks import Dense, Mlp, Take, draw_dense, draw_mlp, draw_networks
from sagin.types import Array, Float, PRNGKeyArray

WIDTH = 24
"""Length of a user's embedding."""
HIDDEN, POINTER = 16, 8
"""Width of the decoder's networks, and of the pointer's network."""
ROUNDS = 3
"""Number of power rounds."""
USER_FEATURES, CONTEXT_FEATURES = 16, 14
"""Number of features of each user before UAVs have positions, and of the slot besides its users."""
ANCHOR_FEATURES, EDGE_FEATURES, USER_STATES, BOARD_FEATURES = 5, 11, 4, 12
"""Numbers of features that change while UAVs and users are placed: of users as anchors, of edges,
of users, and of all placed users.
"""
POWER_FEATURES = 8
"""Number of features of each user in a power round."""
FIRST_FACTOR = 20.0
"""Initial weight of a user's marginal utility, in units of a mean user's part of the score."""


class Weights(NamedTuple):
    """All weights."""

    user: Mlp
    """Features of a user → a code that is averaged over its slice."""
    mixer: Mlp
    """A user's code, the slices' means and the context → the user's embedding."""
    anchor: Mlp
    """Embedding and features of a user → logit of a UAV hovering above it."""
    pointer_user: Dense
    """Embedding → its part of the pointer's hidden layer."""
    pointer_state: Float[Array, "states hidden"]
    """State of a user → its part of it."""
    pointer_board: Dense
    """State of all placed users → its part of it."""
    pointer_head: Dense
    edge_user: Dense
    """Embedding and state of all placed users → their part of the edges' hidden layer."""
    edge: Float[Array, "features hidden"]
    """Features of an edge → its part of it."""
    edge_type: Float[Array, "types hidden"]
    edge_head: Dense
    idle_head: Dense
    """Hidden layer of the user → logit of not serving it."""
    factor: Float[Array, " slices"]
    """Weight of an edge's marginal utility in its logit."""
    power: Mlp
    """A network per power round, stacked: features → log of the factor by which the round's step is
    corrected.
    """


def draw_weights(key: PRNGKeyArray | Array) -> Weights:
    """Draw weights; last layers start at 0, so that at first only the physics decides."""

    def build(take: Take) -> Weights:
        return Weights(
            user=draw_mlp(take, (USER_FEATURES, WIDTH, WIDTH)),
            mixer=draw_mlp(take, (4 * WIDTH + CONTEXT_FEATURES, 2 * WIDTH, WIDTH)),
            anchor=draw_mlp(take, (WIDTH + ANCHOR_FEATURES, HIDDEN, 1), 0.1),
            pointer_user=draw_dense(take, WIDTH, POINTER),
            pointer_state=take(USER_STATES, POINTER) / USER_STATES**0.5,
            pointer_board=draw_dense(take, BOARD_FEATURES, POINTER),
            pointer_head=draw_dense(take, POINTER, 1, gain=0.1),
            edge_user=draw_dense(take, WIDTH + BOARD_FEATURES, HIDDEN),
            edge=take(EDGE_FEATURES, HIDDEN) / EDGE_FEATURES**0.5,
            edge_type=take(3, HIDDEN) / 3**0.5,
            edge_head=draw_dense(take, HIDDEN, 1, gain=0.1),
            idle_head=draw_dense(take, HIDDEN, 1, gain=0.1),
            factor=FIRST_FACTOR + 0.0 * take(3),
            power=draw_mlp(partial(take, ROUNDS), (POWER_FEATURES, HIDDEN, 1), 0.0),
        )

    return draw_networks(key, build)


def flatten_weights(weights: Weights) -> np.ndarray:
    """Return all weights as one vector."""
    return np.concatenate([np.asarray(leaf).reshape(-1) for leaf in jax.tree.leaves(weights)])


def read_weights(name: str) -> Weights:
    """Read weights that the package contains."""
    outline = jax.eval_shape(draw_weights, jax.random.key(0))
    leaves, structure = jax.tree.flatten(outline)
    with resources.files("sagin.policies").joinpath(f"{name}.npz").open("rb") as file:
        # one flat file, cut into the leaves of the outline
        numbers = np.load(file)["weights"].astype(np.float32)
    ends = np.cumsum([leaf.size for leaf in leaves])[:-1].tolist()
    parts = [
        jnp.asarray(part.reshape(leaf.shape))
        for part, leaf in zip(np.split(numbers, ends), leaves, strict=True)
    ]
    return jax.tree.unflatten(structure, parts)
