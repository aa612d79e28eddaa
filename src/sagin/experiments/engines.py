"""Engines: who makes the cells that a store lacks. In this process, in processes beside it, or on a
Ray cluster: the same numbers with as many cores a worker.

Nothing here loads JAX but the process that makes a cell.
"""

import importlib
import os
import pickle
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from sagin.errors import InputError, StoreError
from sagin.experiments.store import Claim, Record, Store, Task, asked, digest, recorded

Advance = Callable[[int], Any]
Make = Callable[[Task, Advance, Path], Mapping[str, Any]]
"""Makes the result of a task, telling its steps as they are done; checkpoints that it keeps in the
folder are there at the next attempt.
"""
PAUSE = 0.2
"""Seconds between two looks at whether someone wants to stop, or another process has finished a
cell.
"""
MOST = 8
"""Workers on this machine's cores unless more are asked for; each takes about 1 GB."""
LOSSES = 5
"""A cell whose worker has ended so often without a result is given up."""


class Job(NamedTuple):
    """A cell to be made."""

    maker: str
    """Dotted name of a `Make`, so that a worker can import it."""
    task: Task
    folder: str
    """Where checkpoints may be kept."""

    @property
    def name(self) -> str:
        """The task's name."""
        return digest(self.task)


class Outcome(NamedTuple):
    """What has become of a job; neither record nor error if its worker ended without a result."""

    name: str
    record: Record | None = None
    error: BaseException | None = None
    lost: str = "as when memory runs out"
    """Why its worker ended, as far as is known, in one line."""


@runtime_checkable
class Engine(Protocol):
    """Makes cells; `begin` may be called while there is room, and whatever was begun turns up in
    `hear` or is dropped by `stop`.
    """

    def room(self) -> int:
        """Return how many jobs can begin now."""
        ...

    def begin(self, job: Job, tell: Advance) -> None:
        """Begin a job; `tell` is called with its steps while this engine is heard, if it knows
        them.
        """
        ...

    def hear(self, seconds: float) -> list[Outcome]:
        """Return what has ended, waiting at most so long for it."""
        ...

    def stop(self) -> list[Outcome]:
        """End all workers and return what had ended before that."""
        ...


class InTurn:
    """One job after another in this process."""

    def __init__(self) -> None:
        self._next: tuple[Job, Advance] | None = None

    def room(self) -> int:
        """Return 1 if no job waits."""
        return int(self._next is None)

    def begin(self, job: Job, tell: Advance) -> None:
        """Take a job, which `hear` makes."""
        self._next = job, tell

    def hear(self, seconds: float) -> list[Outcome]:
        """Make the job that was begun."""
        if self._next is None:
            time.sleep(seconds)
            return []
        job, tell = self._next
        self._next = None
        return [Outcome(job.name, made(job, tell))]

    def stop(self) -> list[Outcome]:
        """Forget the job that was begun."""
        self._next = None
        return []


def made(job: Job, tell: Advance) -> Record:
    """Make a cell in this process and return its record; StoreError if this process runs another
    sagin than the one that asks.
    """
    ours = asked("")
    if any(job.task.get(key, ours[key]) != ours[key] for key in ("version", "source")):
        raise StoreError(
            f"worker: its sagin {ours['version']} is another one than the launcher's (allowed: the same source everywhere)"
        )
    room, _, function = job.maker.rpartition(".")
    make: Make = getattr(importlib.import_module(room), function)
    started = time.perf_counter()
    result = make(job.task, tell, Path(job.folder))
    return recorded(job.task, result, time.perf_counter() - started)


def outcome(job: Job, tell: Advance) -> Outcome:
    """Make a cell in a worker: errors are told, as one that can be sent, with the place where they
    arose as a note.
    """
    try:
        return Outcome(job.name, made(job, tell))
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(f"{type(error).__name__}: {error}")
        return Outcome(job.name, error=error)


class _Running(NamedTuple):
    job: Job
    program: Any
    claim: Claim
    told: list[int]
    """Steps so far."""


def fill(
    store: Store,
    tasks: Sequence[Task],
    maker: str,
    steps: Callable[[Task], int],
    advance: Advance,
    *,
    engine: Engine | None = None,
    program: Callable[[Task], Any] = lambda _: None,
) -> int:
    """Make the results that a store lacks, storing each as it is done, and return how many were
    made.

    maker: dotted name of a `Make`. steps: how far a whole task moves the bar. `advance` is told
    steps, also of tasks already there, and may raise KeyboardInterrupt. Whatever ends this, what is
    finished is stored and nothing goes on running; workers that have no job stay for the next call
    until the engine is stopped. Several processes may fill one store: a cell that another one makes
    is left to it.
    program: what tasks have in common that share compiled programs; a worker keeps to its own as
    far as it can, so that each is compiled once.
    """
    filling = _Filling(store, maker, steps, advance, InTurn() if engine is None else engine)
    try:
        return filling.go(deque((program(task), task) for task in tasks))
    finally:
        filling.end()


Waiting = deque[tuple[Any, Task]]
"""Tasks with their programs."""


class _Filling:
    def __init__(
        self,
        store: Store,
        maker: str,
        steps: Callable[[Task], int],
        advance: Advance,
        engine: Engine,
    ):
        self.store, self.maker, self.steps, self.advance, self.engine = (
            store,
            maker,
            steps,
            advance,
            engine,
        )
        self.running: dict[str, _Running] = {}
        self.losses: dict[str, int] = {}
        self.made = 0
        self.last: Any = None
        """The program of the worker that has just ended a task."""

    def go(self, waiting: Waiting) -> int:
        while waiting or self.running:
            self.give_out(waiting)
            if waiting or self.running:
                for one in self.engine.hear(PAUSE):
                    self.settle(one, waiting)
                self.advance(0)
        return self.made

    def give_out(self, waiting: Waiting) -> None:
        """Begin as many of the waiting tasks as there is room for; those that another process has
        are put behind the others.
        """
        elsewhere: list[tuple[Any, Task]] = []
        while waiting:
            program, task = waiting[place := self.best(waiting)]
            there = self.store.find(task) is not None
            if not there and not self.engine.room():
                break
            del waiting[place]
            if there:
                self.advance(self.steps(task))
            elif (claim := self.store.claim(task)) is None:
                elsewhere.append((program, task))
            elif self.store.find(task) is not None:
                # finished by another process between the look and the claim
                claim.end()
                self.advance(self.steps(task))
            else:
                self.begin(task, program, claim)
        waiting.extend(elsewhere)

    def best(self, waiting: Waiting) -> int:
        """Return the place of the task to give out: of the program of the worker that has just
        ended one, else of one that none is at.
        """
        busy = [one.program for one in self.running.values()]
        kinds = [program for program, _ in waiting]
        return min(
            range(len(kinds)),
            key=lambda place: (kinds[place] != self.last, kinds[place] in busy, place),
        )

    def begin(self, task: Task, program: Any, claim: Claim) -> None:
        job = Job(self.maker, task, str(self.store.beside(task).absolute()))
        told: list[int] = []

        def tell(count: int) -> None:
            told.append(count)
            self.advance(count)

        self.running[job.name] = _Running(job, program, claim, told)
        self.last = None
        self.engine.begin(job, tell)

    def settle(self, one: Outcome, waiting: Waiting) -> None:
        """Store what has come out; what was lost with its worker is to be made again."""
        job, program, claim, told = self.running[one.name]
        self.last = program
        try:
            if one.error is not None:
                raise one.error
            if one.record is not None:
                self.store.keep(one.record)
                self.made += 1
                self.advance(self.steps(job.task) - sum(told))
                return
        finally:
            del self.running[one.name]
            claim.end()
        self.losses[one.name] = self.losses.get(one.name, 0) + 1
        if self.losses[one.name] == LOSSES:
            raise StoreError(
                f"{self.store.path(job.task)}: its worker ended {LOSSES} times without a result, {one.lost}"
            )
        waiting.appendleft((program, job.task))
        self.advance(-sum(told))

    def end(self) -> None:
        """Leave nothing running; if something was, the engine stops, and what it had finished is
        stored.
        """
        if not self.running:
            return
        finished = self.engine.stop()
        try:
            for one in finished:
                if one.record is not None:
                    self.store.keep(one.record)
        finally:
            for one in self.running.values():
                one.claim.end()


def engine(
    name: Literal["local", "ray"], workers: int | None = None, address: str | None = None
) -> Engine:
    """Return an engine with so many workers, by default one a GPU, or else one a core up to MOST;
    or all that the cluster has room for.

    address: of a Ray cluster; None finds one by RAY_ADDRESS or starts one on this machine.
    """
    if name == "ray":
        from sagin.experiments.engine_ray import Cluster

        return Cluster(address, workers)
    from sagin.experiments.engine_local import Local, devices
    from sagin.machine import count_cores

    if address is not None:
        raise InputError(
            f"--address {address}: the local engine has none (allowed with: --engine ray)"
        )
    workers = workers or len(devices()) or min(count_cores(), MOST)
    return InTurn() if workers == 1 else Local(workers)


def installed(module: str) -> bool:
    """Return whether a module is installed, without loading it."""
    from importlib.util import find_spec

    return find_spec(module) is not None


def environment(alone: bool) -> dict[str, str]:
    """Return what to set for a worker; one that is `alone` on its core computes on one thread."""
    flags = [
        *os.environ.get("XLA_FLAGS", "").split(),
        *(["--xla_cpu_multi_thread_eigen=false"] if alone else []),
    ]
    # not twice: compiled programs are kept on disk by this text
    return {"XLA_FLAGS": " ".join(dict.fromkeys(flags))} if flags else {}
