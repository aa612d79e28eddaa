"""Stored results of a folder as tables: results of studies, and every metric of every seed.

The caller provides readers for other kinds of folders, such as those of training runs.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.files import format_csv, write_atomically
from sagin.inputs import quote
from sagin.provenance import SETTINGS
from sagin.studies.record import Sample, list_records
from sagin.studies.store import IDENTITY, StoredResult, read_result

COLUMNS = {
    "name": str,
    "kind": str,
    "study": str,
    "method": str,
    "task": str,
    "seeds": int,
    "seconds": float,
    "version": str,
    "commit": str,
    "finished": str,
    "state": str,
    "path": str,
}
VALUES = {"method": str, "x": float, "seed": int, "test": int, "metric": str, "value": float}
FOLDERS = ("records", "cells")
"""Folders of a store with one file per result; the second is that of sagin 0.1.0."""
WRAPPERS = ("plan", "run", "scenario", "settings")
"""Parts of a task whose fields are shown without their prefix."""
MAX_VALUES = 6
"""Longest list that is written out."""
TRAINING = "training"
"""Kind of a run whose x counts steps of training."""


class Run(NamedTuple):
    """A row of the table, its searchable fields, and its numbers."""

    row: dict[str, Any]
    fields: Mapping[str, Any]
    samples: list[Sample]


Reader = Callable[[Path], Iterable[Run]]


def list_runs(
    folder: Path | str,
    conditions: Sequence[str] = (),
    *,
    defaults: Mapping[str, Mapping[str, Any]] | None = None,
    readers: Sequence[Reader] = (),
) -> list[Run]:
    """Return the results stored in a folder and its subfolders; damaged files are marked rows.

    Args:
        folder: for example a folder that `sagin reproduce --out` wrote.
        conditions: `KEY=VALUE`, on a column or on a field of a task, such as `balancing.rule=none`;
            all have to hold. `method` and `metric` also select among the numbers of a run.
        defaults: default fields by study, which are not written out.
        readers: readers of further kinds of folders.

    Raises:
        InputError: the folder does not exist, or a condition names a key that no run has.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    runs = [*_read_results(folder, defaults or {})]
    for reader in readers:
        runs += reader(folder)
    for condition in conditions:
        runs = _filter(runs, condition)
    return runs


def _filter(runs: list[Run], condition: str) -> list[Run]:
    key, equals, value = condition.partition("=")
    known = {*COLUMNS, *VALUES}.union(*(run.fields for run in runs))
    if not equals or key not in known:
        allowed = ", ".join([*COLUMNS, "metric", "or a field of a task, as balancing.rule=none"])
        raise InputError(
            f"--where {condition}: not KEY=VALUE of what is stored (allowed keys: {allowed})"
        )
    if key in ("method", "metric"):
        pairs = [(run, [s for s in run.samples if getattr(s, key) == value]) for run in runs]
        return [
            run._replace(samples=samples)
            for run, samples in pairs
            if samples or run.row.get(key) == value
        ]
    return [run for run in runs if format_value(run.row.get(key, run.fields.get(key))) == value]


def _read_results(folder: Path, defaults: Mapping[str, Mapping[str, Any]]) -> Iterator[Run]:
    paths = [path for name in FOLDERS for path in folder.rglob(f"{name}/*.json")]
    for path in sorted(paths):
        origin = {"name": path.stem[:12], "kind": "result", "path": str(path)}
        stored = read_result(path)
        if isinstance(stored, StoredResult):
            yield _describe_result(origin, stored, defaults)
        else:
            yield Run(make_row(origin, state=stored), {}, [])


def _describe_result(
    origin: Mapping[str, Any], stored: StoredResult, defaults: Mapping[str, Mapping[str, Any]]
) -> Run:
    task, samples, provenance = stored.task, stored.result.samples, stored.provenance
    study = str(task.get("study", ""))
    methods = list(dict.fromkeys(sample.method for sample in samples))
    seeds = {sample.seed + number for sample in samples for number in range(len(sample.values))}
    fields = flatten_task(task)
    usual = {**SETTINGS, **defaults.get(study, {})}
    row = make_row(
        origin,
        study=study,
        method=methods[0] if len(methods) == 1 else f"{len(methods)} methods",
        task=describe_fields(fields, usual),
        seeds=len(seeds),
        seconds=provenance.get("seconds"),
        version=task.get("version", provenance.get("sagin")),
        commit=provenance.get("commit"),
        finished=provenance.get("finished"),
        state="finished",
    )
    return Run(row, fields, samples)


def make_row(origin: Mapping[str, Any], **known: Any) -> dict[str, Any]:
    """Return a row of the table; unknown values are None."""
    row = {**dict.fromkeys(COLUMNS), **origin, **known}
    # a foreign record may say anything of its version, and a folder's name be no text
    return {
        name: _to_text(value) if COLUMNS[name] is str and value is not None else value
        for name, value in row.items()
    }


def _to_text(value: Any) -> str:
    text = value if isinstance(value, str) else quote(value)
    return text.encode("utf-8", "backslashreplace").decode()


def flatten_task(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a task by dotted names.

    >>> flatten_task({"study": "s", "scenario": {"users": {"count": 2}}, "drops": 5})
    {'users.count': 2, 'drops': 5}
    """
    named = {key: value for key, value in task.items() if key not in ("study", *IDENTITY)}
    return _flatten(named, "")


def _flatten(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            fields |= _flatten(value, prefix if key in WRAPPERS else f"{prefix}{key}.")
        else:
            fields[f"{prefix}{key}"] = value
    return fields


def describe_fields(fields: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    """Return the fields that differ from the defaults, with their values."""
    differing = {
        key: value
        for key, value in fields.items()
        if value is not None and (key not in usual or usual[key] != value)
    }
    return ", ".join(f"{key}={format_value(value)}" for key, value in differing.items())


def format_value(value: Any) -> str:
    """Return a value as on the command line; for a long list, its length.

    >>> format_value([4, 4, 4]), format_value(2.0), format_value("none")
    ('4/4/4', '2', 'none')
    """
    if isinstance(value, list | tuple):
        parts = [format_value(part) for part in value]
        return "/".join(parts) if len(parts) <= MAX_VALUES else f"{len(parts)} values"
    return f"{value:g}" if isinstance(value, float) else str(value)


def build_table(runs: Sequence[Run]) -> Any:
    """Return runs as a polars table, one row per run."""
    import polars

    return polars.DataFrame([run.row for run in runs], schema=COLUMNS)


def build_values(runs: Sequence[Run]) -> Any:
    """Return every metric of every seed as a polars table, preceded by the columns of its run."""
    import polars

    rows = [
        {**run.row, **{key: getattr(record, key) for key in VALUES}}
        for run in runs
        for record in list_records(run.row["study"] or "", run.samples)
    ]
    return polars.DataFrame(rows, schema=COLUMNS | VALUES)


def export_runs(runs: Sequence[Run], path: Path) -> Path:
    """Write every metric of every seed and return the path, whose ending sets the format.

    The formats are CSV, Parquet, and JSON in the layout of marl-eval.
    """
    if path.suffix == ".json":
        content = json.dumps(nest_metrics(runs), indent=1).encode()
    elif path.suffix == ".csv":
        values = build_values(runs)
        content = format_csv([values.columns, *values.iter_rows()]).encode()
    elif path.suffix == ".parquet":
        buffer = io.BytesIO()
        build_values(runs).write_parquet(buffer)
        content = buffer.getvalue()
    else:
        raise InputError(
            f"--export {path}: unknown ending {path.suffix!r} (allowed: .csv, .json, .parquet)"
        )
    write_atomically(path, content)
    return path


def nest_metrics(runs: Sequence[Run]) -> dict[str, Any]:
    """Return metrics in marl-eval's layout: environment, task, algorithm, seed, step.

    Among runs of the same task, the newest counts. A metric of a seed is the list of its values by
    test, null for NaN and infinite ones. A swept parameter is part of the task's name; the x of a
    training run counts its steps. The absolute metrics are those of the last step, and in a
    training run those of the step with the best validation score. Numbers that a swept run has only
    once are left out, because all tasks of an environment must have the same metrics.
    """
    tree: dict[str, Any] = {}
    for run in sorted(runs, key=lambda run: run.row["finished"] or ""):
        is_training = run.row["kind"] == TRAINING
        for sample in _list_swept(run.samples):
            step = int(sample.x or 0) if is_training else 0
            name = run.row["task"] or ""
            if sample.x is not None and not is_training:
                name = f"{name}, x={sample.x:g}".removeprefix(", ")
            methods = tree.setdefault(run.row["study"], {}).setdefault(name, {})
            seeds = methods.setdefault(sample.method, {})
            for seed, values in enumerate(sample.values.tolist(), sample.seed):
                steps = seeds.setdefault(f"seed_{seed}", {})
                metrics = steps.setdefault(step, {"step_count": step})
                metrics[sample.metric] = [v if abs(v) < float("inf") else None for v in values]
    for methods in (methods for tasks in tree.values() for methods in tasks.values()):
        for method, seeds in methods.items():
            methods[method] = {seed: _name_steps(steps) for seed, steps in seeds.items()}
    return tree


def _list_swept(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples with an x; all if none has one."""
    return [sample for sample in samples if sample.x is not None] or list(samples)


def _name_steps(steps: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """Return the steps of a seed with its absolute metrics."""
    latest = sorted(steps, reverse=True)
    best = max(latest, key=lambda step: steps[step].get("score", [step])[0])
    absolute = {name: values for name, values in steps[best].items() if name != "step_count"}
    rows = {f"step_{origin}": steps[step] for origin, step in enumerate(sorted(steps))}
    return {**rows, "absolute_metrics": absolute}
