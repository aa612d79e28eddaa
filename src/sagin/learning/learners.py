"""Learners as rows: one file and one row for each, and what a training depends on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.game.protocol import StagedGame
from sagin.learning import maddpg, mappo, reinforce
from sagin.learning.settings import Settings


class Learner(NamedTuple):
    """A way to learn, as a row.

    A state of a run has a tuple `learned`, one entry per stage, each with the stage's `actors`.
    """

    name: str
    """Also the name of its section of the settings."""
    start: Callable[..., Any]
    """key, game, settings, action by agent to begin near (or None) → state of a run before its
    first iteration.
    """
    iterate: Callable[..., Any]
    """game, settings, state → state one iteration later, and its experience."""
    act: Callable[..., Any]
    """game, settings, actors of each stage → `Choose`, as learned, without noise."""
    count_slots: Callable[[Settings], int]
    """Slots that an iteration plays in each environment."""
    count_plays: Callable[[Settings], int]
    """Actions of all agents that an iteration tries, in whatever slots."""
    heads: tuple[str, ...]
    """Kinds of heads that it can learn with."""


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
    """Raise InputError with one line if a learner cannot learn with the heads of the settings."""
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
    """What a training depends on besides its key; compiled programs are stored for each."""

    learner: str
    game: StagedGame
    settings: Settings

    @property
    def slots(self) -> int:
        """Slots that an iteration plays in each environment."""
        row = LEARNERS.get(self.learner)
        return 1 if row is None else row.count_slots(self.settings)

    @property
    def plays(self) -> int:
        """Actions that a slot of the run's count stands for: of all environments and samples."""
        return LEARNERS[self.learner].count_plays(self.settings) // self.slots
