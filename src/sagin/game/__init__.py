"""Games that are played in stages: the one thing that systems, learners and adapters share, and two
games with known answers.
"""

from sagin.game.linear_quadratic import LinearQuadraticGame
from sagin.game.protocol import RowGame, Rows, StagedGame, Transition, check_actions, play
from sagin.game.simultaneous import Simultaneous
from sagin.game.target import TargetGame

__all__ = [
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
