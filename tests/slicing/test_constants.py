"""Stored constant actions: they reach the stored score, keep quotas, and use separate slots."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.methods import evaluate_slicing, find_method
from sagin.policies.constant import TRAINING_SEED, ConstantEffort, play_constant, search_constant
from sagin.policies.constants import find_constant, read_constants
from sagin.slicing.allocation import allocation_of
from sagin.slicing.evaluation import begin_run
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import score
from sagin.slicing.scenario import build_scenario, resize_slices

PAPER = build_scenario("paper")
SMALL = build_scenario("small")
EFFORT = ConstantEffort(slots=2, trials=16, moves=4, width=8)


def test_every_size_of_the_figures_is_stored():
    sizes = [f"{size} {rule}" for size in (8, 10, 12, 14, 16) for rule in ("free", "priority")]
    assert sorted(read_constants()) == sorted(sizes)
    for name, row in read_constants().items():
        size = int(name.split()[0])
        shape = (3, size)
        assert all(np.shape(row[part]) == shape for part in ("node", "subcarrier", "power"))
        assert np.shape(row["positions"]) == (2, 2)


@pytest.mark.parametrize("respect", [False, True], ids=["free", "priority"])
def test_a_stored_one_scores_what_is_stored_and_keeps_its_quotas(respect):
    constant = find_constant(PAPER, respect)
    slot_keys = jax.random.split(jax.random.key(TRAINING_SEED), 16)
    states = jax.vmap(lambda key: begin_run(key, PAPER))(slot_keys)
    outcomes = jax.jit(jax.vmap(lambda state: play_constant(PAPER, state, constant)))(states)
    stored = read_constants()[f"10 {'priority' if respect else 'free'}"]["score"]
    assert float(jnp.mean(score(PAPER, outcomes.kpis))) == pytest.approx(stored, abs=0.01)
    for number in range(3):
        state, outcome = jax.tree.map(lambda rows, row=number: rows[row], (states, outcomes))
        allocation = allocation_of(PAPER, outcome)
        assert find_violations(PAPER, state, allocation, respect_priority=respect) == []


@pytest.mark.slow
def test_any_other_scenario_is_searched_once_and_said_so():
    told = []
    first = find_constant(SMALL, True, EFFORT, told.append)
    again = find_constant(SMALL, True, EFFORT, told.append)
    assert first is again
    assert len(told) == 1
    assert "\n" not in told[0]
    direct = search_constant(jax.random.key(0), SMALL, respect_priority=True, effort=EFFORT)[0]
    jax.tree.map(np.testing.assert_array_equal, first, direct)


def test_as_a_method_padding_does_not_matter_and_priority_holds():
    method = find_method("constant-priority")
    options = {"slots": 2, "seeds": 3, "check_priority": True}
    plain = evaluate_slicing(method, PAPER, **options)
    padded = resize_slices(PAPER, (12, 12, 12))
    other = evaluate_slicing(method, padded, counts=(10, 10, 10), **options)
    np.testing.assert_allclose(plain["score"], other["score"], rtol=1e-5)
    assert method.track == "priority"
