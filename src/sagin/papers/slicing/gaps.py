"""Gaps to the optimum of the slicing system: every method compared with the bounds."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.errors import InputError, StoreError
from sagin.files import write_atomically
from sagin.inputs import LARGEST_TABLE, read_bytes
from sagin.methods import Method
from sagin.papers.slicing.figures import KPIS, X_SAME
from sagin.papers.slicing.methods import BOUND, POLICIES
from sagin.papers.slicing.points import (
    MAKE,
    STUDY,
    evaluate,
    list_method_points,
    resize,
    select_methods,
)
from sagin.papers.slicing.profiles import Profile
from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.studies.figure import Figure, Point
from sagin.studies.record import Table
from sagin.studies.statistics import sample_interval
from sagin.studies.store import build_task
from sagin.training.records import read_rows
from sagin.training.run import POLICY, RUN, SCORES, TrainingRun, locate_seed, read_run

RULES = ("priority", "free")
"""Whether the planner keeps the priority."""
AIMS = ("", "H alone", "L alone", "C alone")
"""Objectives of the planner: the sum of the terms, or one of them."""
ACTORS_FOLDER = "policies"
"""Folder of a store for trained policies, each named by its SHA-256."""
UNDRAWN = ("round-robin", "nearest-random")
"""Policies that figures leave out for lack of space; tables include them."""
METRICS = (*KPIS, "score")
COLUMNS = (
    "K_s",
    "method",
    "throughput of H, Mbit/s",
    "share of bound, %",
    "delay of L, ms",
    "over bound, ms",
    "coverage of C, %",
    "below bound, points",
    "sum of terms",
    "gap to bound, %",
)


class Trained(NamedTuple):
    """A training run and the policy of the seed of its best validation."""

    name: str
    run: TrainingRun
    policy: Path


def name_planner(rule: str, aim: str = "") -> str:
    """Return the name of a planner.

    >>> name_planner("free"), name_planner("priority", "H alone")
    ('planner, free', 'planner, priority: H alone')
    """
    return f"planner, {rule}: {aim}" if aim else f"planner, {rule}"


PLANNERS = tuple(name_planner(rule, aim) for rule in RULES for aim in AIMS)
METHODS = (*POLICIES, *PLANNERS, BOUND, f"{BOUND}, priority")


def read_trained(folder: Path, most: int) -> Trained:
    """Return the policy of the best validation among a run's seeds.

    Raises:
        InputError: no seed has a validation, or its slices have other sizes than `most`.
    """
    run, seeds = read_run(folder)
    places = [locate_seed(folder, number) for number in range(seeds)]
    scores = [max((r["score"] for r in read_rows(p / SCORES)), default=-np.inf) for p in places]
    best = int(np.argmax(scores))
    if not np.isfinite(scores[best]):
        raise InputError(
            f"--method {folder}: no seed of it has been validated yet (allowed: a run that `sagin"
            " train` finished)"
        )
    rows = slice_sizes(run.scenario)
    if rows != (most,) * 3:
        raise InputError(
            f"--method {folder.name}: trained with slices of {rows} users, not {(most,) * 3} "
            "(allowed: the largest number in --users)"
        )
    return Trained(folder.name, run, places[best] / POLICY)


def split_methods(names: Sequence[str], most: int) -> tuple[list[Trained], list[Method]]:
    """Split names into training runs and methods outside the table.

    Raises:
        InputError: a method does not exist, or has the name of another method of the table.
    """
    folders = [name for name in names if (Path(name) / RUN).exists()]
    trained = [read_trained(Path(folder), most) for folder in folders]
    methods = select_methods([name for name in names if name not in folders], METHODS)
    return trained, [method for method in methods if method.name not in METHODS]


def list_gap_points(
    scenario: Scenario,
    sizes: Sequence[int],
    slots: int,
    seed: int,
    trained: Sequence[Trained],
    methods: Sequence[Method] = (),
) -> list[Point]:
    """Return the tasks of every method at each K_s, on the first slot of as many runs."""
    profile = Profile(slots, 1, bounded=slots, seed=seed)
    most = max(sizes)
    padded = resize(scenario, most)
    points = [evaluate(name, size, padded, profile, most) for size in sizes for name in METHODS]
    for method in methods:
        points += list_method_points(method, sizes, scenario, profile)
    for entry in trained:
        content = {
            "kind": "actors",
            "method": entry.name,
            "plan": json.loads(json.dumps(entry.run.to_plain())),
            "policy": hashlib.sha256(_read_policy(entry)).hexdigest(),
            "slots": 1,
            "runs": slots,
            "seed": seed,
        }
        for size in sizes:
            task = build_task(STUDY, MAKE, **content, counts=[size] * 3)
            points.append(Point(task, slots, entry.name))
    return points


def _read_policy(entry: Trained) -> bytes:
    return read_bytes(entry.policy, StoreError, LARGEST_TABLE, packed=False)


def store_actors(folder: Path, trained: Sequence[Trained]) -> None:
    """Copy trained policies into a store's folder, where tasks find them by their hash."""
    for entry in trained:
        content = _read_policy(entry)
        name = hashlib.sha256(content).hexdigest()
        write_atomically(folder / ACTORS_FOLDER / name, content)


def list_gap_rows(table: Table, sizes: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return a row of text, numbers and `Interval`s per K_s and method, in the order of COLUMNS.

    Means over slots with 95 % intervals are shown with the bounds of any method. A planner that
    keeps the priority is compared with the bounds of plans that keep it.
    """
    return [
        (str(size), name, *_list_cells(table, name, float(size)))
        for size in sizes
        for name in table.methods
    ]


def _list_cells(table: Table, name: str, size: float) -> list[Any]:
    """Return a method's values, each with its distance from the bound."""
    keeps = name.startswith("planner, priority")
    limits = _read(table, f"{BOUND}, priority" if keeps else BOUND, size)
    values = _read(table, name, size)
    if name.startswith(BOUND):
        return [cell for metric in METRICS for cell in (float(values[metric].mean()), "")]
    distances = {
        "throughput": 100 * values["throughput"] / limits["throughput"],
        "delay": values["delay"] - limits["delay"],
        "coverage": limits["coverage"] - values["coverage"],
        "score": 100 * (1 - values["score"] / limits["score"]),
    }
    cells = []
    for metric, aim in zip(METRICS, (*AIMS[1:], ""), strict=True):
        # a plan for one term alone says nothing of the others
        hidden = name.partition(": ")[2] not in ("", aim)
        pair = [sample_interval(part[metric].tolist()) for part in (values, distances)]
        cells += ["", ""] if hidden else pair
    return cells


def _read(table: Table, name: str, size: float) -> dict[str, np.ndarray]:
    """Return a method's numbers by metric, per slot, in display units."""
    scales = {metric: row[2] for metric, row in KPIS.items()}
    values = {}
    for metric in METRICS:
        cell = table.values(name, metric, size)
        numbers = np.array([np.mean(cell[run]) for run in sorted(cell)])
        values[metric] = scales.get(metric, 1.0) * numbers
    return values


def list_gap_figures(sizes: Sequence[int], further: Sequence[str]) -> list[Figure]:
    """Return the figures of the gaps: each KPI and the sum of the terms against K_s."""
    drawn = tuple(name for name in POLICIES if name not in UNDRAWN) + tuple(further)
    axes = dict(KPIS) | {"score": ("The sum of the three terms", "sum of the terms", 1.0)}
    figures = []
    for metric, aim in zip(METRICS, (*AIMS[1:], ""), strict=True):
        words, label, scale = axes[metric]
        planners = tuple(name_planner(rule, aim) for rule in RULES)
        figures.append(
            Figure(
                f"optimum-{'sum' if metric == 'score' else metric}",
                f"{words} beside its bound",
                sweep="users",
                values=tuple(map(float, sizes)),
                metrics=(metric,),
                methods=(*drawn, *planners, BOUND),
                x_label=X_SAME,
                y_label=label,
                scale=scale,
            )
        )
    return figures


def list_titles(figure: Figure) -> dict[str, str]:
    """Return the names of methods in a figure: a planner has the name of its rule."""
    return {name: name.partition(":")[0] for name in figure.methods}


def list_numbers(table: Table) -> list[list[Any]]:
    """Return the numbers as rows: K_s, method, slot, metric, value in SI units."""
    rows: list[list[Any]] = [["K_s", "method", "slot", "metric", "value"]]
    for sample in table.samples():
        if sample.metric in METRICS:
            value = f"{sample.values.mean():.7g}"
            rows.append([sample.x, sample.method, sample.seed, sample.metric, value])
    return rows
