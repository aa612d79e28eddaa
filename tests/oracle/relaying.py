"""The relaying paper's equations as slow loops, one at a time, in numpy alone; independent of sagin.

Errata are mended as ../shared/spec/relaying.md says: (6) is (7)'s loss alone,
(13) to (15) have bandwidth and the loss at 1 m, (26) sums over relays,
(31e) is ≤ 1. Numbers come as a plain dict in SI and linear units, a drop's randomness as a dict of arrays.
"""

import math

LIGHT = 299_792_458.0
FRAMEWORKS = ("cud", "egc", "egc-equal", "sc", "leo-gbs", "leo-gbs-half", "gbs-only", "uav-bs")
RELAYED = ("cud", "egc", "egc-equal", "sc")


def path_loss_db(n, r):
    """(2) to (5), (7): mean of the losses in and out of sight."""
    d = math.sqrt(r**2 + n["height"] ** 2)
    theta = 90.0 if r == 0 else math.degrees(math.atan(n["height"] / r))
    sight = 1.0 / (1.0 + n["a"] * math.exp(-n["b"] * (theta - n["a"])))
    free = 20.0 * math.log10(4.0 * math.pi * n["carrier"] * d / LIGHT)
    return sight * (free + n["los_db"]) + (1.0 - sight) * (free + n["nlos_db"])


def hop_snr(n, r, power, fading):
    """(8)."""
    return power * fading * 10.0 ** (-path_loss_db(n, r) / 10.0) / n["noise"]


def reference_gain(n):
    """Free-space gain at 1 m."""
    return (LIGHT / (4.0 * math.pi * n["carrier"])) ** 2


def satellite_snr(n, slant, visible, fading):
    """(13), (14) with the loss at 1 m and B·σ²."""
    return n["eirp"] * reference_gain(n) * slant ** (-n["satellite_exponent"]) * fading / n["noise"] if visible else 0.0


def base_snr(n, r, fading):
    """(15), (16) with the loss at 1 m."""
    d = math.sqrt(r**2 + n["base_height"] ** 2)
    return n["base_power"] * reference_gain(n) * d ** (-n["base_exponent"]) * fading / n["noise"]


def visible(t, period, phase, slant_limit, earth, altitude):
    """(12)."""
    r = earth + altitude
    return math.cos(2.0 * math.pi * t / period - phase) >= (earth**2 + r**2 - slant_limit**2) / (2.0 * earth * r)


def combined(name, direct, first, hop, constant):
    """(24) for CUD; equal-gain and selection combining of the same two paths."""
    relayed = first * hop / (hop + constant)
    if name == "cud":
        return direct + relayed
    if name == "sc":
        return max(direct, relayed)
    if name == "egc-equal":
        return (math.sqrt(direct) + math.sqrt(relayed)) ** 2 / 2.0
    if name == "egc":
        noise = 1.0 + hop / constant
        return (math.sqrt(direct) + math.sqrt(relayed * noise)) ** 2 / (1.0 + noise)
    return hop if name == "uav-bs" else 0.0


def serve_base(n, gammas):
    """(17): strongest first, at most ω_G."""
    order = sorted((i for i in range(len(gammas)) if gammas[i] >= n["threshold"]), key=lambda i: -gammas[i])
    return order[: n["base_capacity"]], len(order) - n["base_capacity"]


def hotspot_places(n, positions, needy):
    """Line 6, relay after relay: the user in need with most users in need within R_j, then the nearest ones."""
    left, places = list(needy), []
    for _ in range(n["relays"]):
        best, record = None, None
        for i in left:
            near = [math.dist(positions[i], positions[k]) for k in left]
            near = [d for d in near if d <= n["radius"]]
            score = (len(near), sum(1.0 - (d / n["radius"]) ** 2 for d in near))
            if record is None or score > record:
                best, record = i, score
        places.append(tuple(positions[best]) if best is not None else (0.0, 0.0))
        if best is not None:
            taken = sorted((math.dist(positions[best], positions[k]), k) for k in left)
            served = [k for d, k in taken if d <= n["radius"]][: n["capacity"]]
            left = [k for k in left if k not in served]
    return places


def strongest_pairs(pairs, room):
    """(25), (26), (31b), (31e): pairs in the order of their SNR, at most one node a user and `room` users a node."""
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


def possible_pairs(name, n, x, state, gammas):
    """(25) at relays, γ_th at the direct link, line 5's gate and visibility: (SNR, user, node), node −1 the satellite's direct link."""
    for i in state["excess"]:
        direct = gammas["direct"][i]
        for j, place in enumerate(state["places"]):
            r = math.dist(x["positions"][i], place)
            hop = hop_snr(n, r, n["power"], x["hop_fading"][i][j])
            snr = combined(name, direct, gammas["first"][j], hop, gammas["constant"])
            allowed = (name in RELAYED and i in state["needy"] and x["visible"]) or (name == "uav-bs" and len(state["needy"]) > 0)
            if allowed and snr >= n["threshold"] and r <= n["radius"] and path_loss_db(n, r) <= n["loss_limit_db"]:
                yield snr, i, j
        if (name.startswith("leo") or (name in RELAYED and n["gate"])) and direct >= n["threshold"]:
            yield direct, i, -1


def framework(name, n, x, state, gammas):
    """(27) to (30) for one framework, every power at p_max."""
    pairs = list(possible_pairs(name, n, x, state, gammas))
    served = strongest_pairs(pairs, lambda node: n["capacity"] if node >= 0 else len(x["positions"]))
    rate, spent = state["base_rate"], 0.0
    for node, snr in served.values():
        half = 0.5 if (node >= 0 and name != "uav-bs") or (node < 0 and name == "leo-gbs-half") else 1.0
        rate += half * n["band"] * math.log2(1.0 + snr)
        spent += n["power"] if node >= 0 else 0.0
    aircraft = len({node for node, _ in served.values() if node >= 0})
    flying = aircraft * hovering_power(n)
    extra = aircraft * n["station_extra"] if name == "uav-bs" else 0.0
    return {
        "capacity": rate,
        "relayed": sum(node >= 0 for node, _ in served.values()),
        "direct": sum(node < 0 for node, _ in served.values()),
        "transmit_power": n["base_power"] + flying + spent,
        "site_power": n["site_power"] + flying + extra + spent / n["efficiency"],
    }


def drop(n, x):
    """One run of Algorithm 1 for every framework, powers at p_max (the optimum of (31) under (31a)); x holds the users present only."""
    users = range(len(x["positions"]))
    gamma_base = [base_snr(n, math.hypot(*x["positions"][i]), x["base_fading"][i]) for i in users]
    gamma_direct = [satellite_snr(n, x["slant"], x["visible"], x["direct_fading"][i]) for i in users]
    gamma_first = [satellite_snr(n, x["slant"], x["visible"], f) for f in x["first_fading"]]
    constant = 1.0 + satellite_snr(n, x["slant"], x["visible"], n["relay_mean_fading"])
    base, over = serve_base(n, gamma_base)
    excess = [i for i in users if i not in set(base)]
    needy = [i for i in excess if not n["gate"] or gamma_direct[i] < n["threshold"]]
    triggered = over > 0 or dense(n, x["positions"], excess)
    places = hotspot_places(n, x["positions"], needy)
    base_rate = sum(n["band"] * math.log2(1.0 + gamma_base[i]) for i in base)
    state = {"excess": excess if triggered else [], "needy": set(needy), "places": places, "base_rate": base_rate}
    gammas = {"direct": gamma_direct, "first": gamma_first, "constant": constant}
    results = {name: framework(name, n, x, state, gammas) for name in FRAMEWORKS}
    return {
        "base": base,
        "excess": excess,
        "needy": needy,
        "triggered": triggered,
        "places": places,
        "base_capacity": base_rate,
        "by": results,
    }
