"""A paper with open values whose gains are known in closed form, for searches over readings."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np

from sagin.choices import Options, Span
from sagin.papers import Paper, Text
from sagin.parameters import Parameter, section
from sagin.studies.claim import Claim
from sagin.studies.record import Result, make_sample
from sagin.studies.survey import DefinitionRow, Survey

MAKE = f"{__name__}.make"
FACTOR = 1.1
"""Of the caption, the method's series over its rivals'."""


@section
class Link:
    """Two links and a rule, all left open."""

    strength: Annotated[
        float,
        Parameter("strength", "dB", low=0, high=100, mark="open", prior=Span(0.0, 10.0, "made up")),
    ] = 2.0
    loss: Annotated[float, Parameter("loss", mark="open", prior=Span(0.0, 20.0, "made up"))] = 1.0
    idle: Annotated[float, Parameter("nothing", mark="open", prior=Span(-1.0, 1.0, "made up"))] = (
        0.0
    )
    rule: Annotated[
        Literal["one", "two"], Parameter("rule", mark="open", prior=Options(("one", "two")))
    ] = "one"


@section
class Scenario:
    """A link."""

    link: Link = field(default_factory=Link)


SCENARIOS = {"paper": ("the paper's own", {})}


def check_scenario(scenario, where="scenario"):
    """Return the scenario: no rule binds two of its fields."""
    del where
    return scenario


def compute_series(strength, loss, rule):
    """Return the exact means: of the method, of a rival, and of the rival by another account."""
    return 10.0 + strength, 10.0 + loss / 4.0, (10.0 + strength) * np.where(rule == 0, 0.9, 0.7)


def make(task, advance, folder):
    """Return the series of each reading, with noise that falls with drops and is common to all."""
    del folder
    values = {name: np.array(column) for name, column in task["values"].items()}
    count = len(next(iter(values.values())))
    link = task["scenario"]["link"]
    strength = values.get("link.strength", np.full(count, link["strength"]))
    loss = values.get("link.loss", np.full(count, link["loss"]))
    rule = values.get("link.rule", np.zeros(count))
    noise = np.random.default_rng(task["seed"]).normal(size=(3, task["blocks"]))
    scale = 0.01 / (task["drops"] / task["blocks"]) ** 0.5
    rows = [
        series[:, None] * (1.0 + scale * deviation)
        for series, deviation in zip(compute_series(strength, loss, rule), noise, strict=True)
    ]
    advance(count * task["drops"])
    return Result(
        [
            make_sample("ours", "rate", rows[0]),
            make_sample("rival", "rate", rows[1]),
            make_sample("ours", "score", rows[0]),
            make_sample("rival", "score", rows[2]),
            make_sample("ours", "other score", rows[0]),
            make_sample("rival", "other score", rows[1] * 3.0),
        ]
    )


HIDDEN = {"strength": 5.0, "loss": 8.0}
"""What the paper used: gains over the method, of the series as plotted, and rule one."""


def print_gain(ours, theirs):
    """Return the number that the paper prints."""
    return float(100.0 * (1.0 - theirs / (FACTOR * ours)))


OURS, RIVAL, SCORE = compute_series(HIDDEN["strength"], HIDDEN["loss"], 0)
SURVEY = Survey(
    claims=[
        Claim("rate", "rate over the rival", "Fig. 1", "figure-1", "gain", "rate", "ours", "rival",
              printed=round(print_gain(OURS, RIVAL), 2), factor=FACTOR),
        Claim("score", "score over the rival", "Fig. 2", "figure-2", "gain", "score", "ours",
              "rival", printed=round(print_gain(OURS, SCORE), 2), factor=FACTOR),
        Claim("order", "the rate is greater", "Fig. 1", "figure-1", "exceeds", "rate", "ours",
              "rival"),
    ],
    axes={
        "score": [
            DefinitionRow("plain", "the score as it is"),
            DefinitionRow("other", "another score", {"score": "other score"}),
        ]
    },
    points=(1.0, 2.0),
    at=(2.0,),
    make=MAKE,
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """How much is computed."""

    seeds: int = 1


PAPER = Paper(
    name="toy survey",
    citation="nobody",
    scenario=__name__,
    text=Text("t", "i", "c", {}),
    figures=(),
    claims=(),
    profiles={"quick": Profile()},
    describe=lambda profile: f"{profile.seeds}",
    points=lambda *_: [],
    make=MAKE,
    survey=SURVEY,
)
