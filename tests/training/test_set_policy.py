"""Training of the set policy: it resumes bit for bit, and its folder is a policy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError, StoreError
from sagin.learning.settings import make_settings
from sagin.policies.set_policy.decoder import PlacementTurn
from sagin.slicing.evaluation import evaluate
from sagin.slicing.scenario import build_scenario
from sagin.training import run as runs
from sagin.training.policy import load_numpy_policy, load_policy
from sagin.training.run import TrainingRun
from sagin.training.seed import SeedTraining
from sagin.training.set_policy import hold_against
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


def test_a_turn_is_credited_with_what_it_changes():
    slots, samples = 6, 4
    luck, skill = np.random.default_rng(0).normal(size=(2, slots, samples)).astype(np.float32)
    # luck comes before the second of two turns, skill after it
    known = jnp.stack([jnp.zeros(slots * samples), 0.5 * jnp.asarray(luck).reshape(-1)])
    nothing = jnp.zeros(())
    turns = PlacementTurn(*(nothing,) * 9)._replace(
        worth=known, board=jnp.zeros((2, 12, slots * samples))
    )
    worth = luck + 0.1 * skill
    held = np.asarray(hold_against(jnp.asarray(worth), turns)).reshape(3, slots, samples)
    plain = worth - (worth.sum(axis=1, keepdims=True) - worth) / (samples - 1)
    unit = plain.std()
    # nothing is known before the first turn, nor of UAVs
    assert np.allclose(held[:2], plain / unit, atol=1e-4)
    assert held[2].std() < 0.15
    rest = 0.1 * (skill - (skill.sum(axis=1, keepdims=True) - skill) / (samples - 1)) / unit
    assert np.corrcoef(held[2].reshape(-1), rest.reshape(-1))[0, 1] > 0.9


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        load_policy(tmp_path)
