"""The computation of one task: a method in one variant of a city, over the hours of a day."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import jax
import numpy as np

from sagin.cities.moment import Moment, keep_moment
from sagin.cities.variants import Variant, dress_scenario
from sagin.files import compute_digest
from sagin.inputs import hash_file
from sagin.methods import Method
from sagin.methods.indicators import list_nodes
from sagin.methods.play import Slots, make_run_keys, play_method
from sagin.parameters import read, to_mapping
from sagin.places.profile import list_local_hours
from sagin.places.settings import CityOrbit, Location
from sagin.slicing.city import DaySky, count_users, follow_day
from sagin.slicing.scenario import Scenario
from sagin.studies.digest import digest_method
from sagin.studies.engine import Advance, find_same_method
from sagin.studies.figure import Point
from sagin.studies.record import Result, make_sample
from sagin.studies.store import build_task

STUDY, MAKE = "relieve", "sagin.cities.run.make"
PARTS = 4
"""Moments of an hour, a quarter apart, among which the drops are divided, because satellites move.
"""
PLAIN = ("users", "unserved", "covered", "throughput", "satellite_rate", "delay", "power", "score")


def list_points(
    scenario: Scenario,
    variants: Sequence[Variant],
    methods: Sequence[Method],
    hours: Sequence[int],
    *,
    drops: int,
    seed: int,
) -> list[Point]:
    """Return the tasks of a comparison, one per method and variant.

    Args:
        scenario: the placed city.
        variants: networks.
        methods: methods of the slicing system without training.
        hours: hours of the day.
        drops: number of independent draws of users and channels per day.
        seed: seed of all draws.
    """
    points, content, files = [], list_city_content(scenario), hash_files(scenario)
    for method in methods:
        for variant in variants:
            task = build_task(
                STUDY,
                MAKE,
                method=method.name,
                policy=method.place,
                source=digest_method(method),
                scenario=content,
                variant=list(variant),
                hours=list(hours),
                drops=drops,
                seed=seed,
                **files,
            )
            program = compute_digest([method.place, list(variant)])
            points.append(Point(task, len(hours) * drops, program))
    return points


def list_city_content(scenario: Scenario) -> dict[str, Any]:
    """Return the fields of a city that affect results: all but its prices."""
    return to_mapping(replace(scenario, costs=None))


def find_step(scenario: Scenario, hour: int) -> int:
    """Return the number of hours from the location's start to an hour of the day."""
    return list_local_hours(cast(Location, scenario.location)).index(hour)


def hash_files(scenario: Scenario) -> dict[str, Any]:
    """Return the hashes of files that the task reads, if there are any."""
    orbit, location = scenario.orbit, scenario.location
    paths = (orbit and orbit.elements, location and location.profile_file)
    digests = [hash_file(path) for path in paths if path]
    return {"files": digests} if digests else {}


class _Trial(NamedTuple):
    """Common data of all hours of a task."""

    scenario: Scenario
    variant: Variant
    method: Method
    keys: jax.Array
    """One per drop."""
    day: DaySky | None


def make(task: dict[str, Any], advance: Advance, folder: Path) -> Result:
    """Compute the result of a task: each number by hour, one value per drop."""
    del folder
    scenario, variant = read(Scenario, task["scenario"]), Variant(*task["variant"])
    trial = _Trial(
        scenario,
        variant,
        find_same_method(task["policy"], "slicing", task["source"]),
        make_run_keys(task["seed"], task["drops"]),
        follow_day(scenario) if variant.satellites else None,
    )
    counts = count_users(scenario)
    samples, extra = [], {}
    for hour in task["hours"]:
        step = find_step(scenario, hour)
        moment = _play_hour(trial, step, counts[step], advance)
        samples += [
            make_sample(task["method"], name, values, x=float(hour))
            for name, values in _list_values(trial, moment, step).items()
        ]
        extra[str(hour)] = _describe(moment)
    return Result(samples, {"hours": extra})


def _play_hour(trial: _Trial, step: int, counts: np.ndarray, advance: Advance) -> Moment:
    """Return the moments of an hour, one row per drop, with those of each quarter in sequence.

    Args:
        trial: method and scenario.
        step: hours since the location's start.
        counts: users of H, L and C.
        advance: called with the number of finished drops.
    """
    pieces = []
    for part in range(min(PARTS, len(trial.keys))):
        sky = None if trial.day is None else trial.day.find(60 * step + 60 * part // PARTS)
        dressed = dress_scenario(trial.scenario, trial.variant, sky)
        meet = Slots(dressed, trial.keys[part::PARTS], tuple(counts.tolist()), 1)
        pieces.append(play_method(trial.method, meet, advance, keep_moment))
    return jax.tree.map(lambda *leaves: np.concatenate(leaves)[:, 0], *pieces)


def _list_values(trial: _Trial, moment: Moment, step: int) -> dict[str, np.ndarray]:
    """Return an hour's numbers; handover time reduces the satellites' traffic."""
    values = {name: np.asarray(getattr(moment, name), float) for name in PLAIN}
    if trial.day is not None:
        changes = trial.day.count_handovers(step)
        orbit = cast(CityOrbit, trial.scenario.orbit)
        beams, pause = trial.scenario.satellites.count, orbit.interruption_s
        lost = min(changes * float(pause) / (3600.0 * beams), 1.0)
        for name in ("throughput", "satellite_rate"):
            values[name] = values[name] - lost * np.asarray(moment.satellite_rate, float)
        values["handovers"] = np.full(len(moment.users), float(changes))
    dressed = dress_scenario(trial.scenario, trial.variant, None)
    for number, name in enumerate(list_nodes(dressed)):
        values[f"load of {name}"] = np.asarray(moment.load[:, number], float)
    for number in range(moment.offered.shape[1]):
        values[f"offered to BS {number + 1}"] = np.asarray(moment.offered[:, number], float)
    return values


def _describe(moment: Moment) -> dict[str, Any]:
    """Return the first drop of an hour as plain data, for maps."""
    first = jax.tree.map(lambda values: np.asarray(values)[0], moment)
    return {
        "node": first.node.tolist(),
        "users": np.round(first.user_positions, 1).tolist(),
        "uavs": np.round(first.uav_positions, 1).tolist(),
    }
