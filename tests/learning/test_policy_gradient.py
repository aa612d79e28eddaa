"""The policy-gradient estimator compared with the exact gradient, by enumerating every sample."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.learning.policy_gradient import compute_policy_loss, leave_one_out


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("samples", [2, 3])
def test_the_estimators_mean_over_all_samples_is_the_exact_gradient(samples):
    rng = np.random.default_rng(0)
    reward, logits = jnp.asarray(rng.normal(size=4)), jnp.asarray(rng.normal(size=4))

    def estimate(logits, drawn):
        log_probability = jax.nn.log_softmax(logits)[drawn]
        return compute_policy_loss(log_probability, leave_one_out(reward[drawn]))

    drawn = jnp.asarray(list(itertools.product(range(4), repeat=samples)))
    weight = jnp.prod(jax.nn.softmax(logits)[drawn], axis=1)
    slopes = jax.vmap(jax.grad(estimate), (None, 0))(logits, drawn)
    exact = jax.grad(lambda logits: -jax.nn.softmax(logits) @ reward)(logits)
    assert np.asarray(weight @ slopes) == pytest.approx(np.asarray(exact), abs=1e-12)
