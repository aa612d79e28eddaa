"""Staged games with the signatures of JaxMARL's environments, for its training code.

JaxMARL itself is not needed.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from sagin.game.protocol import Masks, StagedGame, Vectors
from sagin.game.simultaneous import Simultaneous
from sagin.interop.compiled import to_dict
from sagin.types import Array, ArrayLike, Bool, PRNGKeyArray


@dataclasses.dataclass(frozen=True)
class Box:
    """Space of arrays with numbers between two bounds, with the attributes of JaxMARL's `Box`."""

    low: float
    high: float
    shape: tuple[int, ...]
    dtype: Any = jnp.float32

    def sample(self, rng: PRNGKeyArray) -> Array:
        """Return uniformly drawn numbers."""
        return jax.random.uniform(rng, self.shape, self.dtype, self.low, self.high)

    def contains(self, x: ArrayLike) -> Bool[Array, ""]:
        """Return whether all numbers lie within the bounds."""
        values = jnp.asarray(x)
        return jnp.all((values >= self.low) & (values <= self.high))


class MultiAgentEnv:
    """A staged game as JaxMARL's `MultiAgentEnv`: pure functions `reset` and `step`.

    `reset(key)` begins an episode; `step(key, state, actions)` runs one slot, with auto-reset. All
    agents act at once from what is known at the slot's start (`sagin.game.Simultaneous`). Actions
    are clipped to [0, 1], because this interface's learners draw from unbounded distributions and
    leave the bounds to the environment. A truncated episode is `done`, as the interface does not
    distinguish the two; `infos["truncated"]` does. Every info is an array with one number per
    agent, as JaxMARL's loggers expect.

    With `homogeneous`, all agents have observations and actions of one size, as JaxMARL's learners
    with shared parameters need: observations are padded with zeros and end with the agent's index
    as a one-hot vector, and actions are cut to the agent's own numbers.

    With `final_observations`, `infos["final_observations"]` of `step` holds the observations
    after the slot and before a reset, so that a learner can add the value of the state in which an
    episode was cut. The default is off, because JaxMARL's own learners log every info as one number
    per agent.
    """

    def __init__(
        self, game: StagedGame, homogeneous: bool = False, final_observations: bool = False
    ):
        self.game = Simultaneous(game)
        self.homogeneous = homogeneous
        self.final_observations = final_observations
        self.agents = list(game.agents)
        self.num_agents = len(self.agents)
        bound = float(game.observation_bound)
        most_seen, most_decided = (
            max(game.observation_size.values()),
            max(game.action_size.values()),
        )
        seen = {
            a: most_seen + self.num_agents if homogeneous else game.observation_size[a]
            for a in self.agents
        }
        decided = {a: most_decided if homogeneous else game.action_size[a] for a in self.agents}
        self.observation_spaces = {
            agent: Box(-bound, bound, (size,)) for agent, size in seen.items()
        }
        self.action_spaces = {agent: Box(0.0, 1.0, (size,)) for agent, size in decided.items()}

    @property
    def name(self) -> str:
        """Name of the game."""
        return type(self.game.game).__name__

    @property
    def agent_classes(self) -> dict[str, list[str]]:
        """The agents of each stage."""
        return {
            f"stage_{number}": list(stage) for number, stage in enumerate(self.game.game.stages)
        }

    def observation_space(self, agent: str) -> Box:
        """Return the observation space of an agent."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box:
        """Return the action space of an agent."""
        return self.action_spaces[agent]

    def get_obs(self, state: Any) -> Vectors:
        """Return the observation of every agent."""
        seen = self.game.observe(state, 0)
        return {agent: self._pad_observation(agent, seen[agent]) for agent in self.agents}

    def get_avail_actions(self, state: Any) -> Masks:
        """Return, for every agent, the mask of the action's numbers that have an effect."""
        masks = self.game.action_masks(state, 0)
        return {
            a: jnp.pad(masks[a], (0, self.action_spaces[a].shape[0] - masks[a].shape[0]))
            for a in self.agents
        }

    def reset(self, key: PRNGKeyArray) -> tuple[Vectors, Any]:
        """Return the first observations and the state of an episode."""
        state = self.game.reset(key)
        return self.get_obs(state), state

    def step(
        self, key: PRNGKeyArray, state: Any, actions: Vectors, reset_state: Any = None
    ) -> tuple[Vectors, Any, Vectors, dict[str, Array], dict[str, Any]]:
        """Run one slot. At the end of an episode, return observations and state of the next one.

        `reset_state` is the state of the next episode, if present.
        """
        key, key_reset = jax.random.split(key)
        observations, following, rewards, dones, infos = self.step_env(key, state, actions)
        first, fresh = (
            self.reset(key_reset)
            if reset_state is None
            else (self.get_obs(reset_state), reset_state)
        )
        ended = dones["__all__"]
        if self.final_observations:
            infos = {**infos, "final_observations": observations}
        observations, following = jax.tree.map(
            lambda new, old: jnp.where(ended, new, old), (first, fresh), (observations, following)
        )
        return observations, following, rewards, dones, infos

    def step_env(
        self, key: PRNGKeyArray, state: Any, actions: Vectors
    ) -> tuple[Vectors, Any, Vectors, dict[str, Array], dict[str, Array]]:
        """Run one slot without auto-reset; after the last slot the observations are final."""
        vectors = {
            agent: jnp.clip(actions[agent][: self.game.action_size[agent]], 0.0, 1.0)
            for agent in self.agents
        }
        done = self.game.finish(key, self.game.act(state, 0, vectors))
        # one type from step to step, as scans need it, in 64 bits too
        following = jax.tree.map(
            lambda new, old: new if new.dtype == old.dtype else new.astype(old.dtype),
            done.state,
            state,
        )
        ended = done.terminated | done.truncated
        scalars = {
            name: value for name, value in to_dict(done.kpis).items() if jnp.ndim(value) == 0
        }
        infos = {
            name: jnp.broadcast_to(value, (self.num_agents,))
            for name, value in {**scalars, "truncated": done.truncated}.items()
        }
        return (
            self.get_obs(following),
            following,
            done.rewards,
            dict.fromkeys([*self.agents, "__all__"], ended),
            infos,
        )

    def _pad_observation(self, agent: str, seen: Array) -> Array:
        if not self.homogeneous:
            return seen
        most = max(self.game.observation_size.values())
        return jnp.concatenate(
            [
                jnp.pad(seen, (0, most - seen.shape[0])),
                jax.nn.one_hot(self.agents.index(agent), self.num_agents),
            ]
        )
