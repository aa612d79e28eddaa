"""KPIs of one relaying run: each framework's results as plain data, text and files."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.files import format_csv, write_atomically
from sagin.papers.relaying.methods import TITLES
from sagin.papers.relaying.run import COMMON
from sagin.parameters import to_toml
from sagin.provenance import collect_provenance
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.handover import HandoverCost
from sagin.relaying.scenario import Scenario
from sagin.studies.statistics import mean_interval, sample_interval


class Kpi(NamedTuple):
    """A column of the table of a run."""

    metric: str
    label: str
    unit: str
    scale: float
    """Factor from the metric's SI unit."""
    digits: int


KPIS = (
    Kpi("capacity", "capacity", "Gbit/s", 1e-9, 2),
    Kpi("printed_efficiency", "efficiency (30)", "Mbit/J", 1e-6, 1),
    Kpi("link_efficiency", "(11), one link", "Mbit/J", 1e-6, 1),
    Kpi("radiated_efficiency", "(transmit alone)", "Mbit/J", 1e-6, 1),
    Kpi("site_efficiency", "(drawn)", "Mbit/J", 1e-6, 2),
    Kpi("served", "users served", "", 1.0, 1),
    Kpi("relayed", "relayed", "", 1.0, 1),
    Kpi("direct", "direct", "", 1.0, 1),
    Kpi("aircraft", "aircraft", "", 1.0, 2),
)

SESSION_KPIS = (
    Kpi("blocked", "users blocked", "%", 100.0, 2),
    Kpi("dropped", "handovers lost", "%", 100.0, 2),
    Kpi("waiting", "that wait", "%", 100.0, 2),
    Kpi("wait", "mean wait", "s", 1.0, 2),
    Kpi("interrupted", "time without service", "%", 100.0, 2),
    Kpi("reserved", "reserved a channel in use", "", 1.0, 2),
    Kpi("handovers", "handovers a session", "", 1.0, 2),
    Kpi("rate", "rate", "Mbit/s", 1e-6, 2),
)
"""KPIs of each rule and service of handover."""


def compute_kpis(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return a run's KPIs as plain data, from its per-drop metrics.

    They are each framework's means with the half-width of their 95 % interval, and the means of the
    values common to all frameworks.
    """
    frameworks = []
    for index, row in enumerate(FRAMEWORKS):
        means = {kpi.metric: _mean(arrays[kpi.metric][:, index] * kpi.scale) for kpi in KPIS}
        frameworks.append({"name": row.name, "title": TITLES[row.name], **means})
    return {
        "units": {kpi.metric: kpi.unit for kpi in KPIS},
        "frameworks": frameworks,
        "common": {name: float(arrays[name].mean()) for name in COMMON},
    }


def compute_method_kpis(samples: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, Any]:
    """Return the KPIs of methods as plain data, from each method's per-drop metrics by name."""
    names = next(iter(samples.values()))
    kpis = [kpi for kpi in KPIS if kpi.metric in names]
    rows = [
        {"name": name, "title": name}
        | {kpi.metric: _mean(values[kpi.metric] * kpi.scale) for kpi in kpis}
        for name, values in samples.items()
    ]
    return {"units": {kpi.metric: kpi.unit for kpi in kpis}, "methods": rows}


def compute_session_kpis(costs: Sequence[HandoverCost]) -> list[dict[str, Any]]:
    """Return the cost of each rule and service of handover as plain data.

    The numbers are means over runs with the half-width of their 95 % interval; NaN if a run has no
    handover.
    """
    rows = []
    for cost in costs:
        row: dict[str, Any] = {"rule": cost.rule, "service": cost.service}
        for kpi in SESSION_KPIS:
            values = [getattr(outcome, kpi.metric) * kpi.scale for outcome in cost.runs]
            interval = sample_interval(values)
            half = interval.high - interval.estimate
            row[kpi.metric] = {"mean": interval.estimate, "half_width": half}
        rows.append(row)
    return rows


def list_session_columns() -> tuple[str, ...]:
    """Return the headings of the costs of handover."""
    return ("handover", *map(_label, SESSION_KPIS))


def list_session_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the costs of handover of a report as rows of text."""
    return [
        (
            f"{row['rule']}, {row['service']}",
            *(_format(row[kpi.metric], kpi.digits) for kpi in SESSION_KPIS),
        )
        for row in report["sessions"]
    ]


def list_columns(report: dict[str, Any]) -> tuple[str, ...]:
    """Return the headings of a run's KPIs, of frameworks or of methods."""
    return ("method" if "methods" in report else "framework", *map(_label, _list_kpis(report)))


def _label(kpi: Kpi) -> str:
    return f"{kpi.label} {kpi.unit}".strip()


def _list_kpis(report: dict[str, Any]) -> list[Kpi]:
    return [kpi for kpi in KPIS if kpi.metric in report["units"]]


def _mean(values: np.ndarray) -> dict[str, float]:
    values = values.astype(np.float64)
    interval = mean_interval(float(values.mean()), float(values.var(ddof=1)), len(values))
    return {"mean": interval.estimate, "half_width": interval.high - interval.estimate}


def list_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a run's KPIs as rows of text, in the order of `list_columns`."""
    return [
        (row["title"], *(_format(row[kpi.metric], kpi.digits) for kpi in _list_kpis(report)))
        for row in (report["methods"] if "methods" in report else report["frameworks"])
    ]


def _format(value: dict[str, float], digits: int) -> str:
    if math.isnan(value["mean"]):
        return "–"
    return f"{value['mean']:.{digits}f} ± {value['half_width']:.{digits}f}"


def save_run(folder: Path, scenario: Scenario, report: dict[str, Any]) -> list[Path]:
    """Write scenario.toml, result.json and kpis.csv into a folder; return their paths."""
    contents = {
        "scenario.toml": to_toml(scenario),
        "result.json": json.dumps({**report, "provenance": collect_provenance()}, indent=1),
        "kpis.csv": format_csv(_list_csv_rows(report)),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]


def _list_csv_rows(report: dict[str, Any]) -> list[list[str]]:
    first, *labels = list_columns(report)
    rows = [[first, *(f"{label} {part}" for label in labels for part in ("mean", "±95 %"))]]
    for row in report["methods"] if "methods" in report else report["frameworks"]:
        values = [
            row[kpi.metric][part] for kpi in _list_kpis(report) for part in ("mean", "half_width")
        ]
        rows.append([row["title"], *(f"{value:.6g}" for value in values)])
    return rows
