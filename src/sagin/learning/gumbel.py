"""Straight-through Gumbel heads: one option per choice, with the gradient of its share.

Source: Jang, Gu and Poole 2017; in MADDPG Lowe et al. 2017.
"""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.heads import LEAST, Heads, set_named, split_outputs
from sagin.types import Array, ArrayLike, Float


def perturb_outputs(
    outputs: Float[Array, "agents *batch outputs"],
    noise: Float[Array, "agents *batch outputs"],
    heads: Heads,
    spread: ArrayLike = 1.0,
) -> Float[Array, "agents *batch outputs"]:
    """Return outputs with Gumbel noise on the logits and normal noise on the means.

    `noise` holds normal numbers of standard deviation 1. With a spread of 1, the most likely
    options are then samples from their shares.
    """
    count = heads.numbers[0].size
    uniform = jnp.clip(jax.scipy.special.ndtr(noise[..., :count]), LEAST, 1.0 - LEAST)
    gumbel = -jnp.log(-jnp.log(uniform))
    return outputs + spread * jnp.concatenate([gumbel, noise[..., count:]], axis=-1)


def build_soft_action(
    heads: Heads, outputs: Float[Array, "agents *batch outputs"]
) -> Float[Array, "agents *batch numbers"]:
    """Return the actions of the most likely options, with the gradient of the options' shares."""
    logits, mean = split_outputs(heads, outputs)
    share = jax.nn.softmax(logits)
    hard = jax.nn.one_hot(jnp.argmax(logits, axis=-1), logits.shape[-1])
    picked = hard + share - jax.lax.stop_gradient(share)
    # value of each number under each option
    sets = heads.numbers[..., None] == np.arange(heads.sources.shape[1])
    table = jnp.asarray(np.where(sets, np.nan_to_num(heads.amounts)[..., None], 0.0), float)
    action = jnp.einsum("a...co,acon->a...n", picked, table)
    return set_named(heads, action, mean)
