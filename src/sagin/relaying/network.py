"""One drop of the network from random draws to results (Algorithm 1), for all frameworks."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int

from sagin.choices import select_case
from sagin.radio import capacity
from sagin.relaying import energy
from sagin.relaying import links as link_models
from sagin.relaying import power as powers
from sagin.relaying.association import assign_users, check_reach
from sagin.relaying.decision import Decision, DecisionRule, ask_rule
from sagin.relaying.frameworks import (
    FRAMEWORKS,
    Branches,
    build_branches,
    join_antennas,
    select_direct,
    select_senders,
)
from sagin.relaying.links import DropLinks
from sagin.relaying.placement import DECISION_RULES
from sagin.relaying.results import Detail, Summary
from sagin.relaying.sampling import Realisation
from sagin.relaying.scenario import Scenario
from sagin.relaying.service import (
    BaseService,
    build_request,
    select_needy,
    send_aircraft,
    serve_by_base,
)
from sagin.units import from_db, from_dbm

Users = Bool[Array, "users"]


def evaluate_drop(
    scenario: Scenario,
    drop: Realisation,
    rule: DecisionRule | None = None,
    relays: ArrayLike | None = None,
) -> tuple[Summary, Detail]:
    """Evaluate a drop for all frameworks, in the order of Algorithm 1.

    The base station serves, the method decides, users are associated (at p_max, or at the method's
    powers), the powers of associated users are set (by the method or by the scenario's rule), and
    (25) is checked again at these powers. All steps use the channels as they are known. Rates use
    the true channels, and a link whose true SNR is below γ_th carries nothing.

    Args:
        scenario: the scenario.
        drop: its random draws.
        rule: the method, a pure JAX function; None takes the scenario's `algorithm.placement`.
        relays: largest number of relays to send, at most the scenario's; None: all. It may be
            traced.
    """
    # the base station serves, the method decides, aircraft are sent
    known = drop.show_known()
    base = serve_drop(scenario, known)
    decision = _decide(scenario, known, base, rule)
    sent = send_aircraft(scenario, drop, base, scenario.relay.count if relays is None else relays)
    positions = jnp.asarray(decision.positions_m)
    links = link_models.compute_links(scenario, known, positions)
    # association at the largest powers, or at those decided
    full = _combine(links, _offer_powers(scenario, decision))
    eligible = _check_eligible(scenario, sent, base, links, full)
    room = jnp.full(scenario.relay.count, scenario.relay.capacity)
    pairs = jax.vmap(assign_users, in_axes=(0, 0, None))(full, eligible, room)
    # rates are of the true channels, decisions of the known ones
    truth = links if known is drop else link_models.compute_links(scenario, drop, positions)
    service = _Service(base, links, truth, sent, decision)
    detail, base_capacity = _settle(scenario, service, pairs)
    return _summarise(scenario, drop, base.triggered, detail, base_capacity), detail


def serve_drop(scenario: Scenario, drop: Realisation) -> BaseService:
    """Find the users whom the base station serves in a drop, and those who need a relay."""
    direct = link_models.direct_snr(scenario, drop.serving, drop.direct_fading)
    return serve_by_base(scenario, drop, direct.sum(axis=-1))


def _decide(
    scenario: Scenario, drop: Realisation, base: BaseService, rule: DecisionRule | None
) -> Decision:
    """Return the method's decision; without relays there is no decision."""
    if scenario.relay.count == 0:
        return Decision(jnp.zeros((0, 2)))
    rule = rule or DECISION_RULES[scenario.algorithm.placement]
    return ask_rule(rule, build_request(scenario, drop, select_needy(base)))


def _offer_powers(scenario: Scenario, decision: Decision) -> Float[Array, "frameworks _ _"]:
    """Return the powers at which users are associated, W: the method's, or full power."""
    in_full = _full_power(scenario)
    if decision.powers_w is None:
        return in_full
    is_station = select_senders("station")[:, None, None]
    return jnp.where(is_station, in_full, jnp.asarray(decision.powers_w))


def _full_power(scenario: Scenario) -> Float[Array, "frameworks 1 1"]:
    relay, station = from_dbm(scenario.relay.power_dbm), from_dbm(scenario.energy.station_power_dbm)
    return jnp.where(select_senders("station"), station, relay)[:, None, None]


def _combine(
    links: DropLinks, power: Float[Array, "frameworks ..."]
) -> Float[Array, "frameworks users nodes"]:
    """Return every framework's SNR through each relay at its own powers.

    The last node is the direct link.
    """
    # each framework combines its own branches, (frameworks, users, relays)
    paths = _build_all_branches(links, power)
    of_framework = [Branches(*(branch[row] for branch in paths)) for row in range(len(FRAMEWORKS))]
    relayed = jnp.stack(
        [row.combine(branches) for row, branches in zip(FRAMEWORKS, of_framework, strict=True)]
    )
    # the last node is the satellite alone, without a relay
    alone = jnp.broadcast_to(links.direct[None, :, None], (*relayed.shape[:2], 1))
    return jnp.concatenate([relayed, alone], axis=2)


def _build_all_branches(links: DropLinks, power: Float[Array, "frameworks ..."]) -> Branches:
    """Return the branches of every framework at its own powers, with a leading framework axis."""
    # one antenna needs no axis of frameworks
    if links.antenna_direct.shape[-1] == 1:
        direct, hop, axis = links.direct, links.hop, None
    else:
        direct, hop, axis = *join_antennas(links.antenna_direct, links.antenna_hop), 0
    return jax.vmap(
        lambda direct, hop, watts: build_branches(direct, links.first, hop * watts, links.constant),
        in_axes=(axis, axis, 0),
    )(direct, hop, power)


def _check_eligible(
    scenario: Scenario, sent: Array, base: BaseService, links: DropLinks, snr: Array
) -> Bool[Array, "frameworks users nodes"]:
    """Check which user may be served by which node.

    (25) with PL_max and line 5's gate apply to the aircraft that are sent; γ_th applies to the
    direct link, which needs no trigger.
    """
    threshold = from_db(scenario.algorithm.threshold_db)
    # the gate leaves direct links: to users who have one, or to all where it sends no relay
    gated = select_case(
        scenario.algorithm.gate,
        {"user": lambda: True, "ignored": lambda: False, "hotspot": lambda: ~base.needy.any()},
    )
    always, by_gate = (
        jnp.asarray([row.direct == kind for row in FRAMEWORKS])[:, None, None]
        for kind in ("always", "gated")
    )
    # direct links of the frameworks that have them, (frameworks, 1, 1)
    can_be_direct = always | (by_gate & gated)
    # (25) and PL_max at each aircraft, (frameworks, users, relays)
    reach = check_reach(snr[:, :, :-1], threshold, links.distance, scenario.relay.radius_m)
    reach &= sent[:, None, :] & (links.path_loss_db <= scenario.relay.path_loss_limit_db)
    users = jnp.where(select_senders("station")[:, None], base.excess, base.needy)
    relayed = reach & users[:, :, None]
    direct = can_be_direct & base.excess[:, None] & (snr[:, :, -1:] >= threshold)
    return jnp.concatenate([relayed, direct], axis=2)


class _Service(NamedTuple):
    """Decisions in a drop before powers are set."""

    base: BaseService
    links: DropLinks
    """Links as they are known."""
    truth: DropLinks
    """True links; the same object if they are known exactly."""
    sent: Array
    decision: Decision


def _settle(scenario: Scenario, service: _Service, pairs: Array) -> tuple[Detail, Array]:
    """Set powers, check (25) again and compute rates for an association; return them and C_G."""
    base, links, truth, sent, decision = service
    band, threshold = link_models.bandwidth(scenario), from_db(scenario.algorithm.threshold_db)
    base_capacity = _sum_base_rates(scenario, base, base.base, links)
    # powers, and who is served at them
    power = _set_powers(scenario, links, pairs, sent, base_capacity, decision)
    snr = _combine(links, power)
    served = sends = pairs & (snr >= threshold)
    power = jnp.where(sends[:, :, :-1], power, 0.0)
    by_base = base.base
    if truth is not links:
        # users who receive a signal above the threshold
        snr, by_base = _combine(truth, power), base.base & (truth.base >= threshold)
        served = sends & (snr >= threshold)
        base_capacity = _sum_base_rates(scenario, base, by_base, truth)
    # rates by each framework's shares of the band
    shares = [[row.relay_band] * scenario.relay.count + [row.direct_band] for row in FRAMEWORKS]
    rates = capacity.shannon_rate(jnp.asarray(shares)[:, None, :] * band, snr)
    detail = Detail(
        base=by_base,
        excess=base.excess,
        needy=base.needy,
        links=truth,
        served=served,
        sends=sends,
        sent=sent,
        power=power,
        decision=decision,
        snr=snr,
        rate=(_share_times(scenario, sends) * rates).sum(axis=2, where=served),
    )
    return detail, base_capacity


def _sum_base_rates(
    scenario: Scenario, base: BaseService, served: Users, links: DropLinks
) -> Float[Array, ""]:
    """Return C_G (29), bit/s, of all base stations.

    The admitted users of a station share its time, and some of them are served.
    """
    band, users = link_models.bandwidth(scenario), base.count_users()
    rates = _divide_time(scenario, users) * capacity.shannon_rate(band, links.base)
    return rates.sum(where=served)


def _share_times(
    scenario: Scenario, served: Bool[Array, "frameworks users nodes"]
) -> Float[Array, "frameworks 1 nodes"]:
    return jax.vmap(jax.vmap(partial(_share_time, scenario), in_axes=1))(served)[:, None, :]


def _share_time(scenario: Scenario, served: Users) -> Float[Array, ""]:
    """Return the share of time of each of a node's users: 1, or an equal one if they take turns."""
    return _divide_time(scenario, jnp.maximum(served.sum(), 1))


def _divide_time(scenario: Scenario, users: Int[Array, "..."]) -> Float[Array, "..."]:
    """Return 1, or 1/users if they take turns."""
    turns = select_case(scenario.radio.band_rule, {"shared": lambda: users, "per_user": lambda: 1})
    return jnp.asarray(1.0 / turns, float)


def _set_powers(
    scenario: Scenario,
    links: DropLinks,
    pairs: Array,
    sent: Array,
    base_capacity: Array,
    decision: Decision,
) -> Float[Array, "frameworks users relays"]:
    """Set the powers of all frameworks, W: stations' in full, relays' by the method or the rule."""
    if decision.powers_w is not None:
        return jnp.where(pairs[:, :, :-1], _offer_powers(scenario, decision), 0.0)
    shape = links.hop.shape
    hops = powers.Hops(
        jnp.broadcast_to(links.direct[:, None], shape),
        jnp.broadcast_to(links.first, shape),
        jnp.broadcast_to(links.constant, shape),
        links.hop,
    )
    # line 10: the minimum power that each link needs
    least = _find_least_powers(scenario, links, hops)
    band, limit = link_models.bandwidth(scenario), scenario.power.limit
    # users who take turns have a link at a time
    if limit == "relay" and scenario.radio.band_rule == "shared":
        limit = "link"

    def allocate(
        pairs: Bool[Array, "users nodes"], sent: Bool[Array, "relays"], direct_band: Array
    ) -> Float[Array, "users relays"]:
        relayed, direct = pairs[:, :-1], pairs[:, -1]
        turn = jax.vmap(partial(_share_time, scenario), in_axes=1)(pairs)[:-1]
        rule = powers.PowerRule(
            scenario.power.objective, limit, from_dbm(scenario.relay.power_dbm), 0.5 * band, turn
        )
        # all users outside the relays' links, which efficiency also counts
        direct_rates = capacity.shannon_rate(direct_band * band, links.direct)
        rate = base_capacity + (_share_time(scenario, direct) * direct_rates).sum(where=direct)
        other = powers.OtherNodes(rate, _count_standing_power(scenario, sent.sum(), pairs))
        return powers.allocate_powers(hops, relayed, least, rule, other).point

    # each framework by its own band; stations send in full
    direct_band = jnp.asarray([row.direct_band for row in FRAMEWORKS])
    in_full = jnp.where(pairs[:, :, :-1], _full_power(scenario), 0.0)
    is_station = select_senders("station")[:, None, None]
    return jnp.where(is_station, in_full, jax.vmap(allocate)(pairs, sent, direct_band))


def _find_least_powers(
    scenario: Scenario, links: DropLinks, hops: powers.Hops
) -> Float[Array, "users relays"]:
    """Find p_min, W, by the scenario's reading of line 10."""
    threshold = from_db(scenario.algorithm.threshold_db)
    if scenario.power.minimum == "hop":
        return powers.minimum_hop_power(threshold, links.mean_hop)
    return powers.minimum_combined_power(threshold, hops)


def _count_standing_power(
    scenario: Scenario, aircraft: Array, pairs: Bool[Array, "users nodes"]
) -> Float[Array, ""]:
    """Return the power (30), W, of a network whose relays hover and send nothing."""
    return account_powers(
        scenario,
        energy.NodeActivity(aircraft, 0.0, 0.0, _count_bands(scenario, pairs.sum()), 0.0, 1.0),
    ).printed


def _count_bands(scenario: Scenario, users: Array) -> Array:
    """Return the number of bands in which the satellite sends to that many users."""
    return select_case(
        scenario.radio.band_rule,
        {"shared": lambda: jnp.minimum(users, 1), "per_user": lambda: users},
    )


def account_powers(scenario: Scenario, activity: energy.NodeActivity) -> energy.PowerAccounts:
    """Compute the four accounts of a network's power, W, from its nodes' activity."""
    beam = link_models.eirp(scenario) / from_db(scenario.energy.satellite_gain_dbi)
    return energy.compute_accounts(
        activity,
        scenario.energy,
        from_dbm(scenario.base.power_dbm),
        scenario.relay.altitude_m,
        beam,
        sites=1 + len(scenario.base.positions_m),
    )


def _count_users(links: Bool[Array, "frameworks users nodes"]) -> tuple[Array, Array]:
    """Return the numbers of users of relays or aerial base stations, and of direct users."""
    return links[:, :, :-1].sum(axis=(1, 2)), links[:, :, -1].sum(axis=1)


def measure_activity(scenario: Scenario, detail: Detail, visible: Array) -> energy.NodeActivity:
    """Measure the activity of the aerial and satellite nodes of every framework in a drop.

    `visible` is whether the satellite is in view.
    """
    # over relays first: one alone serves a user, so that those never sent change no digit
    times = _share_times(scenario, detail.sends)[:, :, :-1]
    spent = (detail.power * times).sum(axis=2).sum(axis=1)
    # an aerial base station's users need no satellite band
    over_relays, over_satellite = _count_users(detail.sends)
    over_relays = jnp.where(select_senders("station"), 0, over_relays)
    bands = _count_bands(scenario, over_satellite + over_relays)
    # power of one link at a time, summed over relays
    single = detail.power.max(axis=1, initial=0.0).sum(axis=1)
    aircraft = detail.sent.sum(axis=1)
    # the satellite radiates where relays or direct users need it
    lit = visible & (select_senders("relay") | select_direct())
    return energy.NodeActivity(aircraft, spent, select_senders("station"), bands, single, lit)


def _summarise(
    scenario: Scenario, drop: Realisation, triggered: Array, detail: Detail, base_capacity: Array
) -> Summary:
    relayed, direct = _count_users(detail.served)
    account = account_powers(scenario, measure_activity(scenario, detail, drop.serving.visible))
    return Summary(
        capacity=base_capacity + detail.rate.sum(axis=1),
        radiated_power=account.radiated,
        link_power=account.link,
        printed_power=account.printed,
        site_power=account.site,
        relayed=relayed,
        direct=direct,
        aircraft=detail.sent.sum(axis=1),
        base_users=detail.base.sum(),
        base_capacity=base_capacity,
        users=drop.present.sum(),
        excess=detail.excess.sum(),
        visible=drop.serving.visible,
        triggered=triggered,
    )
