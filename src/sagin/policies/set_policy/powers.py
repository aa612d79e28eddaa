"""Power rounds: unrolled steps towards the best powers, with learned corrections."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.learning.networks import Mlp
from sagin.optimise.power import LinkGains, compute_sinrs, scale_to_totals
from sagin.policies.set_policy.board import LEAST_MARGIN
from sagin.types import Array, ArrayLike, Bool, Float

Users = Float[Array, " users"]
SMALL = 1e-6
"""Power, W, and part of a node's total, that count as 0. The floors are large enough that a product
of two is not 0, because a quotient of quotients is compiled to one quotient.
"""
LEAST_POWER = 1e-12
"""Power, W, that counts as 0; its square, which is a divisor, is not 0."""
SETTLES = 8
"""Rounds in which users with a need follow the interference, and no other user receives more."""
TRIMS = 3
"""Number of cuts of covered users' power beyond their need."""


class Need(NamedTuple):
    """Users who need a given SINR and no more."""

    wide: Bool[Array, " users"]
    threshold: Float[Array, ""]
    order: Users
    """Order of two users who need the same power: numbers that differ between users."""


def list_members(links: LinkGains) -> Float[Array, "users nodes"] | None:
    """Return 1 if a user belongs to a node; None if each user has a separate node."""
    if links.node is None:
        return None
    return jax.nn.one_hot(links.node, links.total.shape[0], dtype=links.direct.dtype)


def refine_powers(
    networks: Mlp,
    links: LinkGains,
    slopes: Callable[[Users], Users],
    start: Users,
    marks: Float[Array, "users marks"],
    need: Need | None = None,
) -> Float[Array, "rounds users"]:
    """Return the powers after each round.

    With s_k = ∂U/∂ln p_k of a user's own signal and η_k = −∂U/∂p_k of the interference that it
    causes, a round takes p_k = P_i·s_k/(Σ s + P_i·η_k), the sum over the users of node i. Without
    interference, a fixed point is optimal. A network corrects the logarithm.

    Args:
        networks: stacked, one per round.
        slopes: ∂U/∂ln(1 + SINR_k) of the SINRs, ≥ 0.
        marks: further inputs of the networks for each user.
        need: users who receive exactly their need instead.
    """
    member = list_members(links)
    total = links.total if member is None else member @ links.total
    total = jnp.maximum(total, SMALL)

    def refine(power: Users, network: Mlp) -> tuple[Users, Users]:
        # a gradient through earlier rounds is NaN if a power becomes 0
        step = take_step(links, member, total, slopes, power)
        target, features = jax.lax.stop_gradient(step)
        correction = network(jnp.concatenate([features, marks], axis=-1))[..., 0]
        power = jnp.where(target > LEAST_POWER, target * jnp.exp(2.0 * jnp.tanh(correction)), 0.0)
        if need is not None and member is not None:
            power = share_rest(links, member, need, power)
        power = scale_to_totals(power, member, links.total)
        return power, power

    return jax.lax.scan(refine, scale_to_totals(start, member, links.total), networks)[1]


def take_step(
    links: LinkGains,
    member: Array | None,
    total: Users,
    slopes: Callable[[Users], Users],
    power: Users,
) -> tuple[Users, Float[Array, "users features"]]:
    """Return the powers of a round without its correction, and the inputs of its network."""
    # WMMSE-like step: interference heard, SINR, and its worth
    heard = links.cross @ power
    ratio = power * links.direct / (1.0 + heard)
    strength = slopes(ratio) * ratio / (1.0 + ratio)
    price = (strength / (1.0 + heard)) @ links.cross
    # the node's power is divided by strength over price
    together = strength if member is None else member @ (strength @ member)
    weight = together + total * price
    target = total * strength / jnp.maximum(weight, 1e-20)
    columns = [
        0.2 * jnp.log1p(ratio),
        0.2 * jnp.log(target / total + SMALL),
        0.2 * jnp.log(power / total + SMALL),
        0.2 * jnp.log1p(total * price / jnp.maximum(strength, 1e-20)),
        jnp.log1p(together / jnp.maximum(strength, 1e-20)) * 0.2,
    ]
    return target, jnp.stack(columns, axis=-1)


def share_rest(
    links: LinkGains, member: Array, need: Need, power: Users, most: float = float("inf")
) -> Users:
    """Return powers in which users with a need receive it, those of smallest need first.

    The others divide the remainder of their node's total in the same proportions as before. `most`
    is the largest factor by which their powers grow.
    """
    assert links.node is not None
    heard = links.cross @ power
    # power that coverage needs for each user, 0 without a need
    least = LEAST_MARGIN * need.threshold * (1.0 + heard) / jnp.maximum(links.direct, 1e-30)
    least = jnp.where(need.wide & (links.direct > 0), least, 0.0)
    # users of smallest need come first on each node
    first = (least[:, None] > least) | (
        (least[:, None] == least) & (need.order[:, None] < need.order)
    )
    before = first & (links.node[:, None] == links.node)
    total = jnp.maximum(member @ links.total, 1e-30)
    fits = need.wide & (before @ least + least <= 0.999 * total)
    least = jnp.where(fits, least, 0.0)
    # others divide the remainder in the old proportions
    free = jnp.where(need.wide, 0.0, power)
    left = jnp.maximum(links.total - least @ member, 0.0)
    used = free @ member
    growth = jnp.minimum(left / jnp.maximum(used, LEAST_POWER), most)
    return least + free * (member @ growth)


def settle_powers(links: LinkGains, need: Need, power: Users) -> Users:
    """Return powers in which users with a need have exactly that, or 0 if it is out of reach.

    The others have no more than before, so their interference can only decrease.
    """
    member = list_members(links)
    if member is not None:
        power = jax.lax.fori_loop(
            0, SETTLES, lambda _, power: share_rest(links, member, need, power, 1.0), power
        )

    def trim(_: ArrayLike, power: Users) -> Users:
        ratio = compute_sinrs(links, power)
        keep = jnp.minimum(1.0, need.threshold * 1.01 / jnp.maximum(ratio, 1e-30))
        keep = jnp.where(ratio > need.threshold, keep, 0.0)
        return jnp.where(need.wide, power * keep, power)

    return jax.lax.fori_loop(0, TRIMS, trim, power)
