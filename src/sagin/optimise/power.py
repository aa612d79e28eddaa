"""Power control under interference by fractional programming, with a total for each node.

Shen and Yu, "Fractional programming for communication systems", IEEE Trans. Signal Process. 66(10),
2018, parts I and II: the Lagrangian dual transform takes the ratios out of the logarithms, the
quadratic transform decouples them, and what is left has a closed form.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.types import Array, ArrayLike, Float, Int

NEWTON = 10
"""Steps for the nodes' prices; from below, as here, they converge monotonically and quadratically.
"""

Users = Float[Array, " users"]


class LinkGains(NamedTuple):
    """Who hears whom. Noise is 1: all gains are divided by it."""

    direct: Users
    """a_k: gain of the user's own signal."""
    cross: Float[Array, "users others"]
    """c_(k,m): gain of the signal for user m at user k, 0 for m = k and where they don't meet."""
    node: Int[Array, " users"]
    """Which node sends, −1: none."""
    total: Float[Array, " nodes"]
    """P_i, W."""


class _Problem(NamedTuple):
    top: Users
    """b_k."""
    price: Users
    """d_k."""
    member: Float[Array, "users nodes"]


def compute_sinrs(links: LinkGains, power: Users) -> Users:
    """Return SINR_k = p_k·a_k/(1 + Σ_m c_(k,m)·p_m).

    >>> cross = jnp.array([[0.0, 1.0], [0.5, 0.0]])
    >>> links = LinkGains(jnp.array([2.0, 3.0]), cross, jnp.array([0, 1]), jnp.ones(2))
    >>> [round(float(one), 3) for one in compute_sinrs(links, jnp.array([1.0, 2.0]))]
    [0.667, 4.0]
    """
    return power * links.direct / (1.0 + links.cross @ power)


def take_fractional_step(links: LinkGains, weights: Users, power: Users) -> Users:
    """Return powers whose weighted sum Σ w_k·ln(1 + SINR_k) is no less than before.

    The sum of each node's powers stays ≤ P_i.

    With γ the SINR and y_k = √(w_k(1 + γ_k)a_k p_k)/(1 + a_k p_k + Σ_m c_(k,m) p_m), the new p_k =
    (y_k √(w_k(1 + γ_k)a_k)/(a_k y_k² + Σ_m c_(m,k) y_m² + λ_i))², λ_i ≥ 0 the least price at which
    the node keeps its total.

    A power of 0 stays 0.

    Args:
        weights: w ≥ 0.
    """
    heard = links.cross @ power
    strength = weights * (1.0 + power * links.direct / (1.0 + heard)) * links.direct
    y = jnp.sqrt(strength * power) / (1.0 + links.direct * power + heard)
    price = links.direct * y**2 + (y**2) @ links.cross
    member = jax.nn.one_hot(links.node, links.total.shape[0], dtype=power.dtype)
    return _share_totals(_Problem(y * jnp.sqrt(strength), price, member), links.total)


def _share_totals(problem: _Problem, total: Float[Array, " nodes"]) -> Users:
    """Return (b/(d + λ_i))² with the least λ_i ≥ 0 that keeps the totals.

    Newton's iteration on 1/‖b/(d + λ)‖, which is concave in λ.
    """

    def powers(multiplier: Array) -> tuple[Array, Array]:
        below = problem.price + problem.member @ multiplier
        active = (problem.top > 0) & (below > 0)
        return jnp.where(active, problem.top / jnp.where(active, below, 1.0), 0.0), jnp.where(
            active, below, 1.0
        )

    def newton(_: ArrayLike, multiplier: Array) -> Array:
        root, below = powers(multiplier)
        square = root**2 @ problem.member
        slope = (root**2 / below) @ problem.member
        norm = jnp.sqrt(square)
        step = jnp.where(
            slope > 0,
            square / jnp.where(slope > 0, slope, 1.0) * (norm / jnp.sqrt(total) - 1.0),
            0.0,
        )
        return jnp.maximum(multiplier + step, 0.0)

    multiplier = jax.lax.fori_loop(0, NEWTON, newton, jnp.zeros_like(total))
    return scale_to_totals(powers(multiplier)[0] ** 2, problem.member, total)


def scale_to_totals(
    power: Users, member: Float[Array, "users nodes"], total: Float[Array, " nodes"]
) -> Users:
    """Return the powers, scaled down at nodes that exceed their total."""
    used = power @ member
    return power * jnp.where(
        jnp.any(member > 0, axis=1),
        member @ jnp.minimum(1.0, total / jnp.where(used > 0, used, total)),
        0.0,
    )


def maximise(
    links: LinkGains,
    start: Users,
    worth: Callable[[Users], Float[Array, ""]],
    slopes: Callable[[Users], Users],
    *,
    steps: int = 12,
) -> tuple[Users, Float[Array, ""]]:
    """Return the powers of greatest worth among the iterates of fractional programming.

    The start counts too; the weights are set anew at each step.

    For a weighted sum of rates the slopes are constant and no step lowers the worth; for other
    utilities one may, and is then not the one returned.

    Args:
        worth: what counts, of the powers.
        slopes: its derivatives by ln(1 + SINR_k), or a surrogate's, of the powers, ≥ 0.
    """

    def step(state: tuple[Users, Users, Array], _: None) -> tuple[tuple[Users, Users, Array], None]:
        power, best, record = state
        power = take_fractional_step(links, slopes(power), power)
        value = worth(power)
        better = value > record
        return (power, jnp.where(better, power, best), jnp.where(better, value, record)), None

    (_, best, record), _ = jax.lax.scan(step, (start, start, worth(start)), length=steps)
    return best, record
