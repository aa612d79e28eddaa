"""Games side by side with learning actors: one slot of all of them at a time.

Episodes that are cut begin again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.stage import (
    list_stages,
    observe_stage,
    stack_scalars,
    stack_vectors,
    unstack_actions,
)
from sagin.types import Array, PRNGKeyArray

Choose = Callable[[Any, int, Array], tuple[Array, Any]]
"""Function: random numbers [agents, numbers], or None; number of the stage; observations of its
agents [agents, numbers] → their actions [agents, numbers], and further data to store.
"""
Draw = Callable[[PRNGKeyArray, tuple[int, ...]], Array]
"""Distribution of the random numbers: key, shape → numbers."""


class Arena(NamedTuple):
    """A game, and the data that are recorded besides the observations."""

    game: StagedGame
    masks: bool = False
    """Whether observations are followed by masks of rows, which shared networks need."""
    world: bool = False
    """Whether the global state is stored too."""
    draws: tuple[int, ...] | None = None
    """Number of random numbers for an agent of each stage; None: one per number of its action."""

    @property
    def most_draws(self) -> tuple[int, ...]:
        """Number of random numbers for an agent of each stage."""
        if self.draws is not None:
            return self.draws
        return tuple(max(stage.decided) for stage in list_stages(self.game))


class DecidedSlot(NamedTuple):
    """A slot in which every stage has acted, before time passes."""

    state: Any
    seen: tuple[Array, ...]
    """Observations of each stage, [agents, numbers]."""
    memory: tuple[Any, ...]
    """Data of each stage that `Choose` returned for storage."""
    world: Array
    """The global state at the start of the slot, if it is stored; otherwise empty."""


class Experience(NamedTuple):
    """One slot in the form that learners need; tuples have one entry per stage."""

    seen: tuple[Array, ...]
    memory: tuple[Any, ...]
    executed: tuple[Array, ...]
    """Actions as the game carried them out, [agents, numbers]."""
    rewards: tuple[Array, ...]
    """Rewards, [agents]."""
    following: tuple[Array, ...]
    """Observations of the next slot, after its earlier stages have acted; in an episode that is
    cut, of the slot that would have followed.
    """
    world: Array
    next_world: Array
    terminated: Array
    over: Array
    """Whether the episode was terminated or truncated."""
    kpis: Any


def decide(arena: Arena, choose: Choose, noise: Array | None, state: Any) -> DecidedSlot:
    """Let every stage act in a slot, with random numbers [stages, agents, numbers] or None."""
    game, before, seen, memory = arena.game, state, [], []
    for number, stage in enumerate(list_stages(game)):
        # each stage sees what earlier ones have decided
        sees = observe_stage(game, state, number, arena.masks)
        count = arena.most_draws[number]
        some = None if noise is None else noise[number, : len(stage.agents), :count]
        actions, remembered = choose(some, number, sees)
        state = game.act(state, number, unstack_actions(jnp.where(stage.real, actions, 0.0), stage))
        seen.append(sees)
        memory.append(remembered)
    return DecidedSlot(
        state,
        tuple(seen),
        tuple(memory),
        game.global_state(before) if arena.world else jnp.zeros(0),
    )


def begin_episodes(
    arena: Arena, choose: Choose, key: PRNGKeyArray, number: int, draw: Draw = jax.random.normal
) -> DecidedSlot:
    """Start `number` episodes side by side."""
    keys = jax.random.split(key, number + 1)
    states = jax.vmap(arena.game.reset)(keys[1:])
    return jax.vmap(partial(decide, arena, choose))(_draw(keys[0], arena, number, draw), states)


def _draw(key: PRNGKeyArray, arena: Arena, games: int, draw: Draw) -> Array:
    """Draw random numbers for all actions of games side by side."""
    stages = list_stages(arena.game)
    agents = max(len(stage.agents) for stage in stages)
    return draw(key, (games, len(stages), agents, max(arena.most_draws)))


def advance_slot(
    arena: Arena,
    choose: Choose,
    key: PRNGKeyArray,
    turn: DecidedSlot,
    draw: Draw = jax.random.normal,
) -> tuple[DecidedSlot, Experience]:
    """Let time pass in all games and let every stage act in the next slot.

    The next slot belongs to the same episode or to a new one.
    """
    number = turn.world.shape[0]
    keys = jax.random.split(key, 2 * number + 1)
    noise = _draw(keys[0], arena, number, draw)
    passed = jax.vmap(arena.game.finish)(keys[1 : number + 1], turn.state)
    over = passed.terminated | passed.truncated

    def renew(states: Any) -> Any:
        new = jax.vmap(arena.game.reset)(keys[number + 1 :])
        return jax.tree.map(partial(_select_games, over), new, states)

    def decide_slot(time: Array, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        # the first slot of a new episode also returns the last observations of the old one
        states, _, following = carry
        decided = jax.vmap(partial(decide, arena, choose))(noise, states)
        following = jax.tree.map(
            partial(jnp.where, time == 0), (decided.seen, decided.world), following
        )
        again = (time == 0) & jnp.any(over)
        return jax.lax.cond(again, renew, lambda same: same, states), decided, following

    # the slot that each episode would have next, then, where some are over, that of the new ones:
    # a loop, so that acting is compiled once, and most slots don't pay for a new start
    first = passed.state, turn, (turn.seen, turn.world)
    rounds = 1 + jnp.any(over).astype(int)
    _, turn_after, following = jax.lax.fori_loop(0, rounds, decide_slot, first)
    executed, rewards = _stack_results(arena.game, passed)
    return turn_after, Experience(
        turn.seen,
        turn.memory,
        executed,
        rewards,
        following[0],
        turn.world,
        following[1],
        passed.terminated,
        over,
        passed.kpis,
    )


def _stack_results(game: StagedGame, passed: Any) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return executed actions and rewards of each stage, games and agents leading."""
    executed, rewards = [], []
    for stage in list_stages(game):
        executed.append(jax.vmap(partial(stack_vectors, agents=stage.agents))(passed.executed))
        rewards.append(jax.vmap(partial(stack_scalars, agents=stage.agents))(passed.rewards))
    return tuple(executed), tuple(rewards)


def _select_games(chosen: Array, new: Array, old: Array) -> Array:
    return jnp.where(chosen.reshape(-1, *[1] * (new.ndim - 1)), new, old)
