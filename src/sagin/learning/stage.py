"""The agents of a stage as one batch: vectors padded to the longest, stacked, and masked."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import StagedGame, Vectors
from sagin.types import Array, Bool, Float


class Stage(NamedTuple):
    """Agents of a stage and the lengths of their vectors; static."""

    agents: tuple[str, ...]
    observed: tuple[int, ...]
    """Length of each agent's observation."""
    decided: tuple[int, ...]
    """Length of each agent's action."""

    @property
    def real(self) -> Bool[np.ndarray, "agents numbers"]:
        """Mask of the positions of a stacked action that belong to its agent."""
        return np.arange(max(self.decided)) < np.array(self.decided)[:, None]


def list_stages(game: StagedGame) -> tuple[Stage, ...]:
    """Return the stages of a game."""
    seen, decided = game.observation_size, game.action_size
    return tuple(
        Stage(agents, tuple(seen[a] for a in agents), tuple(decided[a] for a in agents))
        for agents in game.stages
    )


def stack_vectors(vectors: Vectors, agents: tuple[str, ...]) -> Float[Array, "agents numbers"]:
    """Return the vectors of agents as rows, padded with zeros to the longest."""
    longest = max(vectors[agent].shape[0] for agent in agents)
    return jnp.stack(
        [jnp.pad(vectors[agent], (0, longest - vectors[agent].shape[0])) for agent in agents]
    )


def observe_stage(
    game: Any, state: Any, number: int, with_masks: bool
) -> Float[Array, "agents numbers"]:
    """Return the observations of a stage's agents.

    If masks are requested, they follow: of the agents' own rows, and of all rows of the stage.
    """
    agents = game.stages[number]
    seen = stack_vectors(game.observe(state, number), agents)
    if not with_masks:
        return seen
    masks = game.action_masks(state, number)
    masks_by_agent = {
        agent: masks[agent][game.rows(agent).decided[:, 0]].astype(seen.dtype) for agent in agents
    }
    everyone = jnp.concatenate([masks_by_agent[agent] for agent in agents])
    return jnp.concatenate(
        [
            seen,
            stack_vectors(masks_by_agent, agents),
            jnp.broadcast_to(everyone, (len(agents), everyone.shape[0])),
        ],
        axis=1,
    )


def unstack_actions(rows: Float[Array, "agents numbers"], stage: Stage) -> Vectors:
    """Return each agent's action without padding: the inverse of `stack_vectors`."""
    return {
        agent: rows[row, :size]
        for row, (agent, size) in enumerate(zip(stage.agents, stage.decided, strict=True))
    }


def stack_scalars(values: Vectors, agents: tuple[str, ...]) -> Float[Array, " agents"]:
    """Return one number per agent, such as its reward."""
    return jnp.stack([values[agent] for agent in agents])
