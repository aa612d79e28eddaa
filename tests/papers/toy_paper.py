"""A paper outside the package: Abramson 1970 and Roberts 1975 on ALOHA, in one file."""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from sagin.papers import Paper, Text
from sagin.parameters import Parameter, section, to_mapping, vary_fields
from sagin.studies.claim import Claim
from sagin.studies.figure import Figure, Point
from sagin.studies.record import Result, make_sample
from sagin.studies.store import build_task

MAKE = f"{__name__}.make"


@section
class Channel:
    """The shared channel."""

    load: Annotated[float, Parameter("offered load G", "packets per slot", low=0, high=10)] = 0.5
    slots: Annotated[int, Parameter("slots per run", low=10, high=1_000_000)] = 20_000


@section
class Scenario:
    """Stations that send whenever they like, or at the start of a slot."""

    channel: Channel = field(default_factory=Channel)


SCENARIOS = {"paper": ("half a packet per slot", {})}


def check_scenario(scenario, where="scenario"):
    """Return the scenario: no rule binds two of its fields."""
    del where
    return scenario


@dataclass(frozen=True)
class Profile:
    """How much is computed."""

    seeds: int


FIGURE = Figure(
    id="figure-1",
    title="Fig. 1: throughput against offered load",
    sweep="channel.load",
    values=(0.25, 0.5, 0.75, 1.0),
    metrics=("throughput",),
    methods=("slotted", "pure"),
    x_label="offered load (packets per slot)",
    y_label="throughput (packets per slot)",
)
CLAIMS = (
    Claim(
        id="slotted-gain",
        text="slots more than double the throughput",
        source="Fig. 1",
        figure="figure-1",
        kind="gain",
        metric="throughput",
        method="slotted",
        rival="pure",
        printed=171.8,
    ),
    Claim(
        "slotted", "slots help", "Fig. 1", "figure-1", "exceeds", "throughput", "slotted", "pure"
    ),
    Claim("pure", "slots harm", "Fig. 1", "figure-1", "exceeds", "throughput", "pure", "slotted"),
)


def list_points(figure, scenario, profile, methods):
    """Return one task per value of the sweep."""
    del methods
    points = []
    for load in figure.values:
        varied = vary_fields(scenario, (f"channel.load={load}",), check_scenario)
        task = build_task("aloha", MAKE, **to_mapping(varied)["channel"], seeds=profile.seeds)
        points.append(Point(task, profile.seeds, x=load))
    return points


def make(task, advance, folder):
    """Return the throughput of both methods, one value per seed."""
    del folder
    throughputs = {"slotted": [], "pure": []}
    for seed in range(task["seeds"]):
        times = draw_times(np.random.default_rng(seed), task["load"], task["slots"])
        # a slot carries a packet if it alone was ready before it began
        slotted = np.bincount(times.astype(int), minlength=task["slots"]) == 1
        # a packet gets through if no other one begins within its length before or after
        gaps = np.diff(times, prepend=-np.inf, append=np.inf)
        pure = np.minimum(gaps[1:], gaps[:-1]) > 1
        throughputs["slotted"].append(slotted.sum() / task["slots"])
        throughputs["pure"].append(pure.sum() / task["slots"])
        advance(1)
    return Result([make_sample(name, "throughput", row) for name, row in throughputs.items()])


def draw_times(generator, load, slots):
    """Return the rising times of Poisson arrivals, in slots."""
    count = generator.poisson(load * slots)
    return np.sort(generator.uniform(0, slots, count))


PAPER = Paper(
    name="aloha",
    citation="Abramson 1970, Roberts 1975",
    scenario=__name__,
    text=Text(
        title="ALOHA, reproduced",
        introduction="Packets on a shared channel, with and without slots.",
        caption="Means over seeds with 95 % intervals.",
        terms={"slotted": "packets begin at the start of a slot"},
    ),
    figures=(FIGURE,),
    claims=CLAIMS,
    profiles={"quick": Profile(8), "paper": Profile(100)},
    describe=lambda profile: f"{profile.seeds} seeds",
    points=list_points,
    make=MAKE,
    titles={"slotted": "slotted ALOHA", "pure": "pure ALOHA"},
)
