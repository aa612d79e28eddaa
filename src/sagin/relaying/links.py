"""The links of a drop: SNRs of base station, satellite and relays at full power.

The equations are (2) to (8) and (13) to (16) with their errata corrected.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Int

from sagin.choices import select_case
from sagin.constants import EARTH_RADIUS, SPEED_OF_LIGHT
from sagin.geometry.distance import horizontal_distance
from sagin.links.row import Reach, compute_loss_db
from sagin.propagation import air_to_ground, free_space, log_distance
from sagin.radio import amplify_forward, noise
from sagin.relaying.fading import get_fading
from sagin.relaying.sampling import Realisation, Serving
from sagin.relaying.scenario import Scenario
from sagin.units import from_db, from_dbm


class DropLinks(NamedTuple):
    """SNRs and losses of a drop, linear; the relays' hop is given per watt of the relay's power."""

    base: Float[Array, "users"]
    """γ_{i,G} (16), the sum over the user's antennas."""
    direct: Float[Array, "users"]
    """γ_{i,s} (14), the sum over the user's antennas; 0 if the satellite is not visible."""
    first: Float[Array, "relays"]
    """γ_{j,s} (13); 0 if the satellite is not visible."""
    constant: Float[Array, ""]
    """ς of (24) with the semi-blind gain: 1 + mean γ_{j,s}."""
    hop: Float[Array, "users relays"]
    """γ_{i,j}/p (8), the sum over the user's antennas, 1/W."""
    mean_hop: Float[Array, "users relays"]
    """γ_{i,j}/p without fading, 1/W."""
    path_loss_db: Float[Array, "users relays"]
    """Path loss PL (7), dB."""
    distance: Float[Array, "users relays"]
    """Distance r_{i,j} (2), m."""
    antenna_direct: Float[Array, "users antennas"]
    """γ_{i,s} at each antenna."""
    antenna_hop: Float[Array, "users relays antennas"]
    """γ_{i,j}/p at each antenna, 1/W."""


def noise_power(scenario: Scenario) -> Float[Array, ""]:
    """Return B·σ² with the noise figure, W."""
    radio = scenario.radio
    return noise.power(
        bandwidth(scenario), from_dbm(radio.noise_dbm_per_hz), from_db(radio.noise_figure_db)
    )


def bandwidth(scenario: Scenario) -> Float[Array, ""]:
    """Return B, Hz."""
    return jnp.asarray(scenario.radio.bandwidth_mhz, float) * 1e6


def carrier(scenario: Scenario) -> Float[Array, ""]:
    """Return f_c, Hz."""
    return jnp.asarray(scenario.radio.carrier_ghz, float) * 1e9


def base_snr(
    scenario: Scenario, distance: Float[Array, "..."], fading: ArrayLike
) -> Float[Array, "..."]:
    """Return γ_{i,G} = P_G·|g|²·L_1·r^(−α)/(B·σ²) (15), (16), linear.

    As printed, (15) squared is r^(−2α), without the loss L_1 at 1 m. If the power is shared, each
    user gets P_G/ω_G. The users' antenna gain counts.

    Args:
        scenario: the scenario.
        distance: r, m.
        fading: |g|².
    """
    gain = _base_gain(scenario, distance) * from_db(scenario.users.antenna_gain_dbi)
    shared = max(scenario.base.capacity, 1)
    alone = select_case(scenario.base.power_rule, {"full": lambda: 1, "shared": lambda: shared})
    among = select_case(scenario.radio.band_rule, {"per_user": lambda: alone, "shared": lambda: 1})
    return from_dbm(scenario.base.power_dbm) / among * gain * fading / noise_power(scenario)


def _base_gain(scenario: Scenario, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return L_1·r^(−α) of (15), or the gain by the scenario's loss models."""
    base, frequency = scenario.base, carrier(scenario)
    if base.losses is None:
        return log_distance.path_gain(distance, base.exponent, free_space.path_gain(1.0, frequency))
    # loss models go by slant range and elevation of the station's antenna
    height = jnp.asarray(base.height_m, float)
    elevation = jnp.rad2deg(jnp.arcsin(jnp.clip(height / jnp.maximum(distance, 1.0), 0.0, 1.0)))
    reach = Reach(jnp.maximum(distance, 1.0), elevation, height)
    return from_db(-compute_loss_db(base.losses, frequency, reach))


def eirp(scenario: Scenario) -> Float[Array, ""]:
    """Return the satellite's EIRP in the band B, W."""
    return from_db(scenario.satellite.eirp_dbw_per_mhz) * scenario.radio.bandwidth_mhz


def satellite_snr(
    scenario: Scenario, serving: Serving, fading: ArrayLike, antenna_gain_dbi: ArrayLike
) -> Float[Array, "..."]:
    """Return γ_{·,s} = V·P_s·|h|²/(B·σ²) (13), (14), linear, in the shape of the fading.

    It is 0 if the satellite is not visible. |h|² is the fading power times the gain L_1·d^(−α) at
    the slant range; the paper prints neither B nor L_1.
    """
    # EIRP times gain over noise, 0 where no satellite is visible
    gain = _satellite_gain(scenario, serving)
    return (
        jnp.where(
            serving.visible,
            eirp(scenario) * gain * from_db(antenna_gain_dbi) / noise_power(scenario),
            0.0,
        )
        * fading
    )


def _satellite_gain(scenario: Scenario, serving: Serving) -> Float[Array, "..."]:
    """Return L_1·d^(−α), or the gain by the scenario's loss models, over a spherical Earth."""
    satellite, frequency = scenario.satellite, carrier(scenario)
    if satellite.losses is None:
        return log_distance.path_gain(
            serving.slant_range, satellite.exponent, free_space.path_gain(1.0, frequency)
        )
    height = jnp.asarray(satellite.altitude_km, float) * 1e3
    distance = jnp.where(serving.visible, serving.slant_range, height)
    # sin ε = (h² + 2Rh − d²)/(2Rd), in parts that single precision can hold
    sine = (height / distance) * (1.0 + height / (2.0 * EARTH_RADIUS)) - distance / (
        2.0 * EARTH_RADIUS
    )
    least = jnp.deg2rad(jnp.asarray(satellite.least_elevation_deg, float))
    elevation = jnp.rad2deg(jnp.maximum(jnp.arcsin(jnp.clip(sine, 0.0, 1.0)), least))
    return from_db(
        -compute_loss_db(satellite.losses, frequency, Reach(distance, elevation, height))
    )


def direct_snr(scenario: Scenario, serving: Serving, fading: ArrayLike) -> Float[Array, "..."]:
    """Return γ_{i,s} (14) of users, with the further loss `satellite.masking_db`."""
    gain_dbi = scenario.users.antenna_gain_dbi - scenario.satellite.masking_db
    return satellite_snr(scenario, serving, fading, gain_dbi)


def mean_first_hop(scenario: Scenario, serving: Serving) -> Float[Array, ""]:
    """Return the mean of γ_{j,s} over its fading at the satellite's slant range, linear."""
    mean = get_fading(scenario.satellite.fading_relay).mean
    return satellite_snr(scenario, serving, mean, scenario.relay.antenna_gain_dbi)


def hop_path_loss_db(scenario: Scenario, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return PL (7) from a relay to a user at a horizontal distance, m, in dB, any shape.

    The loss increases with distance. With `air.repeated_exponent` it is multiplied by (4πf_c·d/c)^α
    again, as (6) prints it; `air.losses` replaces both.
    """
    air, height = scenario.air, scenario.relay.altitude_m
    if air.losses is not None:
        # loss models go by slant range and elevation of the relay
        altitude = jnp.asarray(height, float)
        elevation = jnp.rad2deg(jnp.arctan2(altitude, distance))
        reach = Reach(jnp.hypot(distance, altitude), elevation, altitude)
        return compute_loss_db(air.losses, carrier(scenario), reach)
    # the paper's (7): air-to-ground loss, and its distance term once more
    environment = air_to_ground.Environment(air.a, air.b, air.excess_los_db, air.excess_nlos_db)
    loss = air_to_ground.path_loss_db(distance, height, carrier(scenario), environment)
    slant = jnp.sqrt(distance**2 + jnp.asarray(height) ** 2)
    return loss + 10.0 * air.repeated_exponent * jnp.log10(
        4.0 * jnp.pi * carrier(scenario) * slant / SPEED_OF_LIGHT
    )


def hop_snr_per_watt(scenario: Scenario, path_loss_db: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return γ_{i,j}/p = 10^(−PL/10)/(B·σ²) (8) without fading, 1/W.

    The antenna gains of relay and user count.
    """
    return from_db(
        scenario.users.antenna_gain_dbi + scenario.relay.antenna_gain_dbi - path_loss_db
    ) / noise_power(scenario)


def compute_links(
    scenario: Scenario, drop: Realisation, relays: Float[Array, "relays 2"]
) -> DropLinks:
    """Compute all links of a drop with relays at the given positions, m."""
    # from every user to every relay, (users, relays)
    distance = horizontal_distance(drop.users[:, None, :], relays[None, :, :])
    loss = hop_path_loss_db(scenario, distance)
    unit = hop_snr_per_watt(scenario, loss)
    # per antenna: direct (users, antennas), hop (users, relays, antennas)
    direct = direct_snr(scenario, drop.serving, drop.direct_fading)
    hop = unit[:, :, None] * drop.hop_fading
    return DropLinks(
        base=compute_base_snr(scenario, drop),
        direct=direct.sum(axis=-1),
        first=satellite_snr(
            scenario, drop.serving, drop.first_fading, scenario.relay.antenna_gain_dbi
        ),
        constant=amplify_forward.semi_blind_constant(mean_first_hop(scenario, drop.serving)),
        hop=hop.sum(axis=-1),
        mean_hop=unit * get_fading(scenario.air.fading).mean * scenario.users.antennas,
        path_loss_db=loss,
        distance=distance,
        antenna_direct=direct,
        antenna_hop=hop,
    )


def compute_base_snr(scenario: Scenario, drop: Realisation) -> Float[Array, "users"]:
    """Compute γ_{i,G} of a drop's users; with several base stations, the SINR at their own one.

    All base stations send in the band B all the time: γ = Σ_l γ_{c,l}/(1 + Σ_{k≠c} γ_{k,l}) over
    antennas l, with the SNR γ_{k,l} of station k and a user's own station c.
    """
    if drop.further_fading is None:
        distance = _base_distance(scenario, drop.users, jnp.zeros(2))
        return base_snr(scenario, distance, drop.base_fading.sum(axis=-1))
    # (users, stations, antennas), as if each sent alone
    fading = jnp.concatenate([drop.base_fading[:, None], drop.further_fading], axis=1)
    snr = base_snr(scenario, _station_distance(scenario, drop.users)[..., None], fading)
    is_own = jax.nn.one_hot(find_cells(scenario, drop.users), snr.shape[1])[..., None] > 0
    signal, disturbance = (jnp.sum(snr, axis=1, where=mask) for mask in (is_own, ~is_own))
    return (signal / (1.0 + disturbance)).sum(axis=-1)


def find_cells(scenario: Scenario, users: Float[Array, "users 2"]) -> Int[Array, "users"]:
    """Find the base station that each user receives best without fading; the GBS is 0."""
    return jnp.argmax(base_snr(scenario, _station_distance(scenario, users), 1.0), axis=1)


def locate_stations(scenario: Scenario) -> Float[Array, "stations 2"]:
    """Locate all base stations east and north of the GBS, which is the first, m."""
    places = jnp.asarray(scenario.base.positions_m, float).reshape(-1, 2)
    return jnp.concatenate([jnp.zeros((1, 2)), places])


def _station_distance(
    scenario: Scenario, users: Float[Array, "users 2"]
) -> Float[Array, "users stations"]:
    return _base_distance(scenario, users[:, None], locate_stations(scenario))


def _base_distance(
    scenario: Scenario, users: Float[Array, "... 2"], place: Float[Array, "... 2"]
) -> Float[Array, "..."]:
    """Return r of (15) between users and antennas of base stations, m."""
    height = jnp.asarray(scenario.base.height_m, float)
    return jnp.sqrt(jnp.sum(jnp.square(users - place), axis=-1) + jnp.square(height))
