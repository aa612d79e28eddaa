"""The interface between a game and its players: stages of agents, one transition per slot."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from sagin.errors import InputError
from sagin.types import Array, Bool, Float, Int, PRNGKeyArray

Vectors: TypeAlias = dict[str, Float[Array, "..."]]
"""One flat vector of numbers per agent."""

Masks: TypeAlias = dict[str, Bool[Array, "..."]]
"""One flat vector of truth values per agent."""


class Transition(NamedTuple):
    """Result of one slot."""

    state: Any
    """Start of the next slot. It is never reset: at the end of an episode its observations are the
    final ones.
    """
    rewards: dict[str, Float[Array, ""]]
    """Reward of every agent."""
    executed: Vectors
    """Action of every agent as the game carried it out; a replay stores these actions."""
    terminated: Bool[Array, ""]
    """The game has ended and there is no next slot, so a learner must not bootstrap from the next
    state.
    """
    truncated: Bool[Array, ""]
    """The episode is cut although the game would continue, so a learner must bootstrap."""
    kpis: Any
    """Further numbers to report, as a pytree."""


@runtime_checkable
class StagedGame(Protocol):
    """A game whose agents act in stages, slot by slot.

    All functions are pure and can be compiled and `vmap`ped.

    In a slot the stages act in turn: `act(state, 0, …)`, `act(state, 1, …)`, …; then `finish`
    advances the time. `play` does exactly this. Between slots the state has one structure, so that
    `lax.scan` can carry it. Within a slot its structure may change with each stage.
    """

    @property
    def agents(self) -> tuple[str, ...]:
        """Every agent, in the order of the stages."""
        ...

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The agents that act at once, stage by stage; each agent is in one stage."""
        ...

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Length of each agent's observation."""
        ...

    @property
    def observation_bound(self) -> float:
        """Largest magnitude of an observed number (1 for a scaled game), or infinity."""
        ...

    @property
    def action_size(self) -> Mapping[str, int]:
        """Length of each agent's action; each number is in [0, 1]."""
        ...

    @property
    def state_size(self) -> int:
        """Length of `global_state`."""
        ...

    @property
    def episode_length(self) -> int:
        """Slots after which an episode is truncated."""
        ...

    def reset(self, key: PRNGKeyArray) -> Any:
        """Return the state at the start of an episode."""
        ...

    def observe(self, state: Any, stage: int) -> Vectors:
        """Return the observation of each agent of the stage.

        This function may be called before the earlier stages have acted. Their decisions are then
        shown as unknown, in the way that the game documents.
        """
        ...

    def action_masks(self, state: Any, stage: int) -> Masks:
        """Return, for each agent of the stage, the mask of the action's effective numbers.

        False: the number has no effect, because it belongs to an absent user.
        """
        ...

    def global_state(self, state: Any) -> Float[Array, " state"]:
        """Return all that is known at the start of the slot, for centralised critics."""
        ...

    def act(self, state: Any, stage: int, actions: Vectors) -> Any:
        """Return the state after a stage's agents acted; no time passes, and `stage` is static."""
        ...

    def finish(self, key: PRNGKeyArray, state: Any) -> Transition:
        """Return the result of the slot, after every stage has acted."""
        ...


class Rows(NamedTuple):
    """Indices of objects of one kind, such as users, in an agent's flat vectors; −1 for none."""

    own: Int[np.ndarray, "rows features"]
    """In the observation: positions of what is seen of each object of the agent."""
    public: Int[np.ndarray, "entities features"]
    """In the observation: positions of what is seen of the objects of all agents of the stage,
    agent by agent.
    """
    decided: Int[np.ndarray, "rows numbers"]
    """In the action: positions of what is decided for each object of the agent."""


@runtime_checkable
class RowGame(StagedGame, Protocol):
    """A game whose agents each decide for many objects of one kind; learners can share weights."""

    def rows(self, agent: str) -> Rows:
        """Return the positions of the agent's rows."""
        ...


class ActionChoices(NamedTuple):
    """The discrete choices that make up a flat action; an option sets one number, or none.

    All other numbers that the choice's options could set are then 0. Numbers that no option sets
    are continuous, each in [0, 1].
    """

    numbers: Int[np.ndarray, "choices options"]
    """Number of the action that an option sets; −1: none."""
    amounts: Float[np.ndarray, "choices options"]
    """Value to which the option sets it; NaN: the option does not exist."""
    parents: Int[np.ndarray, " choices"]
    """Choice that must set a number so that this choice has an effect; −1: no such condition."""


@runtime_checkable
class ChoiceGame(StagedGame, Protocol):
    """A game whose actions consist of discrete choices; learners can use one distribution each."""

    def choices(self, agent: str, levels: tuple[float, ...]) -> ActionChoices:
        """Return the choices of an agent; numbers that are amounts take one of `levels`."""
        ...

    def most_claims(self, agent: str) -> Int[Array, ""]:
        """Return how many of an agent's choices without a parent may set a number."""
        ...


@runtime_checkable
class LateGame(StagedGame, Protocol):
    """A game that names the observed numbers that earlier stages of a slot decide."""

    def late_numbers(self, agent: str) -> Int[np.ndarray, " late"]:
        """Return the positions of these numbers in an agent's observation."""
        ...


@runtime_checkable
class DescribedGame(StagedGame, Protocol):
    """A game that describes the effect of actions in smooth numbers, which a critic can use."""

    @property
    def description_size(self) -> Mapping[str, int]:
        """Length of the description of an agent's part."""
        ...

    def describe(self, stage: int, seen: Vectors, actions: Vectors) -> Vectors:
        """Describe the effect of a stage's actions, from the observations of its agents alone."""
        ...


def play(
    key: PRNGKeyArray, game: StagedGame, state: Any, policy: Callable[[int, Vectors], Vectors]
) -> Transition:
    """Run one slot with a policy and return its transition.

    Args:
        key: random key of the slot's end.
        game: staged game.
        state: state at the start of the slot.
        policy: function `policy(stage, observations)` that returns the actions of a stage's agents.
    """
    for stage in range(len(game.stages)):
        state = game.act(state, stage, policy(stage, game.observe(state, stage)))
    return game.finish(key, state)


def check_actions(
    actions: Mapping[str, Any], sizes: Mapping[str, int], acting: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Check actions from outside and return them as float32 (not for compiled code).

    Args:
        actions: actions by agent; those of `acting` are required, others are allowed.
        sizes: `StagedGame.action_size`.
        acting: agents that act in this stage.

    Raises:
        InputError: one line that names the error.

    >>> check_actions({"agent_0": [0.5, 1.0]}, {"agent_0": 2}, ("agent_0",))
    {'agent_0': array([0.5, 1. ], dtype=float32)}
    """
    for agent in acting:
        if agent not in actions:
            raise InputError(f"actions: no action of {agent}, which acts in this stage")
    for agent in actions:
        if agent not in sizes:
            raise InputError(
                f"actions: {agent!r} is no agent of this game (allowed: {', '.join(sizes)})"
            )
    return {
        agent: check_numbers(action, (sizes[agent],), f"action of {agent}")
        for agent, action in actions.items()
    }


def check_numbers(action: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Check shape and range [0, 1] of numbers from outside, and return them as float32.

    Raises:
        InputError: one line that names the vector and the index.
    """
    try:
        given = np.asarray(action)
        # text and truth values are no numbers, although NumPy would take them for some
        if given.dtype.kind in "bcmMOSU":
            raise TypeError(given.dtype)
        numbers = given.astype(np.float32)
    except (TypeError, ValueError):
        raise InputError(
            f"{name}: not an array of numbers (allowed: {shape} numbers from 0 to 1)"
        ) from None
    if numbers.shape != shape:
        raise InputError(f"{name}: shape {numbers.shape} (allowed: {shape})")
    # a few units in the last place count as the end of the range
    slack = 4.0 * np.finfo(np.float32).eps
    inside = (numbers >= -slack) & (numbers <= 1.0 + slack)
    if not inside.all():
        index_of_first = tuple(int(i) for i in np.argwhere(~inside)[0])
        index = index_of_first[0] if len(index_of_first) == 1 else index_of_first
        raise InputError(f"{name}: number {index} is {numbers[index_of_first]:g} (allowed: 0 to 1)")
    return np.clip(numbers, 0.0, 1.0)
