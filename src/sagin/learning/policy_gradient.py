"""The policy gradient over several samples of one slot, each compared with the others (RLOO).

It needs no critic and no replay. The baseline leaves the gradient unbiased if a slot's return is
its reward alone, that is, if the next state does not depend on the action.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float


def leave_one_out(
    reward: Float[Array, "samples *batch"],
) -> Float[Array, "samples *batch"]:
    """Return each sample's excess over the mean of the others, r − Σ_{j≠i} r_j/(S − 1).

    Source: Kool, van Hoof and Welling 2019, with replacement.

    Args:
        reward: r of S ≥ 2 independent actions in the same slot, shape [samples, …].

    >>> leave_one_out(jnp.array([1.0, 2.0, 6.0])).tolist()
    [-3.0, -1.5, 4.5]
    """
    samples = reward.shape[0]
    return (reward - jnp.mean(reward, axis=0)) * (samples / (samples - 1))


def pay_agents(
    rewards: tuple[Float[Array, "*batch _"], ...], weights: Sequence[ArrayLike], *, together: bool
) -> tuple[Float[Array, "*batch _"], ...]:
    """Return the paid rewards of the agents of each stage: weighted rewards, or the sum of all.

    `weights` are in the order of all agents, repeated if there are more agents.
    """
    ends = [sum(part.shape[-1] for part in rewards[:stage]) for stage in range(1, len(rewards) + 1)]
    # rewards of all agents side by side, weighted in turn
    joint = jnp.concatenate(rewards, axis=-1)
    repeats = -(-ends[-1] // len(weights))
    joint = joint * jnp.tile(jnp.asarray(weights, float), repeats)[: ends[-1]]
    if together:
        joint = jnp.broadcast_to(jnp.sum(joint, axis=-1, keepdims=True), joint.shape)
    return tuple(jnp.split(joint, ends[:-1], axis=-1))


def compute_policy_loss(
    log_probability: Float[Array, "samples *batch"],
    advantage: Float[Array, "samples *batch"],
    entropy: ArrayLike = 0.0,
) -> Float[Array, ""]:
    """Return −mean(A·log π) minus the mean of an already weighted entropy.

    Its gradient estimates that of −E[r]; the advantage counts as a constant.
    """
    gain = jax.lax.stop_gradient(advantage) * log_probability
    return -jnp.mean(gain) - jnp.mean(jnp.asarray(entropy))
