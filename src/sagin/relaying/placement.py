"""The built-in methods: the paper's hotspot rule, k-means, gradient ascent and exhaustive search.

They place relays from the users in need and mean channels, and leave powers to the scenario.
The exhaustive search bounds the value of every placement on mean channels.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int

from sagin.geometry.distance import horizontal_distance
from sagin.optimise.clustering import k_means
from sagin.optimise.exhaustive import find_best, find_best_tuple
from sagin.optimise.gradient import ascend
from sagin.optimise.result import Solution
from sagin.optimise.selection import select_largest, sum_largest
from sagin.relaying.decision import Decision, DecisionRule, Request

Positions = Float[Array, "relays 2"]
Scalar = Float[Array, ""]

BLOCK = 8
"""Number of users added per turn of `sum_over_users`."""


def squared_distances(a: Float[Array, "a 2"], b: Float[Array, "b 2"]) -> Float[Array, "a b"]:
    """Return |a_i − b_j|² for all pairs, m².

    The sum runs axis by axis, which compiles in a tenth of the time of a sum over the last axis.
    """
    return jnp.square(a[:, None, 0] - b[None, :, 0]) + jnp.square(a[:, None, 1] - b[None, :, 1])


def sum_over_users(
    users_m: Float[Array, "users 2"],
    among: Bool[Array, "users"],
    value: Callable[[Array], Array],
    needed: Bool[Array, ""] | bool = True,
) -> Float[Array, "users"]:
    """Sum a function of the squared distance to other users, m², over some of them, for every user.

    Users are added in blocks, for all users at once, so no array of pairs is stored.

    Args:
        users_m: positions, m, shape (users, 2).
        among: mask of the users to add.
        value: function of squared distances, m².
        needed: whether the sums are needed. Otherwise they are 0, and cost nothing if no drop of a
            batch needs them.
    """
    # users in blocks, so that no matrix of all pairs is held
    blocks = -(-users_m.shape[0] // BLOCK)
    padding = (0, blocks * BLOCK - users_m.shape[0])
    east, north = jnp.pad(users_m, (padding, (0, 0))).T.reshape(2, blocks, BLOCK)
    counted = jnp.pad(among, padding).reshape(blocks, BLOCK)

    # each block adds its users' values to every user's total
    def add_block(block: ArrayLike, total: Array) -> Array:
        for x, y, counts in zip(east[block], north[block], counted[block], strict=True):
            square = jnp.square(users_m[:, 0] - x) + jnp.square(users_m[:, 1] - y)
            total = total + jnp.where(counts, value(square), 0.0)
        return total

    # a loop of length 0 if the sums are not needed
    stop = blocks if needed is True else jnp.where(needed, blocks, 0)
    return jax.lax.fori_loop(0, stop, add_block, jnp.zeros_like(users_m[:, 0]))


def estimate_capacity(request: Request, positions: Positions) -> Scalar:
    """Estimate the mean-channel capacity, bit/s, that relays at some positions add.

    Each user in need within R_j goes to its nearest relay, which serves its best ω_j. The estimate
    is exact for one relay; for several relays, a rejected user does not try the next relay.
    """
    distance = jnp.sqrt(squared_distances(request.users_m, positions))
    nearest = distance.argmin(axis=1)[:, None] == jnp.arange(positions.shape[0])
    served = nearest & (distance <= request.radius_m) & request.needy[:, None]
    rates = jnp.where(served, request.rate(distance), 0.0)
    return jax.vmap(sum_largest, in_axes=(1, None))(rates, request.capacity).sum()


def bound_capacity(request: Request, positions: Positions, slack: ArrayLike) -> Scalar:
    """Bound the capacity, bit/s, of relays that are each within `slack`, m, of a position.

    Such a relay is nearer to a user by at most the slack. A user therefore counts if it is within
    R_j + slack, with the rate at its distance minus the slack. At most relays·ω_j users count in
    all.
    """
    # no relay is nearer than by the slack, so rates are bounded from above
    distance = jnp.sqrt(squared_distances(request.users_m, positions).min(axis=1))
    rates = jnp.where(
        request.needy & (distance <= request.radius_m + slack),
        request.rate(jnp.maximum(distance - slack, 0.0)),
        0.0,
    )
    return sum_largest(rates, request.capacity * positions.shape[0])


def find_hotspot_user(
    users_m: Float[Array, "users 2"], among: Bool[Array, "users"], radius_m: ArrayLike
) -> tuple[Int[Array, ""], Float[Array, "users"]]:
    """Find the hotspot user i* (line 6): among some users, the one with most of them within R_j.

    Equal numbers are decided by the proximity of those neighbours (mean of 1 − r²/R_j²), so the
    order of users does not matter. Without users it is the first row.

    Returns:
        Its row, and r²/R_j² to all users.
    """
    reach = jnp.square(jnp.asarray(radius_m))

    def weigh(share: Array) -> Array:
        return jnp.where(share <= 1.0, 1.0 + (1.0 - share) / users_m.shape[0], 0.0)

    # users within R_j of each user, nearness deciding between equals
    crowd = sum_over_users(users_m, among, lambda square: weigh(square / reach))
    crowd = jnp.where(among, crowd, -1.0)
    # the two best again, by a sum in pairs, which keeps more digits than one after another
    first = jnp.argmax(crowd)
    best = jnp.sort(jnp.stack([first, jnp.argmax(crowd.at[first].set(-2.0))]))
    shares = squared_distances(users_m[best], users_m) / reach
    sums = jnp.sum(jnp.where(among, weigh(shares), 0.0), axis=1)
    winner = jnp.argmax(jnp.where(among[best], sums, -1.0))
    return best[winner], shares[winner]


def choose_hotspots(request: Request) -> Positions:
    """Choose the paper's positions (line 6): above the user in need with most users in need in R_j.

    A further relay takes the hotspot user of those whom the earlier relays leave, each of which
    takes its nearest ω_j. If they leave no user, it starts again with all users in need. Without
    users in need, the position is that of the first row, and the relay is not sent.
    """

    # each relay takes the users near its own, the next one sees who is left
    def send(left: Bool[Array, "users"], _: None) -> tuple[Array, Array]:
        left = jnp.where(left.any(), left, request.needy)
        user, share = find_hotspot_user(request.users_m, left, request.radius_m)
        taken = select_largest(-share, left & (share <= 1.0), request.capacity)
        return left & ~taken, request.users_m[user]

    if request.relays == 1:
        return send(request.needy, None)[1][None, :]
    return jax.lax.scan(send, request.needy, length=request.relays)[1]


def choose_clusters(request: Request) -> Positions:
    """Choose the centres of the k-means clusters of the users in need, one per relay."""
    weights = request.needy.astype(request.users_m.dtype)
    return k_means(request.users_m, weights, request.relays).point


def estimate_smooth_capacity(
    request: Request, positions: Positions, softness: float = 0.1
) -> Scalar:
    """Estimate a smooth approximation of the capacity of `estimate_capacity`.

    Coverage is a logistic step of width softness·R_j² in r². A user counts w_0·(1 − Π_j(1 −
    c_ij·w_ij/w_0)), without the limit ω_j, with the mean-channel rate w_ij, the rate w_0 directly
    below a relay, and the soft coverage c_ij.
    """
    distance = horizontal_distance(request.users_m[:, None, :], positions[None, :, :])
    cover = jax.nn.sigmoid((1.0 - (distance / request.radius_m) ** 2) / softness)
    best = request.rate(jnp.zeros(()))
    share = cover * request.rate(distance) / jnp.where(best > 0, best, 1.0)
    return (jnp.where(request.needy, 1.0 - jnp.prod(1.0 - share, axis=1), 0.0)).sum() * best


def choose_by_gradient(request: Request) -> Positions:
    """Choose positions by gradient ascent from the hotspots and from the clusters.

    It ascends `estimate_smooth_capacity` and takes the best of both ends and both starts by
    `estimate_capacity`.
    """
    starts = jnp.stack([choose_hotspots(request), choose_clusters(request)])

    # gradients of the smooth capacity; the best of starts and climbs is taken
    def climb(start: Positions) -> Positions:
        value = partial(estimate_smooth_capacity, request)
        return ascend(value, start[None], 0.3 * request.radius_m).point

    candidates = jnp.concatenate([starts, jax.vmap(climb)(starts)])
    return find_best(partial(estimate_capacity, request), candidates).point


def build_grid(request: Request) -> Float[Array, "points 2"]:
    """Build a square grid over the cell's bounding square, m."""
    line = jnp.linspace(-1.0, 1.0, request.grid) * request.cell_radius_m
    east, north = jnp.meshgrid(line, line)
    return jnp.stack([east.ravel(), north.ravel()], axis=-1)


def search_grid(request: Request) -> Solution:
    """Search the grid for the best positions; return them, their value, and its bound anywhere.

    Every position is within half a grid square's diagonal of a grid point. The largest
    `bound_capacity` over the grid with that slack therefore bounds the optimum, on the grid or off
    it. The search takes (grid²)^relays evaluations.
    """
    # every position is within the slack of a grid point
    points, count = build_grid(request), request.relays
    slack = request.cell_radius_m * jnp.sqrt(2.0) / (request.grid - 1)

    # single relays by all points, several by pairs that can still be best
    def search(value: Callable[[Positions], Scalar]) -> Solution:
        if count == 1:
            return find_best(value, points[:, None, :])
        return find_best_tuple(value, points, count)

    best = search(partial(estimate_capacity, request))
    bound = search(lambda positions: bound_capacity(request, positions, slack)).value
    return Solution(best.point, best.value, bound)


def choose_on_grid(request: Request) -> Positions:
    """Choose the best positions on the grid."""
    return search_grid(request).point


def _build_rule(name: str, choose: Callable[[Request], Positions]) -> DecisionRule:
    return DecisionRule(name, lambda request: Decision(choose(request)))


DECISION_RULES: Mapping[str, DecisionRule] = MappingProxyType(
    {
        "hotspot": _build_rule("hotspot", choose_hotspots),
        "cluster": _build_rule("cluster", choose_clusters),
        "gradient": _build_rule("gradient", choose_by_gradient),
        "exhaustive": _build_rule("exhaustive", choose_on_grid),
    }
)
"""The built-in methods, by their names in `algorithm.placement`."""


class Gap(NamedTuple):
    """Values of a method's positions, the optimum and the bound in a drop, bit/s."""

    worth: Scalar
    """Mean-channel capacity of the method's positions."""
    optimum: Scalar
    """The best known value: on the grid, or of any rule that is better."""
    bound: Scalar
    """Value that no positions can exceed."""


def compare_rules(request: Request) -> dict[str, Gap]:
    """Compare the value of each built-in rule with the best known value and the bound.

    The optimum lies between the last two.
    """
    # every rule, the best grid point and its bound
    best = search_grid(request)
    worths = {"exhaustive": best.value}
    for name, rule in DECISION_RULES.items():
        if name not in worths:
            worths[name] = estimate_capacity(request, jnp.asarray(rule.decide(request).positions_m))
    optimum = jnp.stack(list(worths.values())).max()
    return {name: Gap(worths[name], optimum, best.bound) for name in DECISION_RULES}
