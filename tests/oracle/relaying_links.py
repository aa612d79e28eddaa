"""SNRs of the relaying paper's links and of their combining, in numpy alone, without sagin."""

import math

import numpy as np

LIGHT = 299_792_458.0
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
    return (
        n["eirp"] * reference_gain(n) * slant ** (-n["satellite_exponent"]) * fading / n["noise"]
        if visible
        else 0.0
    )


def base_snr(n, r, fading):
    """(15), (16) with the loss at 1 m; users at once who share the power get 1/ω_G of it."""
    d = math.sqrt(r**2 + n["base_height"] ** 2)
    power = (
        n["station_watts"] / n["base_capacity"]
        if n["power_shared"] and not n["band_shared"]
        else n["station_watts"]
    )
    return power * reference_gain(n) * d ** (-n["base_exponent"]) * fading / n["noise"]


def find_cells(n, positions):
    """The base station of the greatest mean SNR of each user."""
    return [
        max(
            range(len(n["stations"])),
            key=lambda k: base_snr(n, math.dist(place, n["stations"][k]), 1.0),
        )
        for place in positions
    ]


def base_sinr(n, place, cell, fading):
    """Sum over antennas of the own station's power over noise and all others', who send at once;
    fading: [station][antenna].
    """
    total = 0.0
    for antenna in range(len(fading[0])):
        powers = [
            base_snr(n, math.dist(place, station), fading[k][antenna])
            for k, station in enumerate(n["stations"])
        ]
        others = sum(power for k, power in enumerate(powers) if k != cell)
        total += powers[cell] / (1.0 + others)
    return total


def visible(t, period, phase, slant_limit, earth, altitude):
    """(12)."""
    r = earth + altitude
    return math.cos(2.0 * math.pi * t / period - phase) >= (earth**2 + r**2 - slant_limit**2) / (
        2.0 * earth * r
    )


def combined(name, direct, first, hop, constant):
    """(23) over 2L branches for CUD; equal-gain and selection combining of the same; of SNRs over
    the satellite at each antenna, at the relay, and over the relay at each antenna.

    Amplitudes are those of the signal over noise of power 1 at each antenna; what the relay
    forwards of its own noise is common to its branches.
    """
    antennas = len(direct)
    if name == "uav-bs":
        return sum(hop)
    if name == "egc-equal":
        one = sum(map(math.sqrt, direct)) ** 2 / antennas
        two = sum(map(math.sqrt, hop)) ** 2 / antennas
        return (math.sqrt(one) + math.sqrt(first * two / (two + constant))) ** 2 / 2.0
    if name not in RELAYED:
        return 0.0
    forwarded = np.sqrt(np.array([0.0] * antennas + list(hop)) / constant)
    signal = math.sqrt(first) * forwarded
    signal[:antennas] = np.sqrt(direct)
    noise = np.eye(2 * antennas) + np.outer(forwarded, forwarded)
    if name == "sc":
        return max(signal**2 / np.diag(noise))
    # the best weights, or equal ones
    weights = np.linalg.solve(noise, signal) if name == "cud" else np.ones(2 * antennas)
    power = weights @ noise @ weights
    return float((weights @ signal) ** 2 / power) if power else 0.0
