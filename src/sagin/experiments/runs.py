"""What is stored under a folder, as tables: cells of studies and training runs, and every metric of
every seed.
"""

import functools
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputError, SaginError
from sagin.experiments.store import Record, Store
from sagin.files import write_atomically

COLUMNS = {
    "name": str,
    "kind": str,
    "study": str,
    "method": str,
    "scenario": str,
    "users": str,
    "seeds": int,
    "seconds": float,
    "version": str,
    "commit": str,
    "finished": str,
    "state": str,
    "path": str,
}
VALUES = {"method": str, "users": str, "seed": int, "step": int, "metric": str, "value": float}
PADDED = {"counts": "users.", "users": "users.count"}
"""What a task tells by itself, and how the fields of its scenario begin that are then only the size
of arrays.
"""
UNTOLD = (
    "study",
    "policy",
    "method",
    "algorithm",
    "counts",
    "users",
    "evaluate_every",
    "checkpoint_every",
)
"""What stands in another column, or doesn't change results."""
SEED = ("number", "layouts", "window")
"""What tells a cell that trains which seed it is, and what more to keep of it."""


class Value(NamedTuple):
    """A metric of one seed, SI."""

    method: str
    users: str | None
    """How many there were, of H, L and C where there are slices; None where their number is drawn
    or the scenario's own.
    """
    seed: int
    step: int
    """Slots or drops that it is a mean over, or that were trained on before."""
    metric: str
    value: float | None


class Run(NamedTuple):
    """A row of the table, the fields by which it can be found, and where its values come from."""

    row: dict[str, Any]
    fields: dict[str, Any]
    content: Any


def table(folder: Path | str, where: Sequence[str] = ()) -> Any:
    """Return what is stored under a folder as a polars table, one row a cell of a study or a
    training run; damaged ones say so.

    where: `KEY=VALUE`, of a column or of a field of what was asked for, such as
    `balancing.rule=none`; all have to be met.
    """
    import polars

    return polars.DataFrame([one.row for one in chosen(Path(folder), where)], schema=COLUMNS)


def metrics(folder: Path | str, where: Sequence[str] = ()) -> Any:
    """Return every metric of every seed as a polars table, with the columns of its run before it."""
    import polars

    rows = [
        {**one.row, **value._asdict()}
        for one in chosen(Path(folder), where)
        for value in values(one)
    ]
    return polars.DataFrame(rows, schema=COLUMNS | VALUES)


def export(folder: Path, path: Path, where: Sequence[str] = ()) -> Path:
    """Write every metric of every seed as CSV, Parquet or, in the layout of marl-eval, JSON, by the
    ending of the path, and return it.
    """
    from sagin.training.records import encode_table

    if path.suffix == ".json":
        content = json.dumps(nested(chosen(folder, where)), indent=1).encode()
    elif path.suffix == ".csv":
        content = metrics(folder, where).write_csv().encode()
    elif path.suffix == ".parquet":
        content = encode_table(metrics(folder, where))
    else:
        raise InputError(
            f"--export {path}: unknown ending {path.suffix!r} (allowed: .csv, .json, .parquet)"
        )
    write_atomically(path, content)
    return path


def nested(found: Sequence[Run]) -> dict[str, Any]:
    """Return metrics as marl-eval reads them: environment, task, algorithm, seed, step; the newest
    where several are of the same.

    The absolute metrics are those of the last step, in a training run of the step with the best
    validation score. A number that can't be (NaN) is null. Metrics that a seed has only once are
    left out: all tasks of an environment have to have the same ones.
    """
    whole: dict[str, Any] = {}
    for one in sorted(found, key=lambda run: run.row["finished"] or ""):
        once = {value.metric for value in _once(one)}
        for value in values(one):
            if value.metric in once:
                continue
            name = ", ".join(
                part
                for part in (one.row["scenario"], value.users and f"users={value.users}")
                if part
            )
            task = whole.setdefault(one.row["study"], {}).setdefault(name, {})
            steps = task.setdefault(value.method, {}).setdefault(f"seed_{value.seed}", {})
            steps.setdefault(value.step, {"step_count": value.step})[value.metric] = [value.value]
    for tasks in whole.values():
        for methods in tasks.values():
            methods.update({method: _seeds(seeds) for method, seeds in methods.items()})
    return whole


def _seeds(seeds: Mapping[str, dict[int, dict[str, Any]]]) -> dict[str, Any]:
    found = {}
    for seed, steps in seeds.items():
        best = max(
            sorted(steps, reverse=True), key=lambda step: steps[step].get("score", [step])[0]
        )
        absolute = {name: value for name, value in steps[best].items() if name != "step_count"}
        found[seed] = {
            **{f"step_{place}": steps[step] for place, step in enumerate(sorted(steps))},
            "absolute_metrics": absolute,
        }
    return found


def chosen(folder: Path, where: Sequence[str]) -> list[Run]:
    """Return the runs under a folder that meet all conditions; InputError if a condition names
    nothing that any run has.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    found = [*cells(folder), *trainings(folder)]
    for condition in where:
        key, equals, value = condition.partition("=")
        if not equals or (found and not any(key in one.row or key in one.fields for one in found)):
            allowed = ", ".join([*COLUMNS, "or a field of a scenario, as balancing.rule=none"])
            raise InputError(
                f"--where {condition}: not KEY=VALUE of what is stored (allowed keys: {allowed})"
            )
        found = [one for one in found if shown(one.row.get(key, one.fields.get(key))) == value]
    return found


def cells(folder: Path) -> Iterator[Run]:
    """Yield the cells under a folder."""
    for path in sorted(folder.rglob("cells/*.json")):
        record = Store.read(path)
        place = {"name": path.stem[:12], "kind": "cell", "path": str(path)}
        if record is None:
            yield Run(_row(place, state="damaged"), {}, None)
        else:
            yield _cell(place, record)


def _cell(place: dict[str, Any], record: Record) -> Run:
    task, made = record["task"], record["provenance"]
    fields, told = _asked(task)
    if trains(task):
        name, own = _method(fields)
        methods, told = (
            [name],
            {key: value for key, value in told.items() if not key.startswith((*own, *SEED))},
        )
    else:
        methods = record["result"].get("methods", [task.get("policy", task.get("method", ""))])
    row = _row(
        place,
        study=task["study"],
        method=methods[0] if len(methods) == 1 else f"{len(methods)} methods",
        scenario=listed(told),
        users=_users(task),
        seeds=task.get("seeds", 1),
        seconds=made.get("seconds"),
        version=task.get("version", made.get("sagin")),
        commit=made.get("commit"),
        finished=made.get("finished"),
        state="finished",
    )
    return Run(row, fields, record)


def trains(task: Mapping[str, Any]) -> bool:
    """Return whether a task has a plan of training."""
    plan = task.get("plan")
    return isinstance(plan, Mapping) and {"scenario", "settings", "algorithm", "iterations"} <= set(
        plan
    )


def _asked(task: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a task or, if it has a plan of training, of that, and those which tell
    it from what is usual.
    """
    plan = task["plan"] if trains(task) else task
    parts = ("scenario", "settings", "version", "source", *(("plan",) if trains(task) else ()))
    own = _flat({key: value for key, value in {**task, **plan}.items() if key not in parts})
    given = _flat({**plan.get("scenario", {}), **plan.get("settings", {})})
    usual = {**defaults("learning"), **defaults(task["study"].partition("-")[0])}
    padded = tuple(PADDED[key] for key in PADDED if key in task)
    differing = {
        key: value
        for key, value in given.items()
        if usual.get(key) != value and not key.startswith(padded)
    }
    return given | own, differing | {
        key: value for key, value in own.items() if key not in UNTOLD and value is not None
    }


def _method(fields: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the name of the learned method that has these fields, and how fields begin that it
    alone decides; or the algorithm's name.
    """
    from sagin.experiments.learned import METHODS
    from sagin.training.algorithms import ALGORITHMS

    decided = {
        row: dict(override.split("=", 1) for override in row.overrides) for row in METHODS.values()
    }
    met = [
        row
        for row, by in decided.items()
        if row.algorithm == fields["algorithm"]
        and all(shown(fields.get(key)) == value for key, value in by.items())
    ]
    if not met:
        return fields["algorithm"], ()
    row = max(met, key=lambda one: len(one.overrides))
    return row.name, (*decided[row], f"{ALGORITHMS[row.algorithm].learner}.")


def _users(task: Mapping[str, Any]) -> str | None:
    """Return a task's users, or for how many of their numbers there are results."""
    users = task.get("counts", task.get("users"))
    if isinstance(users, list) and all(isinstance(one, list) for one in users):
        return shown(users[0]) if len(users) == 1 else f"{len(users)} counts"
    return None if users is None else shown(users)


def trainings(folder: Path) -> Iterator[Run]:
    """Yield the training runs under a folder."""
    from sagin.training.run import RUN

    for path in sorted(folder.rglob(RUN)):
        place = {
            "name": path.parent.name,
            "kind": "training",
            "study": "training",
            "path": str(path.parent),
        }
        try:
            yield _training(place, path)
        except (SaginError, OSError, ValueError, LookupError, TypeError):
            yield Run(_row(place, state="damaged"), {}, None)


def _training(place: dict[str, Any], path: Path) -> Run:
    from sagin.training.records import read_rows
    from sagin.training.run import METRICS, locate_seed, read_run

    plan, seeds = read_run(path.parent)
    ends = [read_rows(locate_seed(path.parent, number) / METRICS)[-1:] for number in range(seeds)]
    made = json.loads(path.read_text(encoding="utf-8"))["provenance"]
    done = sum(rows[0]["slot"] >= plan.iterations for rows in ends if rows)
    fields, differing = _asked(
        {"study": "slicing", "plan": json.loads(json.dumps(plan.to_plain()))}
    )
    told = {
        "scenario": listed(differing),
        "version": made.get("sagin"),
        "commit": made.get("commit"),
    }
    state = "finished" if done == seeds else f"{done} of {seeds} seeds"
    return Run(
        _row(place, method=plan.algorithm, seeds=seeds, state=state, **told), fields, path.parent
    )


def _row(place: dict[str, Any], **known: Any) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), **place, **known}


def values(one: Run) -> Iterator[Value]:
    """Yield the metrics of a run; a damaged one has none."""
    if one.content is None:
        return
    if one.row["kind"] == "training":
        yield from _validations(one.content, one.row["method"], one.row["seeds"])
        return
    task, result = one.content["task"], one.content["result"]
    method, users, step = (
        one.row["method"],
        one.row["users"],
        task.get("slots", task.get("drops", 0)),
    )
    for metric, numbers in result.get("samples", {}).items():
        for seed, value in enumerate(numbers):
            yield Value(method, users, seed, step, metric, value)
    for metric, numbers in result.get("metrics", {}).items():
        for name, value in zip(result["methods"], numbers["mean"], strict=True):
            yield Value(name, users, task.get("seed", 0), step, metric, value)
    if trains(task):
        yield from _learned(one)


def _learned(one: Run) -> Iterator[Value]:
    """Yield the metrics of a cell that trains: KPIs by users, what there is once, and rewards as
    they were learned from.
    """
    task, result, method = one.content["task"], one.content["result"], one.row["method"]
    for users, numbers in result.get("kpis", {}).items():
        for metric, value in numbers.items():
            yield Value(
                method,
                users.replace("-", "/"),
                task["number"],
                task["plan"]["iterations"],
                metric,
                value,
            )
    yield from _once(one)
    for agent, rewards in result.get("rewards", {}).items():
        for slot, value in zip(result["slots"], rewards, strict=True):
            yield Value(method, None, task["number"], int(slot), f"reward/{agent}", value)


def _once(one: Run) -> Iterator[Value]:
    """Yield what a trained seed has once, and not for each number of users: its best validation,
    and where UAVs are.
    """
    from sagin.experiments.learned import PLACE

    if (
        not isinstance(one.content, dict)
        or not trains(one.content["task"])
        or "kpis" not in one.content["result"]
    ):
        return
    task, result = one.content["task"], one.content["result"]
    of = {"score": (None, result["score"])} | {
        name: (shown(PLACE), value) for name, value in result.get("movement", {}).items()
    }
    for metric, (users, value) in of.items():
        yield Value(
            one.row["method"], users, task["number"], task["plan"]["iterations"], metric, value
        )


def _validations(folder: Path, method: str, seeds: int) -> Iterator[Value]:
    from sagin.training.records import read_rows
    from sagin.training.run import SCORES, locate_seed

    for seed in range(seeds):
        for row in read_rows(locate_seed(folder, seed) / SCORES):
            for metric, value in row.items():
                if metric != "slot":
                    yield Value(method, None, seed, int(row["slot"]), metric, value)


SYSTEMS = {
    "relaying": ("sagin.relaying.scenario", "Scenario"),
    "slicing": ("sagin.slicing.scenario", "Scenario"),
    "learning": ("sagin.learning.settings", "Settings"),
}


@functools.cache
def defaults(system: str) -> Mapping[str, Any]:
    """Return the fields of a system's scenario, or of the learners' settings, as they are unless
    asked otherwise; none if it is unknown.
    """
    if system not in SYSTEMS:
        return {}
    from sagin.parameters import to_mapping

    module, name = SYSTEMS[system]
    # as JSON holds it, where tuples are lists
    return _flat(
        json.loads(json.dumps(to_mapping(getattr(importlib.import_module(module), name)())))
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= (
            _flat(value, f"{prefix}{key}.")
            if isinstance(value, Mapping)
            else {f"{prefix}{key}": value}
        )
    return found


def listed(values: Mapping[str, Any]) -> str:
    """Return names with their values."""
    return ", ".join(f"{key}={shown(value)}" for key, value in values.items())


def shown(value: Any) -> str:
    """Return a value as it is written on the command line.

    >>> shown([4, 4, 4]), shown(2.0), shown("none")
    ('4/4/4', '2', 'none')
    """
    if isinstance(value, list | tuple):
        return "/".join(map(shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
