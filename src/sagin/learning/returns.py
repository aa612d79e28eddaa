"""Values of a transition or a rollout: one-step targets and generalised advantages."""

import jax
import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Bool, Float


def bootstrap(reward: Array, discount: ArrayLike, terminated: Array, following: Array) -> Array:
    """Return r + γ·Q' (50).

    Q' counts as 0 after the end of the game; an episode that was only cut is bootstrapped. All
    arguments broadcast.

    Args:
        reward: r.
        discount: γ.
        terminated: whether the game ended.
        following: Q'.

    >>> ends = jnp.array([False, True])
    >>> bootstrap(jnp.array([1.0, 1.0]), 0.5, ends, jnp.array([4.0, 4.0])).tolist()
    [3.0, 1.0]
    """
    return reward + discount * jnp.where(terminated, 0.0, following)


def compute_advantages(
    reward: Float[Array, "slots *batch"],
    value: Float[Array, "slots *batch"],
    following: Float[Array, "slots *batch"],
    terminated: Bool[Array, "slots *batch"],
    over: Bool[Array, "slots *batch"],
    *,
    discount: ArrayLike,
    trace: ArrayLike,
) -> Float[Array, "slots *batch"]:
    """Return generalised advantages Σ_l (γλ)^l δ_(t+l), δ = r + γV' − V (Schulman et al. 2016).

    The sum ends with the episode.

    Args:
        reward: r.
        value: V of the slot.
        following: V' of the next state, before any reset.
        terminated: whether the game ended, so that V' counts as 0.
        over: whether the episode ended or was cut, so that later slots belong to another one.
        discount: γ.
        trace: λ.
    """
    error = bootstrap(reward, discount, terminated, following) - value

    def earlier(later: Array, slot: tuple[Array, Array]) -> tuple[Array, Array]:
        error, last = slot
        advantage = error + discount * trace * jnp.where(last, 0.0, later)
        return advantage, advantage

    return jax.lax.scan(earlier, jnp.zeros_like(error[0]), (error, over), reverse=True)[1]
