"""Powers for given users and subcarriers: fractional programming towards the goal, and no more than
covered users need.
"""

from collections.abc import Callable

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
"""SINR over γ_th that is kept where a covered user's power is cut down."""

Users = Float[Array, " users"]


def build_links(found: Network, places: Places) -> control.LinkGains:
    """Return who hears whom."""
    nodes = found.power.shape[0]
    served, node = places.node >= 0, jnp.maximum(places.node, 0)
    heard = jnp.take_along_axis(
        found.gain, jnp.maximum(places.subcarrier, 0)[:, None, None], axis=2
    )[..., 0]
    cell = jnp.where(
        served, jnp.asarray(found.kind)[node] * found.gain.shape[2] + places.subcarrier, -1
    )
    meets = (cell[:, None] == cell) & served & ~jnp.eye(node.shape[0], dtype=bool)
    own = jnp.where(served, jnp.take_along_axis(heard, node[:, None], axis=1)[:, 0], 0.0)
    at = jax.nn.one_hot(places.node, nodes)
    return control.LinkGains(own, jnp.where(meets, heard @ at.T, 0.0), places.node, found.power)


def value_places(
    scenario: Scenario, found: Network, wanted: Goal, places: Places, power: Users
) -> Float[Array, ""]:
    """Return `penalised` of users' places and powers, W: the simulator's formulas, to rounding."""
    return _value(scenario, found, wanted, places, build_links(found, places), utility)(power)


def _value(
    scenario: Scenario,
    found: Network,
    wanted: Goal,
    places: Places,
    between: control.LinkGains,
    measure: Callable[..., Array],
):
    served = places.node >= 0
    apart = jnp.sum(jax.nn.one_hot(places.node, found.power.shape[0]) * found.distance, axis=1)

    def value(power: Users) -> Float[Array, ""]:
        each = measure(scenario, found.features, apart, control.compute_sinrs(between, power))
        return penalise(wanted, jnp.where(served, each, 0.0) @ found.term)

    return value


def control_powers(
    scenario: Scenario, found: Network, wanted: Goal, places: Places, start: Users, *, steps: int
) -> Users:
    """Return powers, W, with which the places are worth no less than with those to start from.
    `found.power` are the nodes' totals.
    """
    between = build_links(found, places)
    worth = _value(scenario, found, wanted, places, between, utility)
    one = between._replace(
        direct=jnp.ones_like(start), cross=jnp.zeros_like(between.cross)
    )  # its ratios are its powers
    surrogate = _value(scenario, found, wanted, places, one, smooth)
    wide = found.features.row == 2

    def slopes(power: Users) -> Users:
        ratio = control.compute_sinrs(between, power)
        return jnp.maximum(jax.grad(surrogate)(ratio) * (1.0 + ratio), 0.0)

    best, record = control.maximise(
        between, _trim_powers(scenario, between, wide, start), worth, slopes, steps=steps
    )
    others = jnp.stack([start, _trim_powers(scenario, between, wide, best)])
    values = jax.vmap(worth)(others)
    pick = jnp.argmax(values)
    return jnp.where(values[pick] > record, others[pick], best)


def _trim_powers(
    scenario: Scenario, between: control.LinkGains, wide: Bool[Array, " users"], power: Users
) -> Users:
    """Return powers of slice C cut to what coverage needs, and to 0 where it isn't reached:
    nobody's SINR but theirs can fall.

    Each cut lowers what the others hear, so that by the next one still less is needed (Yates 1995).
    """
    threshold = from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))

    def cut(_: ArrayLike, power: Users) -> Users:
        ratio = control.compute_sinrs(between, power)
        keep = jnp.where(
            ratio > threshold,
            jnp.minimum(1.0, threshold * MARGIN / jnp.where(ratio > 0, ratio, 1.0)),
            0.0,
        )
        return jnp.where(wide, power * keep, power)

    return jax.lax.fori_loop(0, 4, cut, power)
