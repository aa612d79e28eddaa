"""Compare the set policy with the planner, slot by slot, on held-out slots.

    python tools/compare_set_policy.py [RUN]

The weights are the stored ones, or those in the folder RUN of a training run. For each K_s and
track, the script prints the share of the planner's score that the policy reaches (mean and worst
slot), then the time per slot in a batch, then the score of the planner's local search from the
policy's allocations, and the time of that search.
"""

import sys
import time
from functools import partial
from pathlib import Path

import jax
import numpy as np

from sagin.methods.play import make_run_keys, start_runs
from sagin.planning.planner import make_plans
from sagin.policies.set_policy.act import (
    allocate_slots,
    load_weights,
    search_from_policy,
)
from sagin.slicing.allocation import carry_out
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import score
from sagin.slicing.scenario import build_scenario, resize_slices
from sagin.training.policy import read_policy
from sagin.training.set_policy import bare

SIZES, SLOTS, BATCH = (8, 10, 12, 14, 16), 50, 256


@jax.jit
def score_allocations(scenario, states, allocations):
    """Return the score of each slot's allocation in the simulator."""
    outcomes = jax.vmap(lambda state, plan: carry_out(scenario, state, plan).kpis)
    return score(scenario, outcomes(states, allocations))


def compare(weights, users, respect_priority):
    """Print one row of the table; all sizes share the compiled programs of the largest one."""
    scenario = resize_slices(build_scenario("paper"), (SIZES[-1],) * 3)
    states = start_runs(make_run_keys(0, SLOTS), scenario, np.full(3, users))
    plan = allocate_slots(weights, scenario, states, respect_priority=np.asarray(respect_priority))
    best = make_plans(scenario, states, respect_priority=respect_priority)
    share = np.asarray(score_allocations(scenario, states, plan) / best.terms.sum(axis=-1))
    for slot in range(SLOTS):
        state, row = (jax.tree.map(lambda x, slot=slot: x[slot], part) for part in (states, plan))
        assert not find_violations(scenario, state, row, respect_priority=respect_priority)
    track = "priority" if respect_priority else "free"
    text = f"mean {100 * share.mean():.2f} %, worst {100 * share.min():.2f} %"
    print(f"K_s = {users}, {track}: {text}", flush=True)


def compare_search(weights, users, respect_priority):
    """Print the score of a local search from the policy's allocations, and its time, as shares of
    the planner's.
    """
    scenario = resize_slices(build_scenario("paper"), (SIZES[-1],) * 3)
    states = start_runs(make_run_keys(0, SLOTS), scenario, np.full(3, users))
    rows = []
    for search in (make_plans, partial(search_from_policy, weights)):
        go = partial(search, scenario, states, respect_priority=respect_priority)
        jax.block_until_ready(go())
        begin = time.process_time()
        worth = np.asarray(jax.block_until_ready(go()).worth)
        rows.append((worth, time.process_time() - begin))
    (planned, most), (found, took) = rows
    track = "priority" if respect_priority else "free"
    text = f"mean {100 * (found / planned).mean():.2f} %, time {100 * took / most:.0f} %"
    print(f"K_s = {users}, {track}, search from the policy: {text}", flush=True)


def measure_time(weights, users):
    """Print the time per slot in a batch, without compilation."""
    scenario = resize_slices(build_scenario("paper"), (users,) * 3)
    states = start_runs(make_run_keys(1, BATCH), scenario, np.full(3, users))
    times = []
    for _ in range(5):
        begin = time.process_time()
        plan = allocate_slots(weights, scenario, states, respect_priority=np.asarray(False))
        jax.block_until_ready(plan)
        times.append(time.process_time() - begin)
    took = 1e3 * min(times[1:]) / BATCH
    print(f"K_s = {users}: {took:.3f} ms of CPU a slot, {BATCH} slots in a batch", flush=True)


if __name__ == "__main__":
    stored = bare(read_policy(Path(sys.argv[1]))[1][0]) if len(sys.argv) > 1 else load_weights()
    for respect_priority in (False, True):
        for users in SIZES:
            compare(stored, users, respect_priority)
    for users in (10, 16):
        measure_time(stored, users)
    for respect_priority in (False, True):
        for users in SIZES:
            compare_search(stored, users, respect_priority)
