"""Gumbel heads compared with categorical ones, gradients of shares, learners without heads."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from learning.test_heads import AGENTS, GAME, LEVELS
from sagin.errors import InputError
from sagin.learning import heads as h
from sagin.learning.gumbel import build_soft_action, perturb_outputs
from sagin.learning.settings import make_settings
from sagin.slicing.scenario import build_scenario
from sagin.training.run import TrainingRun

HEADS = h.make_heads(GAME, AGENTS, LEVELS)
OUTPUTS = jnp.array([[0.3, -0.2, 0.5, 1.0, 0.4, 9.0, 0.7]])


def test_actions_are_those_of_the_likeliest_options_with_the_gradient_of_the_shares():
    many = jax.random.normal(jax.random.key(0), (1, 50, 7))
    expected = h.build_action(HEADS, h.decide_likeliest(HEADS, many))
    assert jnp.allclose(build_soft_action(HEADS, many), expected, atol=1e-6)
    # number 2 is an amount: its gradient is that of the mean amount under the shares
    slope = jax.grad(lambda outputs: build_soft_action(HEADS, outputs)[0, 2])(OUTPUTS)[0]
    share = np.exp([1.0, 0.4]) / np.exp([1.0, 0.4]).sum()
    by_hand = share[0] * share[1] * (LEVELS[0] - LEVELS[1])
    assert np.asarray(slope) == pytest.approx([0, 0, 0, by_hand, -by_hand, 0, 0], abs=1e-6)


def test_noise_draws_options_from_their_shares():
    noise = jax.random.normal(jax.random.key(1), (1, 4000, 7))
    outputs = jnp.broadcast_to(OUTPUTS[:, None], noise.shape)
    logits, mean = h.split_outputs(HEADS, perturb_outputs(outputs, noise, HEADS))
    counted = np.bincount(np.asarray(logits[0, :, 0].argmax(-1)), minlength=3) / 4000
    share = np.exp([0.3, -0.2, 0.5]) / np.exp([0.3, -0.2, 0.5]).sum()
    assert np.abs(counted - share).max() < 5 * np.sqrt(0.25 / 4000)
    assert float(mean.std()) == pytest.approx(1.0, rel=0.06)


@pytest.mark.parametrize(
    ("algorithm", "override", "allowed"),
    [
        ("two-layer-maddpg", "heads.kind=categorical", "box, gumbel"),
        ("mappo", "heads.kind=gumbel", "box, categorical"),
        ("maddpg", "heads.quotas=true", "false"),
    ],
)
def test_heads_that_a_learner_cannot_use_are_refused(algorithm, override, allowed):
    run = TrainingRun(build_scenario("small"), algorithm, make_settings((override,)), 1)
    with pytest.raises(InputError, match=rf"{override.split('=')[0]}.*allowed: {allowed}"):
        run.task  # noqa: B018
