"""The interface between a game and its players: stages of agents, one transition per slot."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from sagin.errors import InputError
from sagin.types import Array, Bool, Float, Int, PRNGKeyArray

Vectors: TypeAlias = dict[str, Float[Array, "..."]]
"""One flat vector of numbers an agent."""

Masks: TypeAlias = dict[str, Bool[Array, "..."]]
"""One flat vector of truth values an agent."""


class Transition(NamedTuple):
    """What one slot brought."""

    state: Any
    """Where the next slot starts; never reset, so that its observations are the final ones of an
    episode that ended.
    """
    rewards: dict[str, Float[Array, ""]]
    """Of every agent."""
    executed: Vectors
    """Of every agent, the action as the game carried it out; this is what a replay stores."""
    terminated: Bool[Array, ""]
    """The game is over and nothing comes after, so a value must not be carried on (no bootstrap).
    """
    truncated: Bool[Array, ""]
    """The episode is cut here although the game would go on, so a value must be carried on."""
    kpis: Any
    """What else is worth reporting, a pytree of numbers."""


@runtime_checkable
class StagedGame(Protocol):
    """A game whose agents act in stages, slot by slot.

    All functions are pure and can be compiled and `vmap`ped.

    In a slot the stages act in turn: `act(state, 0, …)`, `act(state, 1, …)`, …, then `finish` lets
    time pass. `play` does just that. Between slots the state has one structure, so that `lax.scan`
    can carry it; within a slot it may have another one after each stage.
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
        """Numbers that an agent sees."""
        ...

    @property
    def observation_bound(self) -> float:
        """Largest magnitude of an observed number (1 for a scaled game), or infinity."""
        ...

    @property
    def action_size(self) -> Mapping[str, int]:
        """Numbers that an agent decides, each in [0, 1]."""
        ...

    @property
    def state_size(self) -> int:
        """Numbers in `global_state`."""
        ...

    @property
    def episode_length(self) -> int:
        """Slots after which an episode is truncated."""
        ...

    def reset(self, key: PRNGKeyArray) -> Any:
        """Return the state at the start of an episode."""
        ...

    def observe(self, state: Any, stage: int) -> Vectors:
        """Return what each agent of the stage sees.

        May be asked before the earlier stages have acted; what they will decide is then shown as
        unknown, as the game documents.
        """
        ...

    def action_masks(self, state: Any, stage: int) -> Masks:
        """Return, for each agent of the stage, which of its action's numbers can matter.

        False: the number belongs to an absent user.
        """
        ...

    def global_state(self, state: Any) -> Float[Array, " state"]:
        """Return all that is known at the start of the slot, for centralised critics."""
        ...

    def act(self, state: Any, stage: int, actions: Vectors) -> Any:
        """Return the state after the agents of a stage acted; no time passes, `stage` is static."""
        ...

    def finish(self, key: PRNGKeyArray, state: Any) -> Transition:
        """Return what the slot brought, once every stage has acted."""
        ...


class Rows(NamedTuple):
    """Indices of alike things, such as users, in an agent's flat vectors; −1 for nothing."""

    own: Int[np.ndarray, "rows features"]
    """In the observation, what is seen of each of the agent's own."""
    public: Int[np.ndarray, "entities features"]
    """In the observation, what is seen of those of all agents of the stage, agent by agent."""
    decided: Int[np.ndarray, "rows numbers"]
    """In the action, what is decided for each of the agent's own."""


@runtime_checkable
class RowGame(StagedGame, Protocol):
    """A game whose agents each decide alike for many; learners can then share weights over them."""

    def rows(self, agent: str) -> Rows:
        """Return where the agent's rows are."""
        ...


class ActionChoices(NamedTuple):
    """How a flat action is made of choices; an option of one sets one number, or none.

    All other numbers that the choice's options could set are then 0. Numbers that no option sets
    are not chosen but named, each in [0, 1].
    """

    numbers: Int[np.ndarray, "choices options"]
    """Number of the action that an option sets; −1: none."""
    amounts: Float[np.ndarray, "choices options"]
    """What it is set to; NaN: there is no such option."""
    parents: Int[np.ndarray, " choices"]
    """Choice that has to set a number for this one to matter; −1: it matters by itself."""


@runtime_checkable
class ChoiceGame(StagedGame, Protocol):
    """A game whose actions are made of choices; learners can then have a distribution for each."""

    def choices(self, agent: str, levels: tuple[float, ...]) -> ActionChoices:
        """Return the choices of an agent; numbers that are an amount take one of `levels`."""
        ...

    def most_claims(self, agent: str) -> Int[Array, ""]:
        """Return how many of an agent's choices without a parent may set a number at most."""
        ...


@runtime_checkable
class LateGame(StagedGame, Protocol):
    """A game that tells which observed numbers earlier stages of a slot decide."""

    def late_numbers(self, agent: str) -> Int[np.ndarray, " late"]:
        """Return their places in an agent's observation."""
        ...


@runtime_checkable
class DescribedGame(StagedGame, Protocol):
    """A game that can say what actions come to, in smooth numbers that a critic may be shown."""

    @property
    def description_size(self) -> Mapping[str, int]:
        """Numbers that describe an agent's part."""
        ...

    def describe(self, stage: int, seen: Vectors, actions: Vectors) -> Vectors:
        """Return what the actions of a stage's agents come to, of what these agents see alone."""
        ...


def play(
    key: PRNGKeyArray, game: StagedGame, state: Any, policy: Callable[[int, Vectors], Vectors]
) -> Transition:
    """Play one slot with a policy and return its transition.

    `policy(stage, observations)` decides for the agents of each stage.
    """
    for stage in range(len(game.stages)):
        state = game.act(state, stage, policy(stage, game.observe(state, stage)))
    return game.finish(key, state)


def check_actions(
    actions: Mapping[str, Any], sizes: Mapping[str, int], acting: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Return actions from outside as float32 (not for compiled code).

    Args:
        actions: by agent; those of `acting` are required, others are allowed.
        sizes: `StagedGame.action_size`.

    Raises:
        InputError: one line that names what is wrong.

    >>> check_actions({"agent_0": [0.5, 1.0]}, {"agent_0": 2}, ("agent_0",))
    {'agent_0': array([0.5, 1. ], dtype=float32)}
    """
    for agent in acting:
        if agent not in actions:
            raise InputError(f"actions: none of {agent}, whose turn it is")
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
    """Return numbers from outside as float32, after a check of shape and range [0, 1].

    Raises:
        InputError: one line that names place and index.
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
