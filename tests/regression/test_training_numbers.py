"""A short training of each algorithm gives the stored parameters, rewards and indicators."""

import jax
import numpy as np
import pytest

from regression.golden import compare_numbers
from sagin.learning.settings import make_settings
from sagin.slicing.scenario import build_scenario
from sagin.training.run import TrainingRun, compile_run, make_seed_key

SETTINGS = (
    "network.widths=[16,8]",
    "maddpg.warm_up=20",
    "maddpg.replay=40",
    "maddpg.batch=8",
    "mappo.rollout=20",
    "mappo.epochs=2",
)
ITERATIONS = {"two-layer-maddpg": 40, "mappo": 4}


@pytest.mark.parametrize(
    "algorithm", ["two-layer-maddpg", pytest.param("mappo", marks=pytest.mark.slow)]
)
def test_a_short_training_gives_the_stored_numbers(algorithm):
    run = TrainingRun(build_scenario("small"), algorithm, make_settings(SETTINGS), 40)
    start, advance, judge = compile_run(run.task)
    state = start(make_seed_key(run, 0))
    numbers = {}
    for part in range(2):
        state, means = advance(state, ITERATIONS[algorithm] // 2)
        numbers |= {f"{name}, half {part}": value for name, value in means.items()}
    kpis = judge(state.learned, jax.random.split(jax.random.key(1), 2), 5)[1]
    for name in ("throughput", "delay", "coverage"):
        numbers[f"held out {name}"] = np.asarray(getattr(kpis, name))
    for stage, learned in enumerate(state.learned):
        for part in ("actors", "critics"):
            leaves = [np.asarray(leaf, float) for leaf in jax.tree.leaves(getattr(learned, part))]
            numbers[f"stage {stage}, norms of {part}"] = [np.linalg.norm(leaf) for leaf in leaves]
    compare_numbers("training", algorithm, numbers)
