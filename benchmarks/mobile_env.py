"""Steps per second of mobile-env 2.1 under random actions; if it is not installed, it is installed
into a temporary environment.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Row
from benchmarks.measure import run_python
from benchmarks.slicing import ratio, single

PACKAGE = "mobile-env==2.1.0"
SCENARIOS = ("small", "medium", "large")

CODE = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import gymnasium, mobile_env
name, seconds = sys.argv[1], float(sys.argv[2])
environment = gymnasium.make(f"mobile-{name}-central-v0").unwrapped
environment.reset(seed=0)
environment.action_space.seed(0)
steps, started = 0, time.perf_counter()
while time.perf_counter() - started < seconds:
    _, _, terminated, truncated, _ = environment.step(environment.action_space.sample())
    steps += 1
    if terminated or truncated:
        environment.reset()
print((time.perf_counter() - started) / steps, environment.NUM_USERS, environment.NUM_STATIONS)
"""


@contextmanager
def interpreter() -> Iterator[str | None]:
    """Yield a Python interpreter with mobile-env: this one, or one in a temporary environment;
    yield None if mobile-env cannot be installed.
    """
    if importlib.util.find_spec("mobile_env"):
        yield sys.executable
        return
    folder = Path(tempfile.mkdtemp(prefix="mobile-env-"))
    try:
        yield _install(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(folder: Path) -> str | None:
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    make = [sys.executable, "-m", "venv", str(folder)]
    add = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
    done = all(
        subprocess.run(command, capture_output=True, check=False).returncode == 0
        for command in (make, add)
    )
    return python if done else None


def seconds_per_step(python: str, scenario: str, seconds: float = 1.0) -> float:
    """Return the seconds of one step of a scenario under random actions, on one core."""
    return float(
        run_python("-c", CODE, scenario, str(seconds), cores=1, python=python).output.split()[0]
    )


def rows() -> Iterator[Row]:
    """Yield (what, target, measured)."""
    with interpreter() as python:
        if python is None:
            yield "mobile-env 2.1", "", "not measured: it could not be installed"
            return
        ours = [single() for _ in range(3)]
        for scenario in SCENARIOS:
            users, stations = run_python(
                "-c", CODE, scenario, "0.1", cores=1, python=python
            ).output.split()[1:]
            pairs = [(own_s, seconds_per_step(python, scenario)) for own_s in ours]
            yield ratio(
                f"mobile-env 2.1 `{scenario}` ({users} users, {stations} base stations), "
                "random actions",
                pairs,
            )
