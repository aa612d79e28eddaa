"""The audit of critics on a game with known rewards."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.game import ActionChoices, TargetGame
from sagin.learning import maddpg
from sagin.learning.audit import audit_critics
from sagin.learning.learners import LearningTask
from sagin.learning.settings import make_settings


class OrderGame(TargetGame):
    """Which of three numbers is the largest is a choice, and pays (2t − 1)·a: a gradient foretells
    a switch exactly.
    """

    def choices(self, agent, levels):
        return ActionChoices(np.array([[0, 1, 2]]), np.ones((1, 3)), np.array([-1]))

    def most_claims(self, agent):
        raise NotImplementedError

    def finish(self, key, state):
        paid = {
            agent: jnp.mean(state.actions[0][agent] * (2.0 * target - 1.0))
            for agent, target in self.targets(state, 0).items()
        }
        return super().finish(key, state)._replace(rewards=paid)


GAME = OrderGame((1,), 3)
SETTINGS = make_settings(("network.widths=[32,32]", "maddpg.critic_rate=0.01"))


@functools.cache
def audit(iterations):
    """Return the audit of a training's critic."""
    step = functools.partial(maddpg.iterate, GAME, SETTINGS)
    state = jax.jit(lambda key: maddpg.start(key, GAME, SETTINGS))(jax.random.key(0))
    state = jax.jit(
        lambda state: jax.lax.scan(lambda s, _: (step(s)[0], None), state, length=iterations)[0]
    )(state)
    task = LearningTask("maddpg", GAME, SETTINGS)
    return audit_critics(jax.random.key(1), task, state, slots=500, switched=16)


def test_a_critic_that_learned_passes_and_a_drawn_one_does_not():
    learned, drawn = audit(1500), audit(0)
    assert learned.agents == ("agent_0",)
    assert learned.r_squared[0] > 0.8 > 0.1 > drawn.r_squared[0]
    assert learned.cosines[0, 0] > 0.8 > 0.5 > drawn.cosines[0, 0]
    assert learned.switches[0, 0] > 16
    assert learned.switches[0, 1] == 0


def test_learners_without_critics_of_actions_are_refused():
    with pytest.raises(InputError, match="reinforce has no critics"):
        audit_critics(jax.random.key(0), LearningTask("reinforce", GAME, SETTINGS), None)
