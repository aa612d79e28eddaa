"""Iterations per second of our MADDPG, measured in pairs with other libraries, on the paper's
scenario with its network sizes and on simple_spread.

. path/to/their/environments.sh; python -m benchmarks learning
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import other_learners
from benchmarks.figures import Figure
from benchmarks.figures import Row as Remembered
from benchmarks.measure import run_function
from benchmarks.other_learners import Rate, Row, format_rates


def time_iterations(game: str, count: int, settings: list[str]) -> tuple[float, float]:
    """Return our iterations per second of wall time and of CPU time."""
    import jax

    from sagin.learning.learners import LearningTask
    from sagin.learning.programs import compile_programs
    from sagin.learning.settings import make_settings

    task = LearningTask("maddpg", _build_game(game), make_settings(tuple(settings)))
    start, advance, _ = compile_programs(task)
    state, found = advance(start(jax.random.key(0)), count)
    jax.block_until_ready(found)
    began = time.perf_counter(), time.process_time()
    jax.block_until_ready(advance(state, count)[1])
    return count / (time.perf_counter() - began[0]), count / (time.process_time() - began[1])


def _build_game(name: str) -> Any:
    if name == "spread":
        from benchmarks.simple_spread import SimpleSpread

        return SimpleSpread()
    from sagin.slicing.game import SlicingGame
    from sagin.slicing.scenario import build_scenario

    return SlicingGame(build_scenario(name))


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
    """Return our speed in one run on `threads` threads and cores."""
    return Rate(*run_function(time_iterations, game, iterations, settings, cores=threads).value)


def rows(quick: bool = False) -> Iterator[Remembered]:
    """Yield our speed alone; then ours and the other libraries' in turn, on one core and on two;
    then two of our seeds side by side.
    """
    for what, settings in OURS.items():
        runs = [measure_ours("paper", settings, 4 if quick else 400) for _ in range(RUNS)]
        rate = statistics.median(run.cpu for run in runs)
        yield Figure(f"{what}, one core", rate, "iterations/s", note="a CPU second")
        if quick:
            return
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
    """Yield our speeds and the other libraries', measured in turn, and the ratio of our first speed
    to each of theirs.
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
                "-m",
                "benchmarks.child",
                __name__,
                time_iterations.__name__,
                json.dumps(["paper", iterations, SLICING[:1]]),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for core in (0, 1)
    ]
    rates = [json.loads(child.communicate()[0])[0] for child in children]
    return f"{sum(rates):.0f} ({rates[0]:.0f} + {rates[1]:.0f})"
