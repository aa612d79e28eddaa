"""Slots of many readings of the slicing paper: numbers are traced, so that readings share programs.

The methods do not learn. A slot is the first one of a run: users, channels and arrivals are drawn
for each, and later slots of a run have the same distribution.
"""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from sagin.choices import Choice, put_value
from sagin.methods.play import make_run_keys
from sagin.papers.slicing.figures import REWARDS, SIZES
from sagin.parameters import read, vary_fields
from sagin.policies.table import POLICIES
from sagin.slicing import objectives
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import Scenario, check_scenario, resize_slices
from sagin.slicing.state import Kpis, Outcome, State
from sagin.slicing.trace import NEAR
from sagin.studies.engine import Advance
from sagin.studies.figure import Task
from sagin.studies.record import Result, make_sample
from sagin.studies.space import list_choices

MAKE = f"{__name__}.make"
BATCH = 64
"""Number of slots side by side."""
SLOTS = 20 * BATCH
"""Number of slots per call, so that all calls share a program."""
RULES = ("priority", "uniform", "none", "uniform-all")
VARIANTS = {
    "": ("priority", "decided"),
    ", uniform": ("uniform", "decided"),
    ", uniform-all": ("uniform-all", "decided"),
    ", none": ("none", "decided"),
    ", fixed UAVs": ("priority", "fixed"),
}
"""Balancing rule and UAVs' placement, by the suffix of a policy's name."""
PACKET_BITS, PACKETS = "traffic.packet_bits", "traffic.packets_per_slot"
TABLE = "traffic.most_packets=330"
"""Length of the table of arrivals, sufficient for the smallest packets of a reading."""
ALL_USERS = ", all users"
"""Suffix of a reward that averages over all users of the slice."""
METRICS = (
    *("throughput", "delay", "coverage", "delay_sum", "coverage_sum"),
    *("offloaded", "access_H", "access_L", "access_C", "BS 2", "near_uav", "uav_gap"),
    *REWARDS,
    *(f"{name}{ALL_USERS}" for name in REWARDS),
)


def pad_scenario(scenario: Scenario, users: float) -> Scenario:
    """Pad a scenario to slices of at least this number of users each."""
    most = (max(*SIZES, int(users)),) * 3
    return vary_fields(resize_slices(scenario, most), [TABLE], check_scenario)


def split_packets(scenario: Scenario, bits: Any) -> Any:
    """Return the number of packets of a size that arrive in a slot with the same number of bits."""
    traffic = scenario.traffic
    return traffic.packets_per_slot * traffic.packet_bits / bits


def measure_outcome(scenario: Scenario, state: State, outcome: Outcome) -> Float[Array, " metrics"]:
    """Measure a slot, as METRICS lists."""
    kpis: Kpis = outcome.kpis
    users, uavs = state.user_positions, outcome.uav_positions
    stations = jnp.asarray(scenario.base_stations.positions_m)
    near = jnp.linalg.norm(uavs[:, None] - users, axis=2) <= NEAR
    gap = jnp.min(jnp.linalg.norm(uavs[:, None] - stations, axis=2), axis=1)
    layers = state, outcome.terrestrial, outcome.non_terrestrial
    rewards = [
        objectives.rewards(put_value(scenario, "objectives.reward", name), *layers)
        for name in ("layer", "all-users")
    ]
    numbers = [
        kpis.throughput,
        kpis.delay,
        kpis.coverage,
        jnp.sum(kpis.layer_delays),
        jnp.sum(kpis.layer_coverages),
        kpis.offloaded,
        *kpis.access,
        kpis.load_base[1],
        jnp.mean(jnp.sum(near & state.active, axis=1)),
        jnp.mean(gap),
    ]
    return jnp.concatenate([jnp.stack([jnp.asarray(n, float) for n in numbers]), *rewards])


@partial(jax.jit, static_argnames=("interference",))
def _run_slots(
    keys: Array,
    scenario: Scenario,
    values: dict[str, Array],
    variants: tuple[Array, Array],
    policy: Int[Array, ""],
    users: Int[Array, ""],
    *,
    interference: str,
) -> Float[Array, "slots metrics"]:
    acting = switch_policies([*POLICIES.values()], policy)
    base = put_value(scenario, "radio.interference", interference)

    def measure(slot: tuple[Array, dict[str, Array], tuple[Array, Array]]) -> Array:
        key, numbers, (rule, placement) = slot
        reading = base
        for name, value in numbers.items():
            reading = put_value(reading, name, value)
        if PACKET_BITS in numbers:
            packets = split_packets(scenario, numbers[PACKET_BITS])
            reading = put_value(reading, PACKETS, packets)
        reading = put_value(reading, "balancing.rule", Choice(rule, RULES))
        reading = put_value(reading, "uavs.placement", Choice(placement, ("decided", "fixed")))
        state = begin_run(key, reading, jnp.full(3, users))
        outcome = play_slot(key, reading, acting, state)[1]
        return measure_outcome(reading, state, outcome)

    return jax.lax.map(measure, (keys, values, variants), batch_size=BATCH)


def make(task: Task, advance: Advance, folder: Path) -> Result:
    """Return the means over blocks of slots of each reading of a task, with readings as seeds."""
    del folder
    scenario = read(Scenario, task["scenario"])
    values = {name: np.asarray(column) for name, column in task["values"].items()}
    drops, blocks = task["drops"], task["blocks"]
    interference = [scenario.radio.interference] * len(next(iter(values.values())))
    if "radio.interference" in values:
        names = list_choices(Scenario)["radio.interference"]
        interference = [names[int(pick)] for pick in values.pop("radio.interference")]
    results = np.zeros((len(interference), drops, len(VARIANTS), len(POLICIES), len(METRICS)))
    for name in dict.fromkeys(interference):
        rows = np.flatnonzero(np.array(interference) == name)
        part = {field: column[rows].astype(np.float32) for field, column in values.items()}
        results[rows] = _measure_readings(task, scenario, part, len(rows), name)
        advance(len(rows) * drops)
    means = results.reshape(len(interference), blocks, -1, *results.shape[2:]).mean(axis=2)
    return Result(
        [
            make_sample(f"{policy}{suffix}", metric, means[:, :, variant, place, number])
            for variant, suffix in enumerate(VARIANTS)
            for place, policy in enumerate(POLICIES)
            for number, metric in enumerate(METRICS)
        ]
    )


def _measure_readings(
    task: Task, scenario: Scenario, values: dict[str, np.ndarray], readings: int, interference: str
) -> Float[np.ndarray, "readings drops variants policies metrics"]:
    """Measure readings of one kind of interference in all variants of all policies."""
    drops, shape = task["drops"], (readings, task["drops"], len(VARIANTS))
    keys = make_run_keys(task["seed"], drops)
    rows, numbers, kinds = (part.ravel() for part in np.indices(shape))
    choices = [(RULES.index(rule), int(place == "fixed")) for rule, place in VARIANTS.values()]
    picks = np.array(choices, np.int32)
    users = np.int32(int(task["x"]))
    parts: list[list[np.ndarray]] = [[] for _ in POLICIES]
    for start in range(0, len(rows), SLOTS):
        # the last call is filled up with its last slot
        index = np.minimum(np.arange(start, start + SLOTS), len(rows) - 1)
        readings_values = {name: column[rows[index]] for name, column in values.items()}
        variants = picks[kinds[index], 0], picks[kinds[index], 1]
        arguments = keys[numbers[index]], scenario, readings_values, variants
        for place, part in enumerate(parts):
            numbered = *arguments, np.int32(place), users
            slots = _run_slots(*numbered, interference=interference)
            part.append(np.asarray(slots)[: len(rows) - start])
    stacked = np.stack([np.concatenate(part) for part in parts], axis=1)
    return stacked.reshape(*shape, len(POLICIES), len(METRICS))
