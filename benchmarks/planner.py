"""The slicing planner: its distance from the exact optimum of small cases, its time a slot, alone
and in a batch, and a large network.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import run_python
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

TIMES = """
import statistics, sys, time
import jax, jax.numpy as jnp
from sagin.slicing import build_scenario, reset
from sagin.planning.planner import make_plan, make_plans
paper, respect = build_scenario("paper"), sys.argv[1] == "priority"
states = jax.jit(jax.vmap(lambda key: reset(key, paper)))(jax.random.split(jax.random.key(0), 256))
def one(row):
    wall, cpu = time.perf_counter(), time.process_time()
    state = jax.tree.map(lambda x: x[row], states)
    jax.block_until_ready(make_plan(paper, state, respect_priority=respect))
    return time.perf_counter() - wall, time.process_time() - cpu
def many():
    wall, cpu = time.perf_counter(), time.process_time()
    jax.block_until_ready(make_plans(paper, states, respect_priority=respect))
    return (time.perf_counter() - wall) / 256, (time.process_time() - cpu) / 256
if sys.argv[2] == "one":
    one(0)
    print(*(1e3 * statistics.median(column) for column in zip(*(one(row) for row in range(30)))))
else:
    many()
    print(*(1e3 * statistics.median(column) for column in zip(*(many() for _ in range(3)))))
"""

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


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (what, target, measured), and write the gaps of the small cases."""
    yield from small()
    for rule in ("priority", "free"):
        wall, cpu = map(float, run_python("-c", TIMES, rule, "one", cores=1).output.split())
        yield (
            f"a slot, K_s = 10, one core, {rule}",
            "under 50 ms",
            f"{wall:.1f} ms, {cpu:.1f} ms of CPU",
        )
        wall, cpu = map(float, run_python("-c", TIMES, rule, "batch", cores=2).output.split())
        yield (
            f"a slot of a batch of 256, two cores, {rule}",
            "5 ms",
            f"{wall:.1f} ms, {cpu:.1f} ms of CPU",
        )
    what = "1000 users, 50 base stations, 20 UAVs, 5 satellites, 2 cores"
    done = run_python("-c", LARGE, "priority", cores=2)
    first, _, _, _, again, cpu, _, unserved = map(float, done.output.split())
    result = (
        f"{first:.0f} s with compilation, {again:.0f} s again ({cpu:.0f} s of CPU), "
        f"{done.peak_mib:.0f} MiB; {unserved:.0f} % unserved"
    )
    yield what, "under 60 s, 4 GB", result


def small() -> Iterator[tuple[str, str, str]]:
    """Yield the gaps to the exact optimum; below 0: better than the best on the exact solver's grid
    of powers and places.
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
