"""Cells made by processes on this machine, one a device or a group of cores; each loads JAX and
compiles once.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any, NamedTuple

from sagin.experiments.engines import Advance, Job, Outcome, environment, installed, outcome
from sagin.machine import count_cores

GRACE = 10.0
"""Seconds that a worker has to save what it is at, before it is killed."""


def devices() -> list[str]:
    """Return the GPUs that JAX would find, as CUDA numbers them, without loading it: none unless
    its plugin for them is installed.
    """
    if os.environ.get("JAX_PLATFORMS", "").startswith("cpu") or not any(
        map(installed, ("jax_cuda12_plugin", "jax_cuda13_plugin"))
    ):
        return []
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [one for one in visible.split(",") if one]
    return [str(number) for number in range(len(list(Path("/dev").glob("nvidia[0-9]*"))))]


class _Place(NamedTuple):
    """A worker's share of the machine."""

    number: int
    workers: int

    def take(self) -> None:
        """Bind this process to its cores, and to its GPU if there are any."""
        alone = count_cores() < 2 * self.workers
        if hasattr(os, "sched_setaffinity"):
            allowed = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(
                0, allowed[self.number :: self.workers] or {allowed[self.number % len(allowed)]}
            )
        os.environ.update(environment(alone))
        if found := devices():
            os.environ["CUDA_VISIBLE_DEVICES"] = found[self.number % len(found)]
            if len(found) < self.workers:
                os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


class _Worker(NamedTuple):
    process: Any
    pipe: Any


class Local:
    """So many processes, each started when there is a job for it; one that dies is replaced."""

    def __init__(self, workers: int):
        self.workers = workers
        self._context = multiprocessing.get_context("spawn")
        self._free: dict[int, _Worker | None] = dict.fromkeys(range(workers))
        self._busy: dict[int, tuple[_Worker, str, Advance]] = {}

    def room(self) -> int:
        """Return how many workers have no job."""
        return len(self._free)

    def begin(self, job: Job, tell: Advance) -> None:
        """Send a job to a free worker."""
        number = min(self._free, key=lambda one: (self._free[one] is None, one))
        worker = self._free.pop(number)
        if worker is None or not worker.process.is_alive():
            worker = self._start(number)
        self._busy[number] = worker, job.name, tell
        # one that has died just now `hear` finds out about
        with suppress(OSError):
            worker.pipe.send(job)

    def _start(self, number: int) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(_Place(number, self.workers), theirs), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def hear(self, seconds: float) -> list[Outcome]:
        """Return what has ended; steps are told meanwhile."""
        ready = connection.wait([worker.pipe for worker, _, _ in self._busy.values()], seconds)
        numbers = [number for number, (worker, _, _) in self._busy.items() if worker.pipe in ready]
        return [one for number in numbers for one in self._heard(number)]

    def _heard(self, number: int) -> Iterator[Outcome]:
        worker, name, tell = self._busy[number]
        try:
            news = worker.pipe.recv()
        except (EOFError, OSError):
            del self._busy[number]
            self._free[number] = None
            _end([worker], 0.0)
            yield Outcome(name)
            return
        if isinstance(news, Outcome):
            del self._busy[number]
            self._free[number] = worker
            yield news
        else:
            tell(news)

    def stop(self) -> list[Outcome]:
        """End all workers, which may save what they are at, and return what they had finished."""
        busy, idle = (
            [worker for worker, _, _ in self._busy.values()],
            [one for one in self._free.values() if one is not None],
        )
        finished = [news for worker in busy for news in _last(worker)]
        _end([*busy, *idle], GRACE)
        self._busy, self._free = {}, dict.fromkeys(range(self.workers))
        return finished


def _last(worker: _Worker) -> Iterator[Outcome]:
    try:
        while worker.pipe.poll():
            if isinstance(news := worker.pipe.recv(), Outcome):
                yield news
    except (EOFError, OSError):
        return


def _end(workers: list[_Worker], grace: float) -> None:
    """End workers: at once if they wait, else once they tell their next steps, or are killed after
    so many seconds.
    """
    for process, pipe in workers:
        process.terminate()
        pipe.close()
    deadline = time.monotonic() + grace
    for process, _ in workers:
        process.join(max(deadline - time.monotonic(), 0.0))
        if process.is_alive():
            process.kill()
            process.join()


def _work(place: _Place, pipe: Any) -> None:
    """Make jobs until the launcher asks for an end, or is gone."""
    asked, busy = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        asked.set()
        if not busy.is_set():
            os._exit(0)

    def tell(count: int) -> None:
        try:
            pipe.send(count)
        except OSError:
            asked.set()
        if asked.is_set():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_follow, daemon=True).start()
    place.take()
    while not asked.is_set():
        busy.clear()
        try:
            job = pipe.recv()
            busy.set()
            pipe.send(outcome(job, tell))
        except (EOFError, OSError, KeyboardInterrupt):
            asked.set()
    # nothing is left to be tidied up, which would take JAX a second
    os._exit(0)


def _follow() -> None:
    """End with the launcher, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
