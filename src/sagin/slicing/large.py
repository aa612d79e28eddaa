"""One slot of a network too large for users × nodes × subcarriers: near nodes with their fading,
far ones by their mean gain.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32

from sagin.errors import InputError
from sagin.geometry.points import uniform_square
from sagin.propagation import rician
from sagin.radio.capacity import shannon_rate
from sagin.slicing import links, objectives
from sagin.slicing.balancing import balance
from sagin.slicing.scenario import Scenario, check_interference, slice_of
from sagin.slicing.state import Kpis, Layer, State
from sagin.traffic.arrivals import poisson_quantile
from sagin.types import Array, ArrayLike, Bool, Float, Int, PRNGKeyArray
from sagin.units import from_db

CHUNK = 1000
"""Users that are held against all nodes at once: memory grows with chunk × nodes, not with users ×
nodes.
"""


class Counts(NamedTuple):
    """How many there are of each."""

    high_throughput: int
    low_delay: int
    wide_coverage: int
    base_stations: int
    uavs: int
    satellites: int


class LargeResult(NamedTuple):
    """What a large slot comes to; users in the order H, L, C."""

    user_positions: Float[Array, "users 2"]
    """m."""
    base_positions: Float[Array, "base_stations 2"]
    """m."""
    uav_positions: Float[Array, "uavs 2"]
    """m."""
    arrivals: Float[Array, " users"]
    """Packets; 0 outside slice L."""
    tiebreak: Float[Array, " users"]
    """The order in which balancing disconnects, the greatest first."""
    seeds: Array
    """Of the fading of base stations and UAVs, each two words (`link_draws`)."""
    terrestrial: Layer
    non_terrestrial: Layer
    spread: Float[Array, " users"]
    """Standard deviation of what the far nodes' fading would add to interference plus noise, as a
    share of them; 0 if not served.
    """
    kpis: Kpis


class _NodeType(NamedTuple):
    """The nodes of one type, alike but for their places."""

    places: Float[Array, "nodes 2"]
    height: ArrayLike
    exponent: ArrayLike
    reference_gain: ArrayLike
    fading: Callable[[Array], Array]
    """The power of a link, of mean 1, from two uniform numbers on the last axis."""
    variance: ArrayLike
    """Of that power."""
    seed: Array


class _LargeClaim(NamedTuple):
    """A claim of every user on one node type."""

    near: Int[Array, "users candidates"]
    """Nodes kept for each user, nearest first; the first is the one that it claims."""
    subcarrier: Int[Array, " users"]


def large_slot(
    key: PRNGKeyArray | Array, scenario: Scenario, counts: Counts, *, candidates: int = 8
) -> LargeResult:
    """Return one slot of the scenario with other numbers of users and nodes: nearest nodes, best
    subcarriers, full powers.

    Every user claims the nearest base station and the subcarrier with the best fading there; the
    stations are balanced; who is left claims the nearest UAV or, as often as satellites are among
    the layer's nodes, any satellite. Interference at a user is (2), (6), (9), with g of its
    `candidates` nearest nodes of the type, and E g of all others: I ≈ Σ_near P_(i,n)·g_i + Σ_far
    P_(i,n)·E g_i, P_(i,n) the power of node i on subcarrier n. The far nodes' fading doesn't depend
    on the allocation, so that the error has mean 0 and the variance Σ_far (P_(i,n)·E g_i)²·Var h,
    which `spread` returns; satellites don't fade, so theirs is exact.

    key: random key; scenario: its positions and counts are not used, users, base stations are
    uniform in the area, UAVs on an even grid;
    counts: how many of each; candidates: nodes of a type with fading. Time: users × nodes; memory:
    `CHUNK` × nodes + users × candidates.

    A link's fading is a hash of key, user, node and subcarrier: it is the same for any number of
    candidates, and with `candidates` at the number of nodes nothing is left out.
    """
    check_interference(scenario, "large slot")
    low = Counts(0, 0, 0, 1, 1, 0)
    for name, value, least in zip(Counts._fields, counts, low, strict=True):
        if value < least:
            raise InputError(
                f"large slot: {name}: {value} is not allowed (allowed: at least {least})"
            )
    if candidates < 1 or sum(counts[:3]) < 1:
        raise InputError(
            f"large slot: {sum(counts[:3])} users, {candidates} candidates: not allowed (allowed: at least 1 of both)"
        )
    return _slot(key, _resize(scenario, counts), counts, candidates)


@functools.partial(jax.jit, static_argnames=("counts", "candidates"))
def _slot(
    key: PRNGKeyArray | Array, scenario: Scenario, counts: Counts, candidates: int
) -> LargeResult:
    place_key, base_key, draw_key, seed_key = jax.random.split(key, 4)
    side = scenario.area.side_m
    users = uniform_square(place_key, sum(counts[:3]), side)
    draws = jax.random.uniform(draw_key, (4, users.shape[0]))
    seeds = jax.random.bits(seed_key, (2, 2), jnp.uint32)
    stations = _base_stations(
        scenario, uniform_square(base_key, counts.base_stations, side), seeds[0]
    )
    aerial = _uavs(scenario, _place_evenly(counts.uavs, side), seeds[1])

    slices, tiebreak = jnp.asarray(slice_of(scenario)), draws[0]
    packets = poisson_quantile(
        draws[1], scenario.traffic.packets_per_slot, scenario.traffic.most_packets
    )
    arrivals = jnp.where(slices == 1, packets, 0).astype(float)
    first, spread = _terrestrial(scenario, stations, users, tiebreak, candidates)
    second, spread2 = _non_terrestrial(
        scenario, aerial, users, (tiebreak, *draws[2:]), ~first.served, candidates
    )
    state = State(
        users,
        jnp.ones(users.shape[0], bool),
        jnp.zeros(0),
        jnp.zeros(0),
        arrivals,
        tiebreak,
        aerial.places,
        jnp.zeros((), int),
    )
    found = objectives.kpis(scenario, state, first, second)
    return LargeResult(
        users,
        stations.places,
        aerial.places,
        arrivals,
        tiebreak,
        seeds,
        first,
        second,
        spread + spread2,
        found,
    )


def _resize(scenario: Scenario, counts: Counts) -> Scenario:
    users = dataclasses.replace(
        scenario.users, **{name: getattr(counts, name) for name in Counts._fields[:3]}
    )
    above = (
        dataclasses.replace(scenario.uavs, count=counts.uavs),
        dataclasses.replace(scenario.satellites, count=counts.satellites),
    )
    return dataclasses.replace(scenario, users=users, uavs=above[0], satellites=above[1])


def _base_stations(scenario: Scenario, places: Float[Array, "nodes 2"], seed: Array) -> _NodeType:
    """Return base stations at these places, m, with Rayleigh fading."""
    settings = scenario.base_stations
    return _NodeType(
        places,
        0.0,
        settings.exponent,
        from_db(settings.reference_gain_db),
        lambda draw: links.base_fading(draw[..., 0]),
        1.0,
        seed,
    )


def _uavs(scenario: Scenario, places: Float[Array, "nodes 2"], seed: Array) -> _NodeType:
    """Return UAVs above these places, m, with Rician fading."""
    settings = scenario.uavs
    variance = rician.second_moment(settings.rician_factor) - 1.0
    reference = from_db(settings.reference_gain_db)
    return _NodeType(
        places,
        settings.altitude_m,
        settings.exponent,
        reference,
        functools.partial(links.uav_fading, scenario),
        variance,
        seed,
    )


def _terrestrial(
    scenario: Scenario,
    nodes: _NodeType,
    users: Float[Array, "users 2"],
    tiebreak: Float[Array, " users"],
    candidates: int,
) -> tuple[Layer, Float[Array, " users"]]:
    settings, count = scenario.base_stations, nodes.places.shape[0]
    claim = _claim(scenario, nodes, users, candidates)
    node, everyone = claim.near[:, 0], jnp.ones(users.shape[0], bool)
    slices = jnp.asarray(slice_of(scenario))
    served = balance(
        scenario.balancing.rule,
        node,
        everyone,
        slices,
        tiebreak,
        jnp.full(count, settings.capacity, float),
    )
    load, power = _share_evenly(jnp.full(count, from_db(settings.power_dbw)), node, served)
    sinr, spread = _sinr(scenario, nodes, users, claim, power)
    distance = _distance(nodes, users, claim.near[:, :1])[:, 0]
    return _layer(
        scenario,
        everyone,
        served,
        node,
        claim.subcarrier,
        power,
        sinr=sinr,
        load=load,
        distance=distance,
    ), spread


def _non_terrestrial(
    scenario: Scenario,
    nodes: _NodeType,
    users: Float[Array, "users 2"],
    draws: tuple[Array, ...],
    wanting: Bool[Array, " users"],
    candidates: int,
) -> tuple[Layer, Float[Array, " users"]]:
    tiebreak, chance, which = draws
    count, above, subcarriers = (
        nodes.places.shape[0],
        scenario.satellites.count,
        scenario.radio.subcarriers,
    )
    claim = _claim(scenario, nodes, users, candidates)
    up = chance < above / (count + above)
    # `which` picks one of satellites × subcarriers
    pick = jnp.minimum((which * (above * subcarriers)).astype(int), max(above * subcarriers, 1) - 1)
    node = jnp.where(up, count + pick // subcarriers, claim.near[:, 0])
    subcarrier = jnp.where(up, pick % subcarriers, claim.subcarrier)
    types = ((scenario.uavs, count), (scenario.satellites, above))
    limits = jnp.concatenate(
        [
            jnp.full(number, jnp.inf if kind.capacity is None else kind.capacity, float)
            for kind, number in types
        ]
    )
    budgets = jnp.concatenate([jnp.full(number, from_db(kind.power_dbw)) for kind, number in types])
    served = balance(
        scenario.balancing.rule, node, wanting, jnp.asarray(slice_of(scenario)), tiebreak, limits
    )
    load, power = _share_evenly(budgets, node, served)

    from_uav, from_satellite = jnp.where(up, 0.0, power), jnp.where(up, power, 0.0)
    sinr, spread = _sinr(scenario, nodes, users, claim, from_uav)
    distance = _distance(nodes, users, claim.near[:, :1])[:, 0]
    if above:
        gain, altitude = (
            links.satellite_gains(scenario)[0, 0],
            links.satellite_distance(scenario)[0, 0],
        )
        others, on_each = _sum_others(
            from_satellite, subcarrier * above + jnp.maximum(node - count, 0), above * subcarriers
        )
        beside = on_each.reshape(subcarriers, above) @ (1.0 - jnp.eye(above))
        total = others + beside[subcarrier, jnp.maximum(node - count, 0)]
        sinr += from_satellite * gain / (total * gain + links.noise_power(scenario))
        distance = jnp.where(up, altitude, distance)
    return _layer(
        scenario, wanting, served, node, subcarrier, power, sinr=sinr, load=load, distance=distance
    ), spread


def _layer(
    scenario: Scenario,
    wanting: Array,
    served: Array,
    node: Array,
    subcarrier: Array,
    power: Array,
    **of: Array,
) -> Layer:
    return Layer(
        node=jnp.where(served, node, -1),
        subcarrier=jnp.where(served, subcarrier, -1),
        power=power,
        served=served,
        sinr=of["sinr"],
        rate=shannon_rate(links.subcarrier_band(scenario), of["sinr"]),
        load=of["load"],
        distance=jnp.where(served, of["distance"], 0.0),
        refused=wanting & ~served,
        collided=jnp.zeros_like(served),
    )


def _share_evenly(
    total: Float[Array, " nodes"], node: Int[Array, " users"], served: Bool[Array, " users"]
) -> tuple[Array, Array]:
    """Return every node's load and every user's power, an even share of its node's."""
    load = jax.ops.segment_sum(served.astype(int), node, total.shape[0])
    return load, jnp.where(served, (total / jnp.maximum(load, 1))[node], 0.0)


def _claim(
    scenario: Scenario, nodes: _NodeType, users: Float[Array, "users 2"], candidates: int
) -> _LargeClaim:
    kept, every = min(candidates, nodes.places.shape[0]), jnp.arange(scenario.radio.subcarriers)

    def nearest(user: Array) -> Array:
        apart = jnp.square(user[0] - nodes.places[:, 0]) + jnp.square(user[1] - nodes.places[:, 1])
        return jax.lax.top_k(-apart, kept)[1]

    near = jax.lax.map(nearest, users, batch_size=CHUNK)
    return _LargeClaim(near, jnp.argmax(_fading(nodes, near[:, :1] * every.size + every), axis=1))


def link_draws(seed: Array, link: Int[Array, "users links"]) -> Float[Array, "users links 2"]:
    """Return two uniform numbers in (0, 1) for links numbered node·N + subcarrier, a hash of user
    and link.
    """
    user = jnp.broadcast_to(jnp.arange(link.shape[0])[:, None], link.shape)
    words = jnp.stack([user, link]).astype(jnp.uint32)
    hashed = threefry_2x32(seed, words.reshape(-1)).reshape(words.shape)
    # 23 bits and a half are exact in 32-bit floats, and never 0 or 1
    return jnp.moveaxis(((hashed >> 9).astype(float) + 0.5) * 2.0**-23, 0, -1)


def _fading(nodes: _NodeType, link: Int[Array, "users links"]) -> Float[Array, "users links"]:
    return nodes.fading(link_draws(nodes.seed, link))


def _distance(
    nodes: _NodeType, users: Float[Array, "users 2"], near: Int[Array, "users candidates"]
) -> Float[Array, "users candidates"]:
    return jax.vmap(lambda user, places: links.distances(user[None], places, nodes.height)[0])(
        users, nodes.places[near]
    )


def _mean_gain(nodes: _NodeType, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    return links.power_law(distance, nodes.exponent, nodes.reference_gain)


def _sinr(
    scenario: Scenario,
    nodes: _NodeType,
    users: Float[Array, "users 2"],
    claim: _LargeClaim,
    sent: Float[Array, " users"],
) -> tuple[Float[Array, " users"], Float[Array, " users"]]:
    """Return SINR and spread of each user; `sent` is 0 for who isn't served."""
    count, subcarriers = nodes.places.shape[0], scenario.radio.subcarriers
    near, subcarrier = claim
    cell = subcarrier * count + near[:, 0]
    alone, sums = _sum_others(sent, cell, subcarriers * count)
    load = sums.reshape(subcarriers, count)
    gain = _mean_gain(nodes, _distance(nodes, users, near)) * _fading(
        nodes, near * subcarriers + subcarrier[:, None]
    )
    others = load[subcarrier[:, None], near].at[:, 0].set(alone)

    # for all subcarriers, as a product of matrices: on a CPU several times as fast as the sum on
    # each user's own
    summed = functools.partial(jnp.matmul, precision="highest")

    def far(one: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        user, near, subcarrier = one
        gain = (
            _mean_gain(nodes, links.distances(user[None], nodes.places, nodes.height)[0])
            .at[near]
            .set(0.0)
        )
        # fused into the sums below, the gains would be computed anew for each, one at a time
        gain = jax.lax.optimization_barrier(gain)
        return summed(load, gain)[subcarrier], summed(jnp.square(load), jnp.square(gain))[
            subcarrier
        ] * nodes.variance

    mean, variance = jax.lax.map(far, (users, near, subcarrier), batch_size=CHUNK)
    rest = jnp.sum(others * gain, axis=1) + mean + links.noise_power(scenario)
    return sent * gain[:, 0] / rest, jnp.where(sent > 0, jnp.sqrt(variance) / rest, 0.0)


def _sum_others(
    sent: Float[Array, " users"], cell: Int[Array, " users"], cells: int
) -> tuple[Float[Array, " users"], Float[Array, " _"]]:
    """Return the power of the others in each one's cell, and every cell's. Users of a node have
    equal powers, so that nothing is subtracted but numbers of users.
    """
    number = jax.ops.segment_sum((sent > 0).astype(int), cell, cells)
    power = jax.ops.segment_max(sent, cell, cells)
    return sent * (number[cell] - 1), jnp.where(number > 0, number * power, 0.0)


def _place_evenly(count: int, side: ArrayLike) -> Float[Array, "count 2"]:
    rows = int(np.ceil(np.sqrt(count)))
    ticks = (np.arange(rows) + 0.5) / rows
    return jnp.asarray(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)[:count]) * side
