"""Association of users with nodes, as one stable assignment with limited room at each node.

(17) applies at the base station, (25), (26) and (31b) at relays.
"""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int

from sagin.optimise.selection import select_largest

Score = Float[Array, "users nodes"]
Pairs = Bool[Array, "users nodes"]


def assign_users(score: Score, eligible: Pairs, room: Int[Array, "limited"]) -> Pairs:
    """Assign users to nodes stably, at most one node per user and `room` users per node.

    No eligible pair of a user and a node would both prefer each other to their assignment.

    Users apply to the eligible node of largest score. Nodes keep the best users and reject the
    others, who apply to their next best node (Gale and Shapley's deferred acceptance). With one
    node, the strongest users are admitted. Equal scores are ordered as given.

    Args:
        score: the rank on both sides, such as SNR, shape (users, nodes).
        eligible: allowed pairs, shape (users, nodes).
        room: largest number of users of each node, shape (limited,); further nodes have no limit.

    Returns:
        Mask of assigned pairs, shape (users, nodes).

    >>> snr = jnp.array([[3.0], [5.0], [4.0]])
    >>> assign_users(snr, snr > 0.0, jnp.array([2]))[:, 0].tolist()
    [False, True, True]
    """
    limited = room.shape[0]
    if (limited, score.shape[1]) == (1, 2):
        # users whom the limited node rejects go to the other node: no repetition is needed
        prefers = eligible[:, 0] & ~(eligible[:, 1] & (score[:, 1] > score[:, 0]))
        admitted = select_largest(score[:, 0], prefers, room[0])
        return jnp.stack([admitted, eligible[:, 1] & ~admitted], axis=1)
    nodes = jnp.arange(score.shape[1])

    def apply(open_pairs: Pairs) -> Pairs:
        best = jnp.argmax(jnp.where(open_pairs, score, -jnp.inf), axis=1)
        return open_pairs & (nodes == best[:, None])

    def refuse(state: tuple[Pairs, Array]) -> tuple[Pairs, Array]:
        open_pairs, _ = state
        # each user asks its best open node; a node keeps the best it has room for
        applied = apply(open_pairs)[:, :limited]
        admitted = jax.vmap(select_largest, in_axes=(1, 1, 0), out_axes=1)(
            score[:, :limited], applied, room
        )
        refused = applied & ~admitted
        # a rejected user does not ask this limited node again
        open_limited = open_pairs[:, :limited] & ~refused
        return jnp.concatenate([open_limited, open_pairs[:, limited:]], axis=1), jnp.any(refused)

    settled, _ = jax.lax.while_loop(lambda state: state[1], refuse, (eligible, jnp.asarray(True)))
    return apply(settled)


def admit_users(
    qualified: Bool[Array, "users"], priority: Float[Array, "users"], room: int
) -> Bool[Array, "users"]:
    """Admit the qualified users of highest priority to the base station, δ_{i,G} (17).

    Args:
        qualified: mask of present users with γ_{i,G} ≥ γ_th, shape (users,).
        priority: their SNR (strongest first) or random numbers, shape (users,).
        room: ω_G, largest number of admitted users.
    """
    return select_largest(priority, qualified, room)


def check_reach(
    snr: ArrayLike, threshold: ArrayLike, distance: ArrayLike, radius: ArrayLike
) -> Bool[Array, "..."]:
    """Check (25), γ ≥ γ_th and r ≤ R_j; all arguments broadcast."""
    return (jnp.asarray(snr) >= threshold) & (jnp.asarray(distance) <= radius)
