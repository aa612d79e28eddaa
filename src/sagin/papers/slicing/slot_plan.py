"""The plan of one slot as plain data: KPIs, bounds, certified gap, and missed demands."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.files import format_csv, write_atomically
from sagin.methods.indicators import list_nodes
from sagin.methods.play import make_run_keys
from sagin.parameters import to_toml
from sagin.planning.certificates.bounds import bound_terms, bound_worth
from sagin.planning.goals import Goal, build_goal
from sagin.planning.planner import Plan
from sagin.provenance import collect_provenance
from sagin.slicing.allocation import Allocation, carry_out
from sagin.slicing.evaluation import begin_run
from sagin.slicing.scenario import SLICES, Scenario, slice_of
from sagin.slicing.state import State
from sagin.slicing.trace import Trace, make_trace


class Term(NamedTuple):
    """A term of the goal in its display unit: value = low + scale·term."""

    name: str
    label: str
    unit: str
    low: float
    scale: float

    def convert(self, term: float) -> float:
        """Return a term in its display unit."""
        return self.low + self.scale * term


class Demands(NamedTuple):
    """Demands on a plan, in display units; None: no demand."""

    throughput_mbps: float | None = None
    delay_ms: float | None = None
    coverage_percent: float | None = None


def list_terms(scenario: Scenario) -> tuple[Term, Term, Term]:
    """Return the three terms: throughput of H in Mbit/s, delay of L in ms, coverage of C in %."""
    limit = 1e3 * scenario.objectives.delay_limit_s
    reference = scenario.objectives.throughput_reference_mbps
    return (
        Term("throughput", "throughput of H", "Mbit/s", 0.0, reference),
        Term("delay", "delay of L, mean", "ms", limit, -limit),
        Term("coverage", "coverage of C", "%", 0.0, 100.0),
    )


def make_goal(scenario: Scenario, weights: Sequence[float], demands: Demands) -> Goal:
    """Return the goal of weights and demands."""
    pairs = zip(list_terms(scenario), demands, strict=True)
    least = [-np.inf if value is None else (value - term.low) / term.scale for term, value in pairs]
    return build_goal(weights, least)


def make_slot(scenario: Scenario, seed: int) -> State:
    """Return the planned slot: the first of the first run of `sagin slice` with this seed."""
    return _begin_slot(scenario, np.uint32(seed))


@jax.jit
def _begin_slot(scenario: Scenario, seed: jax.Array) -> State:
    return begin_run(make_run_keys(seed, 1)[0], scenario)


def describe_plan(
    scenario: Scenario, state: State, plan: Plan, aim: Goal, *, respect_priority: bool
) -> dict[str, Any]:
    """Return a plan as plain data: KPIs with bounds, certified gap, demands, allocation.

    A bound holds for every plan under the same rule of priority. The gap is (bound − plan)/bound:
    no plan is better by more.
    """
    limits = bound_terms(scenario, state, respect_priority=respect_priority)
    value = float(plan.worth)
    bound = bound_worth(scenario, state, aim, respect_priority=respect_priority)
    rows = [
        {
            "name": term.name,
            "label": term.label,
            "unit": term.unit,
            "plan": term.convert(float(reached)),
            "bound": term.convert(float(limit)),
        }
        for term, reached, limit in zip(list_terms(scenario), plan.terms, limits, strict=True)
    ]
    kpis = plan.kpis
    loads = np.concatenate([kpis.load_base, kpis.load_uav, kpis.load_satellite]).tolist()
    gap = (bound - value) / bound if bound > 0 else 0.0
    return {
        "respect_priority": respect_priority,
        "weights": dict(zip(SLICES, np.asarray(aim.weights).tolist(), strict=True)),
        "terms": rows,
        "worth": {"plan": value, "bound": bound, "gap": gap},
        "missed": list_missed(scenario, plan, aim, limits),
        "loads": dict(zip(list_nodes(scenario), loads, strict=True)),
        "allocation": describe_allocation(scenario, plan),
    }


def list_missed(
    scenario: Scenario, plan: Plan, aim: Goal, limits: np.ndarray
) -> list[dict[str, Any]]:
    """Return the demands that a plan misses, and the amount by which every plan must miss them.

    The amount is 0 if the bound does not exclude the demand.
    """
    rows = []
    for term, least, reached, limit in zip(
        list_terms(scenario), np.asarray(aim.least), np.asarray(plan.terms), limits, strict=True
    ):
        if reached < least - 1e-6:
            rows.append(
                {
                    "name": term.name,
                    "unit": term.unit,
                    "asked": term.convert(float(least)),
                    "short": abs(term.scale) * float(least - reached),
                    "surely_short": abs(term.scale) * max(float(least - limit), 0.0),
                }
            )
    return rows


def describe_missed(row: dict[str, Any]) -> str:
    """Describe a missed demand in words."""
    unit = row["unit"]
    text = f"{row['name']}: {row['asked']:g} {unit} required, missed by {row['short']:.3g} {unit}"
    if row["surely_short"] > 0:
        least = f"{row['surely_short']:.3g} {unit}"
        return f"{text}; cannot be met: every plan misses it by {least} or more"
    return f"{text}; no plan was found that meets it, and the bound does not exclude one"


def describe_allocation(scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """Return each user's node, subcarrier (from 1) and power, W, and the UAVs' positions, m."""
    allocation, names = jax.tree.map(np.asarray, plan.allocation), list_nodes(scenario)
    users = []
    for user, row in enumerate(slice_of(scenario)):
        node = int(allocation.node[user])
        if node >= 0:
            users.append(
                {
                    "user": user,
                    "slice": SLICES[row],
                    "node": names[node],
                    "subcarrier": int(allocation.subcarrier[user]) + 1,
                    "power_w": float(allocation.power[user]),
                }
            )
    return {"users": users, "uav_positions_m": allocation.uav_positions.tolist()}


def trace_plan(scenario: Scenario, state: State, plan: Plan) -> Trace:
    """Return the slot of a plan as a trace of one slot, for a scene."""
    trace = _trace_allocation(scenario, state, plan.allocation)
    return jax.tree.map(lambda values: np.asarray(values)[None], trace)


@jax.jit
def _trace_allocation(scenario: Scenario, state: State, allocation: Allocation) -> Trace:
    outcome = carry_out(scenario, state, allocation)
    layers = (outcome.terrestrial, outcome.non_terrestrial)
    return make_trace(state, layers, outcome.uav_positions)


def save_plan(folder: Path, scenario: Scenario, content: dict[str, Any]) -> list[Path]:
    """Write scenario.toml, plan.json and users.csv into a folder; return their paths."""
    head = ("user", "slice", "node", "subcarrier", "power_w")
    rows = [[row[name] for name in head] for row in content["allocation"]["users"]]
    contents = {
        "scenario.toml": to_toml(scenario),
        "plan.json": json.dumps({**content, "provenance": collect_provenance()}, indent=1),
        "users.csv": format_csv([list(head), *rows]),
    }
    for name, part in contents.items():
        write_atomically(folder / name, part.encode())
    return [folder / name for name in contents]
