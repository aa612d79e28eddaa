"""Runs of the slicing system as plain data, as text, and as files."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sagin.files import format_csv, write_atomically
from sagin.methods import Method
from sagin.methods.indicators import Samples, list_indicators
from sagin.methods.play import Advance
from sagin.papers.slicing.evaluation import Trial, evaluate, evaluate_actors, is_own_policy
from sagin.parameters import to_toml
from sagin.provenance import collect_provenance
from sagin.slicing.scenario import Scenario
from sagin.slicing.trace import Trace
from sagin.studies.statistics import sample_interval


def describe_run(scenario: Scenario, policy: str, samples: Samples) -> dict[str, Any]:
    """Return a run's means over runs by KPI as plain data, with half-widths of 95 %."""
    kpis = {}
    for indicator in list_indicators(scenario):
        interval = sample_interval((indicator.scale * np.asarray(samples[indicator.name])).tolist())
        half_width = interval.high - interval.estimate
        kpis[indicator.name] = {"mean": interval.estimate, "half_width": half_width}
    return {"policy": policy, "rule": scenario.balancing.rule, "kpis": kpis}


def make_report(name: str, trial: Trial, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the runs of a scenario as plain data, with names, labels and units of the KPIs.

    `trial` is any of the runs; all have the same slots, number and seed.
    """
    kpis = [
        {"name": indicator.name, "label": indicator.label, "unit": indicator.unit}
        for indicator in list_indicators(trial.scenario)
    ]
    amounts = {"slots": trial.slots, "seeds": trial.runs, "seed": trial.seed}
    return {"scenario": name, **amounts, "kpis": kpis, "runs": list(runs)}


def format_value(value: Mapping[str, float | None], digits: int = 1) -> str:
    """Return a KPI as text with digits after the point; NaN as a dash.

    >>> format_value({"mean": 1.25, "half_width": 0.5})
    '1.2 ± 0.5'
    """
    mean, half = value["mean"], value["half_width"]
    if mean is None or np.isnan(mean):
        return "–"
    error = f" ± {half:.{digits}f}" if half is not None and np.isfinite(half) else ""
    return f"{mean:.{digits}f}{error}"


def list_labels(report: Mapping[str, Any]) -> list[str]:
    """Return the KPIs of a report with their units."""
    return [
        f"{kpi['label']} ({kpi['unit']})" if kpi["unit"] else kpi["label"] for kpi in report["kpis"]
    ]


def format_row(report: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """Return a run's KPIs as text; numbers without a unit are small and have three digits."""
    return [
        format_value(run["kpis"][kpi["name"]], 1 if kpi["unit"] else 3) for kpi in report["kpis"]
    ]


def list_rows(report: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a report as rows of text, one per run, in the order of `list_labels`."""
    return [(f"{run['policy']}, {run['rule']}", *format_row(report, run)) for run in report["runs"]]


def save_report(folder: Path, scenario: Scenario, report: Mapping[str, Any]) -> list[Path]:
    """Write scenario.toml, result.json and kpis.csv into a folder; return their paths."""
    table = [["policy", "rule", "kpi", "unit", "mean", "±95 %"]]
    for run in report["runs"]:
        for kpi in report["kpis"]:
            value = run["kpis"][kpi["name"]]
            numbers = [f"{value[part]:.6g}" for part in ("mean", "half_width")]
            table.append([run["policy"], run["rule"], kpi["label"], kpi["unit"], *numbers])
    contents = {
        "scenario.toml": to_toml(scenario),
        "result.json": json.dumps({**report, "provenance": collect_provenance()}, indent=1),
        "kpis.csv": format_csv(table),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]


def report_training(
    folder: Path, test: Trial, methods: Sequence[Method], best: bool, advance: Advance
) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario of a training run and its policies' KPIs as plain data.

    There is one row per seed, one for all seeds, and one per further method.

    Args:
        folder: a folder that `sagin train` wrote.
        test: slots, runs and seed.
        methods: further methods, on the same slots.
        best: whether to take the policy of the best validation; otherwise the last one.
        advance: called with the number of finished slots.
    """
    from sagin.training.policy import read_actors
    from sagin.training.run import CHECKPOINT, POLICY, locate_seed, read_run

    run, seeds = read_run(folder)
    rows, means = [], []
    for number in range(seeds):
        path = locate_seed(folder, number) / (POLICY if best else CHECKPOINT)
        samples = evaluate_actors(run, read_actors(run, path), test)
        advance(test.runs * test.slots)
        means.append({name: np.mean(values) for name, values in samples.items()})
        rows.append(describe_run(run.scenario, f"seed {number}", samples))
    if seeds > 1:
        joined = {name: np.array([mean[name] for mean in means]) for name in means[0]}
        rows.insert(0, describe_run(run.scenario, f"{run.algorithm}, {seeds} seeds", joined))
    rows += compare_methods(test._replace(scenario=run.scenario), methods, advance)
    return run.scenario, make_report(run.algorithm, test._replace(scenario=run.scenario), rows)


def compare_methods(
    test: Trial,
    methods: Sequence[Method],
    advance: Advance,
    watch: Callable[[Trace], Any] | None = None,
) -> list[dict[str, Any]]:
    """Return each method's KPIs on a test's slots as plain data; sagin's policies share a program.

    `watch` is called with the first slots of the first run of each policy.
    """
    share, rows = [method.name for method in methods if is_own_policy(method)], []
    for method in methods:
        trial = test._replace(policy=method.name, method=method)
        samples = evaluate(trial, advance, share, watch)
        rows.append(describe_run(trial.scenario, method.name, samples))
    return rows
