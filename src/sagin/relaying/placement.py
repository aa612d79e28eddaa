"""Where relays are sent: the paper's hotspot user, k-means, gradient ascent and exhaustive search,
each with its distance from the optimum.

Relays are placed before their channels are known: positions and the set of users in need are the
drop's, channels are their means.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float

from sagin.geometry.distance import horizontal_distance
from sagin.optimise.clustering import k_means
from sagin.optimise.exhaustive import find_best, find_best_tuple
from sagin.optimise.gradient import ascend
from sagin.optimise.result import Solution
from sagin.optimise.selection import select_largest, sum_largest

Places = Float[Array, "relays 2"]
Scalar = Float[Array, ""]


class Request(NamedTuple):
    """What a placement has to know."""

    users: Float[Array, "users 2"]
    """Positions, m."""
    needy: Bool[Array, "users"]
    """Users in excess whom the satellite doesn't serve directly; all in excess where it serves
    every one.
    """
    radius: ArrayLike
    """R_j, m."""
    capacity: int
    """ω_j."""
    cell_radius: ArrayLike
    """Of the area in which relays may stand, m."""
    rate: Callable[[Array], Array]
    """Mean-channel rate of a relayed user at a horizontal distance, bit/s; it falls with distance.
    """
    grid: int = 41
    """Points a side of the exhaustive grid."""


def squared_distances(a: Float[Array, "a 2"], b: Float[Array, "b 2"]) -> Float[Array, "a b"]:
    """Return |a_i − b_j|² for all pairs, m²; axis by axis, which compiles to a tenth of the time of
    a sum over the last axis.
    """
    return jnp.square(a[:, None, 0] - b[None, :, 0]) + jnp.square(a[:, None, 1] - b[None, :, 1])


def estimate_capacity(request: Request, places: Places) -> Scalar:
    """Return the mean-channel capacity, bit/s, of relays at places, m:
    each user in need within R_j goes to its nearest relay, which serves its best ω_j.

    For one relay it is exact; for several a user turned away doesn't try the next relay.
    """
    distance = jnp.sqrt(squared_distances(request.users, places))
    own = distance.argmin(axis=1)[:, None] == jnp.arange(places.shape[0])
    served = own & (distance <= request.radius) & request.needy[:, None]
    rates = jnp.where(served, request.rate(distance), 0.0)
    return jax.vmap(sum_largest, in_axes=(1, None))(rates, request.capacity).sum()


def bound_capacity(request: Request, places: Places, slack: ArrayLike) -> Scalar:
    """Return what no placement can exceed whose relays each stand within `slack`, m, of these
    places.

    Such a relay is nearer to a user by at most the slack,
    so a user counts if within R_j + slack, with the rate at its distance less the slack;
    in all at most relays·ω_j users count.
    """
    distance = jnp.sqrt(squared_distances(request.users, places).min(axis=1))
    rates = jnp.where(
        request.needy & (distance <= request.radius + slack),
        request.rate(jnp.maximum(distance - slack, 0.0)),
        0.0,
    )
    return sum_largest(rates, request.capacity * places.shape[0])


def choose_hotspots(request: Request, count: int) -> Places:
    """Return the paper's places (line 6): over the hotspot user i*, the user in need with most
    users in need within R_j.

    Equal numbers are decided by the nearness of those neighbours (mean of 1 − r²/R_j²), so that the
    order of users doesn't matter. A further relay takes the hotspot user of those whom the relays
    before it, each taking its nearest ω_j, leave, and starts over with all in need where they leave
    nobody. Without users in need it stands over the first row, and is not sent.
    """
    share = squared_distances(request.users, request.users) / jnp.square(
        jnp.asarray(request.radius)
    )
    near = share <= 1.0
    weight = jnp.where(near, 1.0 + (1.0 - share) / request.users.shape[0], 0.0)

    def send(left: Bool[Array, "users"], _: None) -> tuple[Array, Array]:
        left = jnp.where(left.any(), left, request.needy)
        chosen = jnp.argmax(jnp.where(left, jnp.sum(jnp.where(left, weight, 0.0), axis=1), -1.0))
        return left & ~select_largest(
            -share[chosen], left & near[chosen], request.capacity
        ), request.users[chosen]

    if count == 1:
        return send(request.needy, None)[1][None, :]
    return jax.lax.scan(send, request.needy, length=count)[1]


def choose_clusters(request: Request, count: int) -> Places:
    """Return the centres of the k-means clusters of the users in need, one a relay."""
    return k_means(request.users, request.needy.astype(request.users.dtype), count).point


def estimate_smooth_capacity(request: Request, places: Places, softness: float = 0.1) -> Scalar:
    """Return a smooth stand-in for `estimate_capacity`: coverage is a logistic step of width softness·R_j² in
    r², a user counts w_0·(1 − Π_j(1 − c_ij·w_ij/w_0)), without ω_j.

    w_ij: mean-channel rate, w_0: that right below a relay, c_ij: soft coverage. It differs from
    `estimate_capacity` by softness and capacity alone.
    """
    distance = horizontal_distance(request.users[:, None, :], places[None, :, :])
    cover = jax.nn.sigmoid((1.0 - (distance / request.radius) ** 2) / softness)
    best = request.rate(jnp.zeros(()))
    share = cover * request.rate(distance) / jnp.where(best > 0, best, 1.0)
    return (jnp.where(request.needy, 1.0 - jnp.prod(1.0 - share, axis=1), 0.0)).sum() * best


def choose_by_gradient(request: Request, count: int) -> Places:
    """Return the places that gradient ascent on `estimate_smooth_capacity` reaches from the hotspot users and
    from the clusters, or a start, by `estimate_capacity`.

    It is never worse than either start.
    """
    starts = jnp.stack([choose_hotspots(request, count), choose_clusters(request, count)])
    ends = jax.vmap(
        lambda start: (
            ascend(
                lambda places: estimate_smooth_capacity(request, places),
                start[None],
                0.3 * request.radius,
            ).point
        )
    )(starts)
    return find_best(
        lambda places: estimate_capacity(request, places), jnp.concatenate([starts, ends])
    ).point


def build_grid(request: Request) -> Float[Array, "points 2"]:
    """Return a square grid over the cell's bounding square, m."""
    line = jnp.linspace(-1.0, 1.0, request.grid) * request.cell_radius
    east, north = jnp.meshgrid(line, line)
    return jnp.stack([east.ravel(), north.ravel()], axis=-1)


def search_grid(request: Request, count: int) -> Solution:
    """Return the best placement on the grid, its worth, and a bound that no placement in the cell
    passes, on the grid or off it.

    Every place is within half a grid square's diagonal of a grid point,
    so the greatest `bound_capacity` over the grid with that slack bounds the optimum.
    The cost is (grid²)^count evaluations.
    """
    points = build_grid(request)
    slack = request.cell_radius * jnp.sqrt(2.0) / (request.grid - 1)
    search = (
        find_best if count == 1 else lambda value, places: find_best_tuple(value, places, count)
    )
    candidates = points[:, None, :] if count == 1 else points
    found = search(lambda places: estimate_capacity(request, places), candidates)
    bound = search(lambda places: bound_capacity(request, places, slack), candidates).value
    return Solution(found.point, found.value, bound)


def choose_on_grid(request: Request, count: int) -> Places:
    """Return the best placement on the grid."""
    return search_grid(request, count).point


PLACEMENTS: dict[str, Callable[[Request, int], Places]] = {
    "hotspot": choose_hotspots,
    "cluster": choose_clusters,
    "gradient": choose_by_gradient,
    "exhaustive": choose_on_grid,
}
"""Every placement rule by the name that a scenario gives it."""


class Gap(NamedTuple):
    """How a placement rule does in a drop, bit/s."""

    worth: Scalar
    """Mean-channel capacity of the rule's places."""
    optimum: Scalar
    """The best known: on the grid, or by any rule where that is better."""
    bound: Scalar
    """What no placement can exceed."""


def compare_rules(request: Request, count: int) -> dict[str, Gap]:
    """Return each rule's worth beside the best known and the bound: the optimum lies between the
    last two.
    """
    best = search_grid(request, count)
    worths = {
        name: estimate_capacity(request, rule(request, count))
        for name, rule in PLACEMENTS.items()
        if rule is not choose_on_grid
    } | {"exhaustive": best.value}
    optimum = jnp.stack(list(worths.values())).max()
    return {name: Gap(value, optimum, best.bound) for name, value in worths.items()}
