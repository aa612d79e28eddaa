"""The slicing paper's two-layer slot in plain vectorised NumPy, to compare its speed with sagin's;
it is checked against sagin's step before it is timed.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.figures import Figure
from benchmarks.measure import run_function
from benchmarks.slicing import ratio, single

SIDE, ALTITUDE, SPACING, ORBIT = 3000.0, 100.0, 100.0, 200e3
USERS, UAVS, SATELLITES, SUBCARRIERS, CAPACITY = 30, 2, 1, 10, 10
BASES = np.array([[1000.0, 1000.0], [2000.0, 2000.0]])
SLICE = np.repeat(np.arange(3), 10)
BASE_POWER, UAV_POWER, SATELLITE_POWER = 10.0, 100.0, 1000.0
UAV_GAIN, RICIAN, EXPONENT = 1e-3, 6.0, 1.5
LIGHT = 299_792_458.0
SATELLITE_GAIN = (LIGHT / (4.0 * np.pi * 2e9)) ** 2 * ORBIT**-EXPONENT
BAND = 3e6
NOISE = BAND * 1e-16
SLOT, PACKETS, PACKET_BITS, DELAY_LIMIT, REFERENCE = 0.1, 50.0, 1000.0, 0.1, 500e6
SPEED = 1.5


class Slot(NamedTuple):
    """Hold the state of a slot before any layer acts."""

    users: np.ndarray
    base_fading: np.ndarray
    uav_fading: np.ndarray
    arrivals: np.ndarray
    tiebreak: np.ndarray
    scatter: np.ndarray | None = None


class Terrestrial(NamedTuple):
    """Hold the outcome of layer 1: the users that asked for a base station, those that were
    admitted, their base stations, and the objectives of each user.
    """

    node: np.ndarray
    requests: np.ndarray
    served: np.ndarray
    values: tuple[np.ndarray, np.ndarray, np.ndarray]


class Result(NamedTuple):
    """Hold the indicators and rewards of a slot."""

    throughput: float
    delay: float
    coverage: float
    loads: np.ndarray
    offloaded: float
    unserved: float
    rewards: np.ndarray


def draw(rng: np.random.Generator, users: np.ndarray | None = None) -> Slot:
    """Draw a slot; users are placed anew unless their earlier places are given."""
    if users is None:
        users = rng.random((USERS, 2)) * SIDE
    else:
        angle = rng.random(USERS) * (2.0 * np.pi)
        users = np.abs(users + SPEED * SLOT * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
        users = np.where(users > SIDE, 2.0 * SIDE - users, users)
    parts = rng.standard_normal((2, USERS, UAVS, SUBCARRIERS), dtype=np.float32) * np.float32(
        np.sqrt(0.5 / (RICIAN + 1.0))
    )
    uav_fading = np.square(parts[0] + np.float32(np.sqrt(RICIAN / (RICIAN + 1.0)))) + np.square(
        parts[1]
    )
    arrivals = np.where(SLICE == 1, rng.poisson(PACKETS, USERS), 0)
    base_fading = rng.standard_exponential((USERS, len(BASES), SUBCARRIERS), dtype=np.float32)
    return Slot(users, base_fading, uav_fading, arrivals, rng.random(USERS), parts)


def terrestrial(slot: Slot, first: np.ndarray) -> Terrestrial:
    """Apply layer 1's action [users, nodes + subcarriers + 1] and return its outcome."""
    bases = len(BASES)
    node, subcarrier, share, served = _round(first, bases)
    requests = served.copy()
    for base in range(bases):
        users = np.flatnonzero(served & (node == base))
        if len(users) > CAPACITY:
            served[users[np.argsort(SLICE[users] + slot.tiebreak[users])[CAPACITY:]]] = False
    distance = np.sqrt(np.square(slot.users[:, None] - BASES).sum(-1))
    gain = np.maximum(distance, 1.0)[:, :, None] ** -EXPONENT * slot.base_fading
    power = _share(BASE_POWER, share, node, served, bases)
    sinr = _sinr(gain, node, subcarrier, power, served)
    return Terrestrial(
        node,
        requests,
        served,
        _objectives(sinr, distance[np.arange(USERS), node], slot.arrivals, served),
    )


def act(slot: Slot, first: np.ndarray, second: np.ndarray, places: np.ndarray) -> Result:
    """Return the result of a slot; the layers' actions have shape [users, nodes + subcarriers + 1],
    and the UAVs' proposed places have shape [3, V, 2].
    """
    return after(slot, terrestrial(slot, first), second, places)


def after(slot: Slot, layer: Terrestrial, second: np.ndarray, places: np.ndarray) -> Result:
    """Return the result of a slot, given the outcome of layer 1."""
    node, requests, served, values = layer
    bases, aerial = len(BASES), UAVS + SATELLITES
    uavs = _separate_uavs(np.clip(places.mean(axis=0) * SIDE, 0.0, SIDE))
    node2, subcarrier2, share2, served2 = _round(second, aerial)
    served2 &= ~served
    level = np.sqrt(np.square(slot.users[:, None] - uavs).sum(-1) + ALTITUDE**2)
    distance2 = np.concatenate([level, np.full((USERS, SATELLITES), ORBIT)], axis=1)
    gain2 = UAV_GAIN * level[:, :, None] ** -EXPONENT * slot.uav_fading
    up = node2 >= UAVS
    power2 = _share(np.where(up, SATELLITE_POWER, UAV_POWER), share2, node2, served2, aerial)
    from_uav, from_satellite = served2 & ~up, served2 & up
    constant = np.full((USERS, SATELLITES, SUBCARRIERS), SATELLITE_GAIN)
    sinr2 = _sinr(gain2, np.where(up, 0, node2), subcarrier2, power2, from_uav)
    sinr2 += _sinr(constant, np.where(up, node2 - UAVS, 0), subcarrier2, power2, from_satellite)
    remaining = ~served
    own2 = _objectives(sinr2, distance2[np.arange(USERS), node2], slot.arrivals, served2)

    rewards = np.array([*_rewards(values, served), *_rewards(own2, remaining)])
    rate, delay, covered = (
        np.where(served, value, other) for value, other in zip(values, own2, strict=True)
    )
    loads = np.concatenate(
        [np.bincount(node[served], minlength=bases), np.bincount(node2[served2], minlength=aerial)]
    )
    return Result(
        rate[SLICE == 0].sum(),
        delay[SLICE == 1].mean(),
        covered[SLICE == 2].mean(),
        loads,
        (requests & ~served).mean(),
        1.0 - (served | served2).mean(),
        rewards,
    )


def _round(action: np.ndarray, nodes: int) -> tuple[np.ndarray, ...]:
    association, requests = action[:, :nodes], action[:, nodes:-1]
    node, subcarrier = association.argmax(1), requests.argmax(1)
    rows = np.arange(USERS)
    return (
        node,
        subcarrier,
        action[:, -1],
        (association[rows, node] >= 0.5) & (requests[rows, subcarrier] >= 0.5),
    )


def _share(
    total: float | np.ndarray, share: np.ndarray, node: np.ndarray, served: np.ndarray, nodes: int
) -> np.ndarray:
    sent = share * served
    return total * sent / np.maximum(np.bincount(node, sent, nodes), 1.0)[node]


def _sinr(
    gain: np.ndarray,
    node: np.ndarray,
    subcarrier: np.ndarray,
    power: np.ndarray,
    served: np.ndarray,
) -> np.ndarray:
    rows = np.arange(USERS)
    received = gain[rows[:, None], node[None, :], subcarrier[:, None]] * np.where(
        served, power, 0.0
    )
    signal = received.diagonal().copy()
    interference = received * ((subcarrier[:, None] == subcarrier) & (rows[:, None] != rows))
    return np.where(served, signal / (interference.sum(1) + NOISE), 0.0)


def _objectives(
    sinr: np.ndarray, distance: np.ndarray, arrivals: np.ndarray, served: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rate = BAND * np.log2(1.0 + sinr)
    service, arriving = rate / PACKET_BITS, PACKETS / SLOT
    stable = served & (service > arriving)
    service = np.where(stable, service, 2.0 * arriving)
    delay = (
        distance / LIGHT + arrivals / service + arriving / (2.0 * service * (service - arriving))
    )
    return rate, np.where(stable, np.minimum(delay, DELAY_LIMIT), DELAY_LIMIT), sinr > 1.0


def _rewards(
    values: tuple[np.ndarray, np.ndarray, np.ndarray], members: np.ndarray
) -> tuple[float, float, float]:
    rate, delay, covered = values
    low, wide = members & (SLICE == 1), members & (SLICE == 2)
    late = delay[low].mean() if low.any() else DELAY_LIMIT
    return (
        rate[members & (SLICE == 0)].sum() / REFERENCE,
        1.0 - late / DELAY_LIMIT,
        covered[wide].mean() if wide.any() else 0.0,
    )


def _separate_uavs(uavs: np.ndarray) -> np.ndarray:
    """Return the positions of two UAVs, moved apart to at least the minimum spacing."""
    line = uavs[1] - uavs[0]
    length = np.hypot(*line)
    if length >= SPACING:
        return uavs
    push = 0.5 * (SPACING - length) * (line / length if length > 0 else np.array([1.0, 0.0]))
    return np.clip(uavs + np.stack([-push, push]), 0.0, SIDE)


def seconds_per_step(seconds: float) -> float:
    """Return the seconds of one step under random actions."""
    rng = np.random.default_rng(0)
    sizes = [
        (USERS, len(BASES) + SUBCARRIERS + 1),
        (USERS, UAVS + SATELLITES + SUBCARRIERS + 1),
        (3, UAVS, 2),
    ]
    slot, steps, started = draw(rng), 0, time.process_time()
    while time.process_time() - started < seconds:
        act(slot, *(rng.random(size, dtype=np.float32) for size in sizes))
        slot = draw(rng, slot.users)
        steps += 1
    return (time.process_time() - started) / steps


def agrees() -> None:
    """Raise AssertionError unless NumPy and sagin agree on the states and actions of 50 slots."""
    import jax

    from sagin.slicing import actions, links, scenario, step

    paper = scenario.build_scenario("paper")

    @jax.jit
    def both(key):
        first, second = jax.random.split(key)
        state, action = step.reset(first, paper), actions.draw_actions(second, paper)
        slot = (
            state.user_positions,
            links.base_fading(paper, state.base_draws),
            links.uav_fading(paper, state.uav_draws),
            state.arrivals,
            state.tiebreak,
        )
        return slot, action, step.step(key, paper, state, action)[1]

    def joined(layer) -> np.ndarray:
        return np.concatenate([layer.association, layer.subcarrier, layer.power[:, None]], axis=1)

    for seed in range(50):
        slot, action, outcome = jax.device_get(both(jax.random.key(seed)))
        mine = act(
            Slot(*slot),
            joined(action.terrestrial),
            joined(action.non_terrestrial),
            action.non_terrestrial.positions,
        )
        theirs = outcome.kpis
        for name in ("throughput", "delay", "coverage", "offloaded", "unserved"):
            np.testing.assert_allclose(
                getattr(mine, name), getattr(theirs, name), rtol=2e-4, atol=1e-6, err_msg=name
            )
        np.testing.assert_array_equal(
            mine.loads, np.concatenate([theirs.load_base, theirs.load_uav, theirs.load_satellite])
        )
        np.testing.assert_allclose(mine.rewards, outcome.rewards, rtol=2e-4, atol=1e-5)


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the rate of the NumPy slot, measured in pairs with one environment of sagin."""
    run_function(agrees, cores=1)
    seconds = 0.2 if quick else 1.5
    pairs = [
        (single(), run_function(seconds_per_step, seconds, cores=1).value)
        for _ in range(1 if quick else 3)
    ]
    yield ratio("vectorised NumPy, the same slot", pairs)
