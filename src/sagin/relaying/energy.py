"""Energy: the paper's hovering power (9) to (11), the rotary-wing model it stands on, and four
accounts of the network's power.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.relaying.settings import Energy

Power = Float[Array, "..."]


def hovering_power(
    ideal_w: ArrayLike, correction: ArrayLike, rate_per_m: ArrayLike, altitude_m: ArrayLike
) -> Power:
    """Return the hovering power p_hov = p_0·(1 + Δ)·e^(ε·h/2) (9), W; it broadcasts.

    With p_0 = √(W³/(2ρ_0·A)) it is momentum theory in air whose density falls as e^(−εh), Δ the
    losses beyond it.

    Args:
        ideal_w: p_0, W.
        correction: Δ.
        rate_per_m: ε, 1/m.
        altitude_m: h, m.

    >>> round(float(hovering_power(80.571, 1.0911, 9.6e-5, 30.0)), 1)
    168.7
    """
    at_sea_level = jnp.asarray(ideal_w) * (1.0 + jnp.asarray(correction))
    return at_sea_level * jnp.exp(jnp.asarray(rate_per_m) * altitude_m / 2.0)


def hovering_altitude(
    power_w: ArrayLike, ideal_w: ArrayLike, correction: ArrayLike, rate_per_m: ArrayLike
) -> Power:
    """Return the altitude, m, of a hovering power: h = (2/ε)·ln(p_hov/(p_0·(1 + Δ))) (10).

    It is the inverse of `hovering_power`; −∞ for no power.

    >>> float(hovering_altitude(100.0, 100.0, 0.0, 1e-4))
    0.0
    """
    at_sea_level = jnp.asarray(ideal_w) * (1.0 + jnp.asarray(correction))
    return 2.0 / jnp.asarray(rate_per_m) * jnp.log(jnp.asarray(power_w) / at_sea_level)


def blade_profile_power(
    drag: ArrayLike,
    density: ArrayLike,
    solidity: ArrayLike,
    disc_area: ArrayLike,
    rotation: ArrayLike,
    radius: ArrayLike,
) -> Power:
    """Return the blade-profile power in hover, W: P_0 = (δ/8)·ρ·s·A·Ω³·R³.

    Source: Zeng, Xu and Zhang 2019, (64).

    Args:
        drag: δ.
        density: ρ, kg/m³.
        solidity: s.
        disc_area: A, m².
        rotation: Ω, rad/s.
        radius: R, m.

    >>> round(float(blade_profile_power(0.012, 1.225, 0.05, 0.503, 300.0, 0.4)), 2)
    79.86
    """
    tip_speed = jnp.asarray(rotation) * radius
    return jnp.asarray(drag) / 8.0 * density * solidity * disc_area * tip_speed**3


def induced_power(
    correction: ArrayLike, weight: ArrayLike, density: ArrayLike, disc_area: ArrayLike
) -> Power:
    """Return the induced power in hover, W: P_i = (1 + k)·W^(3/2)/√(2ρA).

    Source: Zeng, Xu and Zhang 2019, (64).

    Args:
        correction: k.
        weight: W, N.
        density: ρ, kg/m³.
        disc_area: A, m².

    >>> round(float(induced_power(0.1, 20.0, 1.225, 0.503)), 2)
    88.63
    """
    return (
        (1.0 + jnp.asarray(correction))
        * jnp.asarray(weight) ** 1.5
        / jnp.sqrt(2.0 * jnp.asarray(density) * disc_area)
    )


class RotaryWing(NamedTuple):
    """A rotary-wing aircraft (Zeng, Xu and Zhang 2019, Table I)."""

    blade: ArrayLike = 79.8563
    """P_0, W: blade-profile power in hover."""
    induced: ArrayLike = 88.6279
    """P_i, W: induced power in hover."""
    tip_speed: ArrayLike = 120.0
    """U_tip, m/s: speed of the blade's tip."""
    induced_speed: ArrayLike = 4.03
    """v_0, m/s: mean induced speed in hover."""
    drag_ratio: ArrayLike = 0.6
    """d_0: fuselage drag ratio."""
    density: ArrayLike = 1.225
    """ρ, kg/m³: density of the air."""
    solidity: ArrayLike = 0.05
    """s: solidity of the rotor."""
    disc_area: ArrayLike = 0.503
    """A, m²: area of the rotor's disc."""


def propulsion_power(speed: ArrayLike, wing: RotaryWing = RotaryWing()) -> Power:  # noqa: B008 (a tuple of numbers)
    """Return the power of level flight, W (Zeng, Xu and Zhang 2019, (12)); P_0 + P_i at rest.

    P(V) = P_0·(1 + 3V²/U²) + P_i·(√(1 + V⁴/(4v_0⁴)) − V²/(2v_0²))^(1/2) + ½·d_0·ρ·s·A·V³; the
    second term is computed as the reciprocal of its conjugate, which loses no digits at high speed.

    Args:
        speed: V ≥ 0, m/s, any shape.
        wing: the aircraft.

    >>> round(float(propulsion_power(0.0)), 2)
    168.48
    """
    speed = jnp.asarray(speed)
    lift = (speed / wing.induced_speed) ** 2 / 2.0
    blade = jnp.asarray(wing.blade) * (1.0 + 3.0 * (speed / wing.tip_speed) ** 2)
    induced = jnp.asarray(wing.induced) / jnp.sqrt(jnp.sqrt(1.0 + lift**2) + lift)
    drag_area = jnp.asarray(wing.drag_ratio) * wing.density * wing.solidity * wing.disc_area
    return blade + induced + 0.5 * drag_area * speed**3


def maximum_endurance(wing: RotaryWing = RotaryWing()) -> tuple[Power, Power]:  # noqa: B008 (a tuple of numbers)
    """Return the speed, m/s, at which level flight takes the least power, and that power, W.

    It is found by bisection on dP/dV between 0 and the tip's speed.

    >>> [round(float(value), 1) for value in maximum_endurance()]
    [10.2, 126.0]
    """
    slope = jax.grad(lambda speed: propulsion_power(speed, wing))

    def halve(_: ArrayLike, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2.0
        falling = slope(middle) < 0.0
        return jnp.where(falling, middle, low), jnp.where(falling, high, middle)

    ends = jnp.zeros((), float), jnp.asarray(wing.tip_speed, float)
    low, high = jax.lax.fori_loop(0, 60, halve, ends)
    speed = (low + high) / 2.0
    return speed, propulsion_power(speed, wing)


class NodeActivity(NamedTuple):
    """Activity of a network's aerial and satellite nodes in a drop; each number broadcasts."""

    aircraft: ArrayLike
    """Number of relays or aerial base stations sent; they hover, serving users or not."""
    transmit: ArrayLike
    """Sum of their links' transmit powers, W."""
    is_station: ArrayLike
    """1 where the aircraft are base stations with a backhaul, else 0."""
    bands: ArrayLike
    """Number of bands B in which the satellite sends: of users that it serves, directly or over
    relays, at most 1 if they take turns.
    """
    single: ArrayLike
    """Sum over the aircraft of one link's transmit power, the greatest of each, W."""


class PowerAccounts(NamedTuple):
    """The network's power under four accounts, W.

    The satellite's transmit power is in each of them, by the amplifier's efficiency more in `site`,
    unless `energy.satellite` excludes it.
    """

    radiated: Power
    """Transmit power alone: P_G and all links' transmit powers of relays or aerial base stations;
    nothing that hovers, no electronics.
    """
    link: Power
    """As (11) prints it: P_G and one p_{i,j} of each aircraft, its greatest, and an aerial base
    station's baseband and backhaul; hovering only if `energy.link_hovering` includes it.
    """
    printed: Power
    """As (30) prints it with the powers of all links of (11): `radiated`, the hovering power of the
    aircraft sent, and aerial base stations' baseband and backhaul.
    """
    site: Power
    """Power drawn: the GBS's site in place of P_G, hovering, baseband and backhaul as in `printed`,
    transmit powers over the amplifier's efficiency.
    """


def compute_accounts(
    activity: NodeActivity,
    settings: Energy,
    base_power_w: ArrayLike,
    altitude_m: ArrayLike,
    satellite_power_w: ArrayLike,
) -> PowerAccounts:
    """Compute the four accounts of a drop's power.

    Args:
        activity: what the nodes do.
        settings: the scenario's energy section.
        base_power_w: P_G, W.
        altitude_m: altitude of the aircraft, m.
        satellite_power_w: transmit power of one beam of B, W. It counts as often as
            `settings.satellite` says: never, once while the satellite sends in any band, or once
            per band.
    """
    hover = activity.aircraft * hovering_power(
        settings.hover_ideal_w, settings.hover_correction, settings.hover_rate_per_m, altitude_m
    )
    # number of beams that count
    bands = jnp.asarray(activity.bands)
    beams = {"excluded": jnp.zeros_like(bands), "beam": jnp.minimum(bands, 1), "bands": bands}[
        settings.satellite
    ]
    transmit = jnp.asarray(activity.transmit) + satellite_power_w * beams
    extra = settings.station_extra_w * jnp.asarray(activity.is_station) * activity.aircraft
    aloft = hover + extra
    radiated = jnp.asarray(base_power_w) + transmit
    single = jnp.asarray(activity.single) + satellite_power_w * beams
    link_aloft = aloft if settings.link_hovering == "included" else extra
    link = jnp.asarray(base_power_w) + single + link_aloft
    site = jnp.asarray(settings.site_power_w) + aloft + transmit / settings.amplifier_efficiency
    return PowerAccounts(radiated, link, radiated + aloft, site)
