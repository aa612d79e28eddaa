"""Energy: the paper's hovering power (9) to (11), and four accounts of the network's power."""

from typing import NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from sagin.relaying.settings import Energy

Power = Float[Array, "..."]


def hovering_power(
    ideal_w: ArrayLike, correction: ArrayLike, rate_per_m: ArrayLike, altitude_m: ArrayLike
) -> Power:
    """Return the hovering power p_hov = p_0·(1 + Δ)·e^(ε·h/2) (9), W; all arguments broadcast.

    With p_0 = √(W³/(2ρ_0·A)) this is momentum theory in air whose density decreases as e^(−εh). Δ
    accounts for the losses beyond it.

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

    This is the inverse of `hovering_power`; −∞ for power 0.

    >>> float(hovering_altitude(100.0, 100.0, 0.0, 1e-4))
    0.0
    """
    at_sea_level = jnp.asarray(ideal_w) * (1.0 + jnp.asarray(correction))
    return 2.0 / jnp.asarray(rate_per_m) * jnp.log(jnp.asarray(power_w) / at_sea_level)


class NodeActivity(NamedTuple):
    """Activity of a network's aerial and satellite nodes in a drop; each number broadcasts."""

    aircraft: ArrayLike
    """Number of relays or aerial base stations that are sent; they hover whether they serve or not.
    """
    transmit: ArrayLike
    """Sum of their links' transmit powers, W."""
    is_station: ArrayLike
    """1 if the aircraft are base stations with a backhaul, otherwise 0."""
    bands: ArrayLike
    """Number of bands B in which the satellite sends, for users that it serves directly or through
    relays; at most 1 if they take turns.
    """
    single: ArrayLike
    """Sum over the aircraft of the largest transmit power of one of its links, W."""
    lit: ArrayLike = 0
    """1 while the satellite has a beam for the network, whether it serves a user or not."""


class PowerAccounts(NamedTuple):
    """The network's power under four accounts, W.

    Each account includes the satellite's transmit power, unless `energy.satellite` excludes it;
    `site` divides it by the amplifier's efficiency.
    """

    radiated: Power
    """Transmit power alone: P_G and all links' transmit powers of relays or aerial base stations,
    without hovering and electronics.
    """
    link: Power
    """(11) as printed: P_G and one p_{i,j} of each aircraft, its largest, and an aerial base
    station's baseband and backhaul; hovering only if `energy.link_hovering` includes it.
    """
    printed: Power
    """(30) as printed, with the powers of all links in (11): `radiated`, the hovering power of the
    aircraft, and aerial base stations' baseband and backhaul.
    """
    site: Power
    """Power drawn: the GBS's site instead of P_G, hovering, baseband and backhaul as in `printed`,
    transmit powers over the amplifier's efficiency.
    """


def compute_accounts(
    activity: NodeActivity,
    settings: Energy,
    base_power_w: ArrayLike,
    altitude_m: ArrayLike,
    satellite_power_w: ArrayLike,
    *,
    sites: int = 1,
) -> PowerAccounts:
    """Compute the four accounts of a drop's power.

    Args:
        activity: activity of the nodes.
        settings: the scenario's energy section.
        base_power_w: P_G, W.
        altitude_m: altitude of the aircraft, m.
        satellite_power_w: transmit power of one beam of B, W. `settings.satellite` sets how often
            it counts: never, once while the satellite sends in any band, once while it could send,
            or once per band.
        sites: number of base stations, each of which spends P_G and its site's power.
    """
    base_w = sites * jnp.asarray(base_power_w)
    hover = activity.aircraft * hovering_power(
        settings.hover_ideal_w, settings.hover_correction, settings.hover_rate_per_m, altitude_m
    )
    # number of beams that count
    bands = jnp.asarray(activity.bands)
    beams = {
        "excluded": jnp.zeros_like(bands),
        "beam": jnp.minimum(bands, 1),
        "standing": jnp.asarray(activity.lit),
        "bands": bands,
    }[settings.satellite]
    transmit = jnp.asarray(activity.transmit) + satellite_power_w * beams
    extra = settings.station_extra_w * jnp.asarray(activity.is_station) * activity.aircraft
    aloft = hover + extra
    radiated = base_w + transmit
    single = jnp.asarray(activity.single) + satellite_power_w * beams
    link_aloft = aloft if settings.link_hovering == "included" else extra
    link = base_w + single + link_aloft
    standing = sites * jnp.asarray(settings.site_power_w) + aloft
    site = standing + transmit / settings.amplifier_efficiency
    return PowerAccounts(radiated, link, radiated + aloft, site)
