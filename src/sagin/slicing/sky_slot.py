"""A slot under a constellation, in parts of users that any engine computes with equal numbers."""

import base64
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.parameters import read, to_mapping
from sagin.pool import Engine, Job, Sequential, Tell, run_jobs
from sagin.radio.capacity import shannon_rate
from sagin.slicing import links, objectives
from sagin.slicing.balancing import balance
from sagin.slicing.large import Counts, resize
from sagin.slicing.scenario import Scenario, check_single_slot, slice_of
from sagin.slicing.sky import (
    PART,
    WORLD,
    Constellation,
    Ground,
    Region,
    claim_satellites,
    compute_sky_sinr,
    count_cells,
    draw_ground,
)
from sagin.types import Array, Bool, Float, Int

Plain = dict[str, Any]


class SkyResult(NamedTuple):
    """Result of a slot under a constellation; users in the order H, L, C."""

    node: Int[np.ndarray, " users"]
    """Serving satellite, −1 if none."""
    subcarrier: Int[np.ndarray, " users"]
    distance: Float[np.ndarray, " users"]
    """Distance to the claimed satellite, m; 0 if none is in sight."""
    in_sight: Int[np.ndarray, " users"]
    refused: Bool[np.ndarray, " users"]
    """Whether balancing disconnected the user."""
    sinr: Float[np.ndarray, " users"]
    """A ratio; 0 if not served."""
    rate: Float[np.ndarray, " users"]
    """Rate of each user, bit/s."""
    load: Int[np.ndarray, " satellites"]
    throughput: float
    """Throughput of slice H (20), bit/s."""
    delay: float
    """Mean delay of slice L (23), s."""
    coverage: float
    """Coverage of slice C (26)."""


class SkySettings(NamedTuple):
    """Seed, users, constellation and region of a slot."""

    seed: int
    users: tuple[int, int, int]
    """Numbers of users of slices H, L, C."""
    sky: Constellation
    region: Region = WORLD


def play_sky_slot(
    scenario: Scenario, settings: SkySettings, engine: Engine | None = None
) -> SkyResult:
    """Compute one slot of users who claim the nearest satellite in sight.

    Satellites are balanced by the scenario's rule and capacity and divide their power evenly; all
    satellites in sight interfere. Parts of PART users are jobs: first their claims and then, with
    all satellites' loads, their SINR. Every engine gives the same numbers. Time and memory are
    linear in the number of users; a job receives 4 bytes per user and 4 per satellite and
    subcarrier.

    Args:
        scenario: links, balancing, traffic and objectives; its counts and positions are not used.
        settings: seed, users, constellation, region.
        engine: runs the jobs; None: this process.
    """
    check_single_slot(scenario, "slot under a constellation")
    total, satellites = sum(settings.users), len(settings.sky.positions)
    if min(settings.users) < 0 or total < 1 or satellites < 1:
        raise InputError(
            f"slot under a constellation: {settings.users} users, {satellites} satellites: not "
            "allowed (allowed: at least 1 of both)"
        )
    scenario = resize(scenario, Counts(*settings.users, 1, 0, satellites))
    # parts claim, all are balanced together, parts measure
    common = _describe(scenario, settings)
    ask = functools.partial(_ask_parts, engine or Sequential(), total, common)
    node, distance, in_sight, subcarrier, arrivals, tiebreak = ask("claim_part")
    served = _balance(scenario, node, tiebreak, satellites)
    kept = np.where(served, node, -1)
    # users per satellite and subcarrier tell the interference
    cells = count_cells(kept, subcarrier, (satellites, scenario.radio.subcarriers))
    table = _pack(cells.astype(np.int32))
    (sinr,) = ask("measure_part", lambda rows: {"cells": table, "node": _pack(kept[rows])})
    rate, metrics = _assess(scenario, arrivals.astype(np.float32), distance, sinr)
    return SkyResult(
        kept,
        np.where(served, subcarrier, -1),
        distance,
        in_sight,
        (node >= 0) & ~served,
        sinr,
        np.asarray(rate),
        np.sum(cells, axis=1),
        *map(float, metrics),
    )


@jax.jit
def _assess(
    scenario: Scenario, arrivals: Array, distance: Array, sinr: Array
) -> tuple[Array, tuple[Array, ...]]:
    """Return rates and the slices' objectives."""
    rate = shannon_rate(links.subcarrier_band(scenario), sinr)
    delay = objectives.delays(scenario, arrivals, distance, rate)
    everyone = jnp.ones(sinr.shape, bool)
    return rate, objectives.metrics(scenario, everyone, rate, delay, sinr)


@jax.jit
def _balance_all(
    scenario: Scenario, node: Array, tiebreak: Array, limits: Array
) -> Bool[Array, " users"]:
    slices = jnp.asarray(slice_of(scenario))
    return balance(scenario.balancing.rule, node, node >= 0, slices, tiebreak, limits)


def _balance(
    scenario: Scenario, node: np.ndarray, tiebreak: np.ndarray, satellites: int
) -> Bool[np.ndarray, " users"]:
    most = scenario.satellites.capacity
    if most is None:
        return node >= 0
    limits = jnp.full(satellites, most, float)
    return np.asarray(_balance_all(scenario, node, tiebreak, limits))


def _ask_parts(
    engine: Engine,
    users: int,
    common: Plain,
    function: str,
    add: Callable[[slice], Plain] = lambda _: {},
) -> list[np.ndarray]:
    """Run a function for each part and join the arrays over all users."""
    starts = range(0, users, PART)
    jobs = []
    for part, start in enumerate(starts):
        rows = slice(start, min(start + PART, users))
        argument = {**common, "part": part, "rows": rows.stop - start, **add(rows)}
        jobs.append(Job(f"{__name__}.{function}", argument, ""))
    # parts may end in any order
    done: dict[int, tuple[np.ndarray, ...]] = {}
    for job, completion in run_jobs(engine, jobs, lambda *_: None):
        if completion.error is not None or completion.lost:
            raise completion.error or InputError(
                f"part of a slot: its worker ended: {completion.lost}"
            )
        done[job.argument["part"]] = completion.value
    return [
        np.concatenate(column)
        for column in zip(*(done[part] for part in sorted(done)), strict=True)
    ]


def claim_part(argument: Mapping[str, Any], tell: Tell, folder: Path) -> tuple[np.ndarray, ...]:
    """Return claims of a part's users, and their data that the launcher needs."""
    del tell, folder
    _, sky, ground = _read(argument)
    claim = claim_satellites(ground, sky)
    return *claim, ground.subcarrier, ground.arrivals, ground.tiebreak


def measure_part(argument: Mapping[str, Any], tell: Tell, folder: Path) -> tuple[np.ndarray, ...]:
    """Return the SINR of a part's users."""
    del tell, folder
    scenario, sky, ground = _read(argument)
    shape = len(sky.positions), scenario.radio.subcarriers
    cells = _unpack(argument["cells"], np.int32).reshape(shape)
    node = _unpack(argument["node"], np.int32)
    return (compute_sky_sinr(ground, node, cells, sky, scenario),)


def _describe(scenario: Scenario, settings: SkySettings) -> Plain:
    """Return the data that all parts share, as plain data."""
    sections = {
        name: values
        for name, values in to_mapping(scenario).items()
        if name in ("radio", "traffic", "satellites")
    }
    sections["satellites"].pop("count", None)
    return {
        "scenario": sections,
        "seed": settings.seed,
        "region": list(settings.region),
        "mask_deg": settings.sky.mask_deg,
        "positions": _pack(np.asarray(settings.sky.positions, float)),
    }


def _read(argument: Mapping[str, Any]) -> tuple[Scenario, Constellation, Ground]:
    scenario = read(Scenario, argument["scenario"])
    positions = _unpack(argument["positions"], float).reshape(-1, 3)
    region = Region(*argument["region"])
    ground = draw_ground(argument["seed"], argument["part"], argument["rows"], scenario, region)
    return scenario, Constellation(positions, argument["mask_deg"]), ground


def _pack(values: np.ndarray) -> str:
    """Encode an array's numbers as text."""
    return base64.b64encode(values.tobytes()).decode()


def _unpack(text: str, kind: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)
