"""Powers for given users and subcarriers: fractional programming towards the goal.

Covered users receive no more than they need.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from sagin.optimise import power as control
from sagin.optimise.local_search import Network, Places
from sagin.planning.goals import Goal
from sagin.planning.network import penalise, smooth, utility
from sagin.slicing.scenario import Scenario
from sagin.types import Array, ArrayLike, Bool, Float
from sagin.units import from_db

MARGIN = 1.01
"""SINR over γ_th that remains if a covered user's power is cut."""

Users = Float[Array, " users"]


def build_links(network: Network, places: Places) -> control.LinkGains:
    """Return the gains between all users and the nodes that interfere with them."""
    nodes = network.power.shape[0]
    served, node = places.node >= 0, jnp.maximum(places.node, 0)
    # gain of each node at each user on the user's subcarrier, (users, nodes)
    heard = jnp.take_along_axis(
        network.gain, jnp.maximum(places.subcarrier, 0)[:, None, None], axis=2
    )[..., 0]
    # pairs of users on one subcarrier whose nodes interfere
    shared = served[:, None] & served & (places.subcarrier[:, None] == places.subcarrier)
    meets = shared & jnp.asarray(network.disturbs)[node][:, node]
    meets &= ~jnp.eye(node.shape[0], dtype=bool)
    # own gain, and the gain by which each other user's signal is heard
    direct = jnp.where(served, jnp.take_along_axis(heard, node[:, None], axis=1)[:, 0], 0.0)
    at = jax.nn.one_hot(places.node, nodes)
    return control.LinkGains(
        direct, jnp.where(meets, heard @ at.T, 0.0), places.node, network.power
    )


def value_places(
    scenario: Scenario, network: Network, goal: Goal, places: Places, power: Users
) -> Float[Array, ""]:
    """Return `penalise` of users' places and powers, W: the simulator's formulas, rounded."""
    ratio = control.compute_sinrs(build_links(network, places), power)
    return _measure(scenario, network, goal, places, utility)(ratio)


def _measure(
    scenario: Scenario,
    network: Network,
    goal: Goal,
    places: Places,
    value: Callable[..., Array],
) -> Callable[[Users], Float[Array, ""]]:
    """Return the value of users' SINRs."""
    served = places.node >= 0
    at = jax.nn.one_hot(places.node, network.power.shape[0])
    distance = jnp.sum(at * network.distance, axis=1)

    def measure(ratio: Users) -> Float[Array, ""]:
        utilities = value(scenario, network.features, distance, ratio)
        return penalise(goal, jnp.where(served, utilities, 0.0) @ network.term)

    return measure


def control_powers(
    scenario: Scenario, network: Network, goal: Goal, places: Places, start: Users, *, steps: int
) -> tuple[Users, Float[Array, ""]]:
    """Return powers, W, at least as good as the initial ones, and `penalise` of them.

    `network.power` holds the nodes' totals.
    """
    between = build_links(network, places)
    worth = _measure(scenario, network, goal, places, utility)
    slope = jax.grad(_measure(scenario, network, goal, places, smooth))
    trim = partial(_trim_powers, scenario, between, network.features.row == 2)
    found = control.maximise(
        between,
        trim(start),
        worth,
        lambda ratio: jnp.maximum(slope(ratio) * (1.0 + ratio), 0.0),
        steps=steps,
    )
    # the trimmed result competes with the start, so that nothing gets worse
    candidates = jnp.stack([start, trim(found[0])])
    values = jax.vmap(lambda power: worth(control.compute_sinrs(between, power)))(candidates)
    pick = jnp.argmax(values)
    better = values[pick] > found[1]
    return jnp.where(better, candidates[pick], found[0]), jnp.maximum(values[pick], found[1])


def _trim_powers(
    scenario: Scenario, between: control.LinkGains, wide: Bool[Array, " users"], power: Users
) -> Users:
    """Return powers with slice C cut to what coverage needs, and to 0 if it is out of reach.

    Only the SINR of these users can decrease. Each cut lowers the interference of the others, so
    the next cut needs even less power (Yates 1995).
    """
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))

    def cut(_: ArrayLike, power: Users) -> Users:
        # users above the threshold keep just what coverage needs
        ratio = control.compute_sinrs(between, power)
        keep = jnp.where(
            ratio > threshold,
            jnp.minimum(1.0, threshold * MARGIN / jnp.where(ratio > 0, ratio, 1.0)),
            0.0,
        )
        return jnp.where(wide, power * keep, power)

    return jax.lax.fori_loop(0, 4, cut, power)
