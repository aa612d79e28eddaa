"""Functions for the tests of the pool: quick, and able to fail in every way that a worker can."""

import os
import signal
import time
from pathlib import Path


def double(number, tell, folder):
    """Return twice a number, telling it first."""
    tell({"number": number})
    return 2 * number


def fail(number, tell, folder):
    """Raise an error."""
    raise ValueError(f"number {number}")


def die(number, tell, folder):
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def count(number, tell, folder):
    """Count up to a number, and write down how far if stopped."""
    done = 0
    try:
        while done < number:
            time.sleep(0.02)
            done += 1
            tell(done)
    except KeyboardInterrupt:
        time.sleep(0.5)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "done").write_text(str(done))
        raise
    return done


def describe_worker(number, tell, folder):
    """Return the cores and flags of this process, and the threads on which JAX computes."""
    import jax

    time.sleep(0.3)
    jax.numpy.ones(3).block_until_ready()
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    threads = sum("XLAEigen" in name for name in names)
    return sorted(os.sched_getaffinity(0)), os.environ.get("XLA_FLAGS", ""), threads
