"""A game with a known optimum: every agent sees a target and has to name it."""

import dataclasses
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import Masks, Transition, Vectors
from sagin.types import Array, Float, Int, PRNGKeyArray


class TargetState(NamedTuple):
    """A slot of the target game."""

    targets: Float[Array, "agents numbers"]
    """Targets drawn for each agent, uniform in [0, 1]."""
    slot: Int[Array, ""]
    """Slots since the start of the episode."""
    actions: tuple[Vectors, ...] = ()
    """Actions of the stages that have acted."""


@dataclasses.dataclass(frozen=True)
class TargetGame:
    """Agents guess a target t: the reward is −mean((a − t)²), and the best return is 0.

    The best action equals the observed target.

    In the first stage t is the agent's own target. In a later stage it is the mean of the own
    target and of the previous stage's mean action, which the agent sees after that stage has acted
    (before that, it sees its own target). In the first stage, an action uniform in [0, 1] earns
    −1/6 per slot on average. Targets are drawn again in every slot, so a learner needs only its
    observation, 2t − 1.
    """

    groups: tuple[int, ...] = (2, 2)
    """Number of agents of each stage."""
    numbers: int = 2
    """Length of each agent's target."""
    episode_length: int = 10
    """Slots of an episode."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents: agent_0, agent_1, …"""
        return tuple(f"agent_{number}" for number in range(sum(self.groups)))

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The groups of agents."""
        return tuple(
            self.agents[start:end] for start, end in pairwise(accumulate(self.groups, initial=0))
        )

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Length of each agent's observation, which is the target."""
        return dict.fromkeys(self.agents, self.numbers)

    @property
    def observation_bound(self) -> float:
        """1: targets are shown as 2t − 1."""
        return 1.0

    @property
    def action_size(self) -> Mapping[str, int]:
        """Length of each agent's action, equal to the target's."""
        return dict.fromkeys(self.agents, self.numbers)

    @property
    def state_size(self) -> int:
        """Length of `global_state`, which holds all targets."""
        return len(self.agents) * self.numbers

    def reset(self, key: PRNGKeyArray) -> TargetState:
        """Draw targets."""
        return TargetState(
            jax.random.uniform(key, (len(self.agents), self.numbers)), jnp.asarray(0)
        )

    def targets(self, state: TargetState, stage: int) -> Vectors:
        """Return the targets of the agents of a stage."""
        drawn = dict(zip(self.agents, state.targets, strict=True))
        if stage == 0 or len(state.actions) < stage:
            return {agent: drawn[agent] for agent in self.stages[stage]}
        before = state.actions[stage - 1]
        mean = sum(before.values(), jnp.zeros(self.numbers)) / len(before)
        return {agent: (drawn[agent] + mean) / 2.0 for agent in self.stages[stage]}

    def observe(self, state: TargetState, stage: int) -> Vectors:
        """Return the targets, scaled to [−1, 1]."""
        return {agent: 2.0 * target - 1.0 for agent, target in self.targets(state, stage).items()}

    def action_masks(self, state: TargetState, stage: int) -> Masks:
        """Return masks that are True everywhere."""
        del state
        return {agent: jnp.ones(self.numbers, bool) for agent in self.stages[stage]}

    def global_state(self, state: TargetState) -> Float[Array, " state"]:
        """Return all drawn targets, scaled to [−1, 1]."""
        return 2.0 * state.targets.reshape(-1) - 1.0

    def act(self, state: TargetState, stage: int, actions: Vectors) -> TargetState:
        """Store the actions."""
        return state._replace(
            actions=(*state.actions, {agent: actions[agent] for agent in self.stages[stage]})
        )

    def finish(self, key: PRNGKeyArray, state: TargetState) -> Transition:
        """Compute the rewards and draw the next targets."""
        targets = {
            agent: target
            for stage in range(len(self.groups))
            for agent, target in self.targets(state, stage).items()
        }
        executed = {agent: action for actions in state.actions for agent, action in actions.items()}
        rewards = {
            agent: -jnp.mean((executed[agent] - targets[agent]) ** 2) for agent in self.agents
        }
        slot = state.slot + 1
        following = self.reset(key)._replace(slot=slot)
        kpis = {"error": -sum(rewards.values()) / len(self.agents)}
        return Transition(
            following, rewards, executed, jnp.asarray(False), slot >= self.episode_length, kpis
        )
