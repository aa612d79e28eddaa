"""Staged games for PettingZoo: one agent at a time (AEC), or one stage at a time (Parallel)."""

from typing import Any, ClassVar

import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import StagedGame, check_actions
from sagin.interop.compiled import (
    RENDER_MODES,
    CompiledGame,
    check_options,
    check_process,
    check_render_mode,
    draw_key,
    draw_step,
    require_episode,
)

try:
    import gymnasium
    import pettingzoo
    from gymnasium.utils import seeding
except ImportError:
    raise ImportError(
        "sagin.interop.pettingzoo needs pettingzoo and gymnasium: pip install 'sagin[rl]'"
    ) from None


class _Table:
    """Common part of both interfaces: spaces, the present episode, and the last step."""

    metadata: ClassVar[dict[str, Any]] = {
        "name": "sagin_v0",
        "render_modes": list(RENDER_MODES),
        "render_fps": 4,
        "is_parallelizable": False,
    }

    def __init__(self, game: StagedGame, render_mode: str | None = None):
        self.game, self.render_mode = game, render_mode
        self._compiled = CompiledGame(game, check_render_mode(game, render_mode))
        self.possible_agents = list(self._compiled.agents)
        self.agents: list[str] = []
        bound = np.float32(game.observation_bound)
        seen, decided = self._compiled.observation_size, self._compiled.action_size
        self.observation_spaces = {
            agent: gymnasium.spaces.Box(-bound, bound, (size,), np.float32)
            for agent, size in seen.items()
        }
        self.action_spaces = {
            agent: gymnasium.spaces.Box(0.0, 1.0, (size,), np.float32)
            for agent, size in decided.items()
        }
        self.state_space = gymnasium.spaces.Box(-np.inf, np.inf, (game.state_size,), np.float32)
        self._random: np.random.Generator | None = None
        self._carry: Any = None
        self._step: Any = None

    def observation_space(self, agent: str) -> gymnasium.spaces.Box:
        """Return the observation space of an agent."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Box:
        """Return the action space of an agent."""
        return self.action_spaces[agent]

    def state(self) -> np.ndarray:
        """Return everything that was known at the start of the slot, as one vector."""
        require_episode(self._step, "state")
        return np.array(self._compiled.global_state(self._carry))

    def render(self) -> np.ndarray | None:
        """Return a picture of the present slot; None without a render mode."""
        if self.render_mode is None:
            return None
        require_episode(self._step, "render")
        return draw_step(self.game, self._step)

    def close(self) -> None:
        """Do nothing: there are no resources to release."""

    def _begin(self, seed: int | None, options: dict[str, Any] | None) -> None:
        # PettingZoo's own checks hand over an option of this name, which means nothing
        check_options(options, "options")
        check_process()
        if seed is not None or self._random is None:
            self._random, _ = seeding.np_random(seed)
        self.agents = list(self.possible_agents)
        self._stage = 0
        self._carry, step = self._compiled.reset(draw_key(self._random))
        self._step = self._compiled.fill(step)

    def _take(self, actions: dict[str, np.ndarray]) -> None:
        joint = np.concatenate([actions[agent] for agent in self._acting])
        self._carry, step = self._compiled.stages[self._stage](self._carry, joint)
        self._step = self._compiled.fill(step)
        self._stage = (self._stage + 1) % len(self._compiled.turns)

    @property
    def _acting(self) -> tuple[str, ...]:
        return self._compiled.turns[self._stage]

    def _observation(self, agent: str) -> np.ndarray:
        return self._step.observations[self._compiled.observation_places[agent]].copy()

    def _infos(self) -> dict[str, dict[str, Any]]:
        masks, acting = self._step.action_masks, self._acting
        return {
            agent: {"acting": agent in acting, "relevant_actions": masks[part], **self._step.kpis}
            for agent, part in self._compiled.action_places.items()
        }


class Parallel(_Table, pettingzoo.ParallelEnv):
    """A staged game as `ParallelEnv`: one step is one stage.

    A slot takes as many steps as the game has stages. All agents take part in the whole episode and
    receive an observation after every step. Only the actions of the agents whose turn it is
    (`infos[agent]["acting"]`) have an effect; actions of the others are optional. Rewards are paid
    at the end of the slot and are 0 before. `infos[agent]["relevant_actions"]` is the mask of the
    action's numbers that have an effect. The infos hold the KPIs of a slot at its end, and NaN
    before.
    """

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin an episode; the same seed gives the same episode for the same actions."""
        self._begin(seed, options)
        return {agent: self._observation(agent) for agent in self.agents}, self._infos()

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Any]]:
        """Let the agents of the current stage act."""
        if not self.agents:
            raise InputError("step: no episode has begun (call reset first)")
        self._take(check_actions(actions, self._compiled.action_size, self._acting))
        agents, step = self.agents, self._step
        terminated, truncated = bool(step.terminated), bool(step.truncated)
        if terminated or truncated:
            self.agents = []
        return (
            {agent: self._observation(agent) for agent in agents},
            dict(zip(agents, step.rewards.tolist(), strict=True)),
            dict.fromkeys(agents, terminated),
            dict.fromkeys(agents, truncated),
            self._infos(),
        )


class Turns(_Table, pettingzoo.AECEnv):
    """A staged game as `AECEnv`: the agents of each stage act one after another.

    Agents of a later stage see the effect of the earlier stages. Agents of one stage act on the
    same observation: none of them sees another agent's choice in this stage. Rewards are paid at
    the end of the slot.
    """

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin an episode; the same seed gives the same episode for the same actions."""
        self._begin(seed, options)
        self._skip_agent_selection = None
        self._given: dict[str, np.ndarray] = {}
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = self._infos()
        self.agent_selection = self.agents[0]

    def last(self, observe: bool = True) -> Any:
        """Return the selected agent's observation, reward, end flags and info."""
        require_episode(self._step, "last")
        return super().last(observe)

    def observe(self, agent: str) -> np.ndarray:
        """Return an agent's observation; before its turn it lacks earlier stages' decisions."""
        require_episode(self._step, "observe")
        return self._observation(agent)

    def step(self, action: Any) -> None:
        """Let the selected agent act."""
        require_episode(self._step, "step")
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._given |= check_actions({agent: action}, self._compiled.action_size, (agent,))
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        if agent == self._acting[-1]:
            self._end_stage()
        order = self.possible_agents
        self.agent_selection = order[(order.index(agent) + 1) % len(order)]
        self._accumulate_rewards()

    def _end_stage(self) -> None:
        self._take(self._given)
        self._given = {}
        self.rewards = dict(zip(self.agents, self._step.rewards.tolist(), strict=True))
        self.terminations = dict.fromkeys(self.agents, bool(self._step.terminated))
        self.truncations = dict.fromkeys(self.agents, bool(self._step.truncated))
        self.infos = self._infos()
