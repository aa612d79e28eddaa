"""What is random in a drop: where users stand, whether they are there, who knocks first, all fading
powers, and the satellite's place.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float

from sagin.geometry.points import uniform_disc
from sagin.orbits.circular import central_angle, slant_range_at
from sagin.propagation import rayleigh, shadowed_rician
from sagin.relaying.nodes import MOST_RELAYS
from sagin.relaying.scenario import Scenario

FADING = {
    "heavy": shadowed_rician.HEAVY,
    "average": shadowed_rician.AVERAGE,
    "light": shadowed_rician.LIGHT,
}


class Serving(NamedTuple):
    """The serving satellite of a drop, or of many along a leading axis."""

    slant_range: Float[Array, "*drops"]
    """d, m, to relays and users alike."""
    visible: Bool[Array, "*drops"]
    """V of (12), or whether any satellite is in view."""


class Layout(NamedTuple):
    """Where users gather: places with weights, from cell sites; without any, one hotspot with a
    random centre.
    """

    centres: Float[Array | np.ndarray, "places 2"]
    """East and north of the GBS, m."""
    weights: Float[Array | np.ndarray, "places"]
    """Relative numbers of users."""


class Realisation(NamedTuple):
    """One drop's randomness; users beyond those present are padding."""

    users: Float[Array, "users 2"]
    """East and north of the GBS, m."""
    present: Bool[Array, "users"]
    """Whether a row is a user."""
    order: Float[Array, "users"]
    """Uniform numbers by which a random admission ranks users."""
    base_fading: Float[Array, "users"]
    """|g_{i,G}|², mean 1."""
    direct_fading: Float[Array, "users"]
    """Shadowed-Rician power, satellite to user."""
    first_fading: Float[Array, "relays"]
    """Shadowed-Rician power, satellite to relay."""
    hop_fading: Float[Array, "users relays"]
    """|g_{i,j}|², mean 1."""
    serving: Serving
    """The satellite."""


def count_rows(scenario: Scenario) -> int:
    """Return the rows that hold the scenario's users: their number, or for a Poisson number its
    mean and six standard deviations more.
    """
    count = scenario.users.count
    return count if scenario.users.process == "fixed" else count + int(6.0 * count**0.5) + 10


def sample_drop(
    key: Array,
    scenario: Scenario,
    users: ArrayLike,
    layout: Layout | None = None,
    serving: Serving | None = None,
) -> Realisation:
    """Draw one drop; the n-th user and the j-th relay are the same for equal keys, however many
    there are of either, so that numbers of users, numbers of relays and frameworks are compared on
    the same drop.

    users: how many there are, or their mean, at most the scenario's number; it may be traced, so
    that a sweep compiles once.
    """
    number_key, user_key, order_key, satellite_key, ground_key, pass_key = jax.random.split(key, 6)
    rows, relays = count_rows(scenario), scenario.relay.count
    number = jnp.asarray(users)
    if scenario.users.process == "poisson":
        number = jax.random.poisson(number_key, number, dtype=jnp.int32)
    ground = jax.vmap(lambda key: rayleigh.sample_power(key, (rows,)))(
        jax.random.split(ground_key, 1 + relays)
    )
    direct, first = _satellite_fading(satellite_key, scenario, rows, relays)
    return Realisation(
        users=sample_positions(user_key, scenario, rows, layout),
        present=jnp.arange(rows) < number,
        order=jax.random.uniform(order_key, (rows,))
        if scenario.base.admission == "random"
        else jnp.zeros(rows),
        base_fading=ground[0],
        direct_fading=direct,
        first_fading=first,
        hop_fading=ground[1:].T,
        serving=sample_pass(pass_key, scenario) if serving is None else serving,
    )


def _satellite_fading(
    key: Array, scenario: Scenario, rows: int, relays: int
) -> tuple[Array, Array]:
    """Return the shadowed-Rician powers to users and to relays, from one call of the sampler: each
    call takes a second to compile.

    Relays come first and are as many as there can be, so that a user's draw depends on neither
    number.
    """
    to_user, to_relay = (
        FADING[scenario.satellite.fading_user],
        FADING[scenario.satellite.fading_relay],
    )
    is_user = np.arange(MOST_RELAYS + rows) >= MOST_RELAYS
    fading = shadowed_rician.ShadowedRician(
        *(np.where(is_user, user, relay) for user, relay in zip(to_user, to_relay, strict=True))
    )
    powers = shadowed_rician.sample_power(key, fading, (MOST_RELAYS + rows,))
    return powers[MOST_RELAYS:], powers[:relays]


def sample_positions(
    key: Array, scenario: Scenario, rows: int, layout: Layout | None
) -> Float[Array, "rows 2"]:
    """Return positions, m: a share of the users uniform in discs around the
    layout's places (or one random hotspot), the others uniform in the cell.

    Of the first n rows round-off apart share·n belong to the discs, so that any number of users has
    the share.
    """
    disc_key, centre_key = jax.random.split(key)
    settings, cell = scenario.users, scenario.base.cell_radius_m
    if layout is None:
        margin = settings.hotspot_radius_m if settings.hotspot_place == "inside" else 0.0
        centre = jnp.broadcast_to(
            uniform_disc(centre_key, 1, jnp.maximum(cell - margin, 0.0)), (rows, 2)
        )
    else:
        places = jnp.asarray(layout.weights)
        centre = jnp.asarray(layout.centres)[
            jax.random.choice(centre_key, places.size, (rows,), p=places / places.sum())
        ]
    row = jnp.arange(rows)
    gathered = jnp.floor((row + 1) * settings.hotspot_share) > jnp.floor(
        row * settings.hotspot_share
    )
    radii, centres = (
        jnp.where(gathered, settings.hotspot_radius_m, cell),
        jnp.where(gathered[:, None], centre, 0.0),
    )
    # a key a row, so that no user's place depends on the number of rows
    return jax.vmap(lambda key, radius, centre: uniform_disc(key, 1, radius, centre)[0])(
        jax.random.split(disc_key, rows), radii, centres
    )


def sample_pass(key: Array, scenario: Scenario) -> Serving:
    """Return the satellite of an overhead circular pass (12) at a random time: within the pass, at
    zenith, or anywhere on the orbit.

    The angle 2πt/T_s − θ_p at the Earth's centre is uniform; the satellite is visible where it is
    at most the angle of the least elevation.
    """
    settings = scenario.satellite
    altitude = jnp.asarray(settings.altitude_km, float) * 1e3
    edge = central_angle(altitude, jnp.deg2rad(settings.least_elevation_deg))
    widest = {"visible": edge, "zenith": jnp.zeros(()), "any": jnp.pi}[settings.time]
    angle = widest * jax.random.uniform(key, (), minval=-1.0, maxval=1.0)
    return Serving(slant_range_at(angle, altitude), jnp.abs(angle) <= edge)
