"""The recipes of CONTRIBUTING, each followed in the smallest way, without touching the package.

The recipe of a paper is `papers/toy_paper.py`; that of a method is in `examples/`.
"""

import dataclasses
import sys
from types import ModuleType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from contracts.test_numbers import test_numbers_of_any_kind_give_what_the_equal_floats_give as hold
from sagin.game import TargetGame
from sagin.learning.learners import LEARNERS, Learner, LearningTask
from sagin.learning.models import make_arena
from sagin.learning.play import advance_slot, begin_episodes
from sagin.learning.programs import compile_programs
from sagin.learning.settings import make_settings
from sagin.papers.slicing import PAPER
from sagin.slicing.scenario import build_scenario
from sagin.studies.claim import Claim
from sagin.studies.figure import find_figures
from sagin.studies.judge import judge
from sagin.studies.record import Table, make_sample

TWO_RAY = '''
"""Two-ray ground reflection, far from the masts (Rappaport 2002, eq. 4.52)."""

import jax.numpy as jnp

from sagin.units import as_float


def path_gain(distance, transmitter_height, receiver_height):
    """Return the gain h_t² h_r² / d⁴ at a horizontal distance in m; 1e-8 at 1 km, 10 m and 10 m."""
    distance, high, low = map(as_float, (distance, transmitter_height, receiver_height))
    return (high * low / distance**2) ** 2
'''


def test_a_propagation_model_is_a_file_and_a_case_of_the_property_test(monkeypatch):
    module = ModuleType("sagin.propagation.two_ray")
    exec(TWO_RAY, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    hold("propagation.two_ray", "path_gain", (np.array([1000.0, 2000.0]), 10.0, 2.0))
    assert float(module.path_gain(1000, 10, 10)) == pytest.approx(1e-8)


class Guesses(NamedTuple):
    """How much of its observation each agent of a stage believes."""

    actors: jax.Array


class ClimbState(NamedTuple):
    """A run of the learner that climbs."""

    key: jax.Array
    learned: tuple[Guesses, ...]


def begin_climb(key, game, settings):
    """Return agents that believe nothing of what they see."""
    del settings
    return ClimbState(key, tuple(Guesses(jnp.zeros(len(stage))) for stage in game.stages))


def bind_guesses(game, settings, actors):
    """Return how agents act: from the middle, as far as they believe their observation."""
    del settings, game

    def choose(noise: Any, number: int, seen: Any) -> tuple[Any, tuple[()]]:
        del noise
        return jnp.clip(0.5 + actors[number][:, None] * seen / 2, 0.0, 1.0), ()

    return choose


def climb(game, settings, state):
    """Play a slot with more and one with less belief, and go where the reward is greater."""
    key, following = jax.random.split(state.key)
    arena = make_arena(game, settings)

    def play(step: float) -> Any:
        choose = bind_guesses(game, settings, tuple(one.actors + step for one in state.learned))
        return advance_slot(arena, choose, key, begin_episodes(arena, choose, key, 8))[1]

    more, less = play(0.1), play(-0.1)
    learned = tuple(
        Guesses(stage.actors + 0.1 * jnp.sign(up.mean(axis=0) - down.mean(axis=0)))
        for stage, up, down in zip(state.learned, more.rewards, less.rewards, strict=True)
    )
    return ClimbState(following, learned), more


def test_a_learner_is_a_file_and_a_row(monkeypatch):
    row = Learner("climb", begin_climb, climb, bind_guesses, lambda _: 1)
    monkeypatch.setitem(LEARNERS, row.name, row)
    task = LearningTask(row.name, TargetGame((2,), 2), make_settings(()))
    start, advance, judge_slots = compile_programs(task)
    state, keys = start(jax.random.key(0)), jax.random.split(jax.random.key(1), 8)
    before = judge_slots(state.learned, keys, 4)[1]["error"].mean()
    state, means = advance(state, 2)
    assert np.isfinite(means["reward/agent_0"])
    assert judge_slots(state.learned, keys, 4)[1]["error"].mean() < before


def test_a_figure_a_claim_and_a_baseline_are_rows():
    (pattern,) = find_figures(PAPER.figures, ["10"])
    figure = dataclasses.replace(
        pattern,
        id="figure-100",
        methods=("greedy", "nearest-random"),
        baselines=("selfish",),
        values=(8.0, 10.0),
    )
    claim = Claim(
        id="greedy-throughput",
        text="greedy carries more than a random subcarrier",
        source="here",
        figure=figure.id,
        kind="exceeds",
        metric="throughput",
        method="greedy",
        rival="nearest-random",
    )
    paper = dataclasses.replace(
        PAPER, figures=(*PAPER.figures, figure), claims=(*PAPER.claims, claim)
    )
    profile = paper.profiles["quick"]
    points = paper.points(figure, build_scenario("paper"), profile)
    pairs = {(point.task["method"], point.task["counts"][0]) for point in points}
    names = ("greedy", "nearest-random", "selfish")
    assert pairs == {(name, size) for name in names for size in (8, 10)}
    rng = np.random.default_rng(0)
    table = Table(
        make_sample(name, "throughput", rng.normal(mean, 0.1, (8, 1)), x=size)
        for name, mean in (("greedy", 2.0), ("nearest-random", 1.0))
        for size in figure.values
    )
    own = [one for one in paper.claims if one.figure == figure.id]
    (verdict,) = judge(own, table)
    assert (verdict.claim, verdict.verdict) == ("greedy-throughput", "holds")
