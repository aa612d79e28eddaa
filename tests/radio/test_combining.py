"""Combining: bounds between the combiners, order of branches, and the received samples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.radio import combining

branches = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=6).map(
    lambda values: jnp.array(values, dtype=float)
)


@settings(max_examples=50, deadline=None)
@given(snrs=branches)
def test_maximum_ratio_is_at_least_the_others_and_at_most_all_branches_like_the_best(snrs):
    best, equal, selected = (
        combining.maximum_ratio(snrs),
        combining.equal_gain(snrs),
        combining.selection(snrs),
    )
    slack = 1e-5 * float(best) + 1e-30
    assert float(equal) <= float(best) + slack
    assert float(selected) <= float(best) + slack
    assert float(best) <= len(snrs) * float(selected) + slack


@settings(max_examples=50, deadline=None)
@given(snrs=branches, seed=st.integers(0, 100))
def test_order_of_the_branches_is_free(snrs, seed):
    order = np.random.default_rng(seed).permutation(len(snrs))
    for combine in (combining.maximum_ratio, combining.equal_gain, combining.selection):
        assert float(combine(snrs[order])) == pytest.approx(float(combine(snrs)), rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(snrs=branches, seed=st.integers(0, 100))
def test_unequal_noises_never_beat_maximum_ratio(snrs, seed):
    noises = jnp.asarray(np.random.default_rng(seed).uniform(0.1, 10.0, len(snrs)))
    assert (
        float(combining.equal_gain(snrs, noises))
        <= float(combining.maximum_ratio(snrs)) * (1 + 1e-5) + 1e-30
    )
    assert float(combining.equal_gain(snrs, 3.0 * noises)) == pytest.approx(
        float(combining.equal_gain(snrs, noises)), rel=1e-5
    )


def test_equal_gain_is_what_adding_the_phased_branches_gives():
    """Signals and noises added sample by sample: the output's SNR is measured."""
    rng = np.random.default_rng(2)
    gains, noises, count = np.array([2.0, 0.5]), np.array([1.0, 3.0]), 400_000
    noise = sum(
        np.sqrt(n / 2) * (rng.normal(size=count) + 1j * rng.normal(size=count)) for n in noises
    )
    measured = gains.sum() ** 2 / np.mean(np.abs(noise) ** 2)
    assert float(combining.equal_gain(gains**2 / noises, noises)) == pytest.approx(
        measured, rel=5.0 / np.sqrt(count)
    )


def test_one_branch_is_itself_and_none_at_all_nothing(both_widths):
    for combine in (combining.maximum_ratio, combining.equal_gain, combining.selection):
        assert float(combine(jnp.array([7.0]))) == pytest.approx(7.0, rel=4 * both_widths)
        assert float(combine(jnp.zeros(3))) == 0.0


def test_axis_jit_and_vmap(both_widths):
    snrs = jnp.arange(6.0).reshape(3, 2)
    for combine in (combining.maximum_ratio, combining.equal_gain, combining.selection):
        by_row = combine(snrs)
        assert jnp.allclose(combine(snrs.T, axis=0), by_row)
        assert jnp.allclose(jax.jit(combine)(snrs), by_row)
        assert jnp.allclose(jax.vmap(combine)(snrs), by_row)
