"""The seeds of a training run, one a core: on a CPU that is faster than several cores on one seed
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
from sagin.experiments.training import News, Plan, Seed, seed_folder

Tell = Callable[[News], None]


def train(plan: Plan, numbers: tuple[int, ...], folder: Path, workers: int, tell: Tell) -> None:
    """Train the seeds of these numbers, `workers` at a time; `tell` may raise KeyboardInterrupt,
    upon which all are saved first.
    """
    if workers == 1 or len(numbers) == 1:
        for number in numbers:
            _here(plan, number, folder, tell)
        return
    _beside(plan, numbers, folder, workers, tell)


def _here(plan: Plan, number: int, folder: Path, tell: Tell) -> None:
    asked: list[BaseException] = []

    def told(news: News) -> None:
        try:
            tell(news)
        except KeyboardInterrupt as error:
            asked.append(error)

    Seed(plan, number, seed_folder(folder, number)).go(told, lambda: bool(asked))
    if asked:
        raise asked[0]


def _beside(plan: Plan, numbers: tuple[int, ...], folder: Path, workers: int, tell: Tell) -> None:
    context = multiprocessing.get_context("spawn")
    news, stop = context.Queue(), context.Event()
    waiting, running, failed = list(numbers), dict[int, tuple[int, Any]](), list[str]()

    def begin(number: int) -> None:
        core = min(set(range(workers)) - {core for core, _ in running.values()})
        process = context.Process(
            target=_work, args=(plan.plain(), number, str(folder), core, news, stop)
        )
        process.start()
        running[number] = core, process

    try:
        while running or (waiting and not stop.is_set()):
            while waiting and len(running) < workers and not stop.is_set():
                with _single_threaded():
                    begin(waiting.pop(0))
            try:
                _heard(news, tell, failed)
            except KeyboardInterrupt:
                stop.set()
            failed += [
                f"seed {number}: ended with status {code}; what it had saved is kept"
                for number, code in _ended(running)
                if code
            ]
        while _heard(news, lambda _: None, failed):
            pass
        if failed:
            raise StoreError(failed[0])
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


def _ended(running: dict[int, tuple[int, Any]]) -> list[tuple[int, int]]:
    over = [(number, process) for number, (_, process) in running.items() if not process.is_alive()]
    for number, process in over:
        process.join()
        del running[number]
    return [(number, process.exitcode) for number, process in over]


def _heard(news: Any, tell: Tell, failed: list[str]) -> bool:
    try:
        item = news.get(timeout=0.2)
    except queue.Empty:
        return False
    if isinstance(item, str):
        failed.append(item)
    else:
        tell(item)
    return True


def _work(plain: dict[str, Any], number: int, folder: str, core: int, news: Any, stop: Any) -> None:
    """Train one seed in a process of its own; it ends too when its parent has gone."""
    from sagin.experiments.training import plan_of

    asked: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[core % len(allowed)]})
    parent = multiprocessing.parent_process()

    def stopped() -> bool:
        if asked:
            stop.set()
        return stop.is_set() or parent is None or not parent.is_alive()

    try:
        Seed(plan_of(plain, "plan"), number, seed_folder(Path(folder), number)).go(
            news.put, stopped
        )
    except SaginError as error:
        news.put(str(error))
