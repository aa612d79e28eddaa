"""One drop of the network from randomness to results (Algorithm 1), for all frameworks at once."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from sagin.radio import amplify_forward, capacity
from sagin.relaying import energy
from sagin.relaying import links as link_models
from sagin.relaying import power as powers
from sagin.relaying.association import admit_users, assign_users, check_reach
from sagin.relaying.frameworks import FRAMEWORKS, Branches, build_branches, select_senders
from sagin.relaying.links import DropLinks
from sagin.relaying.placement import PLACEMENTS, Request, squared_distances
from sagin.relaying.sampling import Realisation
from sagin.relaying.scenario import Scenario
from sagin.units import from_db, from_dbm

Rows = Float[Array, "*drops frameworks"]
Counts = Int[Array, "*drops frameworks"]
Users = Bool[Array, "users"]


class Summary(NamedTuple):
    """What a drop comes to; the framework axis is in the order of FRAMEWORKS."""

    capacity: Rows
    """C_j + C_G and what the satellite serves directly, bit/s."""
    radiated_power: Rows
    """Transmit power alone, W: P_G and all links' transmit powers (the satellite's if the scenario
    counts it); nothing that hovers.
    """
    printed_power: Rows
    """Power as (30) prints it with (11), W: `radiated_power`, hovering, and an aerial base
    station's baseband and backhaul.
    """
    site_power: Rows
    """Power drawn, W: the GBS's site, hovering, baseband and backhaul, and transmit powers over the
    amplifier's efficiency.
    """
    relayed: Counts
    """Users served over relays or by aerial base stations."""
    direct: Counts
    """Users served by the satellite directly."""
    aircraft: Counts
    """Relays or aerial base stations sent, whether or not they serve anybody."""
    base_users: Int[Array, ""]
    """Users served by the GBS."""
    base_capacity: Float[Array, ""]
    """C_G (29), bit/s."""
    users: Int[Array, ""]
    """Users present."""
    excess: Int[Array, ""]
    """Users in excess."""
    visible: Bool[Array, ""]
    """V (12)."""
    triggered: Bool[Array, ""]
    """Whether Algorithm 1's line 5 lets relays go."""

    @property
    def served(self) -> Counts:
        """Users served by anyone."""
        return self.base_users[..., None] + self.relayed + self.direct

    @property
    def radiated_efficiency(self) -> Rows:
        """Capacity over transmit power alone (`radiated_power`), bit/J."""
        return self.capacity / self.radiated_power

    @property
    def printed_efficiency(self) -> Rows:
        """Energy efficiency (30) with the hovering power of (11) (`printed_power`), bit/J."""
        return self.capacity / self.printed_power

    @property
    def site_efficiency(self) -> Rows:
        """Capacity over the power drawn (`site_power`), bit/J."""
        return self.capacity / self.site_power


class Detail(NamedTuple):
    """Who is served by whom in a drop, and how."""

    base: Users
    """δ_{i,G} (17)."""
    excess: Users
    """Users in excess."""
    needy: Users
    """Users in excess whom no direct link keeps from being relayed."""
    relays: Float[Array, "relays 2"]
    """Places of the relays, m."""
    links: DropLinks
    """All SNRs at full power."""
    served: Bool[Array, "frameworks users nodes"]
    """δ_{i,j}; the last node is the satellite's direct link."""
    sent: Bool[Array, "frameworks relays"]
    """Whether a relay or aerial base station is sent."""
    power: Float[Array, "frameworks users relays"]
    """p_{i,j}, W."""
    snr: Float[Array, "frameworks users nodes"]
    """SNR of each user at each node."""
    rate: Float[Array, "frameworks users"]
    """Rate of each user served by a relay or by the satellite, bit/s."""


class BaseService(NamedTuple):
    """What the base station leaves over."""

    base: Users
    excess: Users
    needy: Users
    triggered: Bool[Array, ""]


def mean_rate(
    scenario: Scenario, drop: Realisation, distance: Float[Array, "..."]
) -> Float[Array, "..."]:
    """Return the rate (27), bit/s, of a relayed user at a horizontal distance,
    m, with every channel at its mean and p_max; 0 below γ_th.
    """
    unit = link_models.hop_snr_per_watt(scenario, link_models.hop_path_loss_db(scenario, distance))
    first = link_models.mean_first_hop(scenario, drop.serving)
    relayed = amplify_forward.snr(
        first, unit * from_dbm(scenario.relay.power_dbm), amplify_forward.semi_blind_constant(first)
    )
    heavy = link_models.FADING[scenario.satellite.fading_user]
    mean = link_models.shadowed_rician.mean_power(heavy)
    snr = (
        link_models.satellite_snr(scenario, drop.serving, mean, scenario.users.antenna_gain_dbi)
        + relayed
    )
    rate = capacity.shannon_rate(0.5 * link_models.bandwidth(scenario), snr)
    return jnp.where(snr >= from_db(scenario.algorithm.threshold_db), rate, 0.0)


def serve_by_base(
    scenario: Scenario, drop: Realisation, direct: Float[Array, "users"]
) -> BaseService:
    """Return whom the GBS serves (17), who is in excess, who needs a relay, and whether line 5
    sends one.
    """
    algorithm, threshold = scenario.algorithm, from_db(scenario.algorithm.threshold_db)
    snr = link_models.compute_base_snr(scenario, drop)
    qualified = drop.present & (snr >= threshold)
    base = admit_users(
        qualified,
        snr if scenario.base.admission == "strongest" else drop.order,
        scenario.base.capacity,
    )
    excess = (drop.present if algorithm.excess == "unserved" else qualified) & ~base
    needy = excess & ~(direct >= threshold) if algorithm.gate == "user" else excess
    crowded = qualified.sum() > scenario.base.capacity
    if algorithm.trigger != "excess":
        dense = _densest(scenario, drop, excess)
        crowded = dense if algorithm.trigger == "density" else crowded | dense
    return BaseService(base, excess, needy, crowded)


def _densest(scenario: Scenario, drop: Realisation, excess: Users) -> Bool[Array, ""]:
    """Return whether D_th·π·R_j² users (line 2) or more stand within R_j of some user in excess."""
    square = jnp.square(jnp.asarray(scenario.relay.radius_m, float))
    near = squared_distances(drop.users, drop.users) <= square
    crowd = jnp.sum(jnp.where(near & drop.present, 1.0, 0.0), axis=1)
    return jnp.any(excess & (crowd >= scenario.algorithm.density_per_km2 * 1e-6 * jnp.pi * square))


def place(scenario: Scenario, drop: Realisation, base: BaseService) -> Float[Array, "relays 2"]:
    """Return where the scenario's rule sends relays and aerial base stations, m, shape (relays, 2):
    by the users in need, or by all in excess where none is in need, for whom only stations go.
    """
    if scenario.relay.count == 0:
        return jnp.zeros((0, 2))
    wanted = jnp.where(base.needy.any(), base.needy, base.excess)
    return PLACEMENTS[scenario.algorithm.placement](
        build_request(scenario, drop, wanted), scenario.relay.count
    )


def send(
    scenario: Scenario, drop: Realisation, base: BaseService
) -> Bool[Array, "frameworks relays"]:
    """Return what is sent: where line 5 is triggered, at most as many relays as users are in need,
    while the satellite is visible, and at most as many aerial base stations as users are in excess,
    whatever the satellite.
    """
    turn = jnp.arange(scenario.relay.count)
    relays, stations = drop.serving.visible & (turn < base.needy.sum()), turn < base.excess.sum()
    return base.triggered & (
        (select_senders("relay")[:, None] & relays)
        | (select_senders("station")[:, None] & stations)
    )


def build_request(scenario: Scenario, drop: Realisation, needy: Users) -> Request:
    """Return what a placement has to know of a drop."""
    relay = scenario.relay
    rate = partial(mean_rate, scenario, drop)
    return Request(
        drop.users,
        needy,
        relay.radius_m,
        relay.capacity,
        scenario.base.cell_radius_m,
        rate,
        scenario.algorithm.grid,
    )


def evaluate_drop(scenario: Scenario, drop: Realisation) -> tuple[Summary, Detail]:
    """Return a drop's results for all frameworks: association, placement, powers, rates and energy,
    in Algorithm 1's order.

    Users are associated at p_max, then powers are set for those associated, then (25) is checked
    again at the powers set.
    """
    direct = link_models.satellite_snr(
        scenario, drop.serving, drop.direct_fading, scenario.users.antenna_gain_dbi
    )
    base = serve_by_base(scenario, drop, direct)
    places, sent = place(scenario, drop, base), send(scenario, drop, base)
    links = link_models.compute_links(scenario, drop, places)
    full = _combined(_all_branches(links, _full_power(scenario)), direct)
    eligible = _eligible(scenario, sent, base, links, full)
    room = jnp.asarray([scenario.relay.capacity] * scenario.relay.count + [drop.users.shape[0]])
    pairs = jax.vmap(assign_users, in_axes=(0, 0, None))(full, eligible, room)
    detail, base_capacity = _settle(scenario, base, links, pairs, (places, sent))
    return _summary(scenario, drop, base.triggered, detail, base_capacity), detail


def _full_power(scenario: Scenario) -> Float[Array, "frameworks 1 1"]:
    relay, station = from_dbm(scenario.relay.power_dbm), from_dbm(scenario.energy.station_power_dbm)
    return jnp.where(select_senders("station"), station, relay)[:, None, None]


def _all_branches(links: DropLinks, power: Float[Array, "frameworks ..."]) -> Branches:
    """Return the branches of every framework at its own powers, with a leading framework axis."""
    return jax.vmap(
        lambda watts: build_branches(links.direct, links.first, links.hop * watts, links.constant)
    )(power)


def _combined(
    paths: Branches, direct: Float[Array, "users"]
) -> Float[Array, "frameworks users nodes"]:
    """Return every framework's SNR over each relay and, as the last node, over the direct link."""
    relayed = jnp.stack(
        [
            row.combine(Branches(*(branch[place] for branch in paths)))
            for place, row in enumerate(FRAMEWORKS)
        ]
    )
    alone = jnp.broadcast_to(direct[None, :, None], (*relayed.shape[:2], 1))
    return jnp.concatenate([relayed, alone], axis=2)


def _eligible(
    scenario: Scenario, sent: Array, base: BaseService, links: DropLinks, snr: Array
) -> Bool[Array, "frameworks users nodes"]:
    """Return who may be served where: (25) with PL_max at the aircraft sent, line 5's gate, and
    γ_th at the direct link, which needs no trigger.
    """
    threshold, gated = from_db(scenario.algorithm.threshold_db), scenario.algorithm.gate == "user"
    can_be_direct = jnp.asarray(
        [row.direct == "always" or (gated and row.direct == "gated") for row in FRAMEWORKS]
    )[:, None, None]
    reach = check_reach(snr[:, :, :-1], threshold, links.distance, scenario.relay.radius_m)
    reach &= sent[:, None, :] & (links.path_loss_db <= scenario.relay.path_loss_limit_db)
    relayed = (
        reach & jnp.where(select_senders("station")[:, None], base.excess, base.needy)[:, :, None]
    )
    direct = can_be_direct & base.excess[:, None] & (snr[:, :, -1:] >= threshold)
    return jnp.concatenate([relayed, direct], axis=2)


def _settle(
    scenario: Scenario,
    base: BaseService,
    links: DropLinks,
    pairs: Array,
    aircraft: tuple[Array, Array],
) -> tuple[Detail, Array]:
    """Return powers, (25) again and rates once it is known who is associated with whom, and C_G;
    aircraft: their places, and which go.
    """
    places, sent = aircraft
    band = link_models.bandwidth(scenario)
    base_rates = _turn(scenario, base.base) * capacity.shannon_rate(band, links.base)
    base_capacity = base_rates.sum(where=base.base)
    power = _powers(scenario, links, pairs, sent, base_capacity)
    snr = _combined(_all_branches(links, power), links.direct)
    served = pairs & (snr >= from_db(scenario.algorithm.threshold_db))
    power = jnp.where(served[:, :, :-1], power, 0.0)
    turn = _turns(scenario, served)
    share = jnp.asarray(
        [[row.relay_band] * scenario.relay.count + [row.direct_band] for row in FRAMEWORKS]
    )[:, None, :]
    rate = (turn * capacity.shannon_rate(share * band, snr)).sum(axis=2, where=served)
    return Detail(
        base.base, base.excess, base.needy, places, links, served, sent, power, snr, rate
    ), base_capacity


def _turns(
    scenario: Scenario, served: Bool[Array, "frameworks users nodes"]
) -> Float[Array, "frameworks 1 nodes"]:
    return jax.vmap(jax.vmap(partial(_turn, scenario), in_axes=1))(served)[:, None, :]


def _turn(scenario: Scenario, served: Users) -> Float[Array, ""]:
    """Return the share of the time that each of a node's users has: 1, or an equal one if they take
    turns.
    """
    taken = jnp.maximum(served.sum(), 1) if scenario.radio.band_rule == "shared" else 1
    return jnp.asarray(1.0 / taken, float)


def _powers(
    scenario: Scenario, links: DropLinks, pairs: Array, sent: Array, base_capacity: Array
) -> Float[Array, "frameworks users relays"]:
    """Return the powers of all frameworks, W: relays' by the rules for the combined signal (24),
    stations' in full.
    """
    settings = scenario.power
    direct, first, constant = jnp.broadcast_arrays(
        links.direct[:, None], links.first, links.constant
    )
    shape = links.hop.shape
    hops = powers.Hops(
        jnp.broadcast_to(direct, shape),
        jnp.broadcast_to(first, shape),
        jnp.broadcast_to(constant, shape),
        links.hop,
    )
    threshold = from_db(scenario.algorithm.threshold_db)
    hop_alone = settings.minimum == "hop"
    least = (
        powers.minimum_hop_power(threshold, links.mean_hop)
        if hop_alone
        else powers.minimum_combined_power(threshold, hops)
    )
    shared, band = scenario.radio.band_rule == "shared", link_models.bandwidth(scenario)

    def one(
        pairs: Bool[Array, "users nodes"], sent: Bool[Array, "relays"], direct_band: Array
    ) -> Float[Array, "users relays"]:
        chosen, direct = pairs[:, :-1], pairs[:, -1]
        turn = jax.vmap(partial(_turn, scenario), in_axes=1)(pairs)[:-1]
        limit = "link" if shared else settings.limit
        rules = powers.PowerRule(
            settings.objective, limit, from_dbm(scenario.relay.power_dbm), 0.5 * band, turn
        )
        elsewhere = base_capacity + (
            _turn(scenario, direct) * capacity.shannon_rate(direct_band * band, links.direct)
        ).sum(where=direct)
        rest = powers.OtherNodes(elsewhere, _standing(scenario, sent.sum(), pairs))
        return powers.allocate_powers(hops, chosen, least, rules, rest).point

    direct_band = jnp.asarray([row.direct_band for row in FRAMEWORKS])
    in_full = jnp.where(pairs[:, :, :-1], _full_power(scenario), 0.0)
    return jnp.where(
        select_senders("station")[:, None, None], in_full, jax.vmap(one)(pairs, sent, direct_band)
    )


def _standing(
    scenario: Scenario, aircraft: Array, pairs: Bool[Array, "users nodes"]
) -> Float[Array, ""]:
    """Return the power (30), W, of a network whose relays hover and send nothing."""
    return _accounts(
        scenario, energy.NodeActivity(aircraft, 0.0, 0.0, _bands(scenario, pairs.sum()))
    ).printed


def _bands(scenario: Scenario, users: Array) -> Array:
    """Return the number of bands in which the satellite sends to that many users."""
    return jnp.minimum(users, 1) if scenario.radio.band_rule == "shared" else users


def _accounts(scenario: Scenario, drawn: energy.NodeActivity) -> energy.PowerAccounts:
    beam = link_models.eirp(scenario) / from_db(scenario.energy.satellite_gain_dbi)
    return energy.compute_accounts(
        drawn, scenario.energy, from_dbm(scenario.base.power_dbm), scenario.relay.altitude_m, beam
    )


def _summary(
    scenario: Scenario, drop: Realisation, triggered: Array, detail: Detail, base_capacity: Array
) -> Summary:
    relayed, direct = detail.served[:, :, :-1].sum(axis=(1, 2)), detail.served[:, :, -1].sum(axis=1)
    aircraft = detail.sent.sum(axis=1)
    spent = (detail.power * _turns(scenario, detail.served)[:, :, :-1]).sum(axis=(1, 2))
    bands = _bands(scenario, direct + jnp.where(select_senders("station"), 0, relayed))
    account = _accounts(
        scenario, energy.NodeActivity(aircraft, spent, select_senders("station"), bands)
    )
    return Summary(
        capacity=base_capacity + detail.rate.sum(axis=1),
        radiated_power=account.radiated,
        printed_power=account.printed,
        site_power=account.site,
        relayed=relayed,
        direct=direct,
        aircraft=aircraft,
        base_users=detail.base.sum(),
        base_capacity=base_capacity,
        users=drop.present.sum(),
        excess=detail.excess.sum(),
        visible=drop.serving.visible,
        triggered=triggered,
    )
