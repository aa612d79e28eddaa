"""Iterations a second of our MADDPG, in pairs with others': the paper's scenario at its sizes, and
simple_spread.

. path/to/their/environments.sh; python -m benchmarks learning
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks import other_learners
from benchmarks.measure import run_python
from benchmarks.other_learners import Rate, Row, format_rates

CODE = """
import os, sys, time
import jax
from sagin.learning.settings import make_settings
from sagin.learning.learners import LearningTask
from sagin.learning.programs import compile_programs
game, count, *overrides = sys.argv[1:]
if game == "spread":
    from benchmarks.simple_spread import SimpleSpread
    game = SimpleSpread()
else:
    from sagin.slicing.game import SlicingGame
    from sagin.slicing.scenario import build_scenario
    game = SlicingGame(build_scenario(game))
start, advance, _ = compile_programs(LearningTask("maddpg", game, make_settings(tuple(overrides))))
state = start(jax.random.key(0))
count = int(count)
state, found = advance(state, count)
jax.block_until_ready(found)
began = time.perf_counter(), time.process_time()
state, found = advance(state, count)
jax.block_until_ready(found)
print(count / (time.perf_counter() - began[0]), count / (time.process_time() - began[1]))
"""

# the replay is full before the clock starts, as in the rivals
SLICING = ("maddpg.warm_up=2000", "maddpg.discount=0.95")
SPREAD = (
    "network.widths=[64,64]",
    "maddpg.batch=32",
    "maddpg.replay=100000",
    "maddpg.discount=0.99",
    "maddpg.critic_sees=all",
)
OURS = {
    "sagin, mlp, γ = 0.95 (with targets)": SLICING,
    "sagin, mlp, γ = 0 (default: no targets)": SLICING[:1],
    "sagin, shared, γ = 0.95": (*SLICING, "network.kind=shared"),
}
RUNS = 3


def measure_ours(
    game: str, settings: tuple[str, ...], iterations: int = 400, threads: int = 1
) -> Rate:
    """Return our speed in one run on so many threads and cores."""
    return Rate(
        *map(
            float,
            run_python("-c", CODE, game, str(iterations), *settings, cores=threads).output.split(),
        )
    )


def rows() -> Iterator[Row]:
    """Yield (what, target, measured): ours and the rivals in turn, on one core and on two; then two
    of our seeds side by side.
    """
    for threads in (1, 2):
        yield from compare("paper", OURS, ("plain", "stacked", "agile-slicing"), threads)
    yield (
        "sagin, mlp, γ = 0, two seeds side by side, a core each, iterations/s together",
        "260",
        measure_side_by_side(),
    )
    yield from compare(
        "spread", {"sagin, `simple_spread`": SPREAD}, ("agile", "benchmarl", "xuance"), 1
    )


def compare(
    game: str, settings_by_name: dict[str, tuple[str, ...]], rivals: tuple[str, ...], threads: int
) -> Iterator[Row]:
    """Yield speeds of ours and of rivals, measured in turn, and the ratios of the first of ours to
    each rival.
    """
    rates_by_name: dict[str, list[Rate]] = {}
    for _ in range(RUNS):
        for what, settings in settings_by_name.items():
            rates_by_name.setdefault(what, []).append(
                measure_ours(game, settings, 4000 if game == "spread" else 400, threads)
            )
        for name in rivals:
            rate = other_learners.measure_rate(name, threads=threads)
            if rate is not None:
                rates_by_name.setdefault(name, []).append(rate)
    first = next(iter(settings_by_name))
    for what, rates in rates_by_name.items():
        label = other_learners.RIVALS[what].what if what in rivals else what
        over = statistics.median(
            a.cpu / b.cpu for a, b in zip(rates_by_name[first], rates, strict=True)
        )
        comparison = (
            "" if what == first else f"; the first row is {over:.2f} times as fast a CPU second"
        )
        yield (
            f"{label}, iterations/s, {threads} thread{'s' * (threads > 1)}",
            "",
            format_rates(rates) + comparison,
        )
    for name in set(rivals) - set(rates_by_name):
        rival = other_learners.RIVALS[name]
        yield (
            f"{rival.what}",
            "",
            f"not measured: {rival.package} is not installed; others report {rival.elsewhere}",
        )


def measure_side_by_side(iterations: int = 800) -> str:
    """Return the iterations per second of two seeds at once, each in a process on its own core."""
    command = ["taskset", "-c"]
    children = [
        subprocess.Popen(
            [
                *command,
                str(core),
                sys.executable,
                "-c",
                CODE,
                "paper",
                str(iterations),
                *SLICING[:1],
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for core in (0, 1)
    ]
    rates = [float(child.communicate()[0].split()[0]) for child in children]
    return f"{sum(rates):.0f} ({rates[0]:.0f} + {rates[1]:.0f})"
