"""Any method on the same slots: a policy in JAX, a function on NumPy vectors, or an allocator.

Each of the three functions takes the same keys and returns the same indicators, `Kpis` of shape
(seeds, slots, …): equal keys give equal users, channels and arrivals, so that methods compare
slot by slot.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.slicing.allocation import Allocation, carry_out
from sagin.slicing.evaluation import Counts, begin_run, evaluate, split_slot
from sagin.slicing.game import SlicingGame, Turn
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Kpis, State
from sagin.slicing.step import advance
from sagin.types import Array, PRNGKeyArray

Keys = PRNGKeyArray | Array
"""One per seed."""
Act = Callable[[dict[str, np.ndarray]], Mapping[str, Any]]
"""From the observations of a stage's agents to their actions, numbers in [0, 1]."""
Allocate = Callable[[Scenario, State], Allocation]
"""From a batch of slots, one per seed, to their allocations."""


def play_policy(
    keys: Keys, scenario: Scenario, policy: Policy, slots: int, counts: Counts = None
) -> Kpis:
    """Return the indicators of a policy in JAX, compiled and batched over seeds."""
    counts = None if counts is None else jnp.asarray(counts)
    return _play_policy(keys, scenario, counts, policy, slots)


@partial(jax.jit, static_argnames=("policy", "slots"))
def _play_policy(keys: Keys, scenario: Scenario, counts: Any, policy: Policy, slots: int) -> Kpis:
    return jax.vmap(lambda key: evaluate(key, scenario, policy, slots, counts))(keys)


def play_function(
    keys: Keys,
    scenario: Scenario,
    act: Act,
    slots: int,
    counts: Counts = None,
    *,
    layers_at_once: bool = False,
) -> Kpis:
    """Return the indicators of a Python function that acts for the agents, stage by stage.

    Args:
        keys: one per seed.
        scenario: the system.
        act: called once per stage, slot and seed with the observations of the stage's agents
            (`SlicingGame.observation_layout`); returns an action for each
            (`SlicingGame.action_layout`).
        slots: slots per seed.
        counts: users of H, L and C who take part; None: all.
        layers_at_once: one stage of all agents (benchmarks 3, 4).

    Raises:
        InputError: one line that names the agent whose action is missing, has a wrong shape or
            numbers outside [0, 1].
    """
    game = SlicingGame(scenario, layers_at_once)
    states, rows = _begin(keys, scenario, counts), []
    for _ in range(slots):
        turns = Turn(states)
        for stage, agents in enumerate(game.stages):
            seen = jax.tree.map(np.asarray, _observe(game, turns, stage))
            actions = [
                check_vectors(game, agents, act({agent: seen[agent][seed] for agent in agents}))
                for seed in range(len(keys))
            ]
            stacked = {agent: np.stack([each[agent] for each in actions]) for agent in agents}
            turns = _act(game, turns, stage, stacked)
        states, kpis = _finish(game, keys, turns)
        rows.append(kpis)
    return _stack(rows)


def play_allocator(
    keys: Keys, scenario: Scenario, allocate: Allocate, slots: int, counts: Counts = None
) -> Kpis:
    """Return the indicators of an allocator, which is given the slots of all seeds as one batch."""
    states, rows = _begin(keys, scenario, counts), []
    for _ in range(slots):
        states, kpis = _carry_out(keys, scenario, states, allocate(scenario, states))
        rows.append(kpis)
    return _stack(rows)


def check_vectors(
    game: SlicingGame, agents: tuple[str, ...], actions: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Return the agents' actions as arrays, or raise InputError for the first that is not allowed."""
    vectors = {}
    for agent in agents:
        if agent not in actions:
            raise InputError(f"action of '{agent}': none given (allowed: one for each agent)")
        vector = np.asarray(actions[agent], float)
        shape = (game.action_size[agent],)
        if vector.shape != shape:
            raise InputError(
                f"action of '{agent}': shape {vector.shape} is not allowed (allowed: {shape})"
            )
        wrong = np.flatnonzero(~((vector >= 0.0) & (vector <= 1.0)))
        if len(wrong):
            raise InputError(
                f"action of '{agent}', number {wrong[0]}: {vector[wrong[0]]} is not allowed (allowed: 0 to 1)"
            )
        vectors[agent] = vector.astype(jnp.zeros(()).dtype)
    return vectors


@jax.jit
def _begin(keys: Keys, scenario: Scenario, counts: Any) -> State:
    return jax.vmap(lambda key: begin_run(key, scenario, counts))(keys)


@partial(jax.jit, static_argnames="stage")
def _observe(game: SlicingGame, turns: Turn, stage: int) -> dict[str, Array]:
    return dict(jax.vmap(lambda turn: game.observe(turn, stage))(turns))


@partial(jax.jit, static_argnames="stage")
def _act(game: SlicingGame, turns: Turn, stage: int, actions: dict[str, Array]) -> Turn:
    return jax.vmap(lambda turn, each: game.act(turn, stage, each))(turns, actions)


@jax.jit
def _finish(game: SlicingGame, keys: Keys, turns: Turn) -> tuple[State, Kpis]:
    def finish(key: Array, turn: Turn) -> tuple[State, Kpis]:
        done = game.finish(split_slot(key, turn.state)[2], turn)
        return done.state.state, done.kpis

    return jax.vmap(finish)(keys, turns)


@jax.jit
def _carry_out(
    keys: Keys, scenario: Scenario, states: State, allocations: Allocation
) -> tuple[State, Kpis]:
    def carry(key: Array, state: State, allocation: Allocation) -> tuple[State, Kpis]:
        result = carry_out(scenario, state, allocation)
        moved = state._replace(uav_positions=result.uav_positions)
        return advance(split_slot(key, state)[2], scenario, moved), result.kpis

    return jax.vmap(carry)(keys, states, allocations)


def _stack(rows: list[Kpis]) -> Kpis:
    return jax.tree.map(lambda *parts: jnp.stack(parts, axis=1), *rows)
