"""Gamma variates: the law, the tail below m = 1, the implicit gradient, wrong concentrations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from sagin.propagation import gamma


@pytest.mark.parametrize("m", [0.1, 0.739, 1.0, 2.5, 19.4, 1e4])
def test_law(m, both_widths):
    draws = np.asarray(gamma.sample(jax.random.key(11), m, (50_000,)), dtype=float)
    assert stats.kstest(draws, stats.gamma(m).cdf).pvalue > 1e-4
    assert np.mean(draws) == pytest.approx(m, abs=5.0 * np.sqrt(m / draws.size))
    assert np.var(draws) == pytest.approx(m, rel=5.0 * np.sqrt((2.0 + 6.0 / m) / draws.size))


def test_successive_draws_are_independent():
    draws = np.asarray(gamma.sample(jax.random.key(12), 0.739, (100_000,)))
    ranks = stats.rankdata(draws) / draws.size - 0.5
    assert abs(np.mean(ranks[1:] * ranks[:-1]) * 12.0) < 5.0 / np.sqrt(draws.size)


@pytest.mark.usefixtures("float64")
def test_the_gradient_of_a_mean_is_the_mean_of_the_gradient():
    """d/dm E X = 1 and d/dm E X² = 2m + 1."""
    m, count = 2.5, 100_000

    def draw(value):
        return gamma.sample(jax.random.key(13), value, (count,))

    draws, slope = jax.jvp(draw, (m,), (1.0,))
    assert float(slope.mean()) == pytest.approx(1.0, abs=5.0 * float(slope.std()) / np.sqrt(count))
    square = 2.0 * draws * slope
    assert float(square.mean()) == pytest.approx(
        2 * m + 1, abs=5.0 * float(square.std()) / np.sqrt(count)
    )
    assert float(jax.grad(lambda value: draw(value).mean())(m)) == pytest.approx(
        float(slope.mean()), rel=1e-12
    )


def test_jit_and_vmap_draw_the_same():
    keys = jax.random.split(jax.random.key(14), 3)
    one_by_one = jnp.stack([gamma.sample(key, 0.739, (100,)) for key in keys])
    batch = jax.jit(jax.vmap(lambda key: gamma.sample(key, 0.739, (100,))))(keys)
    assert jnp.allclose(batch, one_by_one, rtol=1e-5)


def test_a_concentration_that_cant_be_gives_nan_and_ends():
    assert jnp.all(
        jnp.isnan(gamma.sample(jax.random.key(15), jnp.array([-1.0, 0.0, jnp.nan]), (3,)))
    )
