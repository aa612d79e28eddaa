"""Power gains of the three types of links (1), (4), (5), (8), and the noise."""

import jax.numpy as jnp
import numpy as np

from sagin.links.row import USER_HEIGHT_M, Reach, compute_gain
from sagin.propagation import free_space
from sagin.radio import noise
from sagin.slicing.fading import get_link_fading
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.shadowing import compute_shadowing_db
from sagin.slicing.state import State
from sagin.types import Array, ArrayLike, Bool, Float, Int
from sagin.units import from_db, from_dbm


def base_fading(scenario: Scenario, draws: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return h of (1), the power of base stations' fading, from uniform draws."""
    settings = scenario.base_stations
    return get_link_fading(settings.fading, "rayleigh").power(draws[..., None], settings)


def uav_fading(scenario: Scenario, draws: Float[Array, "... 2"]) -> Float[Array, "..."]:
    """Return the power of UAVs' fading (5), from pairs of uniform draws."""
    return get_link_fading(scenario.uavs.fading, "rician").power(draws, scenario.uavs)


def find_disturbing(scenario: Scenario, kind: np.ndarray) -> Bool[np.ndarray, "nodes others"]:
    """Return whether users of another node, or of the same node, interfere with a node's users.

    They interfere on the same subcarrier, by `radio.interference`. `kind` is the type of each node;
    only nodes of one type share a band.
    """
    same, rule = kind[:, None] == kind, scenario.radio.interference
    between = same & ~np.eye(len(kind), dtype=bool)
    return {"same-type": same, "other-nodes": between, "none": np.zeros_like(same)}[rule]


def base_distance(
    scenario: Scenario, users: Float[Array, "users 2"]
) -> Float[Array, "users base_stations"]:
    """Return d_(k,m) in the plane, m, not below 1 m."""
    return distances(users, base_positions(scenario), 0.0)


def base_positions(scenario: Scenario) -> Float[Array, "base_stations 2"]:
    """Return the positions of the base stations, m."""
    return jnp.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2)


def uav_distance(
    scenario: Scenario, users: Float[Array, "users 2"], positions: Float[Array, "uavs 2"]
) -> Float[Array, "users uavs"]:
    """Return d_(k,v) in space, m, not below 1 m."""
    return distances(users, positions, scenario.uavs.altitude_m)


def satellite_distance(scenario: Scenario) -> Float[Array, "users satellites"]:
    """Return d_(k,o), m: the altitude (8), or each one's distance; infinite if out of sight."""
    size, sky = sizes(scenario), scenario.satellites.sky
    if sky is None:
        return jnp.full((size.K, size.O), jnp.asarray(scenario.satellites.altitude_km, float) * 1e3)
    distance = jnp.asarray(sky.ranges_km, float) * 1e3
    return jnp.broadcast_to(jnp.where(distance > 0, distance, jnp.inf), (size.K, size.O))


def find_visible(scenario: Scenario) -> Bool[Array, " nodes"] | None:
    """Return the mask of UAVs and satellites that may serve; None if all may."""
    size, sky = sizes(scenario), scenario.satellites.sky
    if sky is None:
        return None
    return jnp.concatenate([jnp.ones(size.V, bool), jnp.asarray(sky.ranges_km, float) > 0])


def distances(
    users: Float[Array, "users 2"], nodes: Float[Array, "nodes 2"], height: ArrayLike
) -> Float[Array, "users nodes"]:
    """Return d = √(max(Δx² + Δy² + H², 1 m²)), m.

    The floor of 1 m is applied under the root, where its gradient is 0 rather than NaN.

    Args:
        users: positions in the plane, m, shape (users, 2).
        nodes: positions in the plane, m, shape (nodes, 2).
        height: H, height of the nodes above the users, m.

    >>> distances(jnp.array([[0.0, 0.0]]), jnp.array([[3.0, 4.0], [0.0, 0.5]]), 0.0).tolist()
    [[5.0, 1.0]]
    """
    # squares per axis: no array of (users, nodes, 2)
    east, north = users[:, None, 0] - nodes[:, 0], users[:, None, 1] - nodes[:, 1]
    return jnp.sqrt(
        jnp.maximum(
            jnp.square(east) + jnp.square(north) + jnp.square(jnp.asarray(height, float)), 1.0
        )
    )


def power_law(
    distance: Float[Array, "..."], exponent: ArrayLike, reference: ArrayLike
) -> Float[Array, "..."]:
    """Return g_0·d^−α of (1), (4), (8), computed as an exponential.

    `log_distance.path_gain` uses a power instead, which calls the C library for each number.

    Args:
        distance: d, m, any shape.
        exponent: α.
        reference: g_0, the gain at 1 m.

    >>> round(float(power_law(jnp.asarray(100.0), 1.5, 1.0)), 6)
    0.001
    """
    return jnp.asarray(reference) * jnp.exp(-jnp.asarray(exponent) * jnp.log(distance))


def base_path_gain(
    scenario: Scenario, users: Float[Array, "users 2"]
) -> Float[Array, "users base_stations"]:
    """Return d^−α of (1) times the reference gain (1 as printed), or the link model's gain.

    Fading is not included.
    """
    settings, distance = scenario.base_stations, base_distance(scenario, users)
    if settings.link is not None:
        side = find_azimuth(scenario, users) if settings.link.pointing == "azimuth" else 0.0
        gain = compute_gain(settings.link, Reach(distance, 0.0, USER_HEIGHT_M, side))
    else:
        gain = power_law(distance, settings.exponent, from_db(settings.reference_gain_db))
    if settings.shadowing is None:
        return gain
    return gain * from_db(-compute_shadowing_db(settings.shadowing, users, gain.shape[1]))


def find_azimuth(
    scenario: Scenario, users: Float[Array, "users 2"]
) -> Float[Array, "users base_stations"]:
    """Return the angle of each user off the boresight of each base station, −180 to 180 degrees.

    Bearings are clockwise from north, as in `base_stations.azimuths_deg`.
    """
    east, north = jnp.moveaxis(users[:, None] - base_positions(scenario), -1, 0)
    # clockwise from north, so east comes first
    bearing = jnp.rad2deg(jnp.arctan2(east, north))
    boresight = jnp.asarray(scenario.base_stations.azimuths_deg, float)
    return jnp.mod(bearing - boresight + 180.0, 360.0) - 180.0


def uav_path_gain(
    scenario: Scenario, users: Float[Array, "users 2"], positions: Float[Array, "uavs 2"]
) -> Float[Array, "users uavs"]:
    """Return h_0·d^−α of (4), or the link model's gain, without fading."""
    return uav_gain_at(scenario, uav_distance(scenario, users, positions))


def uav_gain_at(scenario: Scenario, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return a UAV's gain without fading at a distance d in space, m."""
    settings = scenario.uavs
    if settings.link is not None:
        # loss models go by distance, elevation and height
        height = jnp.asarray(settings.altitude_m, float)
        elevation = jnp.rad2deg(jnp.arcsin(jnp.minimum(height / distance, 1.0)))
        return compute_gain(settings.link, Reach(distance, elevation, height))
    return power_law(distance, settings.exponent, from_db(settings.reference_gain_db))


def satellite_gains(scenario: Scenario) -> Float[Array, "users satellites"]:
    """Return g = (c/(4π f_c))²·d^−α of (8), or the link model's gain; 0 if out of sight."""
    settings, distance = scenario.satellites, satellite_distance(scenario)
    if settings.sky is None and settings.link is None:
        return _spread_satellites(scenario, distance)
    # a satellite out of sight has no distance and no gain
    visible = jnp.isfinite(distance)
    near = jnp.where(visible, distance, 1.0)
    if settings.link is None:
        return jnp.where(visible, _spread_satellites(scenario, near), 0.0)
    height = jnp.asarray(settings.altitude_km, float) * 1e3
    elevation: ArrayLike = (
        90.0 if settings.sky is None else jnp.asarray(settings.sky.elevations_deg)
    )
    return jnp.where(visible, compute_gain(settings.link, Reach(near, elevation, height)), 0.0)


def _spread_satellites(scenario: Scenario, distance: Float[Array, "..."]) -> Float[Array, "..."]:
    settings = scenario.satellites
    reference = free_space.path_gain(1.0, jnp.asarray(settings.carrier_ghz, float) * 1e9)
    return power_law(distance, settings.exponent, reference)


def base_gains(scenario: Scenario, state: State) -> Float[Array, "users base_stations subcarriers"]:
    """Return g = h·d^−α of (1), on every subcarrier."""
    return base_path_gain(scenario, state.user_positions)[..., None] * base_fading(
        scenario, state.base_draws
    )


def uav_gains(
    scenario: Scenario, state: State, positions: Float[Array, "uavs 2"]
) -> Float[Array, "users uavs subcarriers"]:
    """Return g of (4), (5) with UAVs at the given positions, m, on every subcarrier."""
    return uav_path_gain(scenario, state.user_positions, positions)[..., None] * uav_fading(
        scenario, state.uav_draws
    )


def terrestrial_gain(
    scenario: Scenario, state: State, subcarrier: Int[Array, " users"]
) -> Float[Array, "users base_stations"]:
    """Return `base_gains` on each user's own subcarrier alone (subcarrier 0 for −1)."""
    return base_path_gain(scenario, state.user_positions) * base_fading(
        scenario, _on(state.base_draws, subcarrier)
    )


def non_terrestrial_gain(
    scenario: Scenario,
    state: State,
    positions: Float[Array, "uavs 2"],
    subcarrier: Int[Array, " users"],
) -> Float[Array, "users nodes"]:
    """Return UAV and satellite gains on each user's own subcarrier (subcarrier 0 for −1)."""
    uav = uav_path_gain(scenario, state.user_positions, positions) * uav_fading(
        scenario, _on(state.uav_draws, subcarrier)
    )
    return jnp.concatenate([uav, satellite_gains(scenario)], axis=1)


def _on(
    draws: Float[Array, "users nodes subcarriers *parts"], subcarrier: Int[Array, " users"]
) -> Float[Array, "users nodes *parts"]:
    return draws[jnp.arange(draws.shape[0]), :, jnp.maximum(subcarrier, 0)]


def subcarrier_band(scenario: Scenario) -> Float[Array, ""]:
    """Return B_N = B/N, Hz."""
    return jnp.asarray(scenario.radio.bandwidth_mhz, float) * 1e6 / scenario.radio.subcarriers


def paint_beams(scenario: Scenario) -> np.ndarray:
    """Return the part of the satellites' band that each beam uses: its number modulo reuse."""
    return np.arange(scenario.satellites.count) % scenario.satellites.reuse


def aerial_noise_power(scenario: Scenario, uavs: int) -> Float[Array, "..."]:
    """Return the noise in a subcarrier of UAVs and of satellites, whose beams may use parts, W.

    The result is one number if all nodes have the same noise, otherwise shape (nodes, 1).
    """
    whole, satellites = noise_power(scenario), scenario.satellites
    if satellites.reuse == 1:
        return whole
    # a narrower band has less noise
    parts = np.repeat([1.0, 1.0 / satellites.reuse], [uavs, satellites.count])
    return whole * jnp.asarray(parts[:, None], float)


def noise_power(scenario: Scenario) -> Float[Array, ""]:
    """Return B_N·N_0, W."""
    return noise.power(subcarrier_band(scenario), from_dbm(scenario.radio.noise_dbm_per_hz))
