"""Learners as rows: one file and one row for each, and what a training depends on."""

from collections.abc import Callable
from typing import Any, NamedTuple

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


ROWS = (
    Learner("maddpg", maddpg.start, maddpg.iterate, maddpg.bind_actors, lambda _: 1),
    Learner(
        "mappo",
        mappo.start,
        mappo.iterate,
        mappo.bind_actors,
        lambda settings: settings.mappo.rollout,
    ),
    Learner("reinforce", reinforce.start, reinforce.iterate, reinforce.bind_actors, lambda _: 1),
)

LEARNERS = {row.name: row for row in ROWS}
"""Learners by name."""


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
