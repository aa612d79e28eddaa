"""A staged game as one stage: all agents decide from what is known at the slot's start."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sagin.game.protocol import Masks, StagedGame, Transition, Vectors
from sagin.types import Array, Float, PRNGKeyArray


@dataclasses.dataclass(frozen=True)
class Simultaneous:
    """The same game with all agents in one stage.

    The decisions of the stages still take effect in their order. Agents of later stages see their
    observation with the earlier decisions unknown, so this game gives them less information than
    the staged one. Interfaces without turns need this form.
    """

    game: StagedGame

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent of the game."""
        return self.game.agents

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """One stage with all agents."""
        return (self.game.agents,)

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Length of each agent's observation in the wrapped game."""
        return self.game.observation_size

    @property
    def observation_bound(self) -> float:
        """Largest magnitude of an observed number in the wrapped game."""
        return self.game.observation_bound

    @property
    def action_size(self) -> Mapping[str, int]:
        """Length of each agent's action in the wrapped game."""
        return self.game.action_size

    @property
    def state_size(self) -> int:
        """Length of the wrapped game's `global_state`."""
        return self.game.state_size

    @property
    def episode_length(self) -> int:
        """Slots after which the wrapped game truncates an episode."""
        return self.game.episode_length

    def reset(self, key: PRNGKeyArray) -> Any:
        """Return the state at the start of an episode."""
        return self.game.reset(key)

    def observe(self, state: Any, stage: int) -> Vectors:
        """Return every agent's observation at the start of the slot."""
        del stage
        return {
            agent: seen
            for number in range(len(self.game.stages))
            for agent, seen in self.game.observe(state, number).items()
        }

    def action_masks(self, state: Any, stage: int) -> Masks:
        """Return the mask of every action, as far as it is known at the start of the slot."""
        del stage
        return {
            agent: mask
            for number in range(len(self.game.stages))
            for agent, mask in self.game.action_masks(state, number).items()
        }

    def global_state(self, state: Any) -> Float[Array, " state"]:
        """Return the wrapped game's global state."""
        return self.game.global_state(state)

    def act(self, state: Any, stage: int, actions: Vectors) -> Any:
        """Let the stages of the game act in turn."""
        del stage
        for number, agents in enumerate(self.game.stages):
            state = self.game.act(state, number, {agent: actions[agent] for agent in agents})
        return state

    def finish(self, key: PRNGKeyArray, state: Any) -> Transition:
        """End the slot as the wrapped game does."""
        return self.game.finish(key, state)
