"""The constant action: the best of its search's trials, within quotas, without observations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.policies.constant import (
    Constant,
    ConstantEffort,
    build_actions,
    build_constant_policy,
    play_constant,
    search_constant,
)
from sagin.slicing.allocation import allocation_of
from sagin.slicing.evaluation import begin_run, evaluate
from sagin.slicing.feasibility import find_violations
from sagin.slicing.objectives import score
from sagin.slicing.scenario import build_scenario, resize_slices

SMALL = build_scenario("small")
EFFORT = ConstantEffort(slots=4, trials=64, moves=200, width=8)


@pytest.fixture(scope="module", params=[False, True], ids=["free", "priority"])
def searched(request):
    constant, value = search_constant(
        jax.random.key(0), SMALL, respect_priority=request.param, effort=EFFORT
    )
    return request.param, constant, float(value)


def test_it_keeps_what_it_has_to_and_beats_random_constants(searched):
    respect, constant, value = searched
    states = jax.vmap(lambda key: begin_run(key, SMALL))(jax.random.split(jax.random.key(1), 20))
    scores = []
    for seed in range(20):
        state = jax.tree.map(lambda rows, seed=seed: rows[seed], states)
        result = play_constant(SMALL, state, constant)
        scores.append(float(score(SMALL, result.kpis)))
        allocation = allocation_of(SMALL, result)
        assert find_violations(SMALL, state, allocation, respect_priority=respect) == []
    trials = search_constant(
        jax.random.key(0), SMALL, respect_priority=respect, effort=EFFORT._replace(moves=0)
    )[1]
    assert value >= float(trials)
    assert np.mean(scores) > 1.0


def test_as_a_policy_it_does_the_same_whatever_the_padding(searched):
    _, constant, _ = searched
    policy, key = build_constant_policy(constant), jax.random.key(2)
    kpis = evaluate(key, SMALL, policy, 5)
    padded = resize_slices(SMALL, (3, 4, 3))
    other = evaluate(key, padded, policy, 5, jnp.array([2, 2, 2]))
    np.testing.assert_allclose(kpis.throughput, other.throughput, rtol=1e-5)
    np.testing.assert_allclose(kpis.delay, other.delay, rtol=1e-5)


def test_actions_by_hand():
    node = np.array([[0, 1], [2, 2], [1, 0]])
    constant = Constant(
        node, np.array([[0, 1], [2, 0], [1, 2]]), np.full((3, 2), 0.5), np.ones((1, 2))
    )
    first, second = build_actions(SMALL, constant)
    assert first.association.sum(axis=1).tolist() == [1, 0, 0, 0, 0, 1]
    assert second.association.tolist() == [[0, 0], [1, 0], [0, 1], [0, 1], [1, 0], [0, 0]]
    assert jnp.argmax(first.subcarrier, axis=1).tolist() == [0, 1, 2, 0, 1, 2]
    assert second.positions.shape == (3, 1, 2)
