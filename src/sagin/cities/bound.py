"""A certified bound of the score of the first drop of an hour, which no plan can exceed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.cities.answer import CityAnswer
from sagin.cities.run import find_step, hash_files, list_city_content
from sagin.cities.variants import Variant, dress_scenario
from sagin.files import compute_digest
from sagin.methods.play import make_run_keys, start_runs
from sagin.parameters import read
from sagin.planning.certificates.bounds import bound_worth
from sagin.planning.goals import build_goal
from sagin.slicing.city import count_users, follow_day
from sagin.slicing.scenario import Scenario
from sagin.studies.engine import Advance
from sagin.studies.figure import Point
from sagin.studies.record import Result, make_sample
from sagin.studies.store import Store, build_task

STUDY, MAKE = "relieve bound", "sagin.cities.bound.make"
EQUAL_WEIGHTS = (1.0, 1.0, 1.0)
"""Weights of the three terms, as in the score."""


class HourBound(NamedTuple):
    """A score and its bound, both of the first drop of an hour."""

    hour: int
    variant: str
    score: float
    bound: float

    @property
    def gap(self) -> float:
        """Largest possible relative gain of a better plan."""
        return (self.bound - self.score) / self.bound if self.bound > 0 else 0.0


def list_bound_points(
    scenario: Scenario, variants: Sequence[Variant], hours: Sequence[int], seed: int
) -> list[Point]:
    """List the tasks, one per variant and hour."""
    content, files, points = list_city_content(scenario), hash_files(scenario), []
    for variant in variants:
        for hour in hours:
            named = {"variant": list(variant), "hour": hour, "seed": seed}
            task = build_task(STUDY, MAKE, scenario=content, **named, **files)
            points.append(Point(task, 1, compute_digest(list(variant))))
    return points


def make(task: dict[str, Any], advance: Advance, folder: Path) -> Result:
    """Compute the bound of a task's variant and hour."""
    del folder
    scenario, variant = read(Scenario, task["scenario"]), Variant(*task["variant"])
    step = find_step(scenario, task["hour"])
    day = follow_day(scenario) if variant.satellites else None
    dressed = dress_scenario(scenario, variant, None if day is None else day.find(60 * step))
    keys = make_run_keys(task["seed"], 1)
    states = start_runs(keys, dressed, np.asarray(count_users(scenario)[step]))
    first = jax.tree.map(lambda leaf: leaf[0], states)
    value = bound_worth(dressed, first, build_goal(EQUAL_WEIGHTS))
    advance(1)
    return Result([make_sample("bound", "score", [value], x=float(task["hour"]))], {})


def read_bounds(
    answer: CityAnswer, store: Store, points: Sequence[Point], variants: Sequence[Variant]
) -> list[HourBound]:
    """Read scores and bounds from a store with all results, by variant and hour."""
    rows, left = [], iter(points)
    for variant in variants:
        for hour in answer.hours:
            result = store.find(next(left).task)
            assert result is not None
            bound = float(result.samples[0].values[0, 0])
            score = float(answer.values(variant, "score", hour)[0])
            rows.append(HourBound(hour, variant.name, score, bound))
    return rows


def describe_bounds(rows: Sequence[HourBound], answer: CityAnswer) -> str:
    """Describe how close the method comes to the bound in the busiest hour."""
    busy = sorted((row for row in rows if row.hour == answer.busiest), key=lambda row: row.gap)
    ends = [f"{100 * (1 - row.gap):.0f} % ({row.variant})" for row in (busy[-1], busy[0])]
    return (
        f"By {answer.method} the score of the first drop at {answer.busiest} h is {ends[0]} "
        f"to {ends[1]} of a certified bound, which no plan exceeds."
    )
