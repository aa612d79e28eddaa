"""The cost of handover for a scenario's cell: all rules and services under the same conditions."""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.orbits.elements import ElementSet
from sagin.radio import capacity
from sagin.relaying import links as link_models
from sagin.relaying.fading import get_fading
from sagin.relaying.sampling import Serving
from sagin.relaying.satellites import LOOK_AHEAD, STEP, load_elements, look_up
from sagin.relaying.scenario import Scenario
from sagin.relaying.sessions import (
    RULES,
    SERVICES,
    SessionCosts,
    SkyPasses,
    draw_requests,
    simulate_sessions,
)
from sagin.types import Float

FILLING = 5.0
"""Mean holding times before the first counted session, in which the channels fill."""
RUNS = 8
"""Number of independent runs of requests under one sky."""


class HandoverCost(NamedTuple):
    """Cost of a rule with a service."""

    rule: str
    service: str
    runs: list[SessionCosts]
    """Costs of each run."""


def compare_handovers(
    scenario: Scenario, seed: int, elements: list[ElementSet] | None = None, runs: int = RUNS
) -> list[HandoverCost]:
    """Compare all rules and services of handover for new users of a scenario's cell.

    The satellites are those in the `orbit.duration_s` after `orbit.time`. Earlier sessions only
    fill the channels.

    Args:
        scenario: the scenario.
        seed: seed of the requests, which are the same for all rules and services.
        elements: element sets; None loads the scenario's.
        runs: number of independent runs of requests.

    Raises:
        InputError: elements cannot be loaded; the message has one line.
    """
    sky, settings = observe_sky(scenario, elements), scenario.sessions
    window = float(sky.times[0]), scenario.orbit.duration_s
    # the same requests meet every rule and service
    requests = [
        draw_requests(rng, settings.arrivals_per_s, settings.holding_s, window)
        for rng in np.random.default_rng(seed).spawn(runs)
    ]
    costs = []
    for rule in RULES:
        for service in SERVICES:
            outcomes = [
                simulate_sessions(sky, asked, settings.channels, rule, service)
                for asked in requests
            ]
            costs.append(HandoverCost(rule, service, outcomes))
    return costs


def observe_sky(scenario: Scenario, elements: list[ElementSet] | None = None) -> SkyPasses:
    """Compute the passes over a scenario's cell, and a user's rate under each satellite.

    The rate is that of the band B at the mean of (14) over its fading. At rise and set, the
    elevation, interpolated linearly on a grid of 10 s, equals the minimum elevation.
    """
    orbit, least = scenario.orbit, math.radians(scenario.satellite.least_elevation_deg)
    # sessions before the window fill the cell first
    before = math.ceil(FILLING * scenario.sessions.holding_s / STEP)
    times = STEP * np.arange(-before, (orbit.duration_s + LOOK_AHEAD) // STEP + 1)
    elements = load_elements(scenario) if elements is None else elements
    _, elevation, reach = look_up(scenario, elements, times)
    rise, fall, heights, rates = [], [], [], []
    for height, rate in zip(elevation, _find_rates(scenario, reach), strict=True):
        # rises and falls of each satellite above the minimum elevation
        in_view = np.concatenate([[False], height >= least, [False]])
        first = np.flatnonzero(in_view[1:] & ~in_view[:-1])
        last = np.flatnonzero(in_view[:-1] & ~in_view[1:]) - 1
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            # steps of this pass; outside of it the height is −∞ and the rate 0
            mine = np.arange(times.size)
            mine = (begin <= mine) & (mine <= end)
            # a pass that is cut by the window begins or ends with it
            rise.append(_cross(times, height, begin - 1, least) if begin > 0 else times[0])
            fall.append(_cross(times, height, end, least) if end + 1 < times.size else math.inf)
            heights.append(np.where(mine, height, -np.inf))
            rates.append(np.where(mine, rate, 0.0))
    return SkyPasses(np.array(rise), np.array(fall), times, np.array(heights), np.array(rates))


def _cross(times: np.ndarray, height: np.ndarray, step: int, least: float) -> float:
    """Return when the elevation crosses the minimum elevation after a step of the grid."""
    low, high = height[step : step + 2]
    if not np.isfinite(low) or not np.isfinite(high):
        return float(times[step + 1])
    return float(times[step] + (times[step + 1] - times[step]) * (least - low) / (high - low))


def _find_rates(
    scenario: Scenario, reach: Float[np.ndarray, "satellites times"]
) -> Float[np.ndarray, "satellites times"]:
    mean = get_fading(scenario.satellite.fading_user).mean
    serving = Serving(jnp.asarray(reach, float), jnp.ones(reach.shape, dtype=bool))
    snr = link_models.direct_snr(scenario, serving, mean)
    return np.asarray(capacity.shannon_rate(link_models.bandwidth(scenario), snr), float)
