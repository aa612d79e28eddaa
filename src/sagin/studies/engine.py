"""Engines of a study: this process, processes on this machine, or a Ray cluster.

All give equal numbers. Only the process that computes a result loads JAX.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sagin.errors import InputError, StoreError
from sagin.pool import (
    Completion,
    Engine,
    Job,
    Pool,
    Sequential,
    Tell,
    count_workers,
    load_function,
)
from sagin.provenance import read_settings
from sagin.studies.digest import digest_method
from sagin.studies.figure import Task
from sagin.studies.record import Result
from sagin.studies.store import (
    IDENTITY,
    describe_finish,
    encode_result,
    read_identity,
)

Advance = Callable[[int], Any]
"""Function that receives finished steps; it may raise KeyboardInterrupt."""
Make = Callable[[Task, Advance, Path], Result]
"""Function that computes the result of a task; checkpoints that it stores in the folder are
available to the next attempt.
"""
MAKE_CONTENT = f"{__name__}.make_content"

__all__ = ["Advance", "Completion", "Engine", "Make", "Pool", "Sequential", "build_engine"]


def build_engine(
    name: Literal["local", "ray"], workers: int | None = None, address: str | None = None
) -> Engine:
    """Build an engine.

    Args:
        name: local for processes on this machine, ray for a cluster.
        workers: number of parallel workers; default: that of `count_workers`, or all that the
            cluster has room for.
        address: address of a Ray cluster; None finds one by RAY_ADDRESS or starts one on this
            machine.

    Raises:
        InputError: the engine takes no address, or Ray is not installed.
    """
    if name == "ray":
        from sagin.studies.ray import RayCluster

        return RayCluster(address, workers)
    if address is not None:
        raise InputError(
            f"--address {address}: the local engine has none (allowed with: --engine ray)"
        )
    workers = workers or count_workers()
    return Sequential() if workers == 1 else Pool(workers)


def make_job(task: Task, maker: str, program: str, folder: Path, uses: tuple[str, ...] = ()) -> Job:
    """Return the job that computes a task's result."""
    argument = {"task": task, "maker": maker, "program": program, "uses": list(uses)}
    return Job(MAKE_CONTENT, argument, str(folder.absolute()))


def make_content(argument: Mapping[str, Any], tell: Tell, folder: Path) -> dict[str, Any]:
    """Compute a task's result in this process and return the content of its file.

    Raises:
        StoreError: this process runs another version than the launcher, or there is no result.
    """
    task, maker = argument["task"], argument["maker"]
    origin = {key: argument[key] for key in ("maker", "program", "uses")}
    check_identity(task, maker, *argument["uses"])
    started = time.perf_counter()
    with apply_settings(task.get("settings", {})):
        result = load_function(maker)(task, tell, folder)
    if not isinstance(result, Result):
        raise StoreError(
            f"{maker}: returned a {type(result).__name__} (allowed: studies.record.Result)"
        )
    return encode_result(task, result, describe_finish(time.perf_counter() - started, **origin))


def check_identity(task: Mapping[str, Any], maker: str, *uses: str) -> None:
    """Check that this process has the version and behaviour of a task, if the task names them."""
    if not set(IDENTITY) <= set(task):
        return
    present = read_identity(maker, *uses)
    if any(task.get(key, present[key]) != present[key] for key in IDENTITY):
        raise StoreError(
            f"worker: sagin {present['version']} here differs from the launcher's (allowed: "
            "the same source everywhere)"
        )


def find_same_method(place: str, system: str, digest: str) -> Any:
    """Find a method by its place, in a worker that knows only this text.

    Args:
        place: name, package.module:object, or folder.
        system: system of the method.
        digest: `digest_method` of it in the launcher.

    Raises:
        StoreError: the method differs in this process.
    """
    # by its name, so that no system's methods are part of the behaviour of another system's maker
    method = load_function("sagin.methods.table.find_method")(place, system)
    if digest_method(method) != digest:
        raise StoreError(
            f"worker: method {place!r} differs from the launcher's (allowed: the same source "
            "everywhere)"
        )
    return method


@contextmanager
def apply_settings(settings: Mapping[str, Any]) -> Iterator[None]:
    """Apply a task's JAX settings inside the `with` block."""
    before = read_settings()
    changed = {name: value for name, value in settings.items() if before[name] != value}
    if not changed:
        yield
        return
    import jax

    try:
        for name, value in changed.items():
            jax.config.update(name, value)
        yield
    finally:
        for name in changed:
            jax.config.update(name, before[name])
