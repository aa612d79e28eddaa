"""A folder of finished cells, each found again by the hash of what it was asked to do and of the
code that did it.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sagin import __version__
from sagin.errors import StoreError
from sagin.files import compute_digest as digest
from sagin.files import write_atomically
from sagin.provenance import collect_provenance as provenance

Task = dict[str, Any]
"""What a cell has to do, as plain data; its hash is its name in the store."""

PRESENTING = ("cli", "interop", "report")
"""Rooms of sagin that no cell's result goes through: they present results and take part in other
programs.
"""


def asked(study: str, **of: Any) -> Task:
    """Return a cell's task: its study, what the study asks for, and the version and source of
    sagin, which answer it.
    """
    return {
        "study": study,
        "version": __version__,
        "source": source_digest(Path(__file__).parents[1]),
        **of,
    }


@functools.cache
def source_digest(package: Path) -> str:
    """Return the SHA-256 (hex) of the package's source files, names and bytes, without the rooms in
    PRESENTING; read once a process.
    """
    names = {path.relative_to(package): path for path in package.rglob("*.py")}
    kept = {
        name.as_posix(): path for name, path in names.items() if name.parts[0] not in PRESENTING
    }
    return digest(
        {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in kept.items()}
    )


Record = dict[str, Any]
"""A finished cell: its task, its result, and provenance."""


def recorded(task: Task, result: Mapping[str, Any], seconds: float) -> Record:
    """Return the record of a task that this process has just finished, with the wall time that it
    took.
    """
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "task": task,
        "result": dict(result),
        "provenance": {**provenance(), "seconds": round(seconds, 3), "finished": finished},
    }


def regardless(task: Mapping[str, Any]) -> Task:
    """Return what a task asks for, regardless of which version and source answer it."""
    return {key: value for key, value in task.items() if key not in ("version", "source")}


class Store:
    """Cells under `folder/cells`, one JSON file each: what was asked, what came out, and
    provenance.

    A cell that is damaged (cut off, edited) doesn't match its own digest and counts as not there,
    so that it is run anew. So does a cell
    that another version or another state of the source made: its task has another hash. With
    `any_source` such a cell is found where the
    present source has made none, the one that was finished last: to show results without running
    anything.
    """

    def __init__(self, folder: Path, any_source: bool = False):
        self.folder = folder
        self.cells = folder / "cells"
        self.any_source = any_source

    def path(self, task: Mapping[str, Any]) -> Path:
        """Return the file that holds the result of a task."""
        return self.cells / f"{digest(task)[:24]}.json"

    def beside(self, task: Mapping[str, Any]) -> Path:
        """Return the folder for what the making of a task's result leaves on its way, such as
        checkpoints and curves.
        """
        return self.path(task).with_suffix("")

    def find(self, task: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the stored result of a task, or None."""
        record = self.record(task)
        return None if record is None else record["result"]

    def record(self, task: Mapping[str, Any]) -> Record | None:
        """Return the stored record of a task, or None."""
        record = self.read(self.path(task))
        if record is not None and record["task"] == task:
            return record
        return self._newest.get(digest(regardless(task))) if self.any_source else None

    @functools.cached_property
    def _newest(self) -> dict[str, Record]:
        by_time = sorted(
            self.records(), key=lambda record: record["provenance"].get("finished", "")
        )
        return {digest(regardless(record["task"])): record for record in by_time}

    def keep(self, record: Record) -> None:
        """Store a record, atomically; StoreError with one line if it can't be written."""
        text = json.dumps({"digest": digest(record), **record}, indent=1, sort_keys=True)
        write_atomically(self.path(record["task"]), text.encode())

    def put(self, task: Task, result: Mapping[str, Any], seconds: float) -> None:
        """Store the result of a task that this process has just finished."""
        self.keep(recorded(task, result, seconds))

    def claim(self, task: Mapping[str, Any]) -> "Claim | None":
        """Return the sole right to make a task's result, or None if another process has it; it ends
        with its process, however that ends.
        """
        return Claim.on(self.path(task).with_suffix(".lock"))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield every intact record, in the order of their names."""
        loaded = (self.read(path) for path in self.paths())
        return (record for record in loaded if record is not None)

    def paths(self) -> list[Path]:
        """Return the files of all cells, damaged ones too."""
        return sorted(self.cells.glob("*.json"))

    def provenance(self, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what the provenance of these tasks' results has in common, a list where they
        differ, their number and wall time.
        """
        pairs = [(task, record) for task in tasks if (record := self.record(task)) is not None]
        found = [record["provenance"] for _, record in pairs]
        joined: dict[str, Any] = {
            "cells": len(found),
            "seconds": round(sum(one["seconds"] for one in found), 1),
        }
        if others := sum(record["task"] != task for task, record in pairs):
            joined["cells of another version or source"] = others
        for key in found[0] if found else ():
            if key not in ("seconds", "finished"):
                values = sorted({str(one.get(key, "")) for one in found})
                joined[key] = values[0] if len(values) == 1 else values
        return joined

    @staticmethod
    def read(path: Path) -> Record | None:
        """Return the record in a cell's file, or None if it is not there or damaged."""
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            found = record.pop("digest")
            intact = found == digest(record) and {"task", "result", "provenance"} <= set(record)
        except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
            return None
        return record if intact else None


class Claim:
    """A locked file beside a cell. The system unlocks it when its process ends, so that no claim
    outlives a kill.
    """

    def __init__(self, path: Path, file: IO[bytes]):
        self._path, self._file = path, file

    @classmethod
    def on(cls, path: Path) -> "Claim | None":
        """Lock the file, or return None if another process has; StoreError with one line if it
        can't be written.
        """
        import fcntl

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("wb")
        except OSError as error:
            raise StoreError(
                f"{path}: can't be written: {error.strerror}; what was stored before is kept"
            ) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # the one who had it may have removed it in between, and someone else locked its
            # successor
            mine = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except (BlockingIOError, FileNotFoundError):
            mine = False
        except OSError:
            # a file system without locks: two writers may do the same work, but with the same
            # result
            mine = True
        if not mine:
            file.close()
        return cls(path, file) if mine else None

    def end(self) -> None:
        """Give the right back."""
        with suppress(OSError):
            self._path.unlink()
        self._file.close()
