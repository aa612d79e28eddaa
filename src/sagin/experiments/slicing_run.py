"""Runs of the slicing system: policies over slots and seeds with progress, cells of the study, and
what is kept of them.
"""

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.experiments.slicing import Profile
from sagin.experiments.store import provenance
from sagin.files import format_csv, write_atomically
from sagin.parameters import to_toml, vary_fields
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import Keep, begin_run, keep_kpis, play
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import Scenario, check_scenario, sizes, slice_sizes
from sagin.slicing.state import Kpis, Layer, Outcome, State
from sagin.studies.statistics import sample_interval
from sagin.types import Array, Bool, Float, Int

CHUNK = 50
"""Slots between two movements of the progress bar; results don't depend on it."""

Advance = Callable[[int], Any]
Names = tuple[str, ...]
Samples = dict[str, list[float]]
"""A number for each seed, by the KPI's name."""


class Kpi(NamedTuple):
    """A row of the table of a run."""

    name: str
    label: str
    unit: str
    scale: float = 1.0
    """From the KPI's SI unit."""
    digits: int = 1


MAIN = (
    Kpi("throughput", "throughput of H", "Mbit/s", 1e-6),
    Kpi("delay", "delay of L, mean", "ms", 1e3),
    Kpi("delay_median", "delay of L, median", "ms", 1e3),
    Kpi("delay_95", "delay of L, 95th percentile", "ms", 1e3),
    Kpi("coverage", "coverage of C", "%", 100.0),
)
SHARES = (
    Kpi("offloaded", "users offloaded", "%", 100.0),
    Kpi("unserved", "users unserved", "%", 100.0),
    Kpi("collided", "users collided", "%", 100.0),
)


def nodes(scenario: Scenario) -> list[str]:
    """Return the names of the nodes, as they stand in tables and figures.

    >>> from sagin.slicing.scenario import named
    >>> nodes(named("paper"))
    ['BS 1', 'BS 2', 'UAV 1', 'UAV 2', 'LEO 1']
    """
    size = sizes(scenario)
    return [
        f"{kind} {number + 1}"
        for kind, count in (("BS", size.M), ("UAV", size.V), ("LEO", size.O))
        for number in range(count)
    ]


def kpis(scenario: Scenario) -> list[Kpi]:
    """Return the KPIs of a scenario: the slices', the load of every node, and shares of the users."""
    return [*MAIN, *(Kpi(name, f"load of {name}", "users") for name in nodes(scenario)), *SHARES]


class Trace(NamedTuple):
    """Slots in a row of one run: where everybody is, and who serves whom."""

    users: Float[Array | np.ndarray, "*slots users 2"]
    """m."""
    active: Bool[Array | np.ndarray, "*slots users"]
    uavs: Float[Array | np.ndarray, "*slots uavs 2"]
    """m."""
    first: Int[Array | np.ndarray, "*slots users"]
    """Base station that serves a user, −1 if none."""
    second: Int[Array | np.ndarray, "*slots users"]
    """UAV, or beyond them satellite, that serves a user, −1 if none."""

    def at(self, slot: int) -> "Trace":
        """Return one slot of several."""
        return Trace(*(values[slot] for values in self))


def traced(state: State, layers: Sequence[Layer], positions: Any) -> Trace:
    """Return a slot as a trace keeps it; positions: of the UAVs, m."""
    return Trace(state.user_positions, state.active, positions, *(layer.node for layer in layers))


def _watched(state: State, made: Outcome) -> tuple[Kpis, Trace]:
    return made.kpis, traced(state, (made.terrestrial, made.non_terrestrial), made.uav_positions)


@jax.jit
def states_of(keys: jax.Array, scenario: Scenario, counts: jax.Array | np.ndarray) -> State:
    """Return the first slots of runs, stacked; counts: users of H, L and C who take part."""
    return jax.vmap(lambda key: begin_run(key, scenario, counts))(keys)


@functools.partial(jax.jit, static_argnames=("among", "slots", "keep"))
def _play(
    keys: jax.Array,
    scenario: Scenario,
    states: State,
    policy: jax.Array,
    *,
    among: Names,
    slots: int,
    keep: Keep,
) -> tuple[State, Any]:
    chosen = switch_policies([POLICIES[name] for name in among], policy)
    return jax.vmap(lambda key, state: play(key, scenario, chosen, state, slots, keep))(
        keys, states
    )


def keys_of(seed: int, seeds: int) -> jax.Array:
    """Return one key a run; run number n has the same one however many there are."""
    return jax.vmap(lambda number: jax.random.fold_in(jax.random.key(seed), number))(
        np.arange(seeds)
    )


class Job(NamedTuple):
    """What is to be run."""

    scenario: Scenario
    policy: str
    profile: Profile
    counts: Sequence[int] | None = None
    """Users of H, L and C who take part, at most the scenario's; None for all."""


def simulate(
    job: Job,
    advance: Advance,
    among: Names | None = None,
    watch: Callable[[Trace], Any] | None = None,
) -> Samples:
    """Return each KPI for each seed: means over slots, and percentiles of the delay over users and
    slots.

    `advance` is told the slots done, of all seeds. among: policies that are to share a program with
    this one; None for none. `watch` is given the first slots of the first run, at most CHUNK.
    """
    scenario, policy, profile, counts = job
    among = (policy,) if among is None else among
    asked = slice_sizes(scenario) if counts is None else tuple(counts)
    keys = keys_of(profile.seed, profile.seeds)
    states = states_of(keys, scenario, np.asarray(asked))
    piece = min(CHUNK, profile.slots)
    pieces = []
    for first in range(0, profile.slots, piece):
        # the last piece is filled up, so that all pieces share one program
        keep = keep_kpis if watch is None else _watched
        states, made = _play(
            keys,
            scenario,
            states,
            np.asarray(among.index(policy)),
            among=among,
            slots=piece,
            keep=keep,
        )
        if watch is not None:
            made, trace = made
            if first == 0:
                watch(jax.tree.map(lambda values: np.asarray(values[0]), trace))
        count = min(piece, profile.slots - first)
        pieces.append(
            summarise(
                jax.tree.map(lambda values, count=count: np.asarray(values)[:, :count], made),
                scenario,
                asked,
            )
        )
        advance(count * profile.seeds)
    return reduce(pieces)


def summarise(made: Kpis, scenario: Scenario, counts: Sequence[int]) -> dict[str, np.ndarray]:
    """Return what is kept of a piece of slots, (seeds, slots, …): every KPI of a slot, and the
    delays of the users of L.
    """
    first = scenario.users.high_throughput
    loads = np.concatenate([made.load_base, made.load_uav, made.load_satellite], axis=2)
    names = ("throughput", "delay", "coverage", "offloaded", "unserved", "collided")
    kept = {name: np.asarray(getattr(made, name)) for name in names}
    return {
        **kept,
        **{name: loads[:, :, place] for place, name in enumerate(nodes(scenario))},
        "delays": np.asarray(made.delays)[:, :, first : first + counts[1]],
    }


def reduce(pieces: Sequence[dict[str, np.ndarray]]) -> Samples:
    """Return one number a seed and KPI; percentiles of no delays are NaN."""
    whole = {
        name: np.concatenate([piece[name] for piece in pieces], axis=1).astype(np.float64)
        for name in pieces[0]
    }
    delays = whole.pop("delays")
    flat = delays.reshape(len(delays), -1)
    found = {name: values.mean(axis=1) for name, values in whole.items()}
    for name, share in (("delay_median", 50.0), ("delay_95", 95.0)):
        found[name] = (
            np.percentile(flat, share, axis=1) if flat.shape[1] else np.full(len(flat), np.nan)
        )
    return {name: values.tolist() for name, values in found.items()}


def ruled(scenario: Scenario, rule: str) -> Scenario:
    """Return the scenario under a balancing rule."""
    return vary_fields(scenario, (f"balancing.rule={rule}",), check_scenario)


def row(scenario: Scenario, policy: str, samples: Samples) -> dict[str, Any]:
    """Return a run as plain data: each KPI's mean over seeds, in its unit, with the half-width of
    its 95 % interval.
    """
    found = {}
    for kpi in kpis(scenario):
        one = sample_interval([kpi.scale * value for value in samples[kpi.name]])
        found[kpi.name] = {"mean": one.estimate, "half_width": one.high - one.estimate}
    return {"policy": policy, "rule": scenario.balancing.rule, "kpis": found}


def described(scenario: Scenario) -> list[dict[str, str]]:
    """Return names, labels and units of a scenario's KPIs as plain data."""
    return [{"name": kpi.name, "label": kpi.label, "unit": kpi.unit} for kpi in kpis(scenario)]


def shown(value: dict[str, float | None]) -> str:
    """Return a KPI as text; a number that can't be as a dash."""
    mean, half = value["mean"], value["half_width"]
    if mean is None or np.isnan(mean):
        return "–"
    return f"{mean:.1f} ± {half:.1f}" if half is not None and np.isfinite(half) else f"{mean:.1f}"


def labels(report: dict[str, Any]) -> list[str]:
    """Return the KPIs of a report with their units."""
    return [f"{one['label']} ({one['unit']})" for one in report["kpis"]]


def rows_by_run(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a report as rows of text, one a run, in the order of `labels` after the run's policy
    and rule.
    """
    return [
        (
            f"{run['policy']}, {run['rule']}",
            *(shown(run["kpis"][one["name"]]) for one in report["kpis"]),
        )
        for run in report["runs"]
    ]


def save_run(folder: Path, scenario: Scenario, report: dict[str, Any]) -> list[Path]:
    """Write scenario.toml, result.json (with provenance) and kpis.csv into a folder and return
    their paths.
    """
    table = [["policy", "rule", "kpi", "unit", "mean", "±95 %"]]
    for run in report["runs"]:
        for one in report["kpis"]:
            value = run["kpis"][one["name"]]
            table.append(
                [
                    run["policy"],
                    run["rule"],
                    one["label"],
                    one["unit"],
                    *(f"{value[part]:.6g}" for part in ("mean", "half_width")),
                ]
            )
    contents = {
        "scenario.toml": to_toml(scenario),
        "result.json": json.dumps({**report, "provenance": provenance()}, indent=1),
        "kpis.csv": format_csv(table),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]
