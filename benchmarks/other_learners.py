"""Iterations per second of other libraries' learners: MADDPG in PyTorch, AgileRL, BenchMARL and
XuanCe, each in its own Python environment.

None of them is a dependency of sagin. A learner runs with the Python interpreter that the variable
SAGIN_PYTHON_TORCH, _AGILERL, _BENCHMARL or _XUANCE names, or with this interpreter if the package
is installed here. Otherwise its row says that it was not measured, and gives the speed that others
report. BenchMARL also needs mpe2 and vmas, XuanCe needs mpe2, and AgileRL needs peft. All were run
with torch 2.13 for CPUs, in turn and pinned to cores.
"""

import functools
import importlib.util
import json
import os
import statistics
import sys
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.measure import run_python

Row = tuple[str, str, str]

RUN = """
import importlib, os, sys
os.environ["TQDM_DISABLE"] = "1"
importlib.import_module("benchmarks.rivals." + sys.argv.pop(1)).main()
"""


class Rival(NamedTuple):
    """Describe a learner of another library, or one written in PyTorch."""

    what: str
    package: str
    module: str
    elsewhere: str
    """Iterations per second that others report, from another machine with 2 cores."""
    slicing: bool = False
    """Whether it runs the slicing game with the paper's network sizes; otherwise it runs
    simple_spread with networks of 64–64 and batch 32.
    """
    extra: tuple[str, ...] = ()


class Rate(NamedTuple):
    """Hold iterations per second of wall time and of CPU time; on a busy machine, the latter
    describes one thread better.
    """

    wall: float
    cpu: float


RIVALS = {
    "plain": Rival(
        "plain PyTorch, two-layer MADDPG", "torch", "torch_maddpg", "41 on 2 cores", True
    ),
    "stacked": Rival(
        "the best eager PyTorch (stacked, fused), two-layer MADDPG",
        "torch",
        "torch_stacked",
        "71 on 2 cores",
        True,
    ),
    "agile-slicing": Rival(
        "AgileRL, two MADDPGs, nearest sizes", "agilerl", "agile", "35 on 2 cores", True
    ),
    "agile": Rival("AgileRL, `simple_spread`", "agilerl", "agile", "131 on 1 core"),
    "benchmarl": Rival(
        "BenchMARL, `simple_spread` of mpe2",
        "benchmarl",
        "bench_marl",
        "99 to 132 on 1 core",
        extra=("mpe2",),
    ),
    "benchmarl-own": Rival(
        "BenchMARL, its own simulator's `simple_spread`",
        "benchmarl",
        "bench_marl",
        "99 to 132 on 1 core",
        extra=("vmas",),
    ),
    "xuance": Rival("XuanCe, `simple_spread`", "xuance", "xuan_ce", "198 on 1 core"),
}


def find_interpreter(package: str) -> str | None:
    """Find a Python interpreter with the package: the one that SAGIN_PYTHON_<PACKAGE> names, or
    this one; return None if neither has it.
    """
    named = os.environ.get(f"SAGIN_PYTHON_{package.upper()}")
    return named or (sys.executable if importlib.util.find_spec(package) else None)


@functools.cache
def describe_sizes() -> str:
    """Return as JSON the sizes of an observation and an action for an agent of each layer of the
    paper's scenario.
    """
    from sagin.slicing.game import SlicingGame
    from sagin.slicing.scenario import build_scenario

    game = SlicingGame(build_scenario("paper"))
    return json.dumps(
        [[game.observation_size[stage[0]], game.action_size[stage[0]]] for stage in game.stages]
    )


def measure_rate(name: str, iterations: int = 300, threads: int = 1) -> Rate | None:
    """Return another library's speed in one run on `threads` threads and cores, or None if no
    Python interpreter has the library.
    """
    rival = RIVALS[name]
    python = find_interpreter(rival.package)
    if python is None:
        return None
    command = (
        "-W",
        "ignore",
        "-c",
        RUN,
        rival.module,
        describe_sizes() if rival.slicing else "[]",
        str(iterations),
        str(threads),
        *rival.extra,
    )
    return Rate(*map(float, run_python(*command, cores=threads, python=python).output.split()[-2:]))


def rows(runs: int = 3) -> Iterator[Row]:
    """Yield a (name, target, measured) row for each learner."""
    for name, rival in RIVALS.items():
        for threads in (1, 2) if rival.slicing else (1,):
            what = f"{rival.what}, iterations/s, {threads} thread{'s' * (threads > 1)}"
            attempts = [measure_rate(name, threads=threads) for _ in range(runs)]
            rates = [attempt for attempt in attempts if attempt is not None]
            yield (
                what,
                "",
                format_rates(rates)
                if rates
                else f"not measured: {rival.package} is not installed; "
                f"others report {rival.elsewhere}",
            )


def format_rates(rates: list[Rate]) -> str:
    """Return the median, minimum and maximum rate, and the median rate per CPU second."""
    walls = sorted(rate.wall for rate in rates)
    cpu = statistics.median(rate.cpu for rate in rates)
    spread = f"{walls[0]:.1f} to {walls[-1]:.1f}"
    return f"{statistics.median(walls):.1f} ({spread}); {cpu:.1f} a CPU second"
