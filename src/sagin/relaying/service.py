"""Steps before the method's decision: users of the base station, users in need, aircraft sent."""

from functools import partial
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int

from sagin.choices import select_case
from sagin.radio import amplify_forward, capacity
from sagin.relaying import links as link_models
from sagin.relaying.association import admit_users
from sagin.relaying.decision import Request
from sagin.relaying.fading import get_fading
from sagin.relaying.frameworks import select_senders
from sagin.relaying.placement import find_hotspot_user, sum_over_users
from sagin.relaying.sampling import Realisation
from sagin.relaying.scenario import Scenario
from sagin.units import from_db, from_dbm

Users = Bool[Array, "users"]


class BaseService(NamedTuple):
    """The users whom the base station serves, and the users whom it leaves."""

    base: Users
    excess: Users
    needy: Users
    triggered: Bool[Array, ""]
    cells: Int[Array, "users"] | None = None
    """The base station of each user; None with a single base station."""

    def count_users(self) -> Int[Array, "users"] | Int[Array, ""]:
        """Count the users whom each user's base station admits, at least 1."""
        if self.cells is None:
            return jnp.maximum(self.base.sum(), 1)
        is_same = self.cells[:, None] == self.cells
        return jnp.maximum(jnp.sum(is_same & self.base, axis=1), 1)


def mean_rate(
    scenario: Scenario, drop: Realisation, distance: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Return the rate (27), bit/s, of a relayed user at a horizontal distance, m, on mean channels.

    The relay sends at p_max; the rate is 0 below γ_th.
    """
    # mean hop and mean first hop, by expected fading
    loss_db = link_models.hop_path_loss_db(scenario, distance)
    mean_hop = get_fading(scenario.air.fading).mean * scenario.users.antennas
    unit = link_models.hop_snr_per_watt(scenario, loss_db) * mean_hop
    first = link_models.mean_first_hop(scenario, drop.serving)
    # the relayed path adds to the direct one
    relayed = amplify_forward.snr(
        first, unit * from_dbm(scenario.relay.power_dbm), amplify_forward.semi_blind_constant(first)
    )
    mean = get_fading(scenario.satellite.fading_user).mean * scenario.users.antennas
    snr = link_models.direct_snr(scenario, drop.serving, mean) + relayed
    rate = capacity.shannon_rate(0.5 * link_models.bandwidth(scenario), snr)
    return jnp.where(snr >= from_db(scenario.algorithm.threshold_db), rate, 0.0)


def serve_by_base(
    scenario: Scenario, drop: Realisation, direct: Float[Array, "users"]
) -> BaseService:
    """Find the users of the GBS (17), in excess and in need, and whether line 5 sends relays."""
    algorithm, threshold = scenario.algorithm, from_db(scenario.algorithm.threshold_db)
    # users above the threshold, as many as the base station has room for
    snr = link_models.compute_base_snr(scenario, drop)
    qualified = drop.present & (snr >= threshold)
    priority = select_case(
        scenario.base.admission, {"strongest": lambda: snr, "random": lambda: drop.order}
    )
    cells, room = None, scenario.base.capacity
    if drop.further_fading is None:
        base, crowded = admit_users(qualified, priority, room), qualified.sum() > room
    else:
        cells = link_models.find_cells(scenario, drop.users)
        base, crowded = _admit_to_cells(scenario, qualified, priority, cells)
    # users in excess, and among them users who need a relay
    among = select_case(
        algorithm.excess, {"unserved": lambda: drop.present, "no_room": lambda: qualified}
    )
    excess = among & ~base
    needy = _pass_gate(scenario, drop, excess, direct >= threshold)
    # line 5: more users than room, or a dense spot
    if algorithm.trigger != "excess":
        open_case = True if algorithm.trigger == "density" else ~crowded
        dense = _find_dense_spot(scenario, drop, excess, open_case)
        crowded = dense if algorithm.trigger == "density" else crowded | dense
    return BaseService(base, excess, needy, crowded, cells)


def _admit_to_cells(
    scenario: Scenario,
    qualified: Users,
    priority: Float[Array, "users"],
    cells: Int[Array, "users"],
) -> tuple[Users, Bool[Array, ""]]:
    """Return the mask of users whom their base stations admit, and whether any cell has no room."""
    stations = jnp.arange(1 + len(scenario.base.positions_m))
    # (stations, users): each cell admits by the same priority
    asking, room = qualified & (cells == stations[:, None]), scenario.base.capacity
    admitted = jax.vmap(lambda rows: admit_users(rows, priority, room))(asking)
    return admitted.any(axis=0), jnp.any(asking.sum(axis=1) > room)


def _pass_gate(scenario: Scenario, drop: Realisation, excess: Users, reached: Users) -> Users:
    """Select the users in excess whom line 5 allows relays to serve.

    `reached` are the users whom the satellite serves.
    """

    def pass_all_or_nobody() -> Users:
        user, _ = find_hotspot_user(drop.users, excess, scenario.relay.radius_m)
        return excess & ~reached[user]

    return select_case(
        scenario.algorithm.gate,
        {
            "user": lambda: excess & ~reached,
            "hotspot": pass_all_or_nobody,
            "ignored": lambda: excess,
        },
    )


def _find_dense_spot(
    scenario: Scenario, drop: Realisation, excess: Users, needed: Bool[Array, ""] | bool
) -> Bool[Array, ""]:
    """Return whether D_th·π·R_j² users (line 2) or more are within R_j of some user in excess.

    The search is skipped if `needed` is False.
    """
    square = jnp.square(jnp.asarray(scenario.relay.radius_m, float))
    crowd = sum_over_users(
        drop.users, drop.present, lambda distance: jnp.where(distance <= square, 1.0, 0.0), needed
    )
    return jnp.any(excess & (crowd >= scenario.algorithm.density_per_km2 * 1e-6 * jnp.pi * square))


def send_aircraft(
    scenario: Scenario, drop: Realisation, base: BaseService, most: ArrayLike
) -> Bool[Array, "frameworks relays"]:
    """Select the aircraft to send if line 5 is triggered, at most the first `most`.

    At most as many relays are sent as users are in need, while the satellite is visible, and at
    most as many aerial base stations as users are in excess, whatever the satellite.
    """
    # relays need a satellite and a user in need, aerial stations a user
    turn = jnp.arange(scenario.relay.count)
    relays, stations = drop.serving.visible & (turn < base.needy.sum()), turn < base.excess.sum()
    return (
        (turn < most)
        & (base.triggered)
        & (
            (select_senders("relay")[:, None] & relays)
            | (select_senders("station")[:, None] & stations)
        )
    )


def build_request(
    scenario: Scenario, drop: Realisation, needy: Bool[Array | np.ndarray, "users"]
) -> Request:
    """Build the data of a drop for a method.

    Args:
        scenario: relaying scenario.
        drop: random draws of the drop.
        needy: mask of users in need, [users].
    """
    return Request(
        users_m=drop.users,
        needy=cast(Array, needy),
        relays=scenario.relay.count,
        radius_m=scenario.relay.radius_m,
        capacity=scenario.relay.capacity,
        cell_radius_m=scenario.base.cell_radius_m,
        rate=partial(mean_rate, scenario, drop),
        links=partial(link_models.compute_links, scenario, drop),
        power_limit_w=from_dbm(scenario.relay.power_dbm),
        seed=drop.seed,
        grid=scenario.algorithm.grid,
    )


def select_needy(base: BaseService) -> Users:
    """Select the users who guide the placement: users in need, or all in excess if none is in need.

    If no user is in need, only aerial base stations are sent.
    """
    return jnp.where(base.needy.any(), base.needy, base.excess)
