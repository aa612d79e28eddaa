"""The plan of one slot as plain data: what it comes to, what no plan can pass, the gap between, and
which demand is missed by how much.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.experiments.slicing_run import Trace, keys_of, nodes, traced
from sagin.experiments.store import provenance
from sagin.files import write_atomically
from sagin.parameters import to_toml
from sagin.planning.certificates.bounds import bound_terms, bound_worth
from sagin.planning.goals import Goal, build_goal
from sagin.planning.planner import Plan
from sagin.slicing.allocation import carry_out
from sagin.slicing.evaluation import begin_run
from sagin.slicing.scenario import SLICES, Scenario, slice_of
from sagin.slicing.state import State


class Term(NamedTuple):
    """A term of the goal as people read it: value = low + scale·term."""

    name: str
    label: str
    unit: str
    low: float
    scale: float


class Demands(NamedTuple):
    """What has to be reached, in the units of people; None: nothing."""

    throughput_mbps: float | None = None
    delay_ms: float | None = None
    coverage_percent: float | None = None


def people(scenario: Scenario) -> tuple[Term, Term, Term]:
    """Return how the three terms are read: throughput of H in Mbit/s, delay of L in ms, coverage of
    C in percent.
    """
    limit = 1e3 * scenario.objectives.delay_limit_s
    return (
        Term(
            "throughput",
            "throughput of H",
            "Mbit/s",
            0.0,
            scenario.objectives.throughput_reference_mbps,
        ),
        Term("delay", "delay of L, mean", "ms", limit, -limit),
        Term("coverage", "coverage of C", "%", 0.0, 100.0),
    )


def read(term: Term, value: float) -> float:
    """Return a term in the unit of people."""
    return term.low + term.scale * value


def wanted(scenario: Scenario, weights: Sequence[float], demands: Demands) -> Goal:
    """Return the goal of these weights and demands."""
    asked = zip(people(scenario), demands, strict=True)
    return build_goal(
        weights,
        [-np.inf if value is None else (value - term.low) / term.scale for term, value in asked],
    )


def slot(scenario: Scenario, seed: int) -> State:
    """Return the slot that is planned: the first one of the first run of `sagin slice` with this
    seed.
    """
    return jax.jit(lambda key: begin_run(key, scenario))(keys_of(seed, 1)[0])


def report(
    scenario: Scenario, state: State, found: Plan, aim: Goal, *, respect_priority: bool
) -> dict[str, Any]:
    """Return the plan as plain data: KPIs beside their bounds, the weighted sum with its certified
    gap, missed demands, allocation.

    A bound holds for every plan under the same rule of priority. The gap is (bound − plan)/bound:
    no plan is better by more.
    """
    highest = bound_terms(scenario, state, respect_priority=respect_priority)
    value, bound = (
        float(found.worth),
        bound_worth(scenario, state, aim, respect_priority=respect_priority),
    )
    rows = [
        {
            "name": one.name,
            "label": one.label,
            "unit": one.unit,
            "plan": read(one, float(term)),
            "bound": read(one, float(most)),
        }
        for one, term, most in zip(people(scenario), found.terms, highest, strict=True)
    ]
    return {
        "respect_priority": respect_priority,
        "weights": dict(zip(SLICES, np.asarray(aim.weights).tolist(), strict=True)),
        "terms": rows,
        "worth": {
            "plan": value,
            "bound": bound,
            "gap": (bound - value) / bound if bound > 0 else 0.0,
        },
        "missed": missed(scenario, found, aim, highest),
        "loads": dict(zip(nodes(scenario), np.concatenate(_loads(found)).tolist(), strict=True)),
        "allocation": allocation(scenario, found),
    }


def _loads(found: Plan) -> list[np.ndarray]:
    return [
        np.asarray(one)
        for one in (found.kpis.load_base, found.kpis.load_uav, found.kpis.load_satellite)
    ]


def missed(scenario: Scenario, found: Plan, aim: Goal, highest: np.ndarray) -> list[dict[str, Any]]:
    """Return the demands that the plan misses: by how much, and by how much every plan has to miss
    them (0: not ruled out).
    """
    rows = []
    for one, least, term, most in zip(
        people(scenario), np.asarray(aim.least), np.asarray(found.terms), highest, strict=True
    ):
        if term < least - 1e-6:
            short, surely = (
                abs(one.scale) * float(least - term),
                abs(one.scale) * max(float(least - most), 0.0),
            )
            rows.append(
                {
                    "name": one.name,
                    "unit": one.unit,
                    "asked": read(one, float(least)),
                    "short": short,
                    "surely_short": surely,
                }
            )
    return rows


def sentence(one: dict[str, Any]) -> str:
    """Return a missed demand in words."""
    text = f"{one['name']}: {one['asked']:g} {one['unit']} asked for, missed by {one['short']:.3g} {one['unit']}"
    proof = f"can't be met: every plan misses it by {one['surely_short']:.3g} {one['unit']} or more"
    return f"{text}; {proof if one['surely_short'] > 0 else 'no plan found that meets it, and the bound does not rule one out'}"


def allocation(scenario: Scenario, found: Plan) -> dict[str, Any]:
    """Return who is served where, on what subcarrier (from 1) and at what power, W, and the UAVs'
    places, m.
    """
    plan, names = jax.tree.map(np.asarray, found.allocation), nodes(scenario)
    users = [
        {
            "user": user,
            "slice": SLICES[place],
            "node": names[node],
            "subcarrier": int(subcarrier) + 1,
            "power_w": float(power),
        }
        for user, (place, node, subcarrier, power) in enumerate(
            zip(slice_of(scenario), plan.node, plan.subcarrier, plan.power, strict=True)
        )
        if node >= 0
    ]
    return {"users": users, "uav_positions_m": plan.uav_positions.tolist()}


def shot(scenario: Scenario, state: State, found: Plan) -> Trace:
    """Return the slot as the map draws it."""
    made = carry_out(scenario, state, found.allocation)
    return jax.tree.map(
        np.asarray, traced(state, (made.terrestrial, made.non_terrestrial), made.uav_positions)
    )


def save(folder: Path, scenario: Scenario, content: dict[str, Any]) -> list[Path]:
    """Write scenario.toml, plan.json (with provenance) and users.csv into a folder and return their
    paths.
    """
    text = io.StringIO()
    rows = content["allocation"]["users"]
    table = csv.DictWriter(
        text, ["user", "slice", "node", "subcarrier", "power_w"], lineterminator="\n"
    )
    table.writeheader()
    table.writerows(rows)
    contents = {
        "scenario.toml": to_toml(scenario),
        "plan.json": json.dumps({**content, "provenance": provenance()}, indent=1),
        "users.csv": text.getvalue(),
    }
    for name, part in contents.items():
        write_atomically(folder / name, part.encode())
    return [folder / name for name in contents]
