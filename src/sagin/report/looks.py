"""Looks of lines, users and nodes: the same on figures, maps and page, colour-blind safe."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import NamedTuple

from sagin.studies.palette import COLOURS, USER_COLOUR

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "*": "star",
    "": "",
}
"""Plotly's names of matplotlib's markers."""
MANY_POINTS = 40
"""Points of a line above which it is a curve: without markers, its axis not from 0, and every other
one dashed.
"""


class Look(NamedTuple):
    """Colour, marker and dashes of a line of a figure."""

    colour: str
    marker: str
    """In matplotlib's letters; none if empty."""
    dashed: bool


BOUND = "bound"
"""Name of the bound that no method exceeds."""
LIMIT_LOOK = Look("#000000", "", True)


def number_look(number: int) -> Look:
    """Return the look of a line by its number: colours and markers in turn, then dashed."""
    turn = number % len(COLOURS)
    return Look(COLOURS[turn], MARKERS[turn], number // len(COLOURS) % 2 == 1)


def curve_look(number: int) -> Look:
    """Return the look of a line of very many points."""
    return Look(COLOURS[number % len(COLOURS)], "", number % 2 == 1)


def assign_looks(figures: Iterable[Sequence[str]]) -> dict[str, Look]:
    """Return a look for each name, the same in all figures; only names that never meet share one.

    Args:
        figures: the names of each figure's lines.

    >>> looks = assign_looks([["a", "b"], ["b", "c"]])
    >>> looks["a"] == looks["c"] != looks["b"]
    True
    """
    groups = [list(names) for names in figures]
    looks = {BOUND: LIMIT_LOOK}
    for name in (name for names in groups for name in names):
        if name in looks:
            continue
        neighbours = {other for names in groups if name in names for other in names}
        used = {looks[other][::2] for other in neighbours | {BOUND} if other in looks}
        free = (look for look in map(number_look, count()) if look[::2] not in used)
        # two rounds have all colours, solid and dashed; more lines than that repeat
        full = len(used) >= 2 * len(COLOURS)
        looks[name] = number_look(len(looks)) if full else next(free)
    return looks


class PointLook(NamedTuple):
    """Look of a kind of point of a network, and of its links, in plan and in space."""

    colour: str
    marker: str
    solid: str
    """Plotly's symbol in space, drawn from a font: one that every font has."""
    dash: str = "solid"
    """Plotly's name of the dashes, which distinguish links without colour."""
    label: str = ""
    """Label on the page, if it differs from the kind's name."""


USERS = {
    "H": PointLook(USER_COLOUR, "o", "circle", label="users of slice H"),
    "L": PointLook(USER_COLOUR, "s", "square", label="users of slice L"),
    "C": PointLook(USER_COLOUR, "^", "diamond", label="users of slice C"),
    "user": PointLook(USER_COLOUR, "o", "circle", label="users"),
}
NODES = {
    "BS": PointLook(COLOURS[0], "P", "square"),
    "GBS": PointLook(COLOURS[0], "P", "square"),
    "UAV": PointLook(COLOURS[1], "X", "cross", "dash"),
    "relay": PointLook(COLOURS[1], "X", "cross", "dash"),
    "fixed UAV": PointLook(COLOURS[1], "X", "cross", "dash"),
    "LEO": PointLook(COLOURS[2], "*", "circle", "dot"),
}
POINTS = USERS | NODES
