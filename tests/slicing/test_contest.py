"""One policy as a JAX policy, as a function on NumPy vectors and as an allocator: the same numbers."""

import jax
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.policies.table import POLICIES
from sagin.slicing.allocation import allocation_of
from sagin.slicing.contest import play_allocator, play_function, play_policy
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.feasibility import find_violations
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

KEYS = jax.random.split(jax.random.key(3), 3)
SMALL = build_scenario("small")
TURNS = POLICIES["round-robin"]
SLOTS = 4


@pytest.fixture(scope="module")
def expected():
    return play_policy(KEYS, SMALL, TURNS, SLOTS)


def test_an_allocator_plays_the_same_slots(expected):
    def allocate(scenario, states):
        def result(state):
            return allocation_of(scenario, play_slot(KEYS[0], scenario, TURNS, state)[1])

        return jax.vmap(result)(states)

    kpis = play_allocator(KEYS, SMALL, allocate, SLOTS)
    assert kpis.throughput.shape == (3, SLOTS)
    for name, value in kpis._asdict().items():
        if name not in ("offloaded", "collided"):
            np.testing.assert_allclose(value, getattr(expected, name), rtol=1e-3, err_msg=name)


def test_a_function_plays_the_same_slots():
    game = SlicingGame(SMALL)

    def act(observations):
        return {agent: np.full(game.action_size[agent], 0.75) for agent in observations}

    def fill(key, scenario, state, *remaining):
        half = {agent: np.full(game.action_size[agent], 0.75, np.float32) for agent in game.agents}
        return game.to_actions(half)[len(remaining)]

    constant = TURNS._replace(terrestrial=fill, non_terrestrial=fill)
    kpis = play_function(KEYS, SMALL, act, SLOTS)
    same = play_policy(KEYS, SMALL, constant, SLOTS)
    for name, value in kpis._asdict().items():
        np.testing.assert_allclose(value, getattr(same, name), rtol=1e-5, err_msg=name)
    assert float(kpis.throughput.sum()) > 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda vector: vector[:-1], "shape"),
        (lambda vector: vector * np.nan, "nan"),
        (lambda vector: vector + 1.0, "0 to 1"),
    ],
)
def test_a_wrong_action_is_one_line_that_names_the_agent(change, words):
    game = SlicingGame(SMALL)

    def act(observations):
        vectors = {agent: np.full(game.action_size[agent], 0.5) for agent in observations}
        return {**vectors, "delay_1": change(vectors["delay_1"])}

    with pytest.raises(InputError, match=f"delay_1.*{words}"):
        play_function(KEYS[:1], SMALL, act, 1)


def test_any_slot_is_an_allocation_that_can_be_judged():
    state = begin_run(KEYS[0], SMALL)
    result = play_slot(KEYS[0], SMALL, TURNS, state)[1]
    allocation = allocation_of(SMALL, result)
    assert find_violations(SMALL, state, allocation) == []
    broken = allocation._replace(power=allocation.power * 3.0)
    assert any("W of" in line for line in find_violations(SMALL, state, broken))
