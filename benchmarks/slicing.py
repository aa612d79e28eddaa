"""Slots a second of the slicing paper's scenario under a random policy, in compiled loops of one
environment or many.
"""

import statistics
from collections.abc import Iterator

from benchmarks.measure import run_python

Row = tuple[str, str, str]
BATCHES = (1, 8, 16, 64, 256, 1024, 4096)

CODE = """
import sys, time
import jax, jax.numpy as jnp
import numpy as np
from sagin.slicing.actions import AGENTS, draw_actions
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.scenario import build_scenario, sizes
from sagin.slicing.step import reset, step
paper = build_scenario("paper")
rows, size = user_rows(paper), sizes(paper)
# of a slot: channels, an arrival, an order and two numbers of a direction for each user
columns = size.M * size.N + 2 * size.V * size.N + 4
# of an action: two layers' associations, subcarriers, powers for each user, and UAVs' proposals
choices = size.M + size.V + size.O + 2 * size.N + 2
numbers = columns * size.K + choices * (size.K + AGENTS)

def slot(state, key):
    one, two = jax.random.split(key)
    state, found = step(two, paper, state, draw_actions(one, paper))
    return state, (found.rewards, found.kpis.throughput, found.kpis.delay, found.kpis.coverage)

def draw(total, key):
    one, two = jax.random.split(key)
    actions = uniforms(one, np.arange(size.K + AGENTS), choices)
    return total + jnp.sum(uniforms(two, rows, columns)) + jnp.sum(actions), ()

def loop(one, start, batch, slots):
    def body(carry, key):
        return jax.vmap(one)(carry, jax.random.split(key, batch)) if batch > 1 else one(carry, key)

    @jax.jit
    def run(key):
        first, rest = jax.random.split(key)
        carry = jax.vmap(start)(jax.random.split(first, batch)) if batch > 1 else start(first)
        return jax.tree.map(jnp.sum, jax.lax.scan(body, carry, jax.random.split(rest, slots)))

    return run

def seconds(run, key):
    started = time.perf_counter(), time.process_time()
    jax.block_until_ready(run(jax.random.key(key)))
    return time.perf_counter() - started[0], time.process_time() - started[1]

what, sizes = sys.argv[1], [int(size) for size in sys.argv[2].split(",")]
programs = {
    "step": (slot, lambda key: reset(key, paper)),
    "draw": (draw, lambda key: jnp.zeros(())),
}
one, start = programs["step" if what == "step" else "draw"]
for batch in sizes:
    slots = max(8192 // batch, 4)
    run = loop(one, start, batch, slots)
    compiled = seconds(run, 0)[0]
    wall, cpu = np.median([seconds(run, key) for key in range(1, 4)], axis=0) / (batch * slots)
    print(batch, wall, cpu, compiled, numbers)
"""


def steps(what: str, batches: tuple[int, ...], cores: int) -> dict[int, list[float]]:
    """Return, for each batch size, wall seconds a slot, CPU seconds a slot, seconds to compile, and
    numbers drawn a slot.
    """
    lines = run_python("-c", CODE, what, ",".join(map(str, batches)), cores=cores).output.split(
        "\n"
    )
    return {
        int(line.split()[0]): [float(number) for number in line.split()[1:]]
        for line in lines
        if line
    }


def rows() -> Iterator[Row]:
    """Yield (what, target, measured)."""
    yield from batches(1)
    yield from batches(2)


def batches(cores: int) -> Iterator[Row]:
    """Yield the rates at all batch sizes, and which share of the time the random numbers take."""
    done = steps("step", BATCHES, cores)
    best = min(done, key=lambda batch: done[batch][0])
    for batch, (wall, cpu, compiled, _) in done.items():
        target = {1: "20 000", best: "60 000"}.get(batch, "") if cores == 1 else ""
        on_cpu = f" ({1 / cpu:.0f} a CPU second)" if cores == 1 else ""
        yield (
            f"slots/s, {batch} environment{'s' * (batch > 1)}, {cores} core{'s' * (cores > 1)}",
            target,
            f"{1 / wall:.0f}{on_cpu}; compiled in {compiled:.1f} s",
        )
    if cores == 1:
        wall, cpu, _, numbers = steps("draw", (best,), 1)[best]
        share = cpu / done[best][1]
        yield (
            f"the bound: {numbers:.0f} uniform numbers a slot, nothing else",
            "",
            f"{1 / cpu:.0f} a CPU second; share reached {share:.0%}",
        )


def single() -> float:
    """Return the seconds of a slot of one environment on one core."""
    return steps("step", (1,), 1)[1][0]


def ratio(name: str, pairs: list[tuple[float, float]]) -> Row:
    """Return the row of another program, from seconds of a step of ours and of its, run in turn."""
    rates = sorted(1 / theirs for _, theirs in pairs)
    times = statistics.median(theirs / ours for ours, theirs in pairs)
    median = statistics.median(rates)
    return (
        f"{name}, steps/s, one core",
        "",
        f"{median:.0f} ({rates[0]:.0f} to {rates[-1]:.0f}); "
        f"one environment of sagin is {times:.0f} times as fast",
    )
