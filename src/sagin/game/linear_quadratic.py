"""A linear-quadratic game, whose action values under any linear policy are known in closed form."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import Masks, Transition, Vectors
from sagin.types import Array, Float, Int, PRNGKeyArray

Matrix = tuple[tuple[float, ...], ...]


class LinearState(NamedTuple):
    """A slot of the linear-quadratic game."""

    position: Float[Array, " dimensions"]
    """Position x."""
    slot: Int[Array, ""]
    """Slots since the start of the episode."""
    controls: Float[Array, " controls"] | None = None
    """u, after the agents have acted."""


@dataclasses.dataclass(frozen=True)
class LinearQuadraticGame:
    """A linear-quadratic game: each agent sets one control u_i = limit·(2a_i − 1).

    x' = A x + B u + w, w ~ N(0, σ²I); every agent's reward is −(xᵀQx + uᵀRu).

    All agents see x and act at once. The limit is wide, so good policies hardly reach it and
    the values below hold.
    """

    dynamics: Matrix = ((0.95, 0.2), (0.0, 0.9))
    """Matrix A of the dynamics."""
    control: Matrix = ((0.1, 0.0), (0.0, 0.2))
    """B, one column per agent."""
    position_cost: Matrix = ((1.0, 0.0), (0.0, 1.0))
    """Q, symmetric and positive definite."""
    control_cost: Matrix = ((0.1, 0.02), (0.02, 0.1))
    """R, symmetric and positive definite; its off-diagonal elements couple the agents."""
    noise: float = 0.1
    """Standard deviation σ of the noise."""
    limit: float = 10.0
    """Largest magnitude of a control."""
    episode_length: int = 50
    """Slots of an episode."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Names agent_0, agent_1, …, one per control."""
        return tuple(f"agent_{number}" for number in range(len(self.control_cost)))

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The only stage, with all agents."""
        return (self.agents,)

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Number of dimensions of x."""
        return dict.fromkeys(self.agents, self.state_size)

    @property
    def observation_bound(self) -> float:
        """Largest magnitude of an observed number: infinity, because the noise is unbounded."""
        return float("inf")

    @property
    def action_size(self) -> Mapping[str, int]:
        """1: each agent sets one control."""
        return dict.fromkeys(self.agents, 1)

    @property
    def state_size(self) -> int:
        """Number of dimensions of x."""
        return len(self.dynamics)

    def reset(self, key: PRNGKeyArray) -> LinearState:
        """Draw x ~ N(0, I)."""
        return LinearState(jax.random.normal(key, (self.state_size,)), jnp.asarray(0))

    def observe(self, state: LinearState, stage: int) -> Vectors:
        """Return x to every agent."""
        return dict.fromkeys(self.stages[stage], state.position)

    def action_masks(self, state: LinearState, stage: int) -> Masks:
        """Return masks that are True everywhere."""
        del state
        return {agent: jnp.ones(1, bool) for agent in self.stages[stage]}

    def global_state(self, state: LinearState) -> Float[Array, " state"]:
        """Return x."""
        return state.position

    def act(self, state: LinearState, stage: int, actions: Vectors) -> LinearState:
        """Set the controls to the agents' actions."""
        joint = jnp.concatenate([actions[agent] for agent in self.stages[stage]])
        return state._replace(controls=self.limit * (2.0 * joint - 1.0))

    def finish(self, key: PRNGKeyArray, state: LinearState) -> Transition:
        """Compute the rewards and the next x."""
        x, u = state.position, state.controls
        if u is None:
            raise ValueError("finish before act")
        reward = -(x @ jnp.asarray(self.position_cost) @ x + u @ jnp.asarray(self.control_cost) @ u)
        moved = (
            jnp.asarray(self.dynamics) @ x
            + jnp.asarray(self.control) @ u
            + self.noise * jax.random.normal(key, x.shape)
        )
        slot = state.slot + 1
        executed = dict(zip(self.agents, (u / self.limit + 1.0)[:, None] / 2.0, strict=True))
        following = LinearState(moved, slot)
        rewards = dict.fromkeys(self.agents, reward)
        return Transition(
            following,
            rewards,
            executed,
            jnp.asarray(False),
            slot >= self.episode_length,
            {"cost": -reward},
        )

    def optimal_gain(self, discount: float) -> np.ndarray:
        """Return K of the optimal policy u = −K x, [controls, dimensions].

        It solves the Riccati equation of (√γ A, √γ B, Q, R).
        """
        from scipy.linalg import solve_discrete_are

        a, b, q, r = self._matrices(discount)
        value = solve_discrete_are(a, b, q, r)
        return np.linalg.solve(r + b.T @ value @ b, b.T @ value @ a)

    def action_value(self, gain: np.ndarray, discount: float) -> tuple[np.ndarray, float]:
        """Return (H, c) of the action value Q(x, u) = −(x, u)ᵀ H (x, u) − c of a linear policy.

        Q is the discounted value of u at x, followed by u = −K x in all later slots.

        The value matrix P solves P = Q + KᵀRK + γ(A − BK)ᵀP(A − BK); then H = diag(Q, R) + γ(A
        B)ᵀP(A B) and c = γσ²tr(P)/(1 − γ). The policy has to keep √γ(A − BK) stable. An episode
        never terminates; it is only truncated.
        """
        from scipy.linalg import solve_discrete_lyapunov

        a, b, q, r = self._matrices(discount)
        value = solve_discrete_lyapunov((a - b @ gain).T, q + gain.T @ r @ gain)
        both = np.concatenate([a, b], axis=1)
        zeros = np.zeros((len(q), len(r)))
        stage = np.block([[q, zeros], [zeros.T, r]])
        return stage + both.T @ value @ both, discount * self.noise**2 * float(np.trace(value)) / (
            1.0 - discount
        )

    def _matrices(self, discount: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        root = np.sqrt(discount)
        return (
            root * np.array(self.dynamics),
            root * np.array(self.control),
            np.array(self.position_cost),
            np.array(self.control_cost),
        )
