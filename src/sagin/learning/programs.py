"""A training in compiled pieces, for a loop that logs, shows progress and checkpoints."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.evaluation import play_slots
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.models import make_arena
from sagin.learning.play import Experience
from sagin.types import Array


class Programs(NamedTuple):
    """Compiled functions of one task."""

    start: Callable[..., Any]
    """key → state."""
    advance: Callable[..., Any]
    """state (used up), iterations (static) → state, means of rewards and indicators."""
    judge: Callable[..., Any]
    """learned, keys, slots (static) → rewards and indicators of held-out slots without noise,
    [keys, slots, …].
    """


def compile_programs(task: LearningTask) -> Programs:
    """Return the compiled functions of a task."""
    learner, game, settings = LEARNERS[task.learner], task.game, task.settings

    @functools.partial(jax.jit, static_argnums=1, donate_argnums=0)
    def advance(state: Any, iterations: int) -> tuple[Any, dict[str, Any]]:
        def iterate(state: Any, _: None) -> tuple[Any, dict[str, Any]]:
            state, experience = learner.iterate(game, settings, state)
            return state, summarise_experience(game, experience)

        state, means = jax.lax.scan(iterate, state, length=iterations)
        return state, jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), means)

    @functools.partial(jax.jit, static_argnums=2)
    def judge(learned: Any, keys: Array, slots: int) -> tuple[dict[str, Any], Any]:
        choose = learner.act(game, settings, tuple(stage.actors for stage in learned))
        arena = make_arena(game, settings)
        return jax.vmap(lambda key: play_slots(key, arena, choose, slots))(keys)

    return Programs(jax.jit(lambda key: learner.start(key, game, settings)), advance, judge)


def summarise_experience(game: StagedGame, experience: Experience) -> dict[str, Any]:
    """Return the means of an iteration: the reward of every agent, and the indicators that are
    single numbers.
    """
    means: dict[str, Any] = {}
    for agents, rewards in zip(game.stages, experience.rewards, strict=True):
        for number, agent in enumerate(agents):
            means[f"reward/{agent}"] = jnp.mean(rewards[..., number])
    kpis = experience.kpis if isinstance(experience.kpis, Mapping) else experience.kpis._asdict()
    for name, value in kpis.items():
        # an indicator with axes beyond the batch is no single number
        if value.ndim == experience.over.ndim:
            means[f"kpi/{name}"] = jnp.mean(value)
    return means
