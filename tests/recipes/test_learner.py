"""The recipe of a learner: one file with `start`, `iterate` and an acting function, and one row."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game import TargetGame
from sagin.learning.learners import LEARNERS, Learner, LearningTask
from sagin.learning.play import Arena, DecidedSlot, advance_slot, begin_episodes
from sagin.learning.programs import compile_programs
from sagin.learning.settings import make_settings
from sagin.learning.stage import list_stages

GAMES, NOISE, RATE = 64, 0.2, 0.3


class Weights(NamedTuple):
    """What a stage has learned."""

    actors: Any
    """w [agents, numbers] of the actions 1/2 + w·observation."""


class State(NamedTuple):
    """A run between two iterations."""

    key: Any
    learned: tuple[Weights, ...]
    turn: DecidedSlot


def act(game, settings, actors, noise=0.0):
    """Return the actions of each stage; the noise is remembered."""
    del game, settings

    def choose(numbers, number, seen):
        deviation = 0.0 if numbers is None else noise * numbers
        return jnp.clip(0.5 + actors[number] * seen + deviation, 0.0, 1.0), deviation

    return choose


def start(key, game, settings):
    """Return a run before its first iteration."""
    stages = list_stages(game)
    learned = tuple(Weights(jnp.zeros((len(s.agents), max(s.observed)))) for s in stages)
    choose = act(game, settings, [stage.actors for stage in learned], NOISE)
    return State(key, learned, begin_episodes(Arena(game), choose, key, GAMES))


def iterate(game, settings, state):
    """Play a slot and move the weights along the reward's gradient, estimated from the noise."""
    key, slot_key = jax.random.split(state.key)
    choose = act(game, settings, [stage.actors for stage in state.learned], NOISE)
    turn, experience = advance_slot(Arena(game), choose, slot_key, state.turn)
    learned = []
    for number, stage in enumerate(state.learned):
        rewards = experience.rewards[number]
        leads = (rewards - rewards.mean(axis=0))[..., None]
        step = (leads * experience.memory[number] * experience.seen[number]).mean(axis=0)
        learned.append(Weights(stage.actors + RATE * step / NOISE**2))
    return State(key, tuple(learned), turn), experience


def test_a_learner_is_a_file_and_a_row(monkeypatch):
    monkeypatch.setitem(
        LEARNERS, "mine", Learner("mine", start, iterate, act, lambda _: 1, lambda _: 1, ("box",))
    )
    game = TargetGame()
    begin, advance, judge = compile_programs(LearningTask("mine", game, make_settings()))
    keys = jax.random.split(jax.random.key(1), 64)
    state = begin(jax.random.key(0))
    before = float(judge(state.learned, keys, 5)[1]["error"].mean())
    state, means = advance(state, 1000)
    after = float(judge(state.learned, keys, 5)[1]["error"].mean())
    # the best weights are 1/2, where the error is 0; at 0 it is about the variance of the target
    assert after < 0.01 < 0.04 < before
    assert set(means) == {*(f"reward/{agent}" for agent in game.agents), "kpi/error"}
