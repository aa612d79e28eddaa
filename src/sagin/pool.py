"""Run jobs in this process or in worker processes, one per device or group of cores.

This is the only process pool of the project: points of a study and seeds of a training run are its
jobs. Nothing in this module loads JAX; a job's function may.
"""

import importlib
import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import connection
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from sagin.compile_cache import PROGRAM_LIMIT, keep_programs
from sagin.files import compute_digest
from sagin.machine import collect_rarely, count_cores, measure_memory

MAX_WORKERS = 8
"""Largest default number of workers on this machine's cores."""
WORKER_BYTES = 3 * 2**30
"""Peak memory of a worker in the study that needs most."""
GRACE_S = 10.0
"""Seconds that a worker has to save its state, before it is killed."""
PAUSE_S = 0.2
"""Seconds between two checks for a request to stop."""

Tell = Callable[[Any], Any]
"""Function that receives progress of a job, such as steps; it may raise KeyboardInterrupt to stop.
"""


class Job(NamedTuple):
    """A call `function(argument, tell, folder)` to run in some process."""

    function: str
    """Dotted name, so that a worker can import it."""
    argument: Any
    """Plain data."""
    folder: str
    """Folder for data from which the function's next attempt can continue."""

    @property
    def name(self) -> str:
        """Digest that identifies the job."""
        return compute_digest(list(self))


class Completion(NamedTuple):
    """Result of a job; if its worker ended without a result, `lost` gives the reason."""

    name: str
    value: Any = None
    error: BaseException | None = None
    lost: str = ""
    """Reason why there is neither value nor error, in one line; empty if it is not known."""


@runtime_checkable
class Engine(Protocol):
    """Runs jobs.

    `begin` may be called while there is room. Each job that was begun appears in `listen`, or is
    dropped by `stop`.
    """

    def room(self) -> int:
        """Return how many jobs can begin now."""
        ...

    def begin(self, job: Job, tell: Tell) -> None:
        """Begin a job; during `listen`, `tell` receives its progress if the engine supports it."""
        ...

    def listen(self, seconds: float) -> list[Completion]:
        """Return the jobs that have ended; wait at most this time for one."""
        ...

    def stop(self) -> list[Completion]:
        """End all workers and return the jobs that had ended before."""
        ...


class Sequential:
    """Runs one job after another in this process."""

    def __init__(self) -> None:
        """Begin with no job."""
        self._next: tuple[Job, Tell] | None = None

    def room(self) -> int:
        """Return 1 if no job waits."""
        return int(self._next is None)

    def begin(self, job: Job, tell: Tell) -> None:
        """Store a job, which `listen` runs."""
        self._next = job, tell

    def listen(self, seconds: float) -> list[Completion]:
        """Run the job that was begun; its errors are raised here."""
        if self._next is None:
            time.sleep(seconds)
            return []
        job, tell = self._next
        self._next = None
        return [Completion(job.name, call_function(job, tell))]

    def stop(self) -> list[Completion]:
        """Drop the job that was begun."""
        self._next = None
        return []


def load_function(name: str) -> Callable[..., Any]:
    """Return the function of a dotted name."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)


def call_function(job: Job, tell: Tell) -> Any:
    """Run a job in this process and return its value."""
    return load_function(job.function)(job.argument, tell, Path(job.folder))


def complete_job(job: Job, tell: Tell) -> Completion:
    """Run a job in a worker; an error is returned, with its traceback as a note."""
    keep_programs()
    PROGRAM_LIMIT.check()
    try:
        return Completion(job.name, call_function(job, tell))
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(f"{type(error).__name__}: {error}")
        return Completion(job.name, error=error)


def run_jobs(
    engine: Engine, jobs: Sequence[Job], tell: Callable[[Job, Any], Any]
) -> Iterator[tuple[Job, Completion]]:
    """Run jobs and yield each result as its job ends; no job continues afterwards.

    Args:
        engine: it stays usable if all jobs end, and is stopped otherwise.
        jobs: equal jobs run once.
        tell: receives the progress of a job; also called with None every PAUSE_S. It may raise
            KeyboardInterrupt, after which running jobs may save their state.
    """
    waiting, running = deque({job.name: job for job in jobs}.values()), dict[str, Job]()
    try:
        while waiting or running:
            while waiting and engine.room():
                job = waiting.popleft()
                running[job.name] = job
                engine.begin(job, lambda news, job=job: tell(job, news))
            for completion in engine.listen(PAUSE_S):
                yield running.pop(completion.name), completion
            for job in running.values():
                tell(job, None)
    finally:
        if running:
            engine.stop()


def is_installed(module: str) -> bool:
    """Return whether a module is installed, without loading it."""
    return find_spec(module) is not None


def list_devices() -> list[str]:
    """Return the GPUs that JAX would find, in CUDA's numbering, without loading JAX.

    The list is empty unless JAX's GPU plugin is installed.
    """
    plugins = ("jax_cuda12_plugin", "jax_cuda13_plugin")
    on_cpu = os.environ.get("JAX_PLATFORMS", "").startswith("cpu")
    if on_cpu or not any(map(is_installed, plugins)):
        return []
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return [device for device in visible.split(",") if device]
    return [str(number) for number in range(len(list(Path("/dev").glob("nvidia[0-9]*"))))]


def fit_workers() -> int:
    """Return how many workers fit into the free memory, at least 1; MAX_WORKERS if unknown."""
    memory = measure_memory()
    return max(memory // WORKER_BYTES, 1) if memory else MAX_WORKERS


def count_workers() -> int:
    """Return the default number of workers: one per GPU, or one per core without GPUs.

    The number per core is limited by MAX_WORKERS and by the free memory.
    """
    return len(list_devices()) or min(count_cores(), MAX_WORKERS, fit_workers())


class _Share(NamedTuple):
    """A worker's share of the machine."""

    number: int
    workers: int
    single_core: bool

    def take(self) -> None:
        """Bind this process to its cores, and to its GPU if there are any.

        XLA starts one thread per core that it may use. Its flags are those of the launcher, because
        the cache of compiled programs depends on them.
        """
        if hasattr(os, "sched_setaffinity"):
            allowed = sorted(os.sched_getaffinity(0))
            first = {allowed[self.number % len(allowed)]}
            share = set(allowed[self.number :: self.workers])
            os.sched_setaffinity(0, first if self.single_core else share or first)
        if devices := list_devices():
            os.environ["CUDA_VISIBLE_DEVICES"] = devices[self.number % len(devices)]
            if len(devices) < self.workers:
                os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


class _Worker(NamedTuple):
    process: Any
    pipe: Any


class Pool:
    """Worker processes, started when there is a job for them; a process that dies is replaced."""

    def __init__(self, workers: int, *, single_core: bool = False, grace_s: float = GRACE_S):
        """Create a pool without processes.

        Args:
            workers: number of processes, which divide the cores among themselves.
            single_core: each process has one core and one thread, however many cores there are.
            grace_s: seconds that a worker has to save its state on `stop`, before it is killed.
        """
        self.workers, self._single_core, self._grace_s = workers, single_core, grace_s
        self._context = multiprocessing.get_context("spawn")
        self._free: dict[int, _Worker | None] = dict.fromkeys(range(workers))
        self._busy: dict[int, tuple[_Worker, str, Tell]] = {}

    def room(self) -> int:
        """Return how many workers have no job."""
        return len(self._free)

    def begin(self, job: Job, tell: Tell) -> None:
        """Send a job to a free worker, preferably one that is already running."""
        number = min(self._free, key=lambda free: (self._free[free] is None, free))
        worker = self._free.pop(number)
        if worker is None or not worker.process.is_alive():
            worker = self._start(number)
        self._busy[number] = worker, job.name, tell
        # that a worker has died just now is noticed by `listen`
        with suppress(OSError):
            worker.pipe.send(job)

    def _start(self, number: int) -> _Worker:
        ours, theirs = self._context.Pipe()
        share = _Share(number, self.workers, self._single_core)
        process = self._context.Process(target=_serve, args=(share, theirs), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def listen(self, seconds: float) -> list[Completion]:
        """Return the jobs that have ended; progress is reported meanwhile."""
        ready = connection.wait([worker.pipe for worker, _, _ in self._busy.values()], seconds)
        numbers = [number for number, (worker, _, _) in self._busy.items() if worker.pipe in ready]
        return [completion for number in numbers for completion in self._receive(number)]

    def _receive(self, number: int) -> Iterator[Completion]:
        worker, name, tell = self._busy[number]
        try:
            news = worker.pipe.recv()
        except (EOFError, OSError):
            del self._busy[number]
            self._free[number] = None
            _end_workers([worker], 0.0)
            status = worker.process.exitcode
            yield Completion(name, lost=f"exit status {status}, as when memory runs out")
            return
        if isinstance(news, Completion):
            del self._busy[number]
            self._free[number] = worker
            yield news
        else:
            tell(news)

    def stop(self) -> list[Completion]:
        """End all workers, which may save their state, and return the jobs that had ended."""
        busy = [worker for worker, _, _ in self._busy.values()]
        idle = [worker for worker in self._free.values() if worker is not None]
        ended = [completion for worker in busy for completion in _drain(worker)]
        _end_workers([*busy, *idle], self._grace_s)
        self._busy, self._free = {}, dict.fromkeys(range(self.workers))
        return ended


def _drain(worker: _Worker) -> Iterator[Completion]:
    try:
        while worker.pipe.poll():
            if isinstance(news := worker.pipe.recv(), Completion):
                yield news
    except (EOFError, OSError):
        return


def _end_workers(workers: list[_Worker], grace_s: float) -> None:
    """End workers: at once if they are idle, else with their next news; kill them after grace_s."""
    for process, pipe in workers:
        process.terminate()
        pipe.close()
    deadline = time.monotonic() + grace_s
    for process, _ in workers:
        process.join(max(deadline - time.monotonic(), 0.0))
        if process.is_alive():
            process.kill()
            process.join()


def _serve(share: _Share, pipe: Any) -> None:
    """Do jobs in a worker until the launcher asks for an end, or is gone."""
    ending, busy = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        ending.set()
        if not busy.is_set():
            os._exit(0)

    def tell(news: Any) -> None:
        try:
            pipe.send(news)
        except OSError:
            ending.set()
        if ending.is_set():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_end_with_launcher, daemon=True).start()
    share.take()
    collect_rarely()
    while not ending.is_set():
        busy.clear()
        try:
            job = pipe.recv()
            busy.set()
            pipe.send(complete_job(job, tell))
        except (EOFError, OSError, KeyboardInterrupt):
            ending.set()
    # exit at once: JAX would need a second to tidy up, and nothing needs it
    os._exit(0)


def _end_with_launcher() -> None:
    """End this worker as soon as the launcher is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
