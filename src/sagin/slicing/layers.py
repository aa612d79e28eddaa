"""The links of a layer's nodes to its users: claims, balancing, powers, SINR and rate."""

from typing import NamedTuple

import jax.numpy as jnp

from sagin.radio import capacity
from sagin.radio.sinr import sinr
from sagin.slicing import links
from sagin.slicing.balancing import balance
from sagin.slicing.rounding import round_choice, served_by, share_power
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import Layer, NonTerrestrialAction, State, TerrestrialAction
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db

Mask = Bool[Array, " users"]


class Claims(NamedTuple):
    """Node, subcarrier and power share that users ask for in a layer's action."""

    node: Int[Array, " users"]
    subcarrier: Int[Array, " users"]
    power: Float[Array, " users"]
    """Requested share of the node's power."""
    complete: Mask
    """Whether the user has both a node and a subcarrier."""


def round_claims(
    scenario: Scenario, action: TerrestrialAction | NonTerrestrialAction, allowed: Mask
) -> Claims:
    """Return the rounded action of the allowed users."""
    repair = scenario.game.repair
    node = round_choice(action.association, repair)
    subcarrier = round_choice(action.subcarrier, repair)
    return Claims(node, subcarrier, action.power, allowed & (node >= 0) & (subcarrier >= 0))


def balance_terrestrial(scenario: Scenario, state: State, claim: Claims) -> Mask:
    """Return the users whom balancing leaves at the base stations."""
    limits = jnp.full(sizes(scenario).M, jnp.asarray(scenario.base_stations.capacity, float))
    return _balance_claims(scenario, state, claim, limits)


def balance_non_terrestrial(scenario: Scenario, state: State, claim: Claims) -> Mask:
    """Return the users for whom UAVs and satellites have room, by the same rule."""
    uavs, satellites, size = scenario.uavs.capacity, scenario.satellites.capacity, sizes(scenario)
    if uavs is None and satellites is None:
        return claim.complete
    # a limit per node, infinite if the node type has none
    limits = [
        jnp.full(count, jnp.inf if most is None else most, float)
        for count, most in ((size.V, uavs), (size.O, satellites))
    ]
    return _balance_claims(scenario, state, claim, jnp.concatenate(limits))


def _balance_claims(
    scenario: Scenario, state: State, claim: Claims, limits: Float[Array, " nodes"]
) -> Mask:
    slices = jnp.asarray(slice_of(scenario))
    return balance(
        scenario.balancing.rule, claim.node, claim.complete, slices, state.tiebreak, limits
    )


def link_terrestrial(scenario: Scenario, state: State, claim: Claims, served: Mask) -> Layer:
    """Return the base stations' links to the served users."""
    # power of each base station, gains on the users' subcarriers
    power = jnp.full(
        sizes(scenario).M, from_db(jnp.asarray(scenario.base_stations.power_dbw, float))
    )
    gain = links.terrestrial_gain(scenario, state, claim.subcarrier)
    return _link_users(
        scenario,
        claim,
        served,
        LayerNodes(power, gain, links.base_distance(scenario, state.user_positions), 0),
    )


def link_non_terrestrial(
    scenario: Scenario, state: State, claim: Claims, served: Mask, positions: Float[Array, "uavs 2"]
) -> Layer:
    """Return the links of UAVs at the given positions, m, and of satellites to the served users."""
    size, budgets = sizes(scenario), (scenario.uavs.power_dbw, scenario.satellites.power_dbw)
    # UAVs first, then satellites
    power = [
        jnp.full(count, from_db(jnp.asarray(dbw, float)))
        for count, dbw in zip((size.V, size.O), budgets, strict=True)
    ]
    gain = links.non_terrestrial_gain(scenario, state, positions, claim.subcarrier)
    distances = [
        links.uav_distance(scenario, state.user_positions, positions),
        links.satellite_distance(scenario),
    ]
    return _link_users(
        scenario,
        claim,
        served,
        LayerNodes(
            jnp.concatenate(power),
            gain,
            jnp.concatenate(distances, axis=1),
            size.V,
            scenario.satellites.reuse,
        ),
    )


class LayerNodes(NamedTuple):
    """A layer's nodes as its users see them."""

    power: Float[Array, " nodes"]
    """Total power of each node, W."""
    gain: Float[Array, "users nodes"]
    """Power gain on each user's subcarrier."""
    distance: Float[Array, "users nodes"]
    """Distance between users and nodes, m."""
    uavs: int
    """Number of UAVs, which come first; the other nodes, satellites or base stations, have another
    band.
    """
    reuse: int = 1
    """Number of parts into which the other nodes' band is divided, one for each reuse-th node."""


def _link_users(scenario: Scenario, claim: Claims, served: Mask, nodes: LayerNodes) -> Layer:
    count = nodes.power.shape[0]
    # links, (users, nodes), then shares of power and SINR
    link = served_by(claim.node, served, count)
    power = share_power(nodes.power, claim.power, claim.node, served)
    ratio = _sinr(scenario, claim, served, nodes, power)
    band = links.subcarrier_band(scenario) * _find_part(claim, nodes)
    return Layer(
        node=jnp.where(served, claim.node, -1),
        subcarrier=jnp.where(served, claim.subcarrier, -1),
        power=power,
        served=served,
        sinr=ratio,
        rate=capacity.shannon_rate(band, ratio),
        load=jnp.sum(link, axis=0),
        distance=jnp.sum(jnp.where(link, nodes.distance, 0.0), axis=1),
        refused=claim.complete & ~served,
        collided=jnp.zeros_like(served),
    )


def _sinr(
    scenario: Scenario,
    claim: Claims,
    served: Mask,
    nodes: LayerNodes,
    power: Float[Array, " users"],
) -> Float[Array, " users"]:
    """Return the SINR (2), (6), (9).

    Each node type has its own band, so the subcarriers of the two types are numbered separately.
    """
    if nodes.gain.size == 0:
        return jnp.zeros_like(power)
    count = scenario.radio.subcarriers
    node, channel = jnp.maximum(claim.node, 0), jnp.maximum(claim.subcarrier, 0)
    # UAVs come after the parts of the others' band
    colour = (node - nodes.uavs) % nodes.reuse
    channel = channel + count * jnp.where(node >= nodes.uavs, colour, nodes.reuse)
    different = (nodes.reuse + (nodes.uavs > 0)) * count
    if scenario.radio.interference == "none":
        # a user who is alone on a subcarrier has no interference
        channel, different = jnp.arange(len(power)), len(power)
    return sinr(
        power,
        nodes.gain,
        node,
        channel,
        served,
        subcarriers=different,
        noise_w=links.noise_power(scenario) * _find_part(claim, nodes),
        within_nodes=scenario.radio.interference == "same-type",
    )


def _find_part(claim: Claims, nodes: LayerNodes) -> Float[Array, " users"] | float:
    """Return the part of a subcarrier's band that each user's node uses."""
    if nodes.reuse == 1:
        return 1.0
    # satellites follow UAVs in this layer
    return jnp.where(claim.node >= nodes.uavs, 1.0 / nodes.reuse, 1.0)
