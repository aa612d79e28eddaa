"""Learners as rows of a table, one file per learner, and the definition of a training task."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.game.protocol import StagedGame
from sagin.learning import maddpg, mappo, reinforce
from sagin.learning.settings import Settings


class Learner(NamedTuple):
    """A learning algorithm as a table row.

    The state of a run has a tuple `learned`, one entry per stage, each with the stage's `actors`.
    """

    name: str
    """Name, also of its section of the settings."""
    start: Callable[..., Any]
    """Function: key, game, settings, initial action by agent (or None) → state of a run before its
    first iteration.
    """
    iterate: Callable[..., Any]
    """Function: game, settings, state → state one iteration later, and its experience."""
    act: Callable[..., Any]
    """Function: game, settings, actors of each stage → `Choose`, without noise."""
    count_slots: Callable[[Settings], int]
    """Number of slots per iteration and environment."""
    count_plays: Callable[[Settings], int]
    """Number of actions of all agents per iteration, in any slots."""
    heads: tuple[str, ...]
    """Kinds of heads that the learner supports."""


ROWS = (
    Learner(
        "maddpg",
        maddpg.start,
        maddpg.iterate,
        maddpg.bind_actors,
        lambda _: 1,
        lambda settings: settings.maddpg.environments,
        ("box", "gumbel"),
    ),
    Learner(
        "mappo",
        mappo.start,
        mappo.iterate,
        mappo.bind_actors,
        lambda settings: settings.mappo.rollout,
        lambda settings: settings.mappo.rollout * settings.mappo.environments,
        ("box", "categorical"),
    ),
    Learner(
        "reinforce",
        reinforce.start,
        reinforce.iterate,
        reinforce.bind_actors,
        lambda _: 1,
        lambda settings: settings.reinforce.environments * settings.reinforce.samples,
        ("box", "categorical"),
    ),
)

LEARNERS = {row.name: row for row in ROWS}
"""Learners by name."""


def check_heads(learner: str, settings: Settings) -> None:
    """Raise InputError in one line if a learner does not support the heads of the settings."""
    heads, row = settings.heads, LEARNERS.get(learner)
    if row is None:
        return
    if heads.kind not in row.heads:
        raise InputError(
            f"settings: field 'heads.kind': '{heads.kind}' is not allowed: {learner} cannot learn "
            f"with such heads (allowed: {', '.join(row.heads)})"
        )
    if heads.quotas and learner != "reinforce" and heads.kind != "categorical":
        raise InputError(
            f"settings: field 'heads.quotas': true is not allowed: {learner} with heads.kind = "
            f"{heads.kind} takes no nodes in turn (allowed: false)"
        )


class LearningTask(NamedTuple):
    """Everything that a training depends on besides its key; programs are cached per task."""

    learner: str
    game: StagedGame
    settings: Settings

    @property
    def slots(self) -> int:
        """Number of slots per iteration and environment."""
        row = LEARNERS.get(self.learner)
        return 1 if row is None else row.count_slots(self.settings)

    @property
    def plays(self) -> int:
        """Number of actions per counted slot: of all environments and samples."""
        return LEARNERS[self.learner].count_plays(self.settings) // self.slots
