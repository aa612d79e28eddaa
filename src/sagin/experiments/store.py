"""A folder of finished cells, each found again by the hash of what it was asked to do and of the code that did it."""

import functools
import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sagin import __version__
from sagin.files import write_atomically

Task = dict[str, Any]
"""What a cell has to do, as plain data; its hash is its name in the store."""

PRESENTING = ("cli", "interop", "report")
"""Rooms of sagin that no cell's result goes through: they present results and take part in other programs."""


def digest(content: Any) -> str:
    """Return the SHA-256 (hex) of plain data, whatever the order of its keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def asked(study: str, **of: Any) -> Task:
    """Return a cell's task: its study, what the study asks for, and the version and source of sagin, which answer it."""
    return {"study": study, "version": __version__, "source": source_digest(Path(__file__).parents[1]), **of}


@functools.cache
def source_digest(package: Path) -> str:
    """Return the SHA-256 (hex) of the package's source files, names and bytes, without the rooms in PRESENTING; read once a process."""
    names = {path.relative_to(package): path for path in package.rglob("*.py")}
    kept = {name.as_posix(): path for name, path in names.items() if name.parts[0] not in PRESENTING}
    return digest({name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in kept.items()})


def commit() -> str:
    """Return the commit of the checkout that this package runs from, with a + if files differ from it; empty outside one."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return ""
    git = ["git", "-C", str(root)]
    try:
        found = subprocess.run([*git, "describe", "--always", "--abbrev=12", "--dirty=+"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()


def provenance() -> dict[str, Any]:
    """Return versions, machine and device of this run, as plain data; holds no host or user name."""
    import jax
    import numpy

    return {
        "sagin": __version__,
        "jax": jax.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": jax.devices()[0].device_kind,
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "commit": commit(),
    }


class Store:
    """Cells under `folder/cells`, one JSON file each: what was asked, what came out, and provenance.

    A cell that is damaged (cut off, edited) doesn't match its own digest and counts as not there, so that it is run anew. So does a cell
    that another version or another state of the source made: its task has another hash.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.cells = folder / "cells"

    def path(self, task: Mapping[str, Any]) -> Path:
        """Return the file that holds the result of a task."""
        return self.cells / f"{digest(task)[:24]}.json"

    def find(self, task: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the stored result of a task, or None."""
        record = self._load(self.path(task))
        return None if record is None or record["task"] != task else record["result"]

    def put(self, task: Mapping[str, Any], result: Mapping[str, Any], seconds: float) -> None:
        """Store the result of a task with provenance and wall time, atomically."""
        record = {"task": task, "result": result, "provenance": {**provenance(), "seconds": round(seconds, 3)}}
        text = json.dumps({"digest": digest(record), **record}, indent=1, sort_keys=True)
        write_atomically(self.path(task), text.encode())

    def fill(self, tasks: Sequence[Task], make: Callable[[Task], Mapping[str, Any]], skip: Callable[[Task], Any]) -> int:
        """Make the results that aren't there, storing each as it is done, and return how many were made; `skip` is told of the others."""
        made = 0
        for task in tasks:
            if self.find(task) is not None:
                skip(task)
                continue
            started = time.perf_counter()
            result = make(task)
            self.put(task, result, time.perf_counter() - started)
            made += 1
        return made

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield every intact record, in the order of their names."""
        loaded = (self._load(path) for path in sorted(self.cells.glob("*.json")))
        return (record for record in loaded if record is not None)

    def provenance(self, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what the provenance of these tasks' results has in common, a list where they differ, their number and wall time."""
        found = [record["provenance"] for record in (self._load(self.path(one)) for one in tasks) if record is not None]
        joined: dict[str, Any] = {"cells": len(found), "seconds": round(sum(one["seconds"] for one in found), 1)}
        for key in found[0] if found else ():
            if key != "seconds":
                values = sorted({str(one[key]) for one in found})
                joined[key] = values[0] if len(values) == 1 else values
        return joined

    def _load(self, path: Path) -> dict[str, Any] | None:
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            found = record.pop("digest")
            intact = found == digest(record) and {"task", "result", "provenance"} <= set(record)
        except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
            return None
        return record if intact else None
