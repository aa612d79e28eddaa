"""How far methods are from the optimum of the slicing system: every method on the same slots,
beside what no method can pass.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.experiments.learned import sized
from sagin.experiments.slicing_plan import people
from sagin.experiments.slicing_run import keys_of, states_of
from sagin.experiments.store import Store, Task, asked
from sagin.experiments.study import BOUND, Figure, Series
from sagin.experiments.training_evaluation import Test, measured
from sagin.files import write_atomically
from sagin.parameters import read, to_mapping
from sagin.planning.certificates.bounds import bound_terms, bound_worth
from sagin.planning.goals import Goal, build_goal
from sagin.planning.planner import make_plans
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import play_slot
from sagin.slicing.objectives import normalise_terms
from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.slicing.state import Kpis, State
from sagin.studies.statistics import Interval, sample_interval
from sagin.training.policy import read_actors
from sagin.training.records import read_rows
from sagin.training.run import POLICY, SCORES, TrainingRun, locate_seed, parse_run, read_run

Terms = np.ndarray
"""(slots, 3): the goal's terms of slices H, L, C."""
Advance = Callable[[int], Any]

GOALS = {
    "sum": (1.0, 1.0, 1.0),
    "H alone": (1.0, 0.0, 0.0),
    "L alone": (0.0, 1.0, 0.0),
    "C alone": (0.0, 0.0, 1.0),
}
"""What the planner is asked for: the plain sum of the terms, and each term by itself."""
RULES = {"priority": True, "free": False}
"""Whether the planner keeps the priority, and its bound with it."""
POLICIES_OF = "policies"
"""Folder of a store for the trained policies that its cells are about, each named by its SHA-256.
"""
UNDRAWN = ("round-robin", "nearest-random")
"""Policies that figures leave out, for want of room; tables have them."""
MATCHED = "planner, free: H, no worse than the best learned in L and C"


class Learned(NamedTuple):
    """A trained run and the seed of it that is taken: the one of the best validation."""

    name: str
    plan: TrainingRun
    policy: Path


def learned(folder: Path) -> Learned:
    """Return the policy of the best validation among a run's seeds; InputError if none has been
    validated.
    """
    plan, seeds = read_run(folder)
    places = [locate_seed(folder, number) for number in range(seeds)]
    scores = {
        place: max((row["score"] for row in read_rows(place / SCORES)), default=-np.inf)
        for place in places
    }
    best = max(scores, key=lambda place: scores[place])
    if not np.isfinite(scores[best]):
        raise InputError(
            f"--run {folder}: no seed of it has been validated yet (allowed: a run that `sagin train` finished)"
        )
    return Learned(folder.name, plan, best / POLICY)


def padded(scenario: Scenario, sizes: Sequence[int]) -> Scenario:
    """Return the scenario with room for the greatest K_s, so that all share programs."""
    return sized(scenario, max(sizes))


def check_run(run: Learned, scenario: Scenario) -> None:
    """Raise InputError if a run's slices have other rows than the scenario's: it would meet other
    slots.
    """
    own, here = slice_sizes(run.plan.scenario), slice_sizes(scenario)
    if own != here:
        raise InputError(
            f"--run {run.name}: trained with slices of {own} users, not {here} (allowed: the greatest of --users)"
        )


def kept(store: Store, runs: Sequence[Learned]) -> list[dict[str, Any]]:
    """Copy the runs' policies into the store, where a cell finds them by their content, and return
    what a task says of them.
    """
    told = []
    for one in runs:
        content = one.policy.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        write_atomically(store.folder / POLICIES_OF / name, content)
        told.append({"name": one.name, "policy": name, "plan": one.plan.to_plain()})
    return told


def task(
    scenario: Scenario, size: int, slots: int, seed: int, runs: Sequence[dict[str, Any]]
) -> Task:
    """Return what is to be done for one K_s; runs: as `kept` returns them."""
    return asked(
        "slicing-optimum",
        scenario=to_mapping(scenario),
        size=size,
        slots=slots,
        seed=seed,
        runs=list(runs),
    )


def work(one: Task) -> int:
    """Return the steps of the progress bar that a task takes: one a slot for each bound and each
    goal of the planner.
    """
    return one["slots"] * (2 * len(RULES) + len(RULES) * len(GOALS))


def make(one: Task, advance: Advance, folder: Path) -> dict[str, Any]:
    """Return the terms of every method and the bounds on the first slots of as many runs as are
    asked for.
    """
    policies = folder.parent.parent / POLICIES_OF
    runs = [
        Learned(run["name"], parse_run(run["plan"], "task"), policies / run["policy"])
        for run in one["runs"]
    ]
    scenario, slots = read(Scenario, one["scenario"]), one["slots"]
    counts, keys = np.full(3, one["size"]), keys_of(one["seed"], slots)
    states = states_of(keys, scenario, counts)
    found = {
        name: np.asarray(normalise_terms(scenario, _acted(keys, scenario, states, name)))
        for name in POLICIES
    }
    for each in runs:
        found[each.name] = learned_terms(
            each, Test(1, slots, one["seed"], best=True), counts.tolist()
        )
    for rule, respect in RULES.items():
        for aim, weights in GOALS.items():
            found[f"planner, {rule}: {aim}"] = planned(
                scenario, states, build_goal(weights), respect
            )
            advance(slots)
    if runs:
        best = max((found[each.name] for each in runs), key=lambda values: values.sum())
        least = jnp.asarray(np.column_stack([np.full(slots, -np.inf), best[:, 1:]]))
        weights = jnp.broadcast_to(jnp.asarray(GOALS["H alone"]), (slots, 3))
        found[MATCHED] = planned(scenario, states, Goal(weights, least), respect_priority=False)
    limits = {rule: bounded(scenario, states, respect, advance) for rule, respect in RULES.items()}
    return {"terms": _plain(found), "bounds": _plain(limits)}


def planned(scenario: Scenario, states: State, wanted: Goal, respect_priority: bool) -> Terms:
    """Return the terms of the plans of many slots."""
    return np.asarray(make_plans(scenario, states, wanted, respect_priority=respect_priority).terms)


def learned_terms(one: Learned, test: Test, counts: Sequence[int]) -> Terms:
    """Return the terms that a trained policy reaches in each run of a test."""
    samples = measured(one.plan, read_actors(one.plan, one.policy), test, counts)
    settings = one.plan.scenario.objectives
    throughput, delay, coverage = (
        np.asarray(samples[name]) for name in ("throughput", "delay", "coverage")
    )
    return np.stack(
        [
            throughput / (settings.throughput_reference_mbps * 1e6),
            1.0 - delay / settings.delay_limit_s,
            coverage,
        ],
        axis=1,
    )


def bounded(
    scenario: Scenario, states: State, respect_priority: bool, advance: Advance
) -> np.ndarray:
    """Return for each slot the bounds of the three terms and of their sum, (slots, 4)."""
    rows = []
    for number in range(states.slot.shape[0]):
        state = jax.tree.map(lambda leaf, number=number: leaf[number], states)
        each = bound_terms(scenario, state, respect_priority=respect_priority)
        rows.append(
            [*each, bound_worth(scenario, state, build_goal(), respect_priority=respect_priority)]
        )
        advance(2)
    return np.asarray(rows)


@partial(jax.jit, static_argnames="name")
def _acted(keys: jax.Array, scenario: Scenario, states: State, name: str) -> Kpis:
    return jax.vmap(lambda key, state: play_slot(key, scenario, POLICIES[name], state)[1].kpis)(
        keys, states
    )


def _plain(found: dict[str, np.ndarray]) -> dict[str, list[list[float]]]:
    return {
        name: [[float(f"{value:.7g}") for value in row] for row in values.tolist()]
        for name, values in found.items()
    }


COLUMNS = (
    "K_s",
    "method",
    "throughput of H, Mbit/s",
    "share of bound, %",
    "delay of L, ms",
    "over bound, ms",
    "coverage of C, %",
)
COLUMNS = (*COLUMNS, "below bound, points", "weighted sum", "gap to bound, %")


def rows(scenario: Scenario, size: int, cell: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a row of text a method, in the order of COLUMNS: means over slots with 95 % intervals,
    beside the bounds of any method.

    A planner that keeps the priority is beside the bounds of those that do.
    """
    table = []
    for name, values in cell["terms"].items():
        rule = "priority" if name.startswith("planner, priority") else "free"
        only = next(
            (place for place, aim in enumerate(list(GOALS)[1:]) if name.endswith(aim)), None
        )
        table.append(
            (
                str(size),
                name,
                *_row(scenario, np.asarray(values), np.asarray(cell["bounds"][rule]), only),
            )
        )
    for rule in RULES:
        most = np.asarray(cell["bounds"][rule])
        reads = [
            float(np.mean(one.low + one.scale * most[:, place]))
            for place, one in enumerate(people(scenario))
        ]
        table.append(
            (
                str(size),
                f"bound, {rule}",
                f"{reads[0]:.1f}",
                "",
                f"{reads[1]:.2f}",
                "",
                f"{reads[2]:.1f}",
                "",
                *_sum(most[:, 3]),
            )
        )
    return table


def _sum(values: np.ndarray) -> tuple[str, str]:
    return f"{values.mean():.3f}", ""


def _row(scenario: Scenario, found: Terms, most: np.ndarray, only: int | None) -> list[str]:
    rate, delay, coverage = people(scenario)
    total = found.sum(axis=1)
    columns = [
        (rate.scale * found[:, 0], 1),
        (100 * found[:, 0] / most[:, 0], 1),
        (delay.low + delay.scale * found[:, 1], 2),
        (-delay.scale * (most[:, 1] - found[:, 1]), 2),
        (coverage.scale * found[:, 2], 1),
        (coverage.scale * (most[:, 2] - found[:, 2]), 1),
        (total, 3),
        (100 * (1 - total / most[:, 3]), 1),
    ]
    texts = [shown(sample_interval(values.tolist()), digits) for values, digits in columns]
    # a plan for one term alone says nothing of the others
    return [text if only is None or place // 2 == only else "" for place, text in enumerate(texts)]


class Lines(NamedTuple):
    """A quantity of the gaps, as a figure: which of a slot's numbers, and how it reads."""

    figure: Figure
    place: int
    """Of the term; 3 for their sum."""


def figures(scenario: Scenario, sizes: Sequence[int]) -> list[Lines]:
    """Return the figures of the gaps: each term and their sum against K_s."""
    values, units = tuple(map(float, sizes)), people(scenario)
    named = [
        (f"optimum-{one.name}", f"{one.label} beside its bound", f"{one.label} ({one.unit})", place)
        for place, one in enumerate(units)
    ]
    named.append(
        ("optimum-sum", "The sum of the three terms beside its bound", "sum of the terms", 3)
    )
    return [
        Lines(Figure(name, title, "users", values, name, "users of each slice, K_s", label), place)
        for name, title, label, place in named
    ]


def series(
    scenario: Scenario, lines: Lines, found: Sequence[tuple[int, dict[str, Any]]]
) -> list[Series]:
    """Return a figure's lines: policies, trained runs, the planner asked for this quantity, and its
    bound, with and without priority.
    """
    aim = list(GOALS)[(lines.place + 1) % 4]
    plans = {f"planner, {rule}: {aim}": f"planner, {rule}" for rule in RULES}
    drawn = [
        name
        for name in found[0][1]["terms"]
        if name in plans or not name.startswith(("planner", *UNDRAWN))
    ]
    made = [
        _line(
            plans.get(name) or name,
            [(size, _reads(scenario, lines.place, cell["terms"][name])) for size, cell in found],
        )
        for name in drawn
    ]
    limits = [
        (size, np.asarray(cell["bounds"]["free"])[:, : lines.place + 1]) for size, cell in found
    ]
    return [
        *made,
        _line(BOUND, [(size, _reads(scenario, lines.place, most)) for size, most in limits]),
    ]


def _reads(scenario: Scenario, place: int, values: Any) -> list[float]:
    table = np.asarray(values)
    if place == 3:
        return (table[:, 3] if table.shape[1] == 4 else table.sum(axis=1)).tolist()
    one = people(scenario)[place]
    return (one.low + one.scale * table[:, place]).tolist()


def _line(label: str, points: Sequence[tuple[int, list[float]]]) -> Series:
    return Series(
        label,
        tuple(float(size) for size, _ in points),
        tuple(sample_interval(values) for _, values in points),
    )


def shown(one: Interval, digits: int) -> str:
    """Return a mean with the half-width of its interval."""
    return f"{one.estimate:.{digits}f} ± {one.high - one.estimate:.{digits}f}"
