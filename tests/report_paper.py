"""An invented paper: a figure of lines, one of a network, and claims, computed at once."""

from dataclasses import dataclass

from sagin.papers.paper import Paper, Text
from sagin.relaying.scenario import SCENARIOS, Scenario, check_scenario
from sagin.studies.claim import Claim
from sagin.studies.figure import Figure, Point
from sagin.studies.record import Result, make_sample
from sagin.studies.scene import Scene, ScenePoint, write_scene
from sagin.studies.store import build_task

__all__ = ["PAPER", "SCENARIOS", "Scenario", "check_scenario"]

LINES = Figure(
    id="figure-1",
    title="Fig. 1: rate",
    sweep="users.count",
    values=(10.0, 20.0),
    metrics=("rate",),
    methods=("fast", "slow"),
    x_label="number of users",
    y_label="rate (Mbit/s)",
    scale=1e-6,
    baselines=("bound",),
    limit=("users", "users.count"),
)
LOADS = Figure(
    id="figure-2",
    title="Fig. 2: loads",
    sweep="users.count",
    values=(10.0, 20.0),
    metrics=("rate", "load"),
    methods=("fast", "slow"),
    x_label="number of users",
    y_label="share",
    panels="method",
    labels=(("load", "BS 1"),),
)
NETWORK = Figure(
    "figure-3", "Fig. 3: network", "slot", (), (), ("fast",), "x (m)", "y (m)", drawing="map"
)
CLAIMS = (
    Claim(
        id="gain",
        text="fast beats slow",
        source="Fig. 1",
        figure="figure-1",
        kind="gain",
        metric="rate",
        method="fast",
        rival="slow",
        printed=50.0,
    ),
    Claim("lower", "slow beats fast", "Fig. 1", "figure-1", "exceeds", "rate", "slow", "fast"),
    Claim("load", "fast has more load", "Fig. 2", "figure-2", "exceeds", "load", "fast", "slow"),
)


@dataclass(frozen=True)
class Profile:
    """How much is computed."""

    seeds: int
    drawn: bool = False


def list_points(figure, scenario, profile, methods):
    """Return a point for each value of the sweep, and one for each further method."""
    radius_m = scenario.base.cell_radius_m
    task = {"seeds": profile.seeds, "radius_m": radius_m}
    if figure.drawing:
        return [Point(build_task("made up", PAPER.make, figure="map", **task), 1)]
    return [
        Point(build_task("made up", PAPER.make, x=x, method=method, **task), 1, x=x)
        for x in figure.values
        for method in ("", *methods)
    ]


def make(task, advance, folder):
    """Return numbers that are known: fast is about 1.5 times slow, whatever x."""
    del folder
    advance(1)
    if "figure" in task:
        return Result([], {"title": "a network"})
    spread = range(task["seeds"])
    slow = [1e6 * task["radius_m"] + 1e4 * number for number in spread]
    if task["method"]:
        return Result([make_sample(task["method"], "rate", slow)])
    factors = {"slow": 1.0, "fast": 1.5, "bound": 2.0, "not shown": 3.0}
    noise = {"fast": 1e3}
    samples = [
        make_sample(
            name,
            "rate",
            [factor * value + noise.get(name, 0.0) * n**2 for n, value in enumerate(slow)],
        )
        for name, factor in factors.items()
    ]
    loads = [make_sample(name, "load", [0.5 + 1e-3 * n for n in spread]) for name in factors]
    return Result([*samples, *loads])


def draw_network(figure, results, scenario, folder):
    """Write the network of the only result."""
    points = (ScenePoint("user 1", "user"), ScenePoint("GBS", "GBS"))
    places = (((10.0, 20.0, 0.0), (50.0, 50.0, 25.0)),)
    scene = Scene(results[0].extra["title"], (0.0,), 100.0, points, places, (((0, 1),),))
    return [write_scene(scene, folder / f"{figure.id}.scene.json")]


def list_tables(results, scenario, profile):
    """Return how many results there are."""
    return {"Results": (("what", "count"), [("results", len(results))])}


PAPER = Paper(
    name="made-up",
    citation="Nobody, Nowhere",
    scenario="report_paper",
    text=Text("A made-up paper", "What it is.", "Bands.", {"rate": "bits per second"}),
    figures=(LINES, LOADS, NETWORK),
    claims=CLAIMS,
    profiles={"quick": Profile(3), "standard": Profile(10, drawn=True)},
    describe=lambda profile: f"{profile.seeds} seeds",
    points=list_points,
    make="report_paper.make",
    titles={"fast": "Fast", "slow": "Slow", "bound": "bound", "not shown": "Not shown"},
    has_figure=lambda figure, profile: profile.drawn or not figure.drawing,
    draw={"map": draw_network},
    tables=list_tables,
)
