"""Draws: their distribution, and that padding a slice changes no active user's number."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry_2x32
from scipy import stats

from sagin.policies.table import POLICIES
from sagin.slicing.actions import draw_actions
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.evaluation import begin_run, play
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import build_scenario, resize_slices, slice_of
from sagin.slicing.step import advance, reset

COUNT = 20_000
ROWS, MORE = np.array([2, 1, 2]), np.array([5, 4, 3])
USER_FIELDS = ("user_positions", "base_draws", "uav_draws", "arrivals", "tiebreak")
SMALL = build_scenario("small")


def pick(values, scenario):
    """The rows of the users who also the smaller scenario has."""
    first = [
        np.flatnonzero(slice_of(scenario) == place)[:count] for place, count in enumerate(ROWS)
    ]
    return np.asarray(values)[np.concatenate(first)]


def test_draws_are_uniform_and_never_reach_the_ends(both_widths):
    for impl, columns in (("threefry2x32", 5), ("rbg", 4)):
        draws = np.asarray(uniforms(jax.random.key(0, impl=impl), np.arange(COUNT), columns))
        assert draws.shape == (COUNT, columns)
        assert draws.min() > 0.0
        assert draws.max() < 1.0
        assert stats.kstest(draws.ravel(), "uniform").pvalue > 1e-4
        matrix = np.corrcoef(np.concatenate([draws.T, [draws[:, 0]]])[:, :-1], draws.T[:, 1:])
        np.fill_diagonal(matrix, 0.0)
        assert np.sort(np.abs(matrix).ravel())[-3] < 5.0 / np.sqrt(COUNT)
    assert len(np.unique(draws)) >= draws.size * (1.0 - draws.size * 2.0**-24)


def test_a_number_is_the_cipher_of_its_row_and_block(both_widths):
    del both_widths
    draws = np.asarray(uniforms(jax.random.key(7), np.array([4, 9]), 3))
    wide = draws.dtype == np.float64
    words = jax.random.key_data(jax.random.key(7))
    block = 2 if wide else 1  # of column 2, or column 1 of two blocks
    first, second = np.asarray(threefry_2x32(words, jnp.array([9, block], jnp.uint32)))
    number = (int(first) << 32 | int(second)) >> 12 if wide else int(first) >> 9
    bits = 52 if wide else 23
    assert draws[1, block] == (number + 0.5) * 2.0**-bits


def test_keys_of_both_kinds_draw_the_same():
    old, new = jax.random.PRNGKey(3), jax.random.key(3)
    assert jnp.array_equal(uniforms(old, np.arange(2), 7), uniforms(new, np.arange(2), 7))


def test_rows_of_users_are_different_and_do_not_depend_on_padding():
    few, many = resize_slices(SMALL, ROWS.tolist()), resize_slices(SMALL, MORE.tolist())
    assert user_rows(few).tolist() == [0, 3, 1, 2, 5]
    assert len(set(user_rows(many).tolist())) == sum(MORE)
    assert pick(user_rows(many), many).tolist() == user_rows(few).tolist()


def test_padding_changes_no_users_numbers(both_widths):
    del both_widths
    few, many = resize_slices(SMALL, ROWS.tolist()), resize_slices(SMALL, MORE.tolist())
    states = [reset(jax.random.key(1), each, ROWS) for each in (few, many)]
    for _ in range(3):
        for name in USER_FIELDS:
            small, large = (getattr(state, name) for state in states)
            assert np.array_equal(small, pick(large, many)), name
        states = [
            advance(jax.random.key(2), each, state)
            for each, state in zip((few, many), states, strict=True)
        ]
    actions = [draw_actions(jax.random.key(3), each) for each in (few, many)]
    assert np.array_equal(*(each.non_terrestrial.positions for each in actions))
    for layer in range(2):
        for name in ("association", "subcarrier", "power"):
            small, large = (getattr(each[layer], name) for each in actions)
            assert np.array_equal(small, pick(large, many)), name


@pytest.fixture(scope="module")
def runs():
    """Runs of any policy, by its place, in the smaller and the padded scenario."""
    key, rows = jax.random.key(5), list(POLICIES.values())

    @jax.jit
    def run(scenario, place):
        first = begin_run(key, scenario, ROWS)
        return play(key, scenario, switch_policies(rows, place), first, 10)[1]

    return [partial(run, resize_slices(SMALL, rows.tolist())) for rows in (ROWS, MORE)]


@pytest.mark.parametrize("place", range(len(POLICIES)), ids=list(POLICIES))
def test_padding_changes_no_result(place, runs):
    small, large = (run(place) for run in runs)
    for name, value in small._asdict().items():
        if name != "delays":
            np.testing.assert_allclose(value, getattr(large, name), rtol=1e-5, err_msg=name)
