"""Training of the set policy: it goes on bit for bit, and its folder is a policy."""

import jax
import numpy as np
import pytest

from sagin.errors import InputError, StoreError
from sagin.learning.settings import make_settings
from sagin.slicing.evaluation import evaluate
from sagin.slicing.scenario import build_scenario
from sagin.training import run as runs
from sagin.training.policy import load_numpy_policy, load_policy
from sagin.training.run import TrainingRun
from sagin.training.seed import SeedTraining
from training.small_runs import interrupt_after, same, trained

TINY = TrainingRun(
    build_scenario("small", ("game.least_users=1",)),
    "set-policy",
    make_settings(("set_policy.slots=2", "set_policy.samples=2", "set_policy.horizon=200")),
    200,
    evaluate_every=100,
    checkpoint_every=100,
)


@pytest.mark.slow
def test_a_resumed_training_is_the_same_and_its_folder_is_a_policy(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    runs.write_run(whole, TINY, 1, resume=False)
    trained(TINY, whole / "seed-0")
    with pytest.raises(KeyboardInterrupt):
        SeedTraining(TINY, 0, parts / "seed-0").train(interrupt_after(1))
    trained(TINY, parts / "seed-0")
    same(whole / "seed-0", parts / "seed-0")
    policy = load_policy(whole)
    kpis = evaluate(jax.random.key(1), build_scenario("small"), policy, 2)
    assert np.all(np.asarray(kpis.throughput) > 0)
    with pytest.raises(InputError, match="decides for all users at once"):
        load_numpy_policy(whole)


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        load_policy(tmp_path)
