"""A training run as pieces of compiled iterations: what a loop that logs, shows progress and
checkpoints is made of.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning import maddpg, mappo
from sagin.learning.evaluate import rollout
from sagin.learning.models import arena
from sagin.learning.play import Experience
from sagin.learning.settings import Settings
from sagin.types import Array


class Learner(NamedTuple):
    """A way to learn, as a row: `start` draws a run, `iterate` takes it one iteration on, `chooser`
    acts as learned.
    """

    name: str
    start: Callable[..., Any]
    iterate: Callable[..., Any]
    chooser: Callable[..., Any]
    slots: Callable[[Settings], int]
    """Slots that an iteration plays in each environment."""


LEARNERS = {
    "maddpg": Learner("maddpg", maddpg.start, maddpg.iterate, maddpg.chooser, lambda _: 1),
    "mappo": Learner(
        "mappo", mappo.start, mappo.iterate, mappo.chooser, lambda settings: settings.mappo.rollout
    ),
}


class Run(NamedTuple):
    """What a training run depends on besides its key; compiled programs are kept for each."""

    learner: str
    game: StagedGame
    settings: Settings

    @property
    def slots(self) -> int:
        """Slots that an iteration plays in each environment."""
        return LEARNERS[self.learner].slots(self.settings)


def programs(run: Run) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return compiled functions: key → state; state, iterations (static) → state, means of rewards
    and indicators; and learned, keys, slots (static) → rewards and indicators of held-out slots
    without noise, [keys, slots, …].

    The state that goes into the second is used up.
    """
    learner, game, settings = LEARNERS[run.learner], run.game, run.settings

    @functools.partial(jax.jit, static_argnums=1, donate_argnums=0)
    def advance(state: Any, iterations: int) -> tuple[Any, dict[str, Any]]:
        def one(state: Any, _: None) -> tuple[Any, dict[str, Any]]:
            state, experience = learner.iterate(game, settings, state)
            return state, summary(game, experience)

        state, found = jax.lax.scan(one, state, length=iterations)
        return state, jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), found)

    @functools.partial(jax.jit, static_argnums=2)
    def judge(learned: Any, keys: Array, slots: int) -> tuple[dict[str, Any], Any]:
        choose = learner.chooser(game, settings, tuple(one.actors for one in learned))
        return jax.vmap(lambda key: rollout(key, arena(game, settings), choose, slots))(keys)

    return jax.jit(lambda key: learner.start(key, game, settings)), advance, judge


def summary(game: StagedGame, experience: Experience) -> dict[str, Any]:
    """Return the means of an iteration: the reward of every agent, and the indicators that are
    single numbers.
    """
    rewards = {
        f"reward/{agent}": jnp.mean(found[..., place])
        for agents, found in zip(game.stages, experience.rewards, strict=True)
        for place, agent in enumerate(agents)
    }
    batch = experience.over.ndim
    named = experience.kpis._asdict() if hasattr(experience.kpis, "_asdict") else experience.kpis
    return rewards | {
        f"kpi/{name}": jnp.mean(value) for name, value in named.items() if value.ndim == batch
    }
