"""Games in stages: the interface, an adapter, and two games with known answers."""

from sagin.game.linear_quadratic import LinearQuadraticGame
from sagin.game.protocol import (
    ActionChoices,
    ChoiceGame,
    RowGame,
    Rows,
    StagedGame,
    Transition,
    check_actions,
    play,
)
from sagin.game.simultaneous import Simultaneous
from sagin.game.target import TargetGame

__all__ = [
    "ActionChoices",
    "ChoiceGame",
    "LinearQuadraticGame",
    "RowGame",
    "Rows",
    "Simultaneous",
    "StagedGame",
    "TargetGame",
    "Transition",
    "check_actions",
    "play",
]
