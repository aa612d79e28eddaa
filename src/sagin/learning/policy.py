"""Trained actors for use outside compiled code: NumPy observations in, NumPy actions out."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.stage import list_stages, stack_vectors, unstack_actions
from sagin.types import Array


class LearnedPolicy:
    """Actors of all stages of a game, without noise."""

    def __init__(self, task: LearningTask, actors: tuple[Any, ...]) -> None:
        """Bind the networks of each stage (`actors`) to a task: game, learner and settings."""
        self.task, self.game = task, task.game
        choose = LEARNERS[task.learner].act(task.game, task.settings, actors)
        self._choose = jax.jit(lambda number, seen: choose(None, number, seen)[0], static_argnums=0)

    def act(
        self, observations: Mapping[str, Any], present: Mapping[str, Any] | None = None
    ) -> dict[str, np.ndarray]:
        """Return the actions, numbers in [0, 1], of the agents of one stage.

        Args:
            observations: flat vectors of all agents of the stage.
            present: for shared networks, the mask of an agent's present rows; default: all.

        Raises:
            InputError: an agent or a number is missing or superfluous; the message has one line.
        """
        groups = list_stages(self.game)
        number = next(
            (
                number
                for number, stage in enumerate(groups)
                if set(stage.agents) == set(observations)
            ),
            None,
        )
        if number is None:
            raise InputError(
                f"observations: of {', '.join(observations) or 'nobody'} "
                f"(allowed: all agents of one stage of {self.game.stages})"
            )
        stage = groups[number]
        for agent, size in zip(stage.agents, stage.observed, strict=True):
            if np.shape(observations[agent]) != (size,):
                raise InputError(
                    f"observation of {agent}: shape {np.shape(observations[agent])} "
                    f"(allowed: ({size},))"
                )
        seen = stack_vectors(
            {agent: jnp.asarray(observations[agent], float) for agent in stage.agents}, stage.agents
        )
        actions = self._choose(
            number, jnp.concatenate([seen, *self._masks(stage.agents, present)], axis=1)
        )
        return {
            agent: np.asarray(action) for agent, action in unstack_actions(actions, stage).items()
        }

    def _masks(self, agents: tuple[str, ...], present: Mapping[str, Any] | None) -> list[Array]:
        if self.task.settings.network.kind != "shared":
            return []
        game: Any = self.game
        masks = {agent: jnp.ones(len(game.rows(agent).decided)) for agent in agents}
        masks |= {agent: jnp.asarray(mask, float) for agent, mask in (present or {}).items()}
        everyone = jnp.concatenate([masks[agent] for agent in agents])
        return [
            stack_vectors(masks, agents),
            jnp.broadcast_to(everyone, (len(agents), len(everyone))),
        ]
