"""The slicing planner: its gap to the exact optimum in small cases, its time per slot, alone and in
a batch, and its time on a large network.
"""

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, Row
from benchmarks.measure import run_function, run_python
from sagin.report.tables import TextTable, to_markdown

RESULTS = Path(__file__).parents[1] / "results" / "slicing" / "optimum"
CASES = 200

SMALL = """
import json, sys
import jax, numpy as np
from sagin.slicing import build_scenario, reset
from sagin.planning.exact import find_optimum
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plan
ROOMY = ("base_stations.capacity=9", "area.side_m=3000")
TWO = ("base_stations.positions_m=[[500, 500], [2500, 2500]]", "radio.subcarriers=2")
FEW = ("users.high_throughput=1", "users.low_delay=1")
LAYOUTS = {
    "6 users, 3 subcarriers": ROOMY,
    "6 users, 2 subcarriers": (*ROOMY, "radio.subcarriers=2"),
    "6 users, 1 subcarrier": (*ROOMY, "radio.subcarriers=1"),
    "4 users, 2 subcarriers, 2 base stations": (*ROOMY, *TWO, *FEW),
}
for name, changes in LAYOUTS.items():
    scenario = build_scenario("small", changes)
    for seed in range(int(sys.argv[1]) // len(LAYOUTS)):
        state = reset(jax.random.key(seed), scenario)
        best = find_optimum(scenario, state, build_goal(), grid=5, units=4).worth
        found = float(make_plan(scenario, state, respect_priority=False).worth)
        print(json.dumps([name, 1.0 - found / best]), flush=True)
"""


def time_plans(respect_priority: bool, batch: int) -> list[float]:
    """Return the CPU seconds per slot of plans that are made one at a time or in batches."""
    import time

    import jax

    from sagin.planning.planner import make_plan, make_plans
    from sagin.slicing import build_scenario, reset

    paper = build_scenario("paper")
    keys = jax.random.split(jax.random.key(0), max(batch, 32))
    states = jax.jit(jax.vmap(lambda key: reset(key, paper)))(keys)

    def measure(row: int) -> float:
        started = time.process_time()
        if batch > 1:
            plans = make_plans(paper, states, respect_priority=respect_priority)
        else:
            state = jax.tree.map(lambda leaf: leaf[row], states)
            plans = make_plan(paper, state, respect_priority=respect_priority)
        jax.block_until_ready(plans)
        return (time.process_time() - started) / batch

    measure(0)
    return [measure(row) for row in range(1, 4 if batch > 1 else 31)]


LARGE = """
import sys, time
import jax
from sagin.slicing import build_scenario, reset
from sagin.planning.planner import make_plan
side = 15000
places = [[side * (2 * (n % 10) + 1) / 20, side * (2 * (n // 10) + 1) / 10] for n in range(50)]
wide = build_scenario("paper", (f"area.side_m={side}", f"base_stations.positions_m={places}",
    "uavs.count=20", "uavs.positions_m=[]", "satellites.count=5",
    "users.high_throughput=334", "users.low_delay=333", "users.wide_coverage=333"))
state, respect = reset(jax.random.key(0), wide), sys.argv[1] == "priority"
def run():
    wall, cpu = time.perf_counter(), time.process_time()
    plan = jax.block_until_ready(make_plan(wide, state, respect_priority=respect))
    times = time.perf_counter() - wall, time.process_time() - cpu
    return *times, float(plan.worth), 100 * float(plan.kpis.unserved)
print(*run(), *run())
"""


def rows(quick: bool = False) -> Iterator[Row]:
    """Yield (name, target, measured) rows, and write the gaps of the small cases."""
    if not quick:
        yield from small()
    for respect_priority in (True, False):
        for batch in (1,) if quick else (1, 256):
            times = run_function(time_plans, respect_priority, batch, cores=1).value
            rule = "with the priority" if respect_priority else "free"
            what = f"a slot, K_s = 10, in batches of {batch}, one core, {rule}"
            yield Figure(what, 1e3 * statistics.median(times), "CPU ms", "≤ 5")
    if quick:
        return
    what = "1000 users, 50 base stations, 20 UAVs, 5 satellites, 2 cores"
    done = run_python("-c", LARGE, "priority", cores=2)
    first, _, _, _, again, cpu, _, unserved = map(float, done.output.split())
    result = (
        f"{first:.0f} s with compilation, {again:.0f} s again ({cpu:.0f} s of CPU), "
        f"{done.peak_mib:.0f} MiB; {unserved:.0f} % unserved"
    )
    yield what, "under 60 s, 4 GB", result


def small() -> Iterator[tuple[str, str, str]]:
    """Yield the gaps to the exact optimum; a negative gap is a better score than the best on the
    exact solver's grid of powers and places.
    """
    gaps_by_name: dict[str, list[float]] = {}
    for line in run_python("-c", SMALL, str(CASES)).output.splitlines():
        name, gap = json.loads(line)
        gaps_by_name.setdefault(name, []).append(100.0 * gap)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "small.json").write_text(
        json.dumps(
            {name: [round(gap, 4) for gap in gaps] for name, gaps in gaps_by_name.items()}, indent=1
        )
        + "\n"
    )
    table: list[tuple[str, ...]] = []
    together = sorted(gap for gaps in gaps_by_name.values() for gap in gaps)
    for name, gaps in {f"all {len(together)}": together, **gaps_by_name}.items():
        ordered = sorted(gaps)
        gaps = (ordered[len(ordered) // 2], ordered[-1], ordered[0])
        median, worst, least = (f"{gap:.2f} %" for gap in gaps)
        text = f"median {median}, worst {worst}, least {least}"
        table.append((name, median, worst, least))
        yield f"gap to the exact optimum, {name}", "median under 1 %, worst under 5 %", text
    (RESULTS / "small.md").write_text(
        to_markdown(TextTable(("slots", "median", "worst", "least"), table)) + "\n",
        encoding="utf-8",
    )
