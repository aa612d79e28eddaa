"""Methods of every kind run on the same slots, and their errors are reported in one line."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.methods import Method, evaluate, evaluate_slicing, find_method, make_method
from sagin.methods.play import Slots, make_run_keys, play_method
from sagin.slicing.actions import draw_actions
from sagin.slicing.allocation import allocation_of
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import build_scenario, slice_sizes

SCENARIO = build_scenario("small")
ACTIONS = draw_actions(jax.random.key(3), SCENARIO)
FIXED = Policy(
    "fixed",
    "the same random numbers in every slot",
    lambda key, scenario, state: ACTIONS.terrestrial,
    lambda key, scenario, state, remaining: ACTIONS.non_terrestrial,
)


class Vectors:
    """The same as FIXED, as flat NumPy vectors."""

    def reset(self, game):
        self.vectors = {name: np.asarray(v) for name, v in game.to_vectors(ACTIONS).items()}

    def act(self, observations):
        return {agent: self.vectors[agent] for agent in observations}


def measure(method, **fields):
    return evaluate_slicing(method, SCENARIO, slots=3, seeds=2, **fields)


def test_a_policy_and_its_vectors_come_to_the_same():
    policy = measure(make_method(FIXED, "fixed", "", "slicing"))
    vectors = measure(make_method(Vectors, "vectors", "", "slicing"))
    for name in ("throughput", "delay", "coverage", "score", "unserved"):
        np.testing.assert_allclose(vectors[name], policy[name], rtol=1e-6)


def test_an_allocation_comes_to_what_it_was_taken_from():
    greedy, key = find_method("greedy").policy, jax.random.key(0)

    def allocate(scenario, states):
        def plan(state):
            return allocation_of(scenario, play_slot(key, scenario, greedy, state)[1])

        return jax.jit(jax.vmap(plan))(states)

    plan = measure(Method("plan", allocate=allocate))
    rule = measure(Method("rule", policy=greedy))
    np.testing.assert_allclose(plan["score"], rule["score"], rtol=1e-5)


def test_no_method_changes_the_slots_of_another():
    first = measure(find_method("greedy"))
    measure(find_method("random"))
    np.testing.assert_array_equal(measure(find_method("greedy"))["score"], first["score"])


def test_the_users_meet_the_same_channels_whatever_is_done():
    keys = make_run_keys(0, 2)
    meet = Slots(SCENARIO, keys, slice_sizes(SCENARIO), 2)
    users = [
        np.asarray(play_method(find_method(name), meet, lambda _: None).kpis.users)
        for name in ("greedy", "random")
    ]
    np.testing.assert_array_equal(*users)
    state = begin_run(keys[0], SCENARIO)
    assert state.user_positions.shape == (sum(slice_sizes(SCENARIO)), 2)


def spoil(change):
    """Return an `act` whose actions of one agent are changed."""

    class Spoiled(Vectors):
        def act(self, observations):
            return change(super().act(observations))

    return make_method(Spoiled, "spoiled", "", "slicing")


def with_first(value):
    def change(actions):
        agent = next(iter(actions))
        return {**actions, agent: value(actions[agent].copy())}

    return change


def set_first(number):
    def change(vector):
        vector[0] = number
        return vector

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda actions: [1, 2], "returned a list"),
        (lambda actions: {}, "no action of"),
        (lambda actions: {**actions, "nobody": 1}, "action of 'nobody'"),
        (with_first(lambda vector: vector[:-1]), "shape"),
        (with_first(lambda vector: "text"), "not numbers"),
        (with_first(set_first(np.nan)), "number 0 is nan"),
        (with_first(set_first(1.5)), "number 0 is 1.5"),
        (lambda actions: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_what_a_method_does_wrong_names_it_in_one_line(change, words):
    with pytest.raises(InputError) as caught:
        measure(spoil(change))
    message = str(caught.value)
    assert message.startswith("method 'spoiled'")
    assert words in message
    assert "\n" not in message


def test_a_nan_of_a_compiled_policy_is_told():
    bad = FIXED._replace(
        name="bad",
        terrestrial=lambda key, scenario, state: jax.tree.map(
            lambda leaf: leaf * jnp.nan, ACTIONS.terrestrial
        ),
    )
    with pytest.raises(InputError, match="'bad'"):
        evaluate(bad, SCENARIO, episodes=1, slots=1)


def test_a_method_of_a_fixed_size_says_so():
    method = Method("ten", users=10, act=lambda seen: {})
    with pytest.raises(InputError, match="made for 10 users"):
        measure(method)


def test_the_priority_track_refuses_a_violation():
    options = {"slots": 1, "seeds": 2, "check_priority": True}
    kept = evaluate_slicing(find_method("greedy"), SCENARIO, **options)
    assert np.isfinite(kept["score"]).all()
    with pytest.raises(InputError, match=r"'random'.*priority"):
        evaluate_slicing(find_method("random"), SCENARIO, **options)
