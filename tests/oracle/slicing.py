"""The slicing paper's equations as slow loops, one at a time, in numpy alone; independent of sagin.

Errata are mended and open choices made as ../shared/spec/slicing.md says. Numbers come as a plain
dict in SI and linear units. A slot's randomness is given as channel powers h (users × base stations
× subcarriers), complex h̃ with ĥ = 1 (users × UAVs × subcarriers), arrivals in packets, random
numbers that order users, and the slice, "H", "L" or "C", of each user, None for one who takes no
part.
"""

import math

import numpy as np

LIGHT = 299_792_458.0


def base_gain(n, d, h):
    """(1)."""
    return n["base_reference"] * h * max(d, 1.0) ** (-n["base_exponent"])


def uav_gain(n, d, scatter):
    """(4), (5) with the roots and as a power."""
    r = n["rician"]
    coefficient = math.sqrt(r / (r + 1.0)) + math.sqrt(1.0 / (r + 1.0)) * scatter
    return n["uav_reference"] * max(d, 1.0) ** (-n["uav_exponent"]) * abs(coefficient) ** 2


def satellite_gain(n):
    """(8)."""
    return (LIGHT / (4.0 * math.pi * n["carrier"])) ** 2 * n["satellite_altitude"] ** (
        -n["satellite_exponent"]
    )


def choice(numbers, repair=None):
    """Largest number if at least 0.5, else None. With a repair: each number is rounded at 0.5 by
    itself, and of several ones the first, none or the largest is kept (C2, C3).
    """
    if repair is not None:
        ones = [i for i, number in enumerate(numbers) if number >= 0.5]
        if not ones or (repair == "none" and len(ones) > 1):
            return None
        return max(ones, key=lambda i: numbers[i]) if repair == "largest" else ones[0]
    best = None
    for i, number in enumerate(numbers):
        if best is None or number > numbers[best]:
            best = i
    return best if best is not None and numbers[best] >= 0.5 else None


def balance(rule, users, slices, order, capacity):
    """Algorithm 1, line 9: who stays of the users of one node. Benchmark 1 to the letter: of a node
    with too many, "all connecting users are randomly disconnected".
    """
    users = list(users)
    if rule == "none":
        return users
    if rule == "uniform-all":
        return [] if len(users) > capacity else users
    while len(users) > capacity:
        worst = users
        if rule == "priority":
            for name in ("C", "L", "H"):
                worst = [k for k in users if slices[k] == name]
                if worst:
                    break
        users.remove(max(worst, key=lambda k: order[k]))
    return users


def share_powers(total, asked):
    """p = P·a/max(1, Σ a) of the users of one node."""
    return {k: total * a / max(1.0, sum(asked.values())) for k, a in asked.items()}


def layer(n, kinds, wanted, slot):
    """Links of one layer. kinds: lists of node numbers that share a band; wanted: {user: (node,
    subcarrier, share)}.

    slot: slices, order, gain(k, node, subcarrier), distance(k, node), power(node), capacity(node).
    """
    served, power, refused = {}, {}, set()
    for node in (node for kind in kinds for node in kind):
        here = [k for k in wanted if wanted[k][0] == node]
        kept = balance(n["rule"], here, slot["slices"], slot["order"], slot["capacity"](node))
        refused |= set(here) - set(kept)
        power |= share_powers(slot["power"](node), {k: wanted[k][2] for k in kept})
        served |= {k: wanted[k][:2] for k in kept}
    return {"served": served, "power": power, "refused": refused}


def add_links(n, kinds, found, slot):
    """(2), (3), (6), (7), (9), (10): SINR, rate and distance of the served users; other users'
    power at the own subcarrier interferes.
    """
    found["sinr"], found["rate"], found["distance"] = {}, {}, {}
    for k, (node, subcarrier) in found["served"].items():
        band = next(kind for kind in kinds if node in kind)
        interference = 0.0
        for other, (its_node, its_subcarrier) in found["served"].items():
            own = its_node == node
            disturbs = {"same-type": True, "other-nodes": not own, "none": False}[n["interference"]]
            if other != k and its_subcarrier == subcarrier and its_node in band and disturbs:
                interference += found["power"][other] * slot["gain"](k, its_node, subcarrier)
        ratio = found["power"][k] * slot["gain"](k, node, subcarrier) / (interference + n["noise"])
        found["sinr"][k] = ratio
        found["rate"][k] = n["band"] * math.log2(1.0 + ratio)
        found["distance"][k] = slot["distance"](k, node)
    return found


def delay(n, packets, distance, rate):
    """(21) with the M/D/1 wait, capped."""
    if rate <= 0.0:
        return n["cap"]
    mu, lam = rate / n["bits"], n["mean"] / n["slot"]
    if mu <= lam:
        return n["cap"]
    total = distance / LIGHT + packets * n["bits"] / rate + lam / (2.0 * mu * (mu - lam))
    return min(total, n["cap"])


def present(schedule, step_slots, slot, k):
    """K_s(t): whether user number k of a slice is present in a slot."""
    return not schedule or k < schedule[(slot // step_slots) % len(schedule)]


def left_over(n, queued, had, rate):
    """Packets for the next slot: an overloaded queue's, or an older one's, until that is done."""
    mu, lam = rate / n["bits"], n["mean"] / n["slot"]
    return max(queued - mu * n["slot"], 0.0) if had > 0.0 or mu <= lam else 0.0


def estimate(coefficient, noise, variance):
    """What pilots tell of a channel: as strong as the channel, and as wrong as σ² says."""
    return math.sqrt(1.0 - variance) * coefficient + math.sqrt(variance) * noise


def flight_power(n, way):
    """Zeng, Xu and Zhang 2019, (12), of a UAV that flies so far, m, in a slot."""
    v, a = way / n["slot"], n["aircraft"]
    blade = a["P0"] * (1.0 + 3.0 * v**2 / a["U_tip"] ** 2)
    induced = math.sqrt(1.0 + v**4 / (4.0 * a["v0"] ** 4)) - v**2 / (2.0 * a["v0"] ** 2)
    drag = 0.5 * a["d0"] * a["rho"] * a["s"] * a["A"] * v**3
    return blade + a["Pi"] * math.sqrt(induced) + drag


def slot_power(n, found, before, after):
    """Power of a slot, W: flight from the places before to those after, and all served links'."""
    ways = [0.0] * len(after)
    if n["speed"] is not None:
        ways = [math.dist(*pair) for pair in zip(before, after, strict=True)]
    radiated = sum(sum(found[name]["power"].values()) for name in ("first", "second"))
    return sum(flight_power(n, way) for way in ways) + radiated


def metrics(n, users, slices, packets, found):
    """(20), (23), (26) among the given users; `found` has sinr, rate, distance of those served."""
    rate = sum(found["rate"].get(k, 0.0) for k in users if slices[k] == "H")
    delays = [
        delay(n, packets[k], found["distance"].get(k, 0.0), found["rate"].get(k, 0.0))
        for k in users
        if slices[k] == "L"
    ]
    covers = [found["sinr"].get(k, 0.0) > n["threshold"] for k in users if slices[k] == "C"]
    mean = sum(delays) / len(delays) if delays else n["cap"]
    return rate, mean, sum(covers) / len(covers) if covers else 0.0


def claims(n, action, users):
    """Rounded action of the given users: {user: (node, subcarrier, share)} of those with both."""
    found = {}
    for k in users:
        node, subcarrier = (
            choice(action[name][k], n["repair"]) for name in ("association", "subcarrier")
        )
        if node is not None and subcarrier is not None:
            found[k] = (node, subcarrier, action["power"][k])
    return found


def ground(n, drop):
    """Layer 1's nodes and links as `layer` takes them."""

    def apart(k, node):
        return max(math.dist(drop["positions"][k], n["bases"][node]), 1.0)

    return [list(range(len(n["bases"])))], {
        "slices": drop["slices"],
        "order": drop["order"],
        "gain": lambda k, node, subcarrier: base_gain(
            n, apart(k, node), drop["h"][k][node][subcarrier]
        ),
        "distance": apart,
        "power": lambda node: n["base_power"],
        "capacity": lambda node: n["capacity"],
    }


def sky(n, drop, uavs):
    """Layer 2's nodes and links: UAVs, then satellites, each type with its own band."""
    count = len(uavs)

    def apart(k, node):
        if node >= count:
            return n["satellite_altitude"]
        return max(math.dist([*drop["positions"][k], 0.0], [*uavs[node], n["altitude"]]), 1.0)

    def gain(k, node, subcarrier):
        return (
            satellite_gain(n)
            if node >= count
            else uav_gain(n, apart(k, node), drop["scatter"][k][node][subcarrier])
        )

    return [list(range(count)), list(range(count, count + n["satellites"]))], {
        "slices": drop["slices"],
        "order": drop["order"],
        "gain": gain,
        "distance": apart,
        "power": lambda node: n["satellite_power"] if node >= count else n["uav_power"],
        "capacity": lambda node: n["satellite_capacity"] if node >= count else n["uav_capacity"],
    }


def slot(n, drop, actions, uavs, together=None):
    """One slot with UAVs at the given places; together: None for two layers in turn, else the rule
    for collisions.
    """
    users = [k for k, name in enumerate(drop["slices"]) if name is not None]
    kinds, low = ground(n, drop)
    over, high = sky(n, drop, uavs)
    wanted = claims(n, actions["terrestrial"], users)
    first = layer(n, kinds, wanted, low)
    free = [k for k in users if k not in first["served"]]
    clash = set()
    if together is not None:
        clash = set(first["served"]) & set(claims(n, actions["non_terrestrial"], users))
    if together == "drop":
        left = {k: wanted[k] for k in first["served"] if k not in clash}
        refused = first["refused"]
        first = layer(n, kinds, left, low)
        first["refused"] = refused
    add_links(n, kinds, first, low)
    second = add_links(
        n, over, layer(n, over, claims(n, actions["non_terrestrial"], free), high), high
    )
    return summary(n, drop, users, first, second) | {
        "first": first,
        "second": second,
        "clash": clash,
    }


def summary(n, drop, users, first, second):
    """Rewards (42), (46) of the layers, and the system's metrics over all users."""
    both = {name: first[name] | second[name] for name in ("sinr", "rate", "distance")}
    own = (
        [k for k in users if k in first["served"]],
        [k for k in users if k not in first["served"]],
    )
    layers = [
        metrics(n, among, drop["slices"], drop["packets"], found)
        for among, found in zip(own, (first, second), strict=True)
    ]
    among_all = [
        metrics(n, users, drop["slices"], drop["packets"], found) for found in (first, second)
    ]
    rewards = []
    for rate, mean, cover in among_all if n["all_users"] else layers:
        rewards += [rate / n["reference"], (n["cap"] - mean) / n["cap"], cover]
    kpis = metrics(n, users, drop["slices"], drop["packets"], both)
    return {
        "rewards": np.array(rewards),
        "throughput": kpis[0],
        "delay": kpis[1],
        "coverage": kpis[2],
        "delay_sum": layers[0][1] + layers[1][1],
        "coverage_sum": layers[0][2] + layers[1][2],
        "access": [access(users, drop["slices"], second, name) for name in "HLC"],
    }


def access(users, slices, second, name):
    """Share of a slice's users whom the non-terrestrial layer serves; 0 of an empty slice."""
    mine = [k for k in users if slices[k] == name]
    return sum(k in second["served"] for k in mine) / len(mine) if mine else 0.0
