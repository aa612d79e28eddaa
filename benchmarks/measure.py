"""Timing of processes and functions, as medians; two functions are timed in turn, so that their
ratio is reliable on a noisy machine.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Timing(NamedTuple):
    """Hold the seconds of several runs."""

    least: float
    median: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.median:.3g} s ({self.least:.3g} to {self.greatest:.3g})"


def summarise_times(seconds: Sequence[float]) -> Timing:
    """Summarise measured seconds by their minimum, median and maximum."""
    return Timing(min(seconds), statistics.median(seconds), max(seconds))


def time_function(function: Callable[[], Any], runs: int = 5) -> Timing:
    """Time a function until its results are ready, over several runs after a warm-up run."""
    import jax

    def once() -> float:
        started = time.perf_counter()
        jax.block_until_ready(function())
        return time.perf_counter() - started

    once()
    return summarise_times([once() for _ in range(runs)])


def time_pairs(
    first: Callable[[], float], second: Callable[[], float], runs: int = 5
) -> tuple[Timing, Timing, float]:
    """Run two functions in turn and return both timings and the median ratio first/second; each
    function returns the seconds that it measured.
    """
    pairs = [(first(), second()) for _ in range(runs)]
    return (
        summarise_times([a for a, _ in pairs]),
        summarise_times([b for _, b in pairs]),
        statistics.median(a / b for a, b in pairs),
    )


class Process(NamedTuple):
    """Hold the result of a finished process."""

    seconds: float
    peak_mib: float
    output: str
    cpu: float = 0.0
    """CPU time, seconds."""

    @property
    def value(self) -> Any:
        """Return the value that the function returned in the process."""
        return json.loads(self.output.splitlines()[-1])


def run_function(
    function: Callable[..., Any], *arguments: Any, cores: int | None = None
) -> Process:
    """Call a module's function with plain arguments in a new process on `cores` cores."""
    place = ("-m", "benchmarks.child", function.__module__, function.__name__)
    return run_python(*place, json.dumps(arguments), cores=cores)


def run_python(
    *arguments: str,
    cores: int | None = None,
    python: str = sys.executable,
    environment: dict[str, str] | None = None,
    silent: bool = False,
) -> Process:
    """Run a Python interpreter with these arguments on `cores` cores, and return its wall time, CPU
    time, peak memory and output. The given variables are added to the current environment; `silent`
    drops the output on standard error.
    """
    pin = (
        None
        if cores is None or not hasattr(os, "sched_setaffinity")
        else lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    )
    started = time.perf_counter()
    with subprocess.Popen(
        [python, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=pin,
        env={**os.environ, **(environment or {})},
        stderr=subprocess.DEVNULL if silent else None,
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{arguments}: exit status {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    return Process(time.perf_counter() - started, usage.ru_maxrss * unit / 2**20, output, cpu)


def read_peak_mib() -> float:
    """Return the peak memory of this process in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
