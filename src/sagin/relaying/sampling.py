"""Random draws of a drop: users' positions and presence, order of admission, fading, satellite."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, UInt

from sagin.choices import select_case
from sagin.geometry.points import place_in_disc
from sagin.orbits.circular import central_angle, slant_range_at
from sagin.parameters import is_off
from sagin.radio import csi
from sagin.relaying.fading import Fading, get_fading
from sagin.relaying.nodes import MOST_ANTENNAS, MOST_RELAYS
from sagin.relaying.scenario import Scenario

METHOD_SEED = 0x5EED
"""Number folded into a drop's key for methods, apart from the first ones, which the drop uses."""
PILOT_SEED = 0x9107
"""Number folded into a drop's key for estimation errors."""


class Serving(NamedTuple):
    """The serving satellite of a drop, or of many along a leading axis."""

    slant_range: Float[Array, "*drops"]
    """d, m, the same for relays and users."""
    visible: Bool[Array, "*drops"]
    """V of (12), or whether a satellite is in view."""


class Layout(NamedTuple):
    """Positions where users gather, with weights, from cell sites.

    Without a layout there is one hotspot with a random centre.
    """

    centres: Float[Array | np.ndarray, "places 2"]
    """Positions east and north of the GBS, m."""
    weights: Float[Array | np.ndarray, "places"]
    """Relative numbers of users."""


class Estimates(NamedTuple):
    """Estimated fading powers, of the same shapes as the true ones."""

    base_fading: Float[Array, "users antennas"]
    direct_fading: Float[Array, "users antennas"]
    first_fading: Float[Array, "relays"]
    hop_fading: Float[Array, "users relays antennas"]
    further_fading: Float[Array, "users further antennas"] | None = None


class Realisation(NamedTuple):
    """One drop's random draws; users beyond those present are padding."""

    users: Float[Array, "users 2"]
    """Positions east and north of the GBS, m."""
    present: Bool[Array, "users"]
    """Mask of rows that are users."""
    order: Float[Array, "users"]
    """Uniform numbers by which a random admission ranks users."""
    base_fading: Float[Array, "users antennas"]
    """Fading power |g_{i,G}|², mean 1."""
    direct_fading: Float[Array, "users antennas"]
    """Shadowed-Rician power, satellite to user."""
    first_fading: Float[Array, "relays"]
    """Shadowed-Rician power, satellite to relay."""
    hop_fading: Float[Array, "users relays antennas"]
    """Fading power |g_{i,j}|², mean 1."""
    serving: Serving
    """The serving satellite."""
    seed: UInt[Array, ""]
    """A number for the random choices of a method."""
    estimate: Estimates | None = None
    """Estimates of the fading; None if it is known exactly."""
    further_fading: Float[Array, "users further antennas"] | None = None
    """Fading powers of the links from `base.positions_m` to users; None without them."""

    def show_known(self) -> "Realisation":
        """Return the drop as decisions know it, with estimated fading."""
        return self if self.estimate is None else self._replace(**self.estimate._asdict())


def count_rows(scenario: Scenario) -> int:
    """Return the number of rows for the scenario's users.

    It is their number, or for a Poisson number its mean plus six standard deviations.
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
    """Draw one drop of users, relays and their fading.

    The n-th user and the j-th relay are the same for equal keys, whatever the numbers of users and
    relays, so all comparisons meet the same drop.

    Args:
        users: number of users, or its mean, at most the scenario's; it may be traced, so that a
            sweep compiles once.
    """
    rows, relays = count_rows(scenario), scenario.relay.count
    number_key, user_key, order_key, satellite_key, ground_key, pass_key = jax.random.split(key, 6)
    # few generators, because each takes half a second to compile: `fold_in` gives `split`'s keys
    parents = jnp.stack([user_key] * 2 + [ground_key] * (1 + relays))
    children = jax.vmap(jax.random.fold_in)(parents, np.r_[:2, : 1 + relays])
    number = jnp.asarray(users)
    if scenario.users.process == "poisson":
        number = jax.random.poisson(number_key, number, dtype=jnp.int32)
    base_fading, hop_fading = _sample_ground_fading(children[2:], scenario, rows)
    direct, first = _sample_satellite_fading(satellite_key, scenario, rows, relays)
    users_m, turn = _sample_places(children[:2], pass_key, scenario, rows, layout)
    drop = Realisation(
        users=users_m,
        present=jnp.arange(rows) < number,
        order=select_case(
            scenario.base.admission,
            {
                "random": lambda: jax.random.uniform(order_key, (rows,)),
                "strongest": lambda: jnp.zeros(rows),
            },
        ),
        base_fading=base_fading,
        direct_fading=direct,
        first_fading=first,
        hop_fading=hop_fading,
        serving=locate_pass(turn, scenario) if serving is None else serving,
        seed=jax.random.bits(jax.random.fold_in(key, METHOD_SEED)),
        further_fading=_sample_further_fading(ground_key, scenario, rows),
    )
    if is_off(scenario.csi.error_variance):
        return drop
    return drop._replace(
        estimate=_estimate_fading(jax.random.fold_in(key, PILOT_SEED), scenario, drop)
    )


def _spread_over_antennas(keys: Array, antennas: int) -> Array:
    """Return keys for each antenna, [..., antennas]; the first antenna uses the key itself."""
    further = [
        jax.vmap(lambda key, number=number: jax.random.fold_in(key, number))(keys)
        for number in range(1, antennas)
    ]
    return jnp.stack([keys, *further], axis=-1)


def _sample_ground_fading(keys: Array, scenario: Scenario, rows: int) -> tuple[Array, Array]:
    """Return the fading powers to users' antennas from the base station, and from relays.

    Each node and antenna has a key; equal fadings are drawn by one call.
    """
    base, hop = get_fading(scenario.base.fading), get_fading(scenario.air.fading)
    keys = _spread_over_antennas(keys, scenario.users.antennas)

    # one draw per antenna and node, (rows, nodes, antennas)
    def sample(fading: Fading, keys: Array) -> Array:
        draw = jax.vmap(lambda key: fading.sample_power(key, fading.parameters, (rows,)))
        return draw(keys.ravel()).reshape(*keys.shape, rows).transpose(2, 0, 1)

    # the same fading for all is one draw
    if base == hop:
        powers = sample(base, keys)
        return powers[:, 0], powers[:, 1:]
    return sample(base, keys[:1])[:, 0], sample(hop, keys[1:])


def _sample_further_fading(
    ground_key: Array, scenario: Scenario, rows: int
) -> Float[Array, "rows further antennas"] | None:
    """Return the fading powers from further base stations; None without them.

    Their keys follow those of the largest possible number of relays.
    """
    further = len(scenario.base.positions_m)
    if further == 0:
        return None
    numbers = 1 + MOST_RELAYS + np.arange(further)
    keys = jax.vmap(partial(jax.random.fold_in, ground_key))(numbers)
    keys = _spread_over_antennas(keys, scenario.users.antennas)
    fading = get_fading(scenario.base.fading)
    # (rows, stations, antennas)
    powers = jax.vmap(lambda key: fading.sample_power(key, fading.parameters, (rows,)))(
        keys.ravel()
    )
    return powers.reshape(*keys.shape, rows).transpose(2, 0, 1)


def _sample_satellite_fading(
    key: Array, scenario: Scenario, rows: int, relays: int
) -> tuple[Array, Array]:
    """Return the fading powers from the satellite to users' antennas and to relays.

    The largest possible number of relays comes first, so a user's draw depends on neither number.
    Two fadings of one family are drawn by one call, because each call takes a second to compile.
    """
    satellite = scenario.satellite
    user, relay = get_fading(satellite.fading_user), get_fading(satellite.fading_relay)
    # relays come first, so that their number does not move users' draws
    shape = (MOST_RELAYS + rows,)
    if user.sample_power is not relay.sample_power:
        to_user = user.sample_power(key, user.parameters, shape)
        to_relay = relay.sample_power(jax.random.fold_in(key, 1), relay.parameters, shape)
        return _add_antennas(key, scenario, to_user[MOST_RELAYS:]), to_relay[:relays]
    # the same family with other parameters: one draw with parameters per row
    is_user = np.arange(MOST_RELAYS + rows) >= MOST_RELAYS
    parameters = jax.tree.map(
        lambda of_user, of_relay: jnp.where(is_user, of_user, of_relay),
        user.parameters,
        relay.parameters,
    )
    powers = user.sample_power(key, parameters, shape)
    return _add_antennas(key, scenario, powers[MOST_RELAYS:]), powers[:relays]


def _add_antennas(
    key: Array, scenario: Scenario, first: Float[Array, "rows"]
) -> Float[Array, "rows antennas"]:
    """Return the satellite's fading powers at all antennas of users, from those at their first."""
    if scenario.users.antennas == 1:
        return first[:, None]
    user = get_fading(scenario.satellite.fading_user)
    # further antennas use separate keys, so the first one's draw does not change
    keys = jax.vmap(partial(jax.random.fold_in, key))(np.arange(2, scenario.users.antennas + 1))
    further = jax.vmap(lambda key: user.sample_power(key, user.parameters, first.shape))(keys)
    return jnp.concatenate([first[:, None], further.T], axis=1)


def _estimate_fading(key: Array, scenario: Scenario, drop: Realisation) -> Estimates:
    """Estimate a drop's fading powers from pilots.

    Each node and antenna has a key. A relay's first error belongs to its own link to the satellite,
    so a user's errors depend on neither number.
    """
    rows, relays, antennas = drop.hop_fading.shape
    variance = scenario.csi.error_variance

    def draw_errors(nodes: Array) -> Float[Array, "rows nodes antennas 2"]:
        # a key per node and antenna, independent of how many there are
        numbers = nodes[:, None] * MOST_ANTENNAS + jnp.arange(antennas)
        keys = jax.vmap(partial(jax.random.fold_in, key))(numbers.ravel())
        # complex errors, those of relays first, then of users
        errors = jax.vmap(lambda key: jax.random.normal(key, (1 + rows, 2)))(keys)
        return errors.reshape(len(nodes), antennas, 1 + rows, 2).transpose(2, 0, 1, 3)

    def estimate(fading: Any, powers: Array, errors: Array) -> Array:
        return csi.estimate_power(powers, get_fading(fading).mean, errors, variance)

    errors, further = draw_errors(jnp.arange(2 + relays)), drop.further_fading
    of_users = errors[1:]
    if further is not None:
        extra = draw_errors(2 + MOST_RELAYS + jnp.arange(further.shape[1]))[1:]
        further = estimate(scenario.base.fading, further, extra)
    return Estimates(
        estimate(scenario.base.fading, drop.base_fading, of_users[:, 0]),
        estimate(scenario.satellite.fading_user, drop.direct_fading, of_users[:, 1]),
        estimate(scenario.satellite.fading_relay, drop.first_fading, errors[0, 2:, 0]),
        estimate(scenario.air.fading, drop.hop_fading, of_users[:, 2:]),
        further,
    )


def _sample_places(
    keys: Array, pass_key: Array, scenario: Scenario, rows: int, layout: Layout | None
) -> tuple[Float[Array, "rows 2"], Float[Array, ""]]:
    """Draw the users' positions, m, and the satellite's position on its pass, −1 to 1.

    A share of the users is uniform in discs around the layout's positions (or one random hotspot);
    the others are uniform in the cell. Among the first n rows, share·n belong to the discs up to
    rounding, for every n.
    """
    disc_key, centre_key = keys
    # one key per row, so that no user's position depends on the number of rows
    point_keys = jnp.concatenate(
        [jax.random.split(disc_key, rows), jnp.stack([centre_key, pass_key])]
    )
    uniforms = jax.vmap(lambda key: jax.random.uniform(key, (2,)))(point_keys)
    turn = uniforms[-1, 0] * 2.0 - 1.0
    settings, cell = scenario.users, scenario.base.cell_radius_m
    if layout is None:
        margin = select_case(
            settings.hotspot_place,
            {"inside": lambda: settings.hotspot_radius_m, "anywhere": lambda: 0.0},
        )
        centre = place_in_disc(uniforms[-2], jnp.maximum(cell - margin, 0.0))
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
    return place_in_disc(uniforms[:-2].T, radii, centres), turn


def locate_pass(turn: Float[Array, ""], scenario: Scenario) -> Serving:
    """Locate the satellite of an overhead circular pass (12) at a time.

    The scenario sets the part of the orbit: within the pass, at zenith, or anywhere on the orbit.
    The angle 2πt/T_s − θ_p at the Earth's centre is uniform. The satellite is visible if it is at
    most the angle of the minimum elevation.

    Args:
        turn: the time, uniform from −1 to 1.
        scenario: sets the part of the orbit, and the minimum elevation of a visible satellite.
    """
    settings = scenario.satellite
    # the angle from the zenith, uniform within what the setting allows
    altitude = jnp.asarray(settings.altitude_km, float) * 1e3
    edge = central_angle(altitude, jnp.deg2rad(settings.least_elevation_deg))
    widest = select_case(
        settings.time,
        {"visible": lambda: edge, "zenith": lambda: jnp.zeros(()), "any": lambda: jnp.pi},
    )
    angle = widest * turn
    return Serving(slant_range_at(angle, altitude), jnp.abs(angle) <= edge)
