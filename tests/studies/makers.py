"""Functions that compute results for the tests of engines: quick, repeatable, and able to fail in
every way that a worker can.
"""

import os
import signal
import sys
import time
from pathlib import Path

from sagin.studies.record import Result, make_sample


def number_result(**numbers):
    """Return a result with these numbers."""
    return Result([make_sample("any", name, number) for name, number in numbers.items()])


def square(task, advance, folder):
    """Return a number computed on the device, optionally slowly, and the process that made it."""
    import jax

    with (Path(task["log"]) / "made").open("a") as log:
        log.write(f"{task['number']}\n")
    time.sleep(task.get("seconds", 0.0))
    advance(1)
    numbers = jax.random.normal(jax.random.key(task["number"]), (64, 64))
    return number_result(sum=float(jax.numpy.tanh(numbers @ numbers).sum()))


def dies_once(task, advance, folder):
    """Kill this process at the first call."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "begun").exists():
        (folder / "begun").touch()
        advance(1)
        os.kill(os.getpid(), signal.SIGKILL)
    return number_result(number=task["number"])


def dies(task, advance, folder):
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def fails(task, advance, folder):
    """Raise an error that no such function should raise."""
    raise ValueError(f"number {task['number']}")


def saves(task, advance, folder):
    """Count up to the given number, from the state that the last stopped attempt saved."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = folder / "checkpoint"
    count = int(saved.read_text()) if saved.exists() else 0
    began = count
    try:
        while count < task["number"]:
            time.sleep(0.02)
            count += 1
            advance(1)
    except KeyboardInterrupt:
        saved.write_text(str(count))
        raise
    return number_result(count=count, began=began)


def who(task, advance, folder):
    """Return the properties of this process."""
    content = {
        "jax": "jax" in sys.modules,
        "cores": sorted(os.sched_getaffinity(0)),
        "flags": os.environ.get("XLA_FLAGS", ""),
    }
    return Result([], content)


def precise(task, advance, folder):
    """Return a third in the precision of JAX."""
    import jax

    return number_result(third=float(jax.numpy.ones(()) / 3))


def nothing(task, advance, folder):
    """Return something that is no result."""
    return {"count": 1}
