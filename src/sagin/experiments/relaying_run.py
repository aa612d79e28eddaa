"""Runs of the relaying system: batches of drops with progress, cells of a study, and what is kept
of them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.errors import InputError
from sagin.experiments.claims import Cell, gain, judge
from sagin.experiments.relaying import (
    CAPACITY_GAINS,
    CHOICES,
    CLAIMS,
    EFFICIENCIES,
    FIGURES,
    TITLES,
    Profile,
)
from sagin.experiments.store import Store, Task, asked, provenance
from sagin.experiments.study import Figure, Judgement, Series
from sagin.files import format_csv, write_atomically
from sagin.parameters import read, to_mapping, to_toml, vary_fields
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import chunk_size, run_drops, run_drops_with_views
from sagin.relaying.sampling import Serving
from sagin.relaying.scenario import Scenario, check_scenario, replace_counts
from sagin.studies.statistics import Interval, mean_interval, signed

CHUNKS = 8
"""Chunks of drops between two movements of the progress bar; results don't depend on it."""

Advance = Callable[[int], Any]


class Kpi(NamedTuple):
    """A column of the table of a run."""

    name: str
    """Of the metric."""
    label: str
    unit: str
    scale: float
    """From the metric's SI unit."""
    digits: int


KPIS = (
    Kpi("capacity", "capacity", "Gbit/s", 1e-9, 2),
    Kpi("printed_efficiency", "efficiency (30)", "Mbit/J", 1e-6, 1),
    Kpi("radiated_efficiency", "(transmit alone)", "Mbit/J", 1e-6, 1),
    Kpi("site_efficiency", "(drawn)", "Mbit/J", 1e-6, 2),
    Kpi("served", "users served", "", 1.0, 1),
    Kpi("relayed", "relayed", "", 1.0, 1),
    Kpi("direct", "direct", "", 1.0, 1),
    Kpi("aircraft", "aircraft", "", 1.0, 2),
)
METRICS = (
    "capacity",
    "printed_efficiency",
    "radiated_efficiency",
    "site_efficiency",
    "relayed",
    "direct",
    "aircraft",
    "served",
)
"""Per framework and drop."""
COMMON = ("users", "base_users", "excess", "triggered", "visible")
"""Per drop, the same for all frameworks."""


def keys_of(seed: int, drops: int) -> jax.Array:
    """Return one key a drop."""
    return jax.random.split(jax.random.key(seed), drops)


def batches_of(scenario: Scenario, drops: int) -> Iterator[np.ndarray]:
    """Yield which drops make up each batch; the last is filled up with its last drop, so that all
    batches share one program.
    """
    chunk = min(chunk_size(scenario), drops)
    size = min(CHUNKS, -(-drops // chunk)) * chunk
    for start in range(0, drops, size):
        yield np.minimum(start + np.arange(size), drops - 1)


def simulate(
    inputs: Inputs,
    drops: int,
    seed: int,
    advance: Advance,
    users: int | None = None,
    *,
    seen: bool = False,
) -> dict[str, np.ndarray]:
    """Return per-drop metrics: METRICS as (drops, frameworks), COMMON as (drops,).

    inputs: of that many drops. users: how many take part, at most the scenario's; None takes the
    scenario's. `advance` is told the drops done. seen: run the program that a scene needs too, so
    that there is only one to compile.
    """
    rows = inputs.scenario
    asked = rows.users.count if users is None else users
    keys = keys_of(seed, drops)
    batches = []
    for chosen in batches_of(rows, drops):
        count = len(np.unique(chosen))
        servings = (
            None
            if inputs.servings is None
            else Serving(*(values[chosen] for values in inputs.servings))
        )
        given = keys[chosen], rows, asked, inputs.layout, servings
        summary = run_drops_with_views(*given)[0] if seen else run_drops(*given)
        batches.append(
            {name: np.asarray(getattr(summary, name))[:count] for name in (*METRICS, *COMMON)}
        )
        advance(count)
    return {
        name: np.concatenate([batch[name] for batch in batches]) for name in (*METRICS, *COMMON)
    }


def kpis(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return a run's KPIs as plain data: each framework's means with the half-width of their 95 %
    interval, and what is common to all.
    """
    frameworks = []
    for place, row in enumerate(FRAMEWORKS):
        numbers = {kpi.name: _kpi(arrays[kpi.name][:, place] * kpi.scale) for kpi in KPIS}
        frameworks.append({"name": row.name, "title": row.title, **numbers})
    return {
        "units": {kpi.name: kpi.unit for kpi in KPIS},
        "frameworks": frameworks,
        "common": {name: float(arrays[name].mean()) for name in COMMON},
    }


def _kpi(values: np.ndarray) -> dict[str, float]:
    values = values.astype(np.float64)
    mean = mean_interval(float(values.mean()), float(values.var(ddof=1)), len(values))
    return {"mean": mean.estimate, "half_width": mean.high - mean.estimate}


KPI_COLUMNS = ("framework", *(f"{kpi.label} {kpi.unit}".strip() for kpi in KPIS))


def kpi_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a run's KPIs as rows of text, in the order of KPI_COLUMNS."""
    return [
        (row["title"], *(_shown(row[kpi.name], kpi.digits) for kpi in KPIS))
        for row in report["frameworks"]
    ]


def _shown(value: dict[str, float], digits: int) -> str:
    return f"{value['mean']:.{digits}f} ± {value['half_width']:.{digits}f}"


def save_run(folder: Path, scenario: Scenario, report: dict[str, Any]) -> list[Path]:
    """Write scenario.toml, result.json (with provenance) and kpis.csv into a folder and return
    their paths.
    """
    table = [
        [
            "framework",
            *(
                f"{kpi.label} {kpi.unit} {part}".replace("  ", " ")
                for kpi in KPIS
                for part in ("mean", "±95 %")
            ),
        ]
    ]
    table += [
        [
            row["title"],
            *(f"{row[kpi.name][part]:.6g}" for kpi in KPIS for part in ("mean", "half_width")),
        ]
        for row in report["frameworks"]
    ]
    contents = {
        "scenario.toml": to_toml(scenario),
        "result.json": json.dumps({**report, "provenance": provenance()}, indent=1),
        "kpis.csv": format_csv(table),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]


def cells(figures: Sequence[Figure], scenario: Scenario, profile: Profile) -> list[Task]:
    """Return the tasks of all cells that the figures need, each once; its hash is a task's name in
    the store.

    Raises InputError if the number of users, which figures sweep, would follow from cell sites
    instead.
    """
    if scenario.sites.file is not None:
        raise InputError(
            "field 'sites.file': figures sweep users.count, which cell sites set by their density (allowed: none; see `sagin relay`)"
        )
    tasks = [
        task(figure, value, scenario, profile) for figure in figures for value in figure.values
    ]
    return [one for place, one in enumerate(tasks) if one not in tasks[:place]]


def task(figure: Figure, value: float, scenario: Scenario, profile: Profile) -> Task:
    """Return what a cell has to do; users are padded to the figure's greatest number, so that
    points share a program and their drops.

    It holds what the result depends on: scenario, the content of its element file, drops, seed, and
    what `asked` adds.
    """
    scenario = vary_fields(scenario, figure.overrides, check_scenario)
    counts = {
        "users.count": scenario.users.count,
        "relay.count": scenario.relay.count,
        figure.sweep: int(value),
    }
    rows = int(max(figure.values)) if figure.sweep == "users.count" else scenario.users.count
    padded = check_scenario(replace_counts(scenario, rows, counts["relay.count"]))
    elements = scenario.orbit.elements if scenario.satellite.source == "elements" else None
    content = None if elements is None else hashlib.sha256(Path(elements).read_bytes()).hexdigest()
    much = {"drops": profile.drops, "seed": profile.seed}
    return asked(
        "relaying",
        scenario=to_mapping(padded),
        users=counts["users.count"],
        elements=content,
        **much,
    )


def work(one: Task) -> int:
    """Return the drops of a task."""
    return one["drops"]


def make(one: Task, advance: Advance, _: Path) -> dict[str, Any]:
    """Return the result of a task; `advance` is told the drops done."""
    inputs = prepare_inputs(read(Scenario, one["scenario"]), one["drops"])
    return summarise(simulate(inputs, one["drops"], one["seed"], advance, one["users"]))


def summarise(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return per-drop metrics as means, and covariances between frameworks, which paired gains
    need.
    """
    drops = len(arrays[METRICS[0]])
    metrics = {}
    for name in METRICS:
        values = arrays[name].astype(np.float64)
        metrics[name] = {
            "mean": values.mean(axis=0).tolist(),
            "covariance": np.cov(values, rowvar=False).tolist(),
        }
    common = {name: float(arrays[name].mean()) for name in COMMON}
    return {
        "methods": [row.name for row in FRAMEWORKS],
        "drops": drops,
        "metrics": metrics,
        "common": common,
    }


def sweep(
    store: Store, figure: Figure, scenario: Scenario, profile: Profile
) -> list[tuple[float, Cell]]:
    """Return the stored (value, cell) of a figure; cells that aren't there are left out."""
    found = ((value, store.find(task(figure, value, scenario, profile))) for value in figure.values)
    return [(value, cell) for value, cell in found if cell is not None]


def series(figure: Figure, points: Sequence[tuple[float, Cell]]) -> list[Series]:
    """Return one line a framework with 95 % intervals, in the axis' unit."""
    return [_line(figure, points, place, row.title) for place, row in enumerate(FRAMEWORKS)]


def _line(figure: Figure, points: Sequence[tuple[float, Cell]], place: int, title: str) -> Series:
    found = []
    for _, cell in points:
        stored = cell["metrics"][figure.metric]
        one = mean_interval(
            stored["mean"][place], stored["covariance"][place][place], cell["drops"]
        )
        found.append(Interval(*(figure.scale * number for number in one)))
    return Series(title, tuple(value for value, _ in points), tuple(found))


def judgements(
    store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile
) -> list[Judgement]:
    """Return a verdict on every claim that the given figures decide."""
    points = {figure.name: sweep(store, figure, scenario, profile) for figure in figures}
    units = {figure.name: figure.x_label.removeprefix("number of ") for figure in figures}
    return [
        judge(claim, points[claim.figure], units[claim.figure])
        for claim in CLAIMS
        if points.get(claim.figure)
    ]


def choice_tasks(scenario: Scenario, profile: Profile) -> list[Task]:
    """Return one task an open choice, each the last point of figure 2."""
    return [
        task(
            FIGURES[0],
            FIGURES[0].values[-1],
            vary_fields(scenario, choice.overrides, check_scenario),
            profile,
        )
        for choice in CHOICES
    ]


CHOICE_PAIRS = (
    *(("capacity", rival) for rival in CAPACITY_GAINS),
    *((metric, "gbs-only") for metric in EFFICIENCIES),
)
CHOICE_COLUMNS = (
    "open choice, made so",
    *(f"capacity over {TITLES[rival]}" for rival in CAPACITY_GAINS),
    *(f"efficiency over GBS-only, by {account}" for account in EFFICIENCIES.values()),
)


def choice_rows(store: Store, scenario: Scenario, profile: Profile) -> list[tuple[str, ...]]:
    """Return CUD's gains with 95 % intervals under each stored open choice, in the order of
    CHOICE_COLUMNS.
    """
    rows = []
    for choice, one in zip(CHOICES, choice_tasks(scenario, profile), strict=True):
        cell = store.find(one)
        if cell is not None:
            gains = [gain(cell, metric, "cud", rival) for metric, rival in CHOICE_PAIRS]
            rows.append(
                (
                    choice.text,
                    *(f"{signed(one.estimate)} ± {one.high - one.estimate:.2f} %" for one in gains),
                )
            )
    return rows
