"""Games played side by side by actors that learn: one slot of all of them at a time, episodes begun
anew when they are cut.
"""

from collections.abc import Callable
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

Choose = Callable[[PRNGKeyArray, int, Array], tuple[Array, Any]]
"""key, number of the stage, what its agents see [agents, numbers] → their actions [agents,
numbers], and what else to remember.
"""


class Arena(NamedTuple):
    """A game, and what is to be seen of it beside the observations."""

    game: StagedGame
    masks: bool = False
    """Observations are followed by masks of rows, which shared networks need."""
    world: bool = False
    """The global state is kept too."""


class DecidedSlot(NamedTuple):
    """A slot in which every stage has acted, but time has not passed yet."""

    state: Any
    seen: tuple[Array, ...]
    """Of each stage, [agents, numbers]."""
    memory: tuple[Any, ...]
    """Of each stage, what `Choose` wanted to remember."""
    world: Array
    """The global state at the start of the slot, if it is asked for; else empty."""


class Experience(NamedTuple):
    """One slot, as learners need it; the tuples hold one entry a stage."""

    seen: tuple[Array, ...]
    memory: tuple[Any, ...]
    executed: tuple[Array, ...]
    """Actions as the game carried them out, [agents, numbers]."""
    rewards: tuple[Array, ...]
    """[agents]."""
    following: tuple[Array, ...]
    """What is seen in the next slot, once the earlier stages have acted in it; in an episode that
    is cut, in the slot that it would have had next.
    """
    world: Array
    next_world: Array
    terminated: Array
    over: Array
    """Terminated or truncated."""
    kpis: Any


def decide(arena: Arena, choose: Choose, key: PRNGKeyArray, state: Any) -> DecidedSlot:
    """Let every stage act in a slot."""
    game, before, seen, memory = arena.game, state, [], []
    for number, stage in enumerate(list_stages(game)):
        sees = observe_stage(game, state, number, arena.masks)
        actions, remembered = choose(jax.random.fold_in(key, number), number, sees)
        state = game.act(state, number, unstack_actions(jnp.where(stage.real, actions, 0.0), stage))
        seen.append(sees)
        memory.append(remembered)
    return DecidedSlot(
        state,
        tuple(seen),
        tuple(memory),
        game.global_state(before) if arena.world else jnp.zeros(0),
    )


def begin_episodes(arena: Arena, choose: Choose, key: PRNGKeyArray, number: int) -> DecidedSlot:
    """Start `number` episodes side by side."""

    def begin(key: PRNGKeyArray) -> DecidedSlot:
        first, second = jax.random.split(key)
        return decide(arena, choose, second, arena.game.reset(first))

    return jax.vmap(begin)(jax.random.split(key, number))


def advance_slot(
    arena: Arena, choose: Choose, key: PRNGKeyArray, turn: DecidedSlot
) -> tuple[DecidedSlot, Experience]:
    """Let time pass in all games and let every stage act in the next slot, of the same episode or
    of a new one.
    """
    number = turn.world.shape[0]
    finish_key, next_key, new_key = jax.random.split(key, 3)
    passed = jax.vmap(arena.game.finish)(jax.random.split(finish_key, number), turn.state)
    following = jax.vmap(lambda key, state: decide(arena, choose, key, state))(
        jax.random.split(next_key, number), passed.state
    )
    over = passed.terminated | passed.truncated

    def renewed() -> DecidedSlot:
        new = begin_episodes(arena, choose, new_key, number)
        return jax.tree.map(
            lambda fresh, old: jnp.where(over.reshape(-1, *[1] * (fresh.ndim - 1)), fresh, old),
            new,
            following,
        )

    # episodes of one length end together, so that most slots don't pay for a new start
    turn_after = jax.lax.cond(jnp.any(over), renewed, lambda: following)
    groups = list_stages(arena.game)
    executed = tuple(
        jax.vmap(lambda vectors, agents=group.agents: stack_vectors(vectors, agents))(
            passed.executed
        )
        for group in groups
    )
    rewards = tuple(
        jax.vmap(lambda values, agents=group.agents: stack_scalars(values, agents))(passed.rewards)
        for group in groups
    )
    return turn_after, Experience(
        turn.seen,
        turn.memory,
        executed,
        rewards,
        following.seen,
        turn.world,
        following.world,
        passed.terminated,
        over,
        passed.kpis,
    )
