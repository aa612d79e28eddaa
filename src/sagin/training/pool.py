"""The seeds of a training run, one per core: on a CPU that is faster than several cores on one seed
after another.
"""

import multiprocessing
import os
import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sagin.errors import SaginError, StoreError
from sagin.training.run import TrainingRun, locate_seed, parse_run
from sagin.training.seed import Progress, SeedTraining

Report = Callable[[Progress], None]


def train_seeds(
    run: TrainingRun, numbers: tuple[int, ...], folder: Path, workers: int, report: Report
) -> None:
    """Train the seeds of these numbers in their folders, `workers` at a time.

    `report` may raise KeyboardInterrupt, upon which all seeds are saved first.
    """
    if workers == 1 or len(numbers) == 1:
        for number in numbers:
            _train_in_turn(run, number, folder, report)
    else:
        _train_in_parallel(run, numbers, folder, workers, report)


def _train_in_turn(run: TrainingRun, number: int, folder: Path, report: Report) -> None:
    interrupts: list[BaseException] = []

    def forward(progress: Progress) -> None:
        try:
            report(progress)
        except KeyboardInterrupt as error:
            interrupts.append(error)

    SeedTraining(run, number, locate_seed(folder, number)).advance(
        forward, lambda: bool(interrupts)
    )
    if interrupts:
        raise interrupts[0]


def _train_in_parallel(
    run: TrainingRun, numbers: tuple[int, ...], folder: Path, workers: int, report: Report
) -> None:
    context = multiprocessing.get_context("spawn")
    reports, stop = context.Queue(), context.Event()
    waiting, running, failures = list(numbers), dict[int, tuple[int, Any]](), list[str]()

    def begin(number: int) -> None:
        core = min(set(range(workers)) - {core for core, _ in running.values()})
        process = context.Process(
            target=_work, args=(run.to_plain(), number, str(folder), core, reports, stop)
        )
        process.start()
        running[number] = core, process

    try:
        while running or (waiting and not stop.is_set()):
            while waiting and len(running) < workers and not stop.is_set():
                with _single_threaded():
                    begin(waiting.pop(0))
            try:
                _receive(reports, report, failures)
            except KeyboardInterrupt:
                stop.set()
            failures += [
                f"seed {number}: ended with status {code}; what it had saved is kept"
                for number, code in _collect_ended(running)
                if code
            ]
        while _receive(reports, lambda _: None, failures):
            pass
        if failures:
            raise StoreError(failures[0])
        if stop.is_set():
            raise KeyboardInterrupt
    finally:
        # whatever ends this loop, no seed goes on without it
        stop.set()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let processes that start here compute on one thread."""
    before, alone = os.environ.get("XLA_FLAGS"), "--xla_cpu_multi_thread_eigen=false"
    # not twice: compiled programs are kept on disk by this text
    os.environ["XLA_FLAGS"] = " ".join(dict.fromkeys([*(before or "").split(), alone]))
    try:
        yield
    finally:
        del os.environ["XLA_FLAGS"]
        if before is not None:
            os.environ["XLA_FLAGS"] = before


def _collect_ended(running: dict[int, tuple[int, Any]]) -> list[tuple[int, int]]:
    ended = [(n, process) for n, (_, process) in running.items() if not process.is_alive()]
    for number, process in ended:
        process.join()
        del running[number]
    return [(number, process.exitcode) for number, process in ended]


def _receive(reports: Any, report: Report, failures: list[str]) -> bool:
    try:
        item = reports.get(timeout=0.2)
    except queue.Empty:
        return False
    if isinstance(item, str):
        failures.append(item)
    else:
        report(item)
    return True


def _work(
    plain: dict[str, Any], number: int, folder: str, core: int, reports: Any, stop: Any
) -> None:
    """Train one seed in a process of its own; it ends too when its parent has gone."""
    signals: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: signals.append(1))
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[core % len(allowed)]})
    parent = multiprocessing.parent_process()

    def stopped() -> bool:
        if signals:
            stop.set()
        return stop.is_set() or parent is None or not parent.is_alive()

    try:
        run, place = parse_run(plain, "run"), locate_seed(Path(folder), number)
        SeedTraining(run, number, place).advance(reports.put, stopped)
    except SaginError as error:
        reports.put(str(error))
