"""The game `simple_spread` of MPE, on which HARL was trained: the returns of policies that need no
learning, before and after a change of the game's physics.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import Masks, Transition, Vectors
from sagin.types import Array, Float, Int, PRNGKeyArray

STEP, DAMPING, SENSITIVITY = 0.1, 0.25, 5.0
"""MPE's time step, share of the velocity lost in one, and force of a full action; masses are 1."""

REACH = 0.3
"""Twice an agent's radius: two agents nearer than this collide."""

CONTACT_FORCE, CONTACT_MARGIN = 100.0, 1e-3
"""MPE's stiffness of a contact, and the depth over which it sets in."""

EPISODES = 4096


class SpreadState(NamedTuple):
    """Hold the state of simple_spread in a slot."""

    position: Float[Array, "agents 2"]
    velocity: Float[Array, "agents 2"]
    landmarks: Float[Array, "agents 2"]
    slot: Int[Array, ""]
    """Slots since the start of the episode."""
    actions: Float[Array, "agents 5"] | None = None
    """Once the agents have acted."""


@dataclasses.dataclass(frozen=True)
class SimpleSpread:
    """As many agents as landmarks in the plane, pushed by their actions, so that each landmark has
    an agent near and no two agents collide.

    An action is (nothing, left, right, down, up), clipped to [0, 1] as MPE does. An agent is paid
    local_ratio · (−its collisions) + (1 − local_ratio) · (−Σ over landmarks of the distance to the
    nearest agent), after the move. The team return that HARL reports is the sum of all agents'
    rewards over the episode (`total_reward` in its pettingzoo_mpe_env.py).

    `variant="today"` is simple_spread_v3 of mpe2 0.0.1 and of PettingZoo 1.24.3 and 1.25.
    `variant="old"` is simple_spread_v2 of PettingZoo 1.22.2, on which HARL's curves were made. In
    pettingzoo/mpe/ of these releases they differ in three lines:

    - _mpe_utils/core.py, World.integrate_state: the old one moves by the velocity after this slot's
    force (up to 1.22.4), today's by the
      one before it (from 1.23.1);
    - simple_spread/simple_spread.py, Scenario.reward: the old one counts every agent as colliding
    with itself too (up to 1.22.3);
    - _mpe_utils/simple_env.py, _set_action: the old one pushes to the other side, by a[1] − a[2] in
    place of a[2] − a[1] (up to 1.24.0).
    """

    variant: Literal["today", "old"] = "today"
    agents_number: int = 3
    episode_length: int = 25
    local_ratio: float = 0.5

    def __post_init__(self) -> None:
        if self.variant not in ("today", "old"):
            raise InputError(f"variant: {self.variant!r} (allowed: today, old)")

    @property
    def agents(self) -> tuple[str, ...]:
        """Return the names agent_0, agent_1, …, as in MPE."""
        return tuple(f"agent_{number}" for number in range(self.agents_number))

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """Return the agents of the only stage."""
        return (self.agents,)

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Return the size of (own velocity, own position, landmarks, other agents, messages)."""
        return dict.fromkeys(self.agents, 6 * self.agents_number)

    @property
    def observation_bound(self) -> float:
        """Return no bound, because the plane has no edge."""
        return float("inf")

    @property
    def action_size(self) -> Mapping[str, int]:
        """Return the size of (nothing, left, right, down, up)."""
        return dict.fromkeys(self.agents, 5)

    @property
    def state_size(self) -> int:
        """Return the size of all observations together."""
        return 6 * self.agents_number**2

    def reset(self, key: PRNGKeyArray) -> SpreadState:
        """Draw the positions of agents and landmarks from [−1, 1]², with all agents at rest."""
        position, landmarks = jax.random.uniform(
            key, (2, self.agents_number, 2), minval=-1.0, maxval=1.0
        )
        return SpreadState(position, jnp.zeros_like(position), landmarks, jnp.asarray(0))

    def observe(self, state: SpreadState, stage: int) -> Vectors:
        """Return (own velocity, own position, landmarks, other agents, empty messages); landmarks
        and other agents are relative to the agent.
        """
        del stage
        silence = jnp.zeros(2 * (self.agents_number - 1), state.position.dtype)

        def seen(row: int) -> Float[Array, " observation"]:
            position = state.position[row]
            neighbours = jnp.delete(state.position, row, axis=0)
            return jnp.concatenate(
                [
                    state.velocity[row],
                    position,
                    (state.landmarks - position).ravel(),
                    (neighbours - position).ravel(),
                    silence,
                ]
            )

        return {agent: seen(row) for row, agent in enumerate(self.agents)}

    def action_masks(self, state: SpreadState, stage: int) -> Masks:
        """Return masks that allow all actions, as MPE does, although the first has no effect."""
        del state
        return {agent: jnp.ones(5, bool) for agent in self.stages[stage]}

    def global_state(self, state: SpreadState) -> Float[Array, " state"]:
        """Return all observations, as MPE's `state()` does."""
        return jnp.concatenate(list(self.observe(state, 0).values()))

    def act(self, state: SpreadState, stage: int, actions: Vectors) -> SpreadState:
        """Apply the agents' forces."""
        return state._replace(
            actions=jnp.clip(jnp.stack([actions[agent] for agent in self.stages[stage]]), 0.0, 1.0)
        )

    def finish(self, key: PRNGKeyArray, state: SpreadState) -> Transition:
        """Move the agents and reward their new positions; nothing is random."""
        del key
        if state.actions is None:
            raise ValueError("finish before act")
        velocity = (1.0 - DAMPING) * state.velocity + STEP * (
            self.push(state.actions) + contact_forces(state.position)
        )
        position = state.position + STEP * (velocity if self.variant == "old" else state.velocity)
        slot = state.slot + 1
        collisions = self.collisions(position)
        uncovered = jnp.sum(jnp.min(distances(position, state.landmarks), axis=0))
        rewards = -self.local_ratio * collisions - (1.0 - self.local_ratio) * uncovered
        return Transition(
            SpreadState(position, velocity, state.landmarks, slot),
            dict(zip(self.agents, rewards, strict=True)),
            dict(zip(self.agents, state.actions, strict=True)),
            jnp.asarray(False),
            slot >= self.episode_length,
            {"team_reward": jnp.sum(rewards), "uncovered_distance": uncovered},
        )

    def push(self, actions: Float[Array, "agents 5"]) -> Float[Array, "agents 2"]:
        """Return the forces that the actions exert."""
        side = -1.0 if self.variant == "old" else 1.0
        return side * SENSITIVITY * (actions[:, 2::2] - actions[:, 1::2])

    def actions_for(self, force: Float[Array, "agents 2"]) -> Vectors:
        """Return the actions that exert the given force, or the nearest possible one."""
        share = jnp.clip(force / SENSITIVITY, -1.0, 1.0) * (-1.0 if self.variant == "old" else 1.0)
        towards, away = jnp.maximum(share, 0.0), jnp.maximum(-share, 0.0)
        still = jnp.zeros_like(share[:, 0])
        joint = jnp.stack([still, away[:, 0], towards[:, 0], away[:, 1], towards[:, 1]], axis=1)
        return dict(zip(self.agents, joint, strict=True))

    def collisions(self, position: Float[Array, "agents 2"]) -> Float[Array, " agents"]:
        """Count the agents with which each agent collides."""
        near = distances(position, position) < REACH
        if self.variant == "today":
            near &= ~jnp.eye(self.agents_number, dtype=bool)
        return jnp.sum(near, axis=1).astype(position.dtype)


def distances(first: Float[Array, "n 2"], second: Float[Array, "m 2"]) -> Float[Array, "n m"]:
    """Return the distance of each pair of positions."""
    return jnp.sqrt(jnp.sum((first[:, None] - second[None]) ** 2, axis=-1))


def contact_forces(position: Float[Array, "agents 2"]) -> Float[Array, "agents 2"]:
    """Return the forces between overlapping agents: along the line between the two, a soft maximum
    of 0 and the depth of the overlap.

    The force is NaN, as in MPE, where two agents are at the same position.
    """
    offset = position[:, None] - position[None]
    itself = jnp.eye(len(position), dtype=bool)
    distance = jnp.where(itself, 1.0, distances(position, position))
    depth = CONTACT_MARGIN * jnp.logaddexp(0.0, (REACH - distance) / CONTACT_MARGIN)
    return CONTACT_FORCE * jnp.sum(offset * (depth / distance)[..., None], axis=1)


Policy = Callable[[PRNGKeyArray, SpreadState], Vectors]


def uniform(game: SimpleSpread) -> Policy:
    """Return the policy that draws actions uniformly from [0, 1]⁵."""
    return lambda key, _: dict(
        zip(game.agents, jax.random.uniform(key, (game.agents_number, 5)), strict=True)
    )


def assigned(game: SimpleSpread, stiffness: float = 50.0, damping: float = 10.0) -> Policy:
    """Return the policy that assigns each agent one landmark by the least total distance and moves
    it there: force = stiffness · way − damping · velocity.

    The assignment is computed anew in each slot. The gains are the best of ten tested pairs that
    work for both variants.
    """
    orders = np.array(list(itertools.permutations(range(game.agents_number))))

    def policy(key: PRNGKeyArray, state: SpreadState) -> Vectors:
        del key
        costs = distances(state.position, state.landmarks)
        totals = jnp.sum(costs[np.arange(game.agents_number), orders], axis=1)
        goals = state.landmarks[jnp.asarray(orders)[jnp.argmin(totals)]]
        return game.actions_for(stiffness * (goals - state.position) - damping * state.velocity)

    return policy


def team_returns(
    key: PRNGKeyArray, game: SimpleSpread, policy: Policy, episodes: int
) -> Float[Array, " episodes"]:
    """Return the team returns of episodes: undiscounted sums over agents and slots."""

    def slot(state: SpreadState, key: PRNGKeyArray) -> tuple[SpreadState, Float[Array, ""]]:
        acting, passing = jax.random.split(key)
        done = game.finish(passing, game.act(state, 0, policy(acting, state)))
        return done.state, done.kpis["team_reward"]

    def episode(key: PRNGKeyArray) -> Float[Array, ""]:
        starting, key = jax.random.split(key)
        _, rewards = jax.lax.scan(
            slot, game.reset(starting), jax.random.split(key, game.episode_length)
        )
        return jnp.sum(rewards)

    return jax.jit(jax.vmap(episode))(jax.random.split(key, episodes))


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (name, target, measured) rows."""
    for game, known in (
        (SimpleSpread("old"), ("−112", "−52")),
        (SimpleSpread("today"), ("−76", "−18")),
    ):
        for name, policy, target in (
            ("uniform actions", uniform(game), known[0]),
            ("assignment and PD control", assigned(game), known[1]),
        ):
            returns = np.asarray(team_returns(jax.random.key(0), game, policy, EPISODES))
            half = 1.96 * returns.std(ddof=1) / np.sqrt(EPISODES)
            yield (
                f"simple_spread, {game.variant}: team return of {name}, {EPISODES} episodes, "
                "95 % interval",
                target,
                f"{returns.mean():.2f} ± {half:.2f}",
            )
