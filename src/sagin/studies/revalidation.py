"""Check whether the present source still gives the stored numbers, on a sample of a store.

If the whole sample agrees bit for bit, the store is stamped: results of the former behaviour then
count as those of the present one. Some results are too expensive to compute again, such as
trainings. The module of their function may then offer `revalidate(task, folder, result)`. It
returns a Result with any part of the stored one, computed in another way (such as by evaluating the
policy in the folder), or None for a task that must be computed again.
"""

import importlib
import math
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import StoreError
from sagin.files import compute_digest
from sagin.pool import Completion, Engine, Job, Sequential, Tell, load_function, run_jobs
from sagin.provenance import collect_provenance
from sagin.studies.engine import apply_settings
from sagin.studies.record import Result, from_plain, to_plain
from sagin.studies.store import IDENTITY, Store, StoredResult, read_identity

MIN_RECORDS = 3
"""Smallest number of results of each program that are computed again; all if there are fewer."""
TOLERANCE = 1e-5
"""Allowed relative difference in a part that `revalidate` returns, if device, system or version of
jax differ from those of the stored result.
"""
IDLE_FLAG = "--xla_cpu_multi_thread_eigen=false"
"""Flag of former workers that XLA ignores: numbers and threads are the same without it."""
REPEAT = f"{__name__}.repeat_result"


class Difference(NamedTuple):
    """The first number that differs from the stored one."""

    task: Mapping[str, Any]
    method: str
    metric: str
    stored: Any
    new: Any

    def describe(self) -> str:
        """Return the difference in one line."""
        fields = [f"{key}={value}" for key, value in self.task.items() if key not in IDENTITY]
        return (
            f"{self.metric} of {self.method}: stored {self.stored}, now {self.new}; task "
            f"{', '.join(fields)}"
        )


class Revalidation(NamedTuple):
    """Outcome for the results of one study and one former behaviour."""

    study: str
    present: dict[str, str]
    former: dict[str, str]
    results: int
    repeated: int
    difference: Difference | None
    exact: bool
    """Whether all results agreed bit for bit, instead of some within TOLERANCE."""


class _Group(NamedTuple):
    """Results of one study, function and behaviour."""

    study: str
    maker: str
    uses: tuple[str, ...]
    former: dict[str, str]
    results: list[StoredResult]


def revalidate_store(
    store: Store,
    makers: Mapping[str, str] | None = None,
    engine: Engine | None = None,
    advance: Tell = lambda _: None,
    *,
    share: float = 0.05,
    seed: int = 0,
) -> list[Revalidation]:
    """Compute a sample of a store again and stamp results that agree.

    Args:
        store: its results of other behaviours than the present one are checked.
        makers: dotted name of each study's function, for results whose own one no longer exists.
        engine: default: this process.
        advance: called with 1 for each finished result, and with 0 for progress.
        share: share of the results of each program that is computed, at least MIN_RECORDS.
        seed: seed of the random choice.

    Returns:
        One entry per study and former behaviour; entries without a difference are stamped.
    """
    outcomes = []
    for group in _list_groups(store, makers or {}):
        if not _can_load(group.maker):
            task = group.results[0].task
            difference = Difference(task, "all", "maker", group.maker or "none", "not there")
            unknown: dict[str, str] = dict.fromkeys(IDENTITY, "")
            row = group.study, unknown, group.former, len(group.results), 0, difference, False
            outcomes.append(Revalidation(*row))
            continue
        present = read_identity(group.maker, *group.uses)
        if group.former == present or group.former in store.valid_identities(
            {"study": group.study, **present}
        ):
            continue
        sample = _draw_sample(group.results, share, random.Random(seed))
        differences, exact = _repeat(store, group, sample, engine or Sequential(), advance)
        counts = len(group.results), len(sample)
        first = differences[0] if differences else None
        entry = Revalidation(group.study, present, group.former, *counts, first, exact)
        if entry.difference is None:
            store.add_stamp(_describe_stamp(entry))
        outcomes.append(entry)
    return outcomes


def _list_groups(store: Store, makers: Mapping[str, str]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for stored in store.results():
        study, maker = stored.task.get("study", ""), stored.provenance.get("maker", "")
        uses = tuple(stored.provenance.get("uses", ()))
        if not set(IDENTITY) <= set(stored.task):
            continue
        if not _can_load(maker):
            maker = makers.get(study, maker)
        former = {key: stored.task[key] for key in IDENTITY}
        empty = _Group(study, maker, uses, former, [])
        groups.setdefault(compute_digest(list(empty)), empty).results.append(stored)
    return list(groups.values())


def _can_load(maker: str) -> bool:
    try:
        return callable(load_function(maker))
    except (ImportError, AttributeError, ValueError):
        return False


def _draw_sample(
    results: Sequence[StoredResult], share: float, chance: random.Random
) -> list[StoredResult]:
    """Return results of each program, at random."""
    programs: dict[str, list[StoredResult]] = {}
    for stored in results:
        programs.setdefault(str(stored.provenance.get("program", "")), []).append(stored)
    sample = []
    for rows in programs.values():
        count = max(MIN_RECORDS, math.ceil(share * len(rows)))
        sample += chance.sample(rows, min(count, len(rows)))
    return sample


def _repeat(
    store: Store, group: _Group, sample: Sequence[StoredResult], engine: Engine, advance: Tell
) -> tuple[list[Difference], bool]:
    """Return differences between stored and new results, and whether all are equal bit for bit."""
    jobs = {}
    with tempfile.TemporaryDirectory() as scratch:
        for stored in sample:
            argument = {
                "maker": group.maker,
                "task": stored.task,
                "result": to_plain(stored.result),
                "scratch": scratch,
            }
            folder = store.path(stored.task).with_suffix("").absolute()
            job = Job(REPEAT, argument, str(folder))
            jobs[job.name] = job, stored
        differences, exact = [], True
        work = [job for job, _ in jobs.values()]
        for job, completion in run_jobs(engine, work, lambda _job, _news: advance(0)):
            repeated = _check_completion(job, completion)
            stored = jobs[job.name][1]
            same_machine = is_same_machine(stored.provenance, repeated["machine"])
            tolerance = TOLERANCE if repeated["partial"] and not same_machine else 0.0
            exact = exact and not tolerance
            differences += _compare(stored, repeated, tolerance)
            advance(1)
    return differences, exact


def _check_completion(job: Job, completion: Completion) -> dict[str, Any]:
    if completion.error is not None:
        raise completion.error
    if completion.value is None:
        raise StoreError(f"{job.folder}: its worker ended without a result: {completion.lost}")
    return completion.value


def repeat_result(argument: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Compute a stored result again, in a worker, and return it as plain data.

    The module's function `revalidate` takes precedence; `folder` is the one beside the stored
    result.
    """
    task, maker = argument["task"], argument["maker"]
    stored = from_plain(argument["result"], str(folder))
    hook = getattr(importlib.import_module(maker.rpartition(".")[0]), "revalidate", None)
    with apply_settings(task.get("settings", {})):
        part = None if hook is None else hook(task, folder, stored)
        if part is None:
            scratch = Path(argument["scratch"]) / compute_digest(task)
            whole = load_function(maker)(task, tell, scratch)
        else:
            whole = part
    return {"result": to_plain(whole), "partial": part is not None, "machine": collect_provenance()}


def is_same_machine(provenance: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Return whether two runs had the same device, system, flags and versions."""
    keys = ("jax", "numpy", "system", "device", "cpu")
    stored, now = (set(one.get("xla_flags", "").split()) for one in (provenance, present))
    same_flags = not (stored ^ now) - {IDLE_FLAG}
    return same_flags and all(provenance.get(key) == present.get(key) for key in keys)


def _compare(
    stored: StoredResult, repeated: Mapping[str, Any], tolerance: float
) -> Iterator[Difference]:
    """Yield the differences of a repeated result from the stored one, which may have more parts.

    With a tolerance only samples count, because other data may depend on the machine.
    """
    new = from_plain(repeated["result"], "repeated result")
    old_samples, new_samples = _index_samples(stored.result), _index_samples(new)
    names = list(new_samples) if repeated["partial"] else [*old_samples, *new_samples]
    for name in dict.fromkeys(names):
        method, metric, _, _ = name
        before, after = old_samples.get(name), new_samples.get(name)
        if not _is_equal(before, after, tolerance):
            yield Difference(stored.task, method, metric, *_first_difference(before, after))
    old_extra, new_extra = to_plain(stored.result)["extra"], repeated["result"]["extra"]
    keys = new_extra if repeated["partial"] else [*old_extra, *new_extra]
    for key in dict.fromkeys(() if tolerance else keys):
        before, after = old_extra.get(key), new_extra.get(key)
        if compute_digest(before) != compute_digest(after):
            yield Difference(stored.task, "extra", key, before, after)


def _index_samples(result: Result) -> dict[tuple[Any, ...], list[Any]]:
    """Return the stored values of a result, by method, metric, x and first seed."""
    keys = ("method", "metric", "x", "seed")
    rows = to_plain(result)["samples"]
    return {tuple(row[key] for key in keys): row["values"] for row in rows}


def _is_equal(before: Any, after: Any, tolerance: float) -> bool:
    if before == after or not tolerance or before is None or after is None:
        return before == after
    if list(map(len, before)) != list(map(len, after)):
        return False
    pairs = [
        (float(old), float(new))
        for old_row, new_row in zip(before, after, strict=True)
        for old, new in zip(old_row, new_row, strict=True)
    ]
    return all(
        math.isclose(old, new, rel_tol=tolerance) or (math.isnan(old) and math.isnan(new))
        for old, new in pairs
    )


def _first_difference(before: Any, after: Any) -> tuple[Any, Any]:
    """Return the first two values that differ, or both as a whole if their shapes do."""
    if before is None or after is None or list(map(len, before)) != list(map(len, after)):
        return before, after
    flat = [[value for row in rows for value in row] for rows in (before, after)]
    pairs = [(old, new) for old, new in zip(*flat, strict=True) if old != new]
    return pairs[0] if pairs else (before, after)


def _describe_stamp(entry: Revalidation) -> dict[str, Any]:
    """Return a revalidation as the store keeps it."""
    return {
        "study": entry.study,
        "present": entry.present,
        "former": entry.former,
        "results": entry.results,
        "repeated": entry.repeated,
        "tolerance": 0.0 if entry.exact else TOLERANCE,
        "provenance": collect_provenance(),
    }
