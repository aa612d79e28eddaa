"""The relaying paper's equations as slow loops, one at a time, in numpy alone; independent of
sagin.

A user's fading is a list over its antennas. Decisions go by `known`, what is known of the fading;
rates by the fading itself.

Errata are mended as ../shared/spec/relaying.md says: (6) is (7)'s loss alone, (13) to (15) have
bandwidth and the loss at 1 m, (26) sums over relays, (31e) is ≤ 1. Numbers come as a plain dict in
SI and linear units, a drop's randomness as a dict of arrays.
"""

import math

from oracle.relaying_links import (
    RELAYED,
    base_sinr,
    combined,
    find_cells,
    hop_snr,
    path_loss_db,
    satellite_snr,
)

FRAMEWORKS = ("cud", "egc", "egc-equal", "sc", "leo-gbs", "leo-gbs-half", "gbs-only", "uav-bs")


def serve_base(n, gammas, numbers):
    """(17): strongest first or in the order of random numbers, at most ω_G; who reaches γ_th there,
    in that order.
    """
    rank = numbers if n["random_admission"] else gammas
    order = sorted(
        (i for i in range(len(gammas)) if gammas[i] >= n["threshold"]), key=lambda i: -rank[i]
    )
    return order[: n["base_capacity"]], order


def serve_cells(n, gammas, x, cells):
    """The same in each cell; who is admitted, who reaches γ_th, and whether a cell has no room."""
    admitted, reaching, over = [], [], False
    for cell in range(len(n["stations"])):
        members = [i for i in range(len(gammas)) if cells[i] == cell]
        base, order = serve_base(n, [gammas[i] for i in members], [x["order"][i] for i in members])
        admitted += [members[i] for i in base]
        reaching += [members[i] for i in order]
        over |= len(order) > n["base_capacity"]
    return admitted, reaching, over


def hotspot_user(n, positions, among):
    """i* of line 6: of some users the one with most of them within R_j, then the nearest ones."""
    best, record = None, None
    for i in among:
        near = [math.dist(positions[i], positions[k]) for k in among]
        near = [d for d in near if d <= n["radius"]]
        score = (len(near), sum(1.0 - (d / n["radius"]) ** 2 for d in near))
        if record is None or score > record:
            best, record = i, score
    return best


def hotspot_places(n, positions, needy):
    """Line 6, relay after relay."""
    left, places = list(needy), []
    for _ in range(n["relays"]):
        left = left or list(needy)
        best = hotspot_user(n, positions, left)
        places.append(tuple(positions[best]) if best is not None else (0.0, 0.0))
        if best is not None:
            taken = sorted((math.dist(positions[best], positions[k]), k) for k in left)
            served = [k for d, k in taken if d <= n["radius"]][: n["capacity"]]
            left = [k for k in left if k not in served]
    return places


def strongest_pairs(pairs, room):
    """(25), (26), (31b), (31e): pairs in the order of their SNR, at most one node a user and `room`
    users a node.
    """
    served, load = {}, {}
    for snr, user, node in sorted(pairs, reverse=True):
        if user not in served and load.get(node, 0) < room(node):
            served[user] = (node, snr)
            load[node] = load.get(node, 0) + 1
    return served


def dense(n, positions, excess):
    """Line 2: D_th·π·R_j² users or more within R_j of a user in excess."""
    for i in excess:
        near = sum(math.dist(positions[i], other) <= n["radius"] for other in positions)
        if near >= n["density"] * math.pi * n["radius"] ** 2:
            return True
    return False


def hovering_power(n):
    """(9)."""
    return n["p0"] * (1.0 + n["delta"]) * math.exp(n["epsilon"] * n["height"] / 2.0)


def clip(best, least, greatest):
    """Algorithm 1, lines 12 to 20, as printed."""
    p = best
    if least <= greatest:
        if p <= least:
            p = least
        elif p >= greatest:
            p = greatest
    else:
        p = greatest
    return p


def relayed_snr(name, n, gammas, link, power):
    """SNR of a user over a relay at a distance, at a power."""
    i, j, r = link
    hop = [hop_snr(n, r, power, fading) for fading in gammas["hop_fading"][i][j]]
    return combined(name, gammas["direct"][i], gammas["first"][j], hop, gammas["constant"])


def possible_pairs(name, n, x, state, gammas):
    """(25) at what is sent, γ_th at the direct link and line 5's gate: (SNR, user, node), node −1
    the satellite's direct link.
    """
    wanted = state["excess"] if name == "uav-bs" else state["needy"]
    for i in state["excess"]:
        direct = sum(gammas["direct"][i])
        for j in range(state["sent"][name]):
            r = math.dist(x["positions"][i], state["places"][j])
            power = n["station_power"] if name == "uav-bs" else n["power"]
            snr = relayed_snr(name, n, gammas, (i, j, r), power)
            if (
                i in wanted
                and snr >= n["threshold"]
                and r <= n["radius"]
                and path_loss_db(n, r) <= n["loss_limit_db"]
            ):
                yield snr, i, j
        gated = n["gate"] == "user" or (n["gate"] == "hotspot" and not state["needy"])
        if (name.startswith("leo") or (name in RELAYED and gated)) and direct >= n["threshold"]:
            yield direct, i, -1


def satellite_power(n, users, lit):
    """Of no beam, of one while it serves anybody or while it could, or of one for each user's own
    band.
    """
    if n["satellite"] == "standing":
        return n["beam"] * lit
    bands = min(users, 1) if n["band_shared"] or n["satellite"] == "beam" else users
    return n["beam"] * bands if n["satellite"] != "excluded" else 0.0


def power_at_price(links, low, high, price, band):
    """Where the marginal rate of (24), (27) meets a price, by bisection within [p_min, p_max]."""

    def slope(p):
        direct, first, unit, constant = links
        gamma = direct + first * unit * p / (unit * p + constant)
        rise = first * unit * constant / (unit * p + constant) ** 2
        return band / math.log(2.0) * rise / (1.0 + gamma) - price

    if low >= high or slope(high) >= 0:
        return high
    if slope(low) <= 0:
        return low
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2.0


def efficient_powers(n, x, served, gammas, state, rest):
    """(30): powers of a framework's relayed users by Dinkelbach; p_min for γ_th on the hop's mean
    loss (line 10).
    """
    links = {}
    for i, (j, _) in served.items():
        if j >= 0:
            r = math.dist(x["positions"][i], state["places"][j])
            unit = hop_snr(n, r, 1.0, sum(gammas["hop_fading"][i][j]))
            least = n["threshold"] / hop_snr(n, r, 1.0, len(gammas["hop_fading"][i][j]))
            direct = sum(gammas["direct"][i])
            links[i] = (direct, gammas["first"][j], unit, gammas["constant"]), least
    ratio, powers = rest[0] / rest[1], {}
    for _ in range(30):
        powers = {
            i: power_at_price(link, least, n["power"], ratio, n["band"] / 2.0)
            for i, (link, least) in links.items()
        }
        rate = rest[0]
        for i, ((direct, first, unit, constant), _) in links.items():
            hop = unit * powers[i]
            rate += n["band"] / 2.0 * math.log2(1.0 + direct + first * hop / (hop + constant))
        ratio = rate / (rest[1] + sum(powers.values()))
    return powers


def time_share(n, served, node):
    """Of each user of a node: 1, or 1/users where they take turns."""
    return 1.0 / sum(other == node for other, _ in served.values()) if n["band_shared"] else 1.0


def at_own_powers(name, n, x, served, gammas, state):
    """Powers of the aircraft's links, and who is served at them, with the SNR."""
    powers = {
        i: n["station_power"] if name == "uav-bs" else n["power"]
        for i, (j, _) in served.items()
        if j >= 0
    }
    if n["objective"] != "efficiency" or name not in RELAYED:
        return powers, served
    elsewhere = sum(n["band"] * math.log2(1.0 + snr) for node, snr in served.values() if node < 0)
    standing = (
        n["base_power"]
        + state["sent"][name] * hovering_power(n)
        + satellite_power(n, len(served), lit=True)
    )
    powers = efficient_powers(
        n, x, served, gammas, state, (state["base_rate"] + elsewhere, standing)
    )
    again = {}
    for i, (j, snr) in served.items():
        if j >= 0:
            r = math.dist(x["positions"][i], state["places"][j])
            snr = relayed_snr(name, n, gammas, (i, j, r), powers[i])
        if snr >= n["threshold"]:
            again[i] = j, snr
    return powers, again


def receive(name, n, x, sent, powers, state):
    """Who of those to whom is sent has γ_th by the true fading, and by how much."""
    truth, received = state["truth"], {}
    for i, (node, _) in sent.items():
        snr = sum(truth["direct"][i])
        if node >= 0:
            r = math.dist(x["positions"][i], state["places"][node])
            snr = relayed_snr(name, n, truth, (i, node, r), powers[i])
        if snr >= n["threshold"]:
            received[i] = node, snr
    return received


def framework(name, n, x, state, gammas):
    """(27) to (30) for one framework."""
    pairs = list(possible_pairs(name, n, x, state, gammas))
    served = strongest_pairs(
        pairs, lambda node: n["capacity"] if node >= 0 else len(x["positions"])
    )
    powers, sent = at_own_powers(name, n, x, served, gammas, state)
    served = receive(name, n, x, sent, powers, state)
    rate, spent, strongest = state["true_base_rate"], 0.0, {}
    for node, snr in served.values():
        half = (
            0.5
            if (node >= 0 and name != "uav-bs") or (node < 0 and name == "leo-gbs-half")
            else 1.0
        )
        rate += half * time_share(n, sent, node) * n["band"] * math.log2(1.0 + snr)
    for i, (node, _) in sent.items():
        if node >= 0:
            spent += powers[i] * time_share(n, sent, node)
            strongest[node] = max(strongest.get(node, 0.0), powers[i])
    extra = state["sent"][name] * (n["station_extra"] if name == "uav-bs" else 0.0)
    hovering = state["sent"][name] * hovering_power(n)
    over_satellite = [node for node, _ in sent.values() if node < 0 or name != "uav-bs"]
    lit = x["visible"] and name not in ("gbs-only", "uav-bs")
    sky = satellite_power(n, len(over_satellite), lit)
    spent += sky
    relayed = sum(node >= 0 for node, _ in served.values())
    link = sum(strongest.values()) + sky + extra + (hovering if n["link_hovering"] else 0.0)
    return {
        "capacity": rate,
        "relayed": relayed,
        "direct": len(served) - relayed,
        "aircraft": state["sent"][name],
        "radiated_power": n["base_power"] + spent,
        "link_power": n["base_power"] + link,
        "printed_power": n["base_power"] + spent + hovering + extra,
        "site_power": n["site_power"] + hovering + extra + spent / n["efficiency"],
    }


def aircraft_sent(n, x, triggered, needy, excess):
    """Line 5: a relay while more users are in need than relays before it, and the satellite in
    view; a station likewise.
    """
    relays = min(n["relays"], len(needy)) if triggered and x["visible"] else 0
    stations = min(n["relays"], len(excess)) if triggered else 0
    return {
        name: relays if name in RELAYED else stations if name == "uav-bs" else 0
        for name in FRAMEWORKS
    }


def pass_gate(n, x, excess, gamma_direct):
    """Line 5: its SNR is each user's own, the hotspot user's for all, or nobody's."""
    if n["gate"] == "ignored" or not excess:
        return excess
    if n["gate"] == "hotspot":
        user = hotspot_user(n, x["positions"], excess)
        return excess if gamma_direct[user] < n["threshold"] else []
    return [i for i in excess if gamma_direct[i] < n["threshold"]]


def find_gammas(n, x, fading):
    """All SNRs by one set of fading powers."""

    def sky(power):
        return satellite_snr(n, x["slant"], x["visible"], power)

    return {
        "base": [
            base_sinr(n, place, cell, [powers, *further])
            for place, cell, powers, further in zip(
                x["positions"],
                find_cells(n, x["positions"]),
                fading["base_fading"],
                fading["further_fading"],
                strict=True,
            )
        ],
        "direct": [[sky(f) / n["masking"] for f in powers] for powers in fading["direct_fading"]],
        "first": [sky(f) for f in fading["first_fading"]],
        "hop_fading": fading["hop_fading"],
        "constant": 1.0 + sky(n["relay_mean_fading"]),
    }


def base_rate(n, admitted, gammas, cells):
    """(29): of those among the admitted who have γ_th, who share their cell's time if they take
    turns.
    """
    total = 0.0
    for i in admitted:
        if gammas[i] >= n["threshold"]:
            sharing = sum(cells[k] == cells[i] for k in admitted) if n["band_shared"] else 1
            total += n["band"] * math.log2(1.0 + gammas[i]) / sharing
    return total


def drop(n, x):
    """One run of Algorithm 1 for every framework; x holds the users present only, and the places
    where a rule other than line 6 gives them.

    Powers are p_max, the optimum of (31) under (31a), or those of (30).
    """
    users = range(len(x["positions"]))
    truth = find_gammas(n, x, x)
    gammas = find_gammas(n, x, x["known"]) if "known" in x else truth
    gamma_direct = [sum(powers) for powers in gammas["direct"]]
    cells = find_cells(n, x["positions"])
    base, reaching, over = serve_cells(n, gammas["base"], x, cells)
    excess = [i for i in users if i not in set(base) and (i in set(reaching) or not n["no_room"])]
    needy = pass_gate(n, x, excess, gamma_direct)
    crowd = dense(n, x["positions"], excess)
    triggered = {"either": over or crowd, "excess": over, "density": crowd}[n["trigger"]]
    places = x["places"] if "places" in x else hotspot_places(n, x["positions"], needy or excess)
    state = {
        "excess": excess,
        "needy": set(needy),
        "places": places,
        "base_rate": base_rate(n, base, gammas["base"], cells),
        "true_base_rate": base_rate(n, base, truth["base"], cells),
        "sent": aircraft_sent(n, x, triggered, needy, excess),
        "truth": truth,
    }
    return {
        "base": [i for i in base if truth["base"][i] >= n["threshold"]],
        "excess": excess,
        "needy": needy,
        "triggered": triggered,
        "places": places,
        "base_capacity": state["true_base_rate"],
        "by": {name: framework(name, n, x, state, gammas) for name in FRAMEWORKS},
    }
