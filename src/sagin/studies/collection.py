"""From tasks to a table: compute the results that a store lacks, and collect its results."""

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from sagin.errors import StoreError
from sagin.files import Lock, compute_digest
from sagin.pool import PAUSE_S, Completion, Engine, Job, Sequential
from sagin.studies.engine import Advance, make_job
from sagin.studies.figure import Point, Task
from sagin.studies.record import Sample, Table
from sagin.studies.store import Store

MAX_LOSSES = 5
"""Number of lost workers after which a task is abandoned."""


def collect(store: Store, points: Sequence[Point]) -> Table:
    """Return a store's results for some points; a sample without an x gets that of its point."""
    samples: list[Sample] = []
    for point in points:
        result = store.find(point.task)
        samples += [
            sample._replace(x=point.x) if sample.x is None else sample
            for sample in ([] if result is None else result.samples)
        ]
    return Table(samples)


def missing(store: Store, points: Sequence[Point]) -> list[Point]:
    """Return the points whose results a store lacks."""
    return [point for point in points if store.find(point.task) is None]


def provenance(store: Store, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return the common provenance of these tasks' results, with a list for each difference.

    It also has their number and their wall time.
    """
    distinct = {compute_digest(task): task for task in tasks}
    pairs = [(task, store.find_stored(task)) for task in distinct.values()]
    stored = [(task, result) for task, result in pairs if result is not None]
    rows = [result.provenance for _, result in stored]
    seconds = sum(row.get("seconds", 0.0) for row in rows)
    common: dict[str, Any] = {"records": len(rows), "seconds": round(seconds, 1)}
    digests = [(compute_digest(task), compute_digest(result.task)) for task, result in stored]
    if replaced := sum(present != former for present, former in digests):
        common["records of another version or behaviour"] = replaced
    for key in rows[0] if rows else ():
        if key not in ("seconds", "finished", "program"):
            values = sorted({str(row.get(key, "")) for row in rows})
            common[key] = values[0] if len(values) == 1 else values
    return common


def fill(
    store: Store,
    points: Sequence[Point],
    maker: str,
    advance: Advance,
    *,
    engine: Engine | None = None,
    uses: Sequence[str] = (),
) -> int:
    """Compute the results that a store lacks, storing each as it is finished; return their number.

    However this function ends, finished results are stored and no job continues. Idle workers wait
    for the next call until the engine is stopped. Several processes may fill one store: a task that
    another process computes is left to it.

    Args:
        store: destination of the results.
        points: tasks with their steps; a task of several points is computed once. A worker keeps to
            one program as far as it can, so that each program is compiled once.
        maker: dotted name of an `engine.Make`.
        advance: called with steps, also of tasks already stored; it may raise KeyboardInterrupt.
        engine: default: this process.
        uses: the argument `uses` of `build_task`.
    """
    unique = {compute_digest(point.task): point for point in points}
    filling = _Filling(store, (maker, tuple(uses)), advance, engine or Sequential())
    try:
        return filling.run(deque(unique.values()))
    finally:
        filling.end()


class _Running(NamedTuple):
    job: Job
    point: Point
    lock: Lock
    steps: list[int]
    """Number of steps so far."""


class _Filling:
    def __init__(
        self, store: Store, maker: tuple[str, tuple[str, ...]], advance: Advance, engine: Engine
    ):
        self.store, self.maker, self.advance, self.engine = store, maker, advance, engine
        self.running: dict[str, _Running] = {}
        self.losses: dict[str, int] = {}
        self.count = 0
        self.last_program: str | None = None
        """Of the worker that has just ended a task."""

    def run(self, waiting: deque[Point]) -> int:
        while waiting or self.running:
            self.begin_some(waiting)
            if waiting or self.running:
                for completion in self.engine.listen(PAUSE_S):
                    self.settle(completion, waiting)
                self.advance(0)
        return self.count

    def begin_some(self, waiting: deque[Point]) -> None:
        """Begin as many of the waiting tasks as there is room for.

        Tasks that another process computes move to the end.
        """
        elsewhere: list[Point] = []
        while waiting:
            point = waiting[index := self.next_place(waiting)]
            is_stored = self.store.find(point.task) is not None
            if not is_stored and not self.engine.room():
                break
            del waiting[index]
            if is_stored:
                self.advance(point.steps)
            elif (lock := self.store.lock(point.task)) is None:
                elsewhere.append(point)
            elif self.store.find(point.task) is not None:
                # finished by another process between the look and the lock
                lock.release()
                self.advance(point.steps)
            else:
                self.begin(point, lock)
        waiting.extend(elsewhere)

    def next_place(self, waiting: deque[Point]) -> int:
        """Return the index of the task to begin.

        It uses the program of the worker that has just ended one, or else a program that no worker
        has.
        """
        busy = [running.point.program for running in self.running.values()]
        programs = [point.program for point in waiting]
        return min(
            range(len(programs)),
            key=lambda index: (
                programs[index] != self.last_program,
                programs[index] in busy,
                index,
            ),
        )

    def begin(self, point: Point, lock: Lock) -> None:
        maker, uses = self.maker
        job = make_job(point.task, maker, point.program, self.store.locate_folder(point.task), uses)
        steps: list[int] = []

        def tell(count: int) -> None:
            steps.append(count)
            self.advance(count)

        self.running[job.name] = _Running(job, point, lock, steps)
        self.last_program = None
        self.engine.begin(job, tell)

    def settle(self, completion: Completion, waiting: deque[Point]) -> None:
        """Store a result; a task whose worker was lost must be computed again."""
        job, point, lock, steps = self.running[completion.name]
        self.last_program = point.program
        try:
            if completion.error is not None:
                raise completion.error
            if completion.value is not None:
                self.store.keep(completion.value)
                self.count += 1
                self.advance(point.steps - sum(steps))
                return
        finally:
            del self.running[completion.name]
            lock.release()
        self.losses[job.name] = self.losses.get(job.name, 0) + 1
        if self.losses[job.name] == MAX_LOSSES:
            reason = completion.lost or "not known, but out of memory is possible"
            raise StoreError(
                f"{self.store.path(point.task)}: its worker ended {MAX_LOSSES} times "
                f"without a result; the last reason: {reason}"
            )
        waiting.appendleft(point)
        self.advance(-sum(steps))

    def end(self) -> None:
        """Leave nothing running, and store the engine's finished results.

        If a job was running, the engine stops.
        """
        if not self.running:
            return
        ended = self.engine.stop()
        try:
            for completion in ended:
                if completion.value is not None:
                    self.store.keep(completion.value)
        finally:
            for running in self.running.values():
                running.lock.release()
