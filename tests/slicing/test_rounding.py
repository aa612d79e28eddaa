"""Rounding and power shares at the edges of their range."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sagin.slicing.rounding import FEW_CHOICES, round_choice, share_power

from oracle import slicing as oracle

UNIT = st.floats(0.0, 1.0, width=32)


@pytest.mark.parametrize("repair", [None, "first", "none"])
@given(arrays(np.float32, (6, 3), elements=UNIT))
def test_rounding_keeps_the_largest_the_first_or_none_of_at_least_a_half(repair, action):
    found = round_choice(jnp.asarray(action), repair).tolist()
    choices = [oracle.choice(row, repair) for row in action]
    assert found == [-1 if choice is None else choice for choice in choices]
    if repair is None:
        assert choices == [oracle.choice(row, "largest") for row in action]


def test_a_nan_is_no_choice_and_many_choices_round_as_few():
    action = np.array([[0.9, np.nan, 0.2], [np.nan, 0.9, 0.8], [0.7, 0.9, 0.9]], np.float32)
    wide = np.pad(action, ((0, 0), (0, FEW_CHOICES)))
    assert round_choice(jnp.asarray(action)).tolist() == [-1, -1, 1]
    assert round_choice(jnp.asarray(wide)).tolist() == [-1, -1, 1]


def test_without_a_choice_nobody_has_one():
    assert round_choice(jnp.zeros((2, 0))).tolist() == [-1, -1]


@given(
    arrays(np.float32, 8, elements=UNIT),
    arrays(np.int32, 8, elements=st.integers(-1, 2)),
    arrays(bool, 8),
)
def test_powers_stay_within_the_nodes_budgets(action, node, wanted):
    served = wanted & (node >= 0)
    total = jnp.array([10.0, 100.0, 1000.0])
    power = np.asarray(
        share_power(total, jnp.asarray(action), jnp.asarray(node), jnp.asarray(served)), float
    )
    assert np.all(power >= 0.0)
    assert np.all(power[~served] == 0.0)
    for i in range(3):
        asked = {k: float(action[k]) for k in np.flatnonzero(served & (node == i))}
        expected = oracle.share_powers(float(total[i]), asked)
        assert power[list(asked)] == pytest.approx(list(expected.values()), rel=1e-5, abs=1e-30)
        assert power[served & (node == i)].sum() <= float(total[i]) * (1.0 + 1e-6)
