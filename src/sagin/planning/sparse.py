"""A plan for thousands of users: mean gains and mean interference instead of subcarriers.

No array has the axes users × nodes × subcarriers, and no pairs of users are compared.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.clustering import k_means
from sagin.slicing import links
from sagin.slicing.allocation import node_limits, node_powers
from sagin.slicing.objectives import delays, find_covered
from sagin.slicing.options import Schedule
from sagin.slicing.scenario import Scenario, check_reuse, sizes, slice_of, slice_sizes
from sagin.slicing.step import draw_places
from sagin.slicing.uavs import fixed_positions
from sagin.types import Array, Float, Int

DENSE_LINKS = 2_000_000
"""Users × nodes × subcarriers above which a plan takes the sparse form."""
DENSE_USERS = 3000
"""Number of users above which it does, for any number of nodes."""
CANDIDATES = 8
"""Number of best nodes of a layer to which a user may be assigned."""
BLOCK = 4096
"""Number of users whose gains are computed at a time."""


class SparsePlan(NamedTuple):
    """A plan; users in the order H, L, C."""

    users_m: Float[np.ndarray, "users 2"]
    slices: Int[np.ndarray, " users"]
    """0 H, 1 L, 2 C."""
    node: Int[np.ndarray, " users"]
    """Base stations, UAVs, satellites; −1 for none."""
    sinr: Float[np.ndarray, " users"]
    """SINR; 0 if the user is not served."""
    rate: Float[np.ndarray, " users"]
    """Rate, bit/s."""
    load: Int[np.ndarray, " nodes"]
    uav_positions_m: Float[np.ndarray, "uavs 2"]
    terms: Float[np.ndarray, "3"]
    """Throughput of H, bit/s; mean delay of L, s; covered share of C."""


def is_dense(scenario: Scenario) -> bool:
    """Return whether a plan compares all users, nodes and subcarriers, as for small scenarios."""
    size = sizes(scenario)
    count = size.K * (size.M + size.V + size.O) * size.N
    return count <= DENSE_LINKS and size.K <= DENSE_USERS


def widen(scenario: Scenario, users: int) -> Scenario:
    """Return the scenario with another number of users, all present, in the same proportions.

    The result is not checked: slices may have more users than a scenario otherwise allows.
    """
    rows = np.array(slice_sizes(scenario))
    ends = np.round(np.cumsum(rows) * users / rows.sum()).astype(int)
    counts = np.diff(ends, prepend=0).tolist()
    names = (entry.name for entry in fields(scenario.users))
    wide = replace(scenario.users, **dict(zip(names, counts, strict=True)))
    return replace(scenario, users=wide, schedule=Schedule())


def plan_sparse(scenario: Scenario, seed: int, *, respect_priority: bool = True) -> SparsePlan:
    """Plan a slot of many users, without fading.

    Users are assigned to base stations; the remaining users are assigned to UAVs over their
    clusters and to satellites. In each layer the order is by SINR, best first (with the priority:
    slice H before L before C), and each node serves users up to its capacity. The assignment is
    stable: there is no pair of a user and a node that would both prefer each other. A node divides
    its power evenly and spreads its users over its subcarriers, so each user meets the mean of what
    the other nodes of its type send: I = Σ_m P_m/N·g_m over the nodes that serve users.

    Args:
        scenario: positions and limits; `area.spots`, link models, sky and shadowing count.
        seed: seed of the users' positions.
        respect_priority: whether the slices have priorities.
    """
    check_reuse(scenario, "plan")
    size, slices = sizes(scenario), slice_of(scenario)
    users = np.asarray(_draw(jax.random.key(seed), scenario))
    rank = slices if respect_priority else np.zeros_like(slices)
    limits, powers = np.asarray(node_limits(scenario)), np.asarray(node_powers(scenario), float)
    gain = _in_blocks(lambda rows: _base_gains(scenario, rows), users)
    kinds = np.repeat([0, 1, 2], [size.M, size.V, size.O])
    ground = slice(0, size.M)
    first = _assign(scenario, gain, powers[ground], kinds[ground], limits[ground], rank)
    spots = _place_uavs(scenario, users, first.node < 0)
    air = _in_blocks(lambda rows: _uav_gains(scenario, rows, jnp.asarray(spots, float)), users)
    # satellites have the same gain for all users
    sky = np.asarray(links.satellite_gains(scenario))[:1]
    gain = np.concatenate([air, np.broadcast_to(sky, (len(users), size.O))], axis=1)
    aerial = slice(size.M, None)
    left = np.where(first.node < 0, rank, -1)
    second = _assign(scenario, gain, powers[aerial], kinds[aerial], limits[aerial], left)
    served = second.node >= 0
    node = np.where(served, size.M + second.node, first.node)
    sinr = np.where(served, second.sinr, first.sinr)
    rate = float(links.subcarrier_band(scenario)) * np.log2(1.0 + sinr)
    return SparsePlan(
        users,
        slices,
        node,
        sinr,
        rate,
        np.concatenate([first.load, second.load]),
        spots,
        _measure(scenario, slices, sinr, rate),
    )


@jax.jit
def _draw(key: Array, scenario: Scenario) -> Float[Array, "users 2"]:
    return draw_places(key, scenario)


_base_gains = jax.jit(links.base_path_gain)
_uav_gains = jax.jit(links.uav_path_gain)


def _in_blocks(
    compute: Callable[[Array], Array], users: Float[np.ndarray, "users 2"]
) -> Float[np.ndarray, "users nodes"]:
    """Compute a function of all users in blocks of BLOCK, the last one padded."""
    pieces = []
    for start in range(0, len(users), BLOCK):
        rows = np.minimum(np.arange(start, start + BLOCK), len(users) - 1)
        piece = np.asarray(compute(jnp.asarray(users[rows])))
        pieces.append(piece[: len(users) - start])
    return np.concatenate(pieces)


def _place_uavs(
    scenario: Scenario, users: Float[np.ndarray, "users 2"], left: np.ndarray
) -> Float[np.ndarray, "uavs 2"]:
    """Return the UAVs' positions, m: fixed, or above the clusters of the remaining users."""
    count = sizes(scenario).V
    if not count or scenario.uavs.placement == "fixed":
        return np.asarray(fixed_positions(scenario))[:count]
    return np.asarray(k_means(users, left.astype(float), count).point)


class _Assigned(NamedTuple):
    node: Int[np.ndarray, " users"]
    sinr: Float[np.ndarray, " users"]
    load: Int[np.ndarray, " nodes"]


def _assign(
    scenario: Scenario,
    gain: Float[np.ndarray, "users nodes"],
    powers: Float[np.ndarray, " nodes"],
    kinds: Int[np.ndarray, " nodes"],
    limits: Float[np.ndarray, " nodes"],
    rank: Int[np.ndarray, " users"],
) -> _Assigned:
    """Assign the users of a layer, and return their SINR at the resulting loads.

    `rank` is the order of the users; −1 for users who take no part.
    """
    subcarriers, noise = scenario.radio.subcarriers, float(links.noise_power(scenario))
    count = len(powers)
    node, sinr = np.full(len(gain), -1), np.zeros(len(gain))
    if not count:
        return _Assigned(node, sinr, np.zeros(0, int))
    received = powers / subcarriers * gain
    is_same = kinds[:, None] == kinds
    # users rank nodes by the SINR with all nodes sending
    ratio = received / (received @ is_same - received + noise)
    node = _match(ratio, rank, limits)
    load = np.bincount(node[node >= 0], minlength=count)
    rows = np.flatnonzero(node >= 0)
    sending = received * (load > 0)
    own = node[rows]
    disturbance = (sending @ is_same)[rows, own] - sending[rows, own]
    # at a node with more users than subcarriers, some users share one
    share = powers[own] / np.maximum(load[own], 1)
    within = np.maximum(powers[own] / subcarriers - share, 0.0) * gain[rows, own]
    sinr[rows] = share * gain[rows, own] / (disturbance + within + noise)
    return _Assigned(node, sinr, load)


def _match(
    ratio: Float[np.ndarray, "users nodes"],
    rank: Int[np.ndarray, " users"],
    limits: Float[np.ndarray, " nodes"],
) -> Int[np.ndarray, " users"]:
    """Match users and nodes stably: the best remaining pair first, by rank and then by SINR."""
    nodes = min(CANDIDATES, ratio.shape[1])
    best = np.argpartition(-ratio, nodes - 1, axis=1)[:, :nodes]
    users = np.repeat(np.arange(len(ratio)), nodes)
    worth, best = np.take_along_axis(ratio, best, axis=1).ravel(), best.ravel()
    order = np.lexsort((-worth, rank[users]))
    order = order[(rank[users[order]] >= 0) & (worth[order] > 0.0)]
    matched, room = np.full(len(ratio), -1), limits.copy()
    for user, node in zip(users[order].tolist(), best[order].tolist(), strict=True):
        if matched[user] < 0 and room[node] >= 1:
            matched[user] = node
            room[node] -= 1
    return matched


def _measure(
    scenario: Scenario, slices: np.ndarray, sinr: np.ndarray, rate: np.ndarray
) -> Float[np.ndarray, "3"]:
    """Return throughput of H, mean delay of L at mean arrivals, and coverage of C."""
    rates, none = jnp.asarray(rate, float), jnp.zeros(len(rate))
    arrivals = jnp.full(len(rate), jnp.asarray(scenario.traffic.packets_per_slot, float))
    delay = np.asarray(delays(scenario, arrivals, none, rates))
    covered = np.asarray(find_covered(scenario, jnp.asarray(sinr)))
    is_low, is_wide = slices == 1, slices == 2
    return np.array(
        [
            rate[slices == 0].sum(),
            delay[is_low].mean() if is_low.any() else scenario.objectives.delay_limit_s,
            covered[is_wide].mean() if is_wide.any() else 0.0,
        ],
        float,
    )
