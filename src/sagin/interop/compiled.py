"""A staged game as compiled functions of single vectors: what the adapters that step in Python have
in common.
"""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import StagedGame
from sagin.types import Array, Float, PRNGKeyArray


class Step(NamedTuple):
    """What one stage brought, all agents' vectors joined in the order of `game.agents`; JAX's
    arrays, NumPy's once `to_numpy`.
    """

    observations: Any
    """What everybody sees now."""
    action_masks: Any
    """Which numbers of everybody's next action can matter."""
    rewards: Any
    """Zero unless the slot ended."""
    terminated: Any
    """Whether the game is over."""
    truncated: Any
    """Whether the episode is cut."""
    kpis: Mapping[str, Any]
    """Empty unless the slot ended."""


Carry = tuple[Array, Any]
"""Key and state of an episode under way."""


class CompiledGame:
    """Reset and stages of a game, each one call."""

    def __init__(self, game: StagedGame):
        self.game = game
        # read once: a game may work these out anew each time
        self.agents, self.turns = game.agents, game.stages
        self.observation_size, self.action_size = (
            dict(game.observation_size),
            dict(game.action_size),
        )
        self.observation_places = locate_vectors(game.observation_size, game.agents)
        self.action_places = locate_vectors(game.action_size, game.agents)
        self.reset = jax.jit(self.start)
        self.stages = [
            jax.jit(functools.partial(self.take, stage)) for stage in range(len(game.stages))
        ]
        self.global_state = jax.jit(lambda carry: game.global_state(carry[1]).astype(jnp.float32))

    def start(self, key: PRNGKeyArray) -> tuple[Carry, Step]:
        """Begin an episode."""
        key, now = jax.random.split(key)
        state = self.game.reset(now)
        never = jnp.asarray(False)
        return (key, state), Step(
            *self._seen(state), jnp.zeros(len(self.game.agents)), never, never, {}
        )

    def take(self, stage: int, carry: Carry, joint: Float[Array, " actions"]) -> tuple[Carry, Step]:
        """Let the agents of a stage act with their actions, joined; the slot ends with its last
        stage.
        """
        key, state = carry
        game, agents = self.game, self.game.stages[stage]
        vectors = {
            agent: joint[part] for agent, part in locate_vectors(game.action_size, agents).items()
        }
        state = game.act(state, stage, vectors)
        if stage + 1 < len(game.stages):
            never = jnp.asarray(False)
            return (key, state), Step(
                *self._seen(state), jnp.zeros(len(game.agents)), never, never, {}
            )
        key, now = jax.random.split(key)
        done = game.finish(now, state)
        rewards = jnp.stack([done.rewards[agent] for agent in game.agents])
        return (key, done.state), Step(
            *self._seen(done.state), rewards, done.terminated, done.truncated, to_dict(done.kpis)
        )

    def _seen(self, state: Any) -> tuple[Array, Array]:
        stages = range(len(self.game.stages))
        seen = [self.game.observe(state, stage) for stage in stages]
        masks = [self.game.action_masks(state, stage) for stage in stages]
        return self._joined(seen).astype(jnp.float32), self._joined(masks)

    def _joined(self, parts: list[dict[str, Array]]) -> Array:
        whole = {agent: vector for part in parts for agent, vector in part.items()}
        return jnp.concatenate([whole[agent] for agent in self.game.agents])


def locate_vectors(sizes: Mapping[str, int], agents: tuple[str, ...]) -> dict[str, slice]:
    """Return where each agent's numbers lie when its vector is joined to those of the agents before
    it.
    """
    ends = np.cumsum([sizes[agent] for agent in agents]).tolist()
    return {agent: slice(end - sizes[agent], end) for agent, end in zip(agents, ends, strict=True)}


def to_dict(kpis: Any) -> dict[str, Any]:
    """Return a mapping or a named tuple of numbers as a dictionary."""
    return dict(kpis) if isinstance(kpis, Mapping) else kpis._asdict()


def to_numpy(step: Step) -> Step:
    """Return the step as NumPy arrays that are the caller's own."""
    return jax.tree.map(np.array, step)


def draw_key(generator: np.random.Generator) -> PRNGKeyArray:
    """Return a key for an episode, drawn from the generator that the ecosystem seeds."""
    return jax.random.key(int(generator.integers(2**31)))
