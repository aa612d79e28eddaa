"""Compute one slot of a network too large for arrays of users × nodes × subcarriers."""

import dataclasses
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.errors import InputError
from sagin.geometry.points import uniform_square
from sagin.radio.capacity import shannon_rate
from sagin.slicing import links, objectives
from sagin.slicing.balancing import balance
from sagin.slicing.large_links import (
    NodeType,
    build_base_stations,
    build_uavs,
    claim_nearest,
    compute_sinr,
    measure_distance,
    place_evenly,
    share_evenly,
    sum_all_but_one,
    sum_others,
)
from sagin.slicing.scenario import Scenario, check_single_slot, slice_of
from sagin.slicing.state import Kpis, Layer, State
from sagin.traffic.arrivals import poisson_quantile
from sagin.types import Array, Bool, Float, PRNGKeyArray
from sagin.units import from_db


class Counts(NamedTuple):
    """Numbers of users and nodes of each kind."""

    high_throughput: int
    low_delay: int
    wide_coverage: int
    base_stations: int
    uavs: int
    satellites: int


class LargeResult(NamedTuple):
    """Result of a large slot; users in the order H, L, C."""

    user_positions: Float[Array, "users 2"]
    """Positions of the users, m."""
    base_positions: Float[Array, "base_stations 2"]
    """Positions of the base stations, m."""
    uav_positions: Float[Array, "uavs 2"]
    """Positions of the UAVs, m."""
    arrivals: Float[Array, " users"]
    """Packets; 0 outside slice L."""
    tiebreak: Float[Array, " users"]
    """The order in which balancing disconnects, the largest first."""
    seeds: Array
    """Seeds of the fading of base stations and UAVs, each two words (`link_draws`)."""
    terrestrial: Layer
    non_terrestrial: Layer
    spread: Float[Array, " users"]
    """Standard deviation that the far nodes' fading would add to interference plus noise, as a
    share of them; 0 if not served.
    """
    kpis: Kpis


def large_slot(
    key: PRNGKeyArray | Array, scenario: Scenario, counts: Counts, *, candidates: int = 8
) -> LargeResult:
    """Compute one slot of the scenario with other numbers of users and nodes.

    Every user claims the nearest base station and the subcarrier with the best fading there. The
    base stations are balanced. Each remaining user claims the nearest UAV or, with the share of
    satellites among the layer's nodes, any satellite. Nodes send at full power.

    Interference at a user is (2), (6), (9), with g of its `candidates` nearest nodes of the type,
    and E g of all others: I ≈ Σ_near P_(i,n)·g_i + Σ_far P_(i,n)·E g_i, P_(i,n) the power of node i
    on subcarrier n. The far nodes' fading does not depend on the allocation, so the error has mean
    0 and the variance Σ_far (P_(i,n)·E g_i)²·Var h, whose root `spread` returns. Satellites do not
    fade, so their interference is exact.

    A link's fading is a hash of key, user, node and subcarrier: it is the same for any number of
    candidates. If `candidates` is the number of nodes, nothing is approximated. The time grows with
    users × nodes, the memory with `CHUNK` × nodes + users × candidates.

    Args:
        key: random key.
        scenario: its positions and counts are not used; users and base stations are uniform in the
            area, UAVs on an even grid.
        counts: numbers of users and nodes.
        candidates: number of nodes of a type with fading, per user.
    """
    check_single_slot(scenario, "large slot")
    low = Counts(0, 0, 0, 1, 1, 0)
    for name, value, least in zip(Counts._fields, counts, low, strict=True):
        if value < least:
            raise InputError(
                f"large slot: {name}: {value} is not allowed (allowed: at least {least})"
            )
    if candidates < 1 or sum(counts[:3]) < 1:
        raise InputError(
            f"large slot: {sum(counts[:3])} users, {candidates} candidates: not allowed "
            "(allowed: at least 1 of both)"
        )
    return _slot(key, resize(scenario, counts), counts, candidates)


@functools.partial(jax.jit, static_argnames=("counts", "candidates"))
def _slot(
    key: PRNGKeyArray | Array, scenario: Scenario, counts: Counts, candidates: int
) -> LargeResult:
    # places of users and nodes, uniform or even
    place_key, base_key, draw_key, seed_key = jax.random.split(key, 4)
    side = scenario.area.side_m
    users = uniform_square(place_key, sum(counts[:3]), side)
    draws = jax.random.uniform(draw_key, (4, users.shape[0]))
    seeds = jax.random.bits(seed_key, (2, 2), jnp.uint32)
    stations = build_base_stations(
        scenario, uniform_square(base_key, counts.base_stations, side), seeds[0]
    )
    aerial = build_uavs(scenario, place_evenly(counts.uavs, side), seeds[1])

    # packets of slice L by the inverse of the distribution
    slices, tiebreak = jnp.asarray(slice_of(scenario)), draws[0]
    packets = poisson_quantile(
        draws[1], scenario.traffic.packets_per_slot, scenario.traffic.most_packets
    )
    arrivals = jnp.where(slices == 1, packets, 0).astype(float)
    # base stations first, then UAVs for the remaining users
    first, spread = _terrestrial(scenario, stations, users, tiebreak, candidates)
    second, spread2 = _non_terrestrial(
        scenario, aerial, users, (tiebreak, *draws[2:]), ~first.served, candidates
    )
    # the ordinary state; fading is drawn when it is needed
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
    kpis = objectives.kpis(scenario, state, first, second, aerial.places)
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
        kpis,
    )


def resize(scenario: Scenario, counts: Counts) -> Scenario:
    """Return the scenario with other numbers of users, UAVs and satellites, without its checks."""
    users = dataclasses.replace(
        scenario.users, **{name: getattr(counts, name) for name in Counts._fields[:3]}
    )
    uavs = dataclasses.replace(scenario.uavs, count=counts.uavs)
    satellites = dataclasses.replace(scenario.satellites, count=counts.satellites)
    return dataclasses.replace(scenario, users=users, uavs=uavs, satellites=satellites)


def _terrestrial(
    scenario: Scenario,
    nodes: NodeType,
    users: Float[Array, "users 2"],
    tiebreak: Float[Array, " users"],
    candidates: int,
) -> tuple[Layer, Float[Array, " users"]]:
    settings, count = scenario.base_stations, nodes.places.shape[0]
    # each user claims its nearest base station
    claim = claim_nearest(scenario, nodes, users, candidates)
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
    # power in even shares over served users
    load, power = share_evenly(jnp.full(count, from_db(settings.power_dbw)), node, served)
    # interference from the nearest candidates, the others by their mean
    sinr, spread = compute_sinr(scenario, nodes, users, claim, power)
    distance = measure_distance(nodes, users, claim.near[:, :1])[:, 0]
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
    nodes: NodeType,
    users: Float[Array, "users 2"],
    draws: tuple[Array, ...],
    wanting: Bool[Array, " users"],
    candidates: int,
) -> tuple[Layer, Float[Array, " users"]]:
    tiebreak, chance, which = draws
    count, satellites = nodes.places.shape[0], scenario.satellites.count
    subcarriers = scenario.radio.subcarriers
    claim = claim_nearest(scenario, nodes, users, candidates)
    up = chance < satellites / (count + satellites)
    # `which` picks one of satellites × subcarriers
    pick = jnp.minimum(
        (which * (satellites * subcarriers)).astype(int), max(satellites * subcarriers, 1) - 1
    )
    node = jnp.where(up, count + pick // subcarriers, claim.near[:, 0])
    subcarrier = jnp.where(up, pick % subcarriers, claim.subcarrier)
    types = ((scenario.uavs, count), (scenario.satellites, satellites))
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
    load, power = share_evenly(budgets, node, served)

    from_uav, from_satellite = jnp.where(up, 0.0, power), jnp.where(up, power, 0.0)
    sinr, spread = compute_sinr(scenario, nodes, users, claim, from_uav)
    distance = measure_distance(nodes, users, claim.near[:, :1])[:, 0]
    if satellites:
        satellite = jnp.maximum(node - count, 0)
        sinr += _satellite_sinr(scenario, from_satellite, satellite, subcarrier)
        distance = jnp.where(up, links.satellite_distance(scenario)[0, 0], distance)
    return _layer(
        scenario, wanting, served, node, subcarrier, power, sinr=sinr, load=load, distance=distance
    ), spread


def _satellite_sinr(
    scenario: Scenario, sent: Array, satellite: Array, subcarrier: Array
) -> Float[Array, " users"]:
    """Return each user's SINR from its satellite; `sent` is 0 for users without one."""
    subcarriers, satellites = scenario.radio.subcarriers, scenario.satellites.count
    gain = links.satellite_gains(scenario)[0, 0]
    cell = subcarrier * satellites + satellite
    same_satellite, on_each = sum_others(sent, cell, satellites * subcarriers)
    others = sum_all_but_one(on_each.reshape(subcarriers, satellites))
    total = same_satellite + others[subcarrier, satellite]
    return sent * gain / (total * gain + links.noise_power(scenario))


def _layer(
    scenario: Scenario,
    wanting: Array,
    served: Array,
    node: Array,
    subcarrier: Array,
    power: Array,
    **link: Array,
) -> Layer:
    return Layer(
        node=jnp.where(served, node, -1),
        subcarrier=jnp.where(served, subcarrier, -1),
        power=power,
        served=served,
        sinr=link["sinr"],
        rate=shannon_rate(links.subcarrier_band(scenario), link["sinr"]),
        load=link["load"],
        distance=jnp.where(served, link["distance"], 0.0),
        refused=wanting & ~served,
        collided=jnp.zeros_like(served),
    )
