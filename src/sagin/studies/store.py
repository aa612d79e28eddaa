"""A folder of results, each identified by its task and by the behaviour that computed it."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sagin import __version__
from sagin.errors import StoreError
from sagin.files import Lock, compute_digest, write_atomically
from sagin.inputs import read_text
from sagin.provenance import collect_provenance, read_settings
from sagin.studies.digest import present_behaviour
from sagin.studies.figure import Task
from sagin.studies.record import SCHEMA, Result, from_plain, to_plain

IDENTITY = ("version", "behaviour")
"""Fields of a task that name the sagin that computes it."""
STAMPS = "stamps.json"
Flaw = Literal["missing", "damaged", "old"]


class StoredResult(NamedTuple):
    """Content of a file of a store."""

    task: Task
    result: Result
    provenance: dict[str, Any]


def build_task(study: str, maker: str, uses: Sequence[str] = (), **fields: Any) -> Task:
    """Build a task: the study's request, the settings that affect numbers, and the function.

    Args:
        study: name of the study.
        maker: dotted name of the function that computes the result; its behaviour is part of the
            task.
        uses: further source that decides the result, as dotted names or package.module:object, such
            as a user's own method.
        fields: everything on which the result depends, as plain data.
    """
    identity = read_identity(maker, *uses)
    return {"study": study, **identity, "settings": read_settings(), **fields}


def read_identity(maker: str, *uses: str) -> dict[str, str]:
    """Return the version and behaviour of this process for a task."""
    return {"version": __version__, "behaviour": present_behaviour(maker, *uses)}


def strip_identity(task: Mapping[str, Any]) -> Task:
    """Return a task without the version and behaviour that compute it."""
    return {key: value for key, value in task.items() if key not in IDENTITY}


def describe_finish(seconds: float, **more: Any) -> dict[str, Any]:
    """Return the provenance of a result that this process has just finished."""
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return {**collect_provenance(), "seconds": round(seconds, 3), "finished": finished, **more}


def encode_result(task: Task, result: Result, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a result's file as plain data, with its digest.

    Args:
        task: the task that identifies the result.
        result: the result of the task.
        provenance: versions, machine, commit and times of the computation.
    """
    content = {
        "schema": SCHEMA,
        "task": task,
        "result": to_plain(result),
        "provenance": dict(provenance),
    }
    return {**content, "digest": compute_digest(content)}


def read_result(path: Path) -> StoredResult | Flaw:
    """Return the content of a file of a store, or its fault; `old` means another schema."""
    try:
        if not path.exists():
            return "missing"
        text = read_text(path)
        content = json.loads(text)
        if "\\ud" in text.lower():
            # half a surrogate pair is in no encoding: ValueError
            json.dumps(content, ensure_ascii=False).encode()
        digest = content.pop("digest")
        if digest != compute_digest(content):
            return "damaged"
        if content.get("schema") != SCHEMA:
            return "old"
        task, origin = content["task"], content["provenance"]
        if not (isinstance(task, dict) and isinstance(origin, dict) and _is_finish(origin)):
            return "damaged"
        return StoredResult(task, from_plain(content["result"], str(path)), origin)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "damaged"
    except StoreError:
        return "damaged"


def _is_finish(provenance: Mapping[str, Any]) -> bool:
    """Return whether the provenance of a result has values of the right types."""
    seconds, finished = provenance.get("seconds", 0.0), provenance.get("finished", "")
    return type(seconds) in (int, float) and isinstance(finished, str)


class Store:
    """Results in `folder/records`, one JSON file per task.

    A damaged file (cut off, edited) does not match its own digest and counts as missing, so its
    task is computed again. So does the result of another version or behaviour, because its task has
    another hash, unless `sagin runs --revalidate` has stamped it as valid. With `any_source`, such
    a result is found if there is none of the present behaviour (the last finished one), to show
    results without computing anything.
    """

    def __init__(self, folder: Path, any_source: bool = False):
        """Open a store; the folder need not exist."""
        self.folder = folder
        self.records = folder / "records"
        self.any_source = any_source

    def path(self, task: Mapping[str, Any]) -> Path:
        """Return the file that holds the result of a task."""
        return self.records / f"{compute_digest(task)[:24]}.json"

    def locate_folder(self, task: Mapping[str, Any]) -> Path:
        """Return the folder for files that a computation leaves, such as checkpoints.

        It is that of a valid result if there is one, otherwise that of the task itself.
        """
        stored = self._find_valid(task)
        return self.path(task if stored is None else stored.task).with_suffix("")

    def find(self, task: Mapping[str, Any]) -> Result | None:
        """Return the stored result of a task, or None."""
        stored = self.find_stored(task)
        return None if stored is None else stored.result

    def find_stored(self, task: Mapping[str, Any]) -> StoredResult | None:
        """Return the stored result of a task with its provenance, or None."""
        stored = self._find_valid(task)
        if stored is None and self.any_source:
            return self._newest.get(compute_digest(strip_identity(task)))
        return stored

    def _find_valid(self, task: Mapping[str, Any]) -> StoredResult | None:
        """Return the result of a task itself, or of an equal task under a stamped behaviour."""
        for identity in ({}, *self.valid_identities(task)):
            candidate = {**task, **identity}
            stored = read_result(self.path(candidate))
            if not isinstance(stored, StoredResult):
                continue
            if compute_digest(stored.task) == compute_digest(candidate):
                return stored
        return None

    def valid_identities(self, task: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return versions and behaviours whose results are stamped as equal to a task's own."""
        return [
            stamp["former"]
            for stamp in self.stamps
            if stamp["study"] == task["study"]
            and all(stamp["present"][key] == task.get(key) for key in IDENTITY)
        ]

    @functools.cached_property
    def stamps(self) -> list[dict[str, Any]]:
        """Stamps of this store, as `add_stamp` wrote them; empty if they are damaged."""
        try:
            content = json.loads(read_text(self.folder / STAMPS))
            whole = [
                stamp
                for stamp in content["stamps"]
                if {"study", "present", "former"} <= set(stamp)
                and all(set(stamp[key]) == set(IDENTITY) for key in ("present", "former"))
            ]
            return whole if content["schema"] == SCHEMA else []
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return []

    def add_stamp(self, stamp: Mapping[str, Any]) -> None:
        """Record that results of a former behaviour are valid under the present one.

        Raises:
            StoreError: it cannot be written, or another process is writing stamps.
        """
        lock = Lock.acquire(self.folder / f"{STAMPS}.lock")
        if lock is None:
            raise StoreError(f"{self.folder / STAMPS}: another process is writing it (try again)")
        try:
            self.__dict__.pop("stamps", None)
            content = {"schema": SCHEMA, "stamps": [*self.stamps, dict(stamp)]}
            write_atomically(self.folder / STAMPS, json.dumps(content, indent=1).encode())
        finally:
            self.__dict__.pop("stamps", None)
            lock.release()

    @functools.cached_property
    def _newest(self) -> dict[str, StoredResult]:
        by_time = sorted(self.results(), key=lambda stored: stored.provenance.get("finished", ""))
        return {compute_digest(strip_identity(stored.task)): stored for stored in by_time}

    def keep(self, content: Mapping[str, Any]) -> None:
        """Store the content of `encode_result` atomically; StoreError if it cannot be written."""
        text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False)
        write_atomically(self.path(content["task"]), text.encode())

    def put(self, task: Task, result: Result, seconds: float = 0.0) -> None:
        """Store the result of a task that this process has just finished."""
        self.keep(encode_result(task, result, describe_finish(seconds)))

    def lock(self, task: Mapping[str, Any]) -> Lock | None:
        """Return the exclusive right to compute a task's result, or None if it is taken."""
        return Lock.acquire(self.path(task).with_suffix(".lock"))

    def results(self) -> Iterator[StoredResult]:
        """Yield every intact result, in the order of their files' names."""
        for path in self.paths():
            stored = read_result(path)
            if isinstance(stored, StoredResult):
                yield stored

    def paths(self) -> list[Path]:
        """Return the files of all results, including damaged ones."""
        return sorted(self.records.glob("*.json"))
