"""Iterations a second of others' learners: MADDPG of PyTorch, AgileRL, BenchMARL and XuanCe, each
in a Python environment of its own.

None of them is a dependency. A rival runs with the Python that SAGIN_PYTHON_TORCH, _AGILERL,
_BENCHMARL or _XUANCE names, else with this one if the package is in it; otherwise its row says that
it was not measured, and what others report. BenchMARL needs mpe2 and vmas beside it, XuanCe mpe2,
AgileRL peft; all were run with torch 2.13 for CPUs, in turn and pinned.
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
    """A learner that someone else's library, or PyTorch, makes possible."""

    what: str
    package: str
    module: str
    elsewhere: str
    """Iterations a second that others report, of another machine with 2 cores."""
    slicing: bool = False
    """On the slicing game with the networks of the paper's scenario; else on simple_spread at
    64–64, batch 32.
    """
    extra: tuple[str, ...] = ()


class Rate(NamedTuple):
    """Iterations a second, and a CPU second, which tells more of one thread on a busy machine."""

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
    """Return a Python that has the package: the one that SAGIN_PYTHON_<PACKAGE> names, or this one;
    None if neither is there.
    """
    named = os.environ.get(f"SAGIN_PYTHON_{package.upper()}")
    return named or (sys.executable if importlib.util.find_spec(package) else None)


@functools.cache
def describe_sizes() -> str:
    """Return numbers of an observation and of an action, for an agent of each layer of the paper's
    scenario, as JSON.
    """
    from sagin.slicing.game import SlicingGame
    from sagin.slicing.scenario import build_scenario

    game = SlicingGame(build_scenario("paper"))
    return json.dumps(
        [[game.observation_size[stage[0]], game.action_size[stage[0]]] for stage in game.stages]
    )


def measure_rate(name: str, iterations: int = 300, threads: int = 1) -> Rate | None:
    """Return a rival's speed in one run on so many threads and cores, or None if there is no Python
    that has it.
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
    """Yield (what, target, measured) of all of them."""
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
    """Return the median, least and greatest, and the median a CPU second."""
    walls = sorted(rate.wall for rate in rates)
    cpu = statistics.median(rate.cpu for rate in rates)
    spread = f"{walls[0]:.1f} to {walls[-1]:.1f}"
    return f"{statistics.median(walls):.1f} ({spread}); {cpu:.1f} a CPU second"
