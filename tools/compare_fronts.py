"""Compare the fronts of H, L and C that the set policy and the planner reach by weights of slices.

    python tools/compare_fronts.py [SLOTS [USERS]]

For each of 66 weights, in tenths that add up to 1, each method places the users of every slot; the
hypervolume of a slot's 66 points is above 0 Mbit/s, 100 ms and 0 %. It prints the mean share of the
planner's hypervolume, the worst slot, and the time of a point.
"""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from sagin.methods.play import make_run_keys, start_runs
from sagin.optimise.pareto import hypervolume
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plans
from sagin.policies.set_policy.act import allocate_slots, load_weights
from sagin.slicing.allocation import carry_out
from sagin.slicing.scenario import build_scenario, resize_slices

WEIGHTS = np.array([(a, b, 10 - a - b) for a in range(11) for b in range(11 - a)]) / 10.0
REFERENCE = (0.0, -0.1, 0.0)
"""Throughput, bit/s, minus the delay, s, and coverage."""


@jax.jit
def measure_points(scenario, states, plans):
    """Return throughput, minus delay, and coverage of each allocation, (plans, 3)."""
    kpis = jax.vmap(lambda state, plan: carry_out(scenario, state, plan).kpis)(states, plans)
    return jnp.stack([kpis.throughput, -kpis.delay, kpis.coverage], axis=-1)


def find_volumes(points, slots):
    """Return the hypervolume of each slot's points, which come slot after slot."""
    return np.array(
        [hypervolume(part, REFERENCE) for part in np.asarray(points).reshape(slots, -1, 3)]
    )


def main(slots=10, users=10):
    """Print the comparison."""
    scenario = resize_slices(build_scenario("paper"), (users,) * 3)
    states = start_runs(make_run_keys(0, slots), scenario, np.full(3, users))
    states = jax.tree.map(lambda leaf: jnp.repeat(leaf, len(WEIGHTS), axis=0), states)
    goals = jnp.asarray(np.tile(WEIGHTS, (slots, 1)), float)
    found = {}
    for name, decide in {
        "planner": lambda: (
            make_plans(scenario, states, build_goal(goals), respect_priority=False).allocation
        ),
        "set policy": lambda: allocate_slots(
            load_weights(), scenario, states, respect_priority=np.asarray(False), goals=goals
        ),
    }.items():
        begin = time.process_time()
        plans = jax.block_until_ready(decide())
        took = time.process_time() - begin
        found[name] = find_volumes(measure_points(scenario, states, plans), slots)
        text = f"{1e3 * took / len(goals):.2f} ms of CPU a point, compilation included"
        print(f"{name}: mean hypervolume {found[name].mean():.4g}, {text}", flush=True)
    share = 100.0 * found["set policy"] / found["planner"]
    print(f"K_s = {users}, {slots} slots: mean {share.mean():.1f} %, worst {share.min():.1f} %")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
