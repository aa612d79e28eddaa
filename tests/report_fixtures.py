"""An invented page with every element that a page can contain."""

import json
import math

from sagin.report.figure_data import Limit, Panel, write_csv
from sagin.report.figures import draw_figure
from sagin.report.looks import assign_looks
from sagin.report.page import Section, write_page
from sagin.report.tables import TextTable
from sagin.studies.figure import Figure, Series
from sagin.studies.statistics import Interval

FIGURE = Figure(
    "figure-1",
    "Fig. 1: rate against users",
    "users",
    (),
    ("rate",),
    ("first", "second", "bound"),
    "users per slice",
    "rate (Mbit/s)",
)
PANELS = Figure("figure-2", "Fig. 2: loads", "users", (), ("load",), (), "users", "users served")


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{}pt" height="200pt">'
    '<path d="M0 0L200 200" stroke="#000000"/></svg>'
)
"""Stands for a drawn figure."""


def line(name, *values):
    return Series(
        name, (8.0, 10.0, 12.0), tuple(Interval(value, value - 1, value + 1) for value in values)
    )


LOOKS = assign_looks([FIGURE.methods])
LIMIT = Limit("capacity", 15.0)
LINES = [line("first", 10, 12, 14), line("second", 11, 11, 11), line("bound", 20, 21, 22)]


def network(steps=6):
    """Return a scene: two users, a base station, a UAV that moves, and a satellite that sets."""
    places = [
        [
            [100, 200, 0],
            [900, 300, 0],
            [600, 500, 25],
            [200 + 100 * step, 300, 120],
            [0, 0, 6e5] if step < steps - 1 else None,
        ]
        for step in range(steps)
    ]
    links = [[[0, 2], [1, 3]] if step % 2 else [[0, 4], [1, 2]] for step in range(steps)]
    links[-1] = [[0, 2]]
    points = [
        ("user 1", "H"),
        ("user 2", "C"),
        ("BS 1", "BS"),
        ("UAV 1", "UAV"),
        ("satellite 1", "LEO"),
    ]
    named = [{"name": name, "kind": kind} for name, kind in points]
    return {
        "title": "as stored",
        "times_s": [10.0 * step for step in range(steps)],
        "side_m": 1000,
        "points": named,
        "places_m": places,
        "links": links,
        "note": "Made up.",
    }


CLAIMS = TextTable(
    ("claim", "gain", "verdict"),
    [
        ("A beats B", "+3.20 % (+2.90 to +3.50)", "holds"),
        ("B beats C", "−5.0 %", "does not hold"),
        ("C beats D", "+12.1 % (+9 to +15)", "undecided"),
        ("D beats E", "nan", "holds in part"),
    ],
)


def made_page(folder):
    """Return the path of a page in a folder with two figures, a map without data, two networks,
    verdicts and a table.
    """
    draw_figure(FIGURE, [Panel("", LINES, [LIMIT])], folder, LOOKS)
    panels = [
        Panel(f"panel {number}", [line("BS 1", number, 2, 3), line("UAV 1", 3, 2, number)], [])
        for number in range(4)
    ]
    write_csv(PANELS, panels, folder / "figure-2.csv")
    for name, width in (("figure-2", 515), ("map", 252)):
        (folder / f"{name}.svg").write_text(DRAWING.format(width))
    for name, steps in (("network", 6), ("still", 1)):
        (folder / f"{name}.scene.json").write_text(json.dumps(network(steps)))
    figures = {"figure-1": FIGURE.title, "figure-2": PANELS.title, "map": "Map of a slot"}
    scenes = {"network": "The network over a minute", "still": "The network at one time"}
    section = Section(
        "A paper",
        "What it is.",
        CLAIMS,
        figures,
        "Bands.",
        {"Gains": CLAIMS},
        {"seed": 1, "π": math.pi},
        scenes,
        looks=LOOKS,
    )
    return write_page(folder, {".": section})
