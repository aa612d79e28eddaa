"""A training in compiled pieces, for a loop that logs, shows progress and checkpoints."""

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from sagin.choices import put_value
from sagin.game.protocol import StagedGame, Vectors
from sagin.learning.evaluation import Keep, begin_slots, continue_slots, keep_measures
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.models import make_arena
from sagin.learning.play import Experience
from sagin.learning.settings import Settings
from sagin.types import Array


class Programs(NamedTuple):
    """Compiled functions of one task."""

    start: Callable[..., Any]
    """Function: key, initial action by agent (default: none) → state."""
    advance: Callable[..., Any]
    """Function: state (consumed), iterations (static) → state, means of rewards and indicators."""
    judge: Callable[..., Any]
    """Function: learned, keys, slots, game (by default the task's; another one may have other users
    per episode) → rewards and indicators of held-out slots without noise, [keys, slots, …].
    """


def outline_state(programs: Programs, key: Array) -> Any:
    """Return the shapes of a run's state before its first iteration, without computing it.

    `jax.eval_shape` cannot be used: a function with compiler options cannot be nested in another
    one.
    """
    start: Any = programs.start
    return start.func.eval_shape(*start.args, key)


def choose_options(*, once: bool = False) -> dict[str, Any] | None:
    """Return the compiler options of a training's program on a CPU; none on other devices.

    The lowest optimisation that costs no speed takes half of the default's time. A program that
    runs once, or rarely, is hardly optimised.
    """
    if jax.default_backend() != "cpu" or jax.config.values["jax_disable_most_optimizations"]:
        return None
    options: dict[str, Any] = {"xla_backend_optimization_level": 0 if once else 1}
    return options | ({"xla_llvm_disable_expensive_passes": True} if once else {})


RUNS, SLOTS = 8, 5
"""Number of runs and of consecutive slots per call: all tests of actors share one program."""


class _Whole:
    """Returns a game that is not a pytree."""

    def __init__(self, game: StagedGame) -> None:
        self.game = game

    def __call__(self, numbers: list[Any]) -> StagedGame:
        del numbers
        return self.game


class _Parts(NamedTuple):
    """Builds a game that is a pytree, from its numbers."""

    structure: Any

    def __call__(self, numbers: list[Any]) -> StagedGame:
        return jax.tree.unflatten(self.structure, numbers)


Build = _Whole | _Parts


def _split_game(game: StagedGame) -> tuple[Build, list[Any]]:
    numbers, structure = jax.tree.flatten(game)
    if jax.tree_util.treedef_is_leaf(structure):
        return _Whole(game), []
    return _Parts(structure), numbers


Traced = tuple[Any, ...]
"""Settings that are numbers in a program, so that trainings that differ in them share it."""
TRACED = {
    "maddpg": ("maddpg.actor_rate", "maddpg.critic_rate", "maddpg.noise_start"),
    "mappo": ("mappo.actor_rate", "mappo.critic_rate", "mappo.entropy"),
    "reinforce": ("reinforce.weights", "network.blind"),
}
"""Of each learner; these only scale, or choose between what is computed in any case."""


def _split_settings(task: LearningTask) -> tuple[Settings, Traced]:
    """Return the static settings of a program, with placeholders for traced ones, and the traced.

    One program then serves all values of the traced ones.
    """
    fixed, traced = task.settings, []
    for name in TRACED.get(task.learner, ()):
        value = operator.attrgetter(name)(task.settings)
        traced.append([*value] if isinstance(value, tuple) else value)
        fixed = put_value(fixed, name, jax.tree.map(lambda part: type(part)(1), value))
    return fixed, tuple(traced)


def _join_settings(learner: str, settings: Settings, traced: Traced) -> Settings:
    """Return settings with the traced values: the inverse of `_split_settings`."""
    for name, value in zip(TRACED.get(learner, ()), traced, strict=True):
        settings = put_value(settings, name, tuple(value) if isinstance(value, list) else value)
    return settings


def compile_programs(task: LearningTask, keep: Keep = keep_measures) -> Programs:
    """Return the compiled functions of a task.

    If its game is a pytree, tasks whose games differ only in numbers share these functions. `keep`
    sets what `judge` returns per slot.
    """
    build, numbers = _split_game(task.game)
    fixed, traced = _split_settings(task)
    start, advance, go_on = _compile(task.learner, fixed, build, keep)
    start, advance, go_on = (functools.partial(part, traced) for part in (start, advance, go_on))

    def judge(learned: Any, keys: Array, slots: int, game: StagedGame = task.game) -> Any:
        actors = tuple(stage.actors for stage in learned)
        maker, parts = _split_game(game)
        # pieces are padded with runs and slots that do not count
        runs = [*range(0, len(keys), RUNS)]
        rows = np.arange(RUNS * len(runs)) % len(keys)
        pieces = []
        for first in runs:
            some = keys[rows[first : first + RUNS]]
            states, kept = _compile_begin(maker)(parts, some), []
            for slot in range(0, slots, SLOTS):
                states, part = go_on(numbers, actors, some, states, slot + np.arange(SLOTS))
                kept.append(part)
            pieces.append(_join(kept, 1, slots))
        return _join(pieces, 0, len(keys))

    bind = functools.partial
    return Programs(bind(start, numbers), bind(advance, numbers), judge)


def _join(parts: list[Any], axis: int, length: int) -> Any:
    def join(*leaves: Any) -> Any:
        xp: Any = jnp if isinstance(leaves[0], Tracer) else np
        whole = xp.concatenate(leaves, axis=axis)
        return whole[:length] if axis == 0 else whole[:, :length]

    return jax.tree.map(join, *parts)


@functools.lru_cache(maxsize=32)
def _compile_begin(build: Build) -> Callable[..., Any]:
    @functools.partial(jax.jit, compiler_options=choose_options(once=True))
    def begin(numbers: list[Any], keys: Array) -> Any:
        return jax.vmap(functools.partial(begin_slots, game=build(numbers)))(keys)

    return begin


@functools.lru_cache(maxsize=16)
def _compile(name: str, settings: Settings, build: Build, keep: Keep) -> tuple[Any, Any, Any]:
    """Compile the functions that begin a run, iterate it, and run a piece of slots.

    Their first argument is the numbers from which the game is built.
    """
    learner = LEARNERS[name]
    once = functools.partial(jax.jit, compiler_options=choose_options(once=True))

    @once
    def start(
        traced: Traced, numbers: list[Any], key: Array, default: Vectors | None = None
    ) -> Any:
        # the initial action is optional
        begin = () if default is None else (default,)
        return learner.start(key, build(numbers), _join_settings(name, settings, traced), *begin)

    @functools.partial(
        jax.jit, static_argnums=3, donate_argnums=2, compiler_options=choose_options()
    )
    def advance(
        traced: Traced, numbers: list[Any], state: Any, iterations: int
    ) -> tuple[Any, dict[str, Any]]:
        names: list[str] = []
        chosen = _join_settings(name, settings, traced)

        def iterate(state: Any, _: None) -> tuple[Any, Array]:
            state, experience = learner.iterate(build(numbers), chosen, state)
            names[:], means = summarise_experience(build(numbers), experience)
            return state, means

        state, means = jax.lax.scan(iterate, state, length=iterations)
        return state, dict(zip(names, jnp.mean(means, axis=0), strict=True))

    @once
    def go_on(
        traced: Traced, numbers: list[Any], actors: Any, keys: Array, states: Any, slots: Array
    ) -> tuple[Any, Any]:
        game, chosen = build(numbers), _join_settings(name, settings, traced)
        choose, arena = learner.act(game, chosen, actors), make_arena(game, chosen)
        return jax.vmap(lambda key, state: continue_slots(key, arena, choose, state, slots, keep))(
            keys, states
        )

    return start, advance, go_on


def summarise_experience(game: StagedGame, experience: Experience) -> tuple[list[str], Array]:
    """Return names and means of an iteration: every agent's reward, and the scalar indicators."""
    values: dict[str, Array] = {}
    for agents, rewards in zip(game.stages, experience.rewards, strict=True):
        for number, agent in enumerate(agents):
            values[f"reward/{agent}"] = rewards[..., number]
    kpis = experience.kpis if isinstance(experience.kpis, Mapping) else experience.kpis._asdict()
    for name, value in kpis.items():
        # an indicator with axes beyond the batch is no single number
        if value.ndim == experience.over.ndim:
            values[f"kpi/{name}"] = value
    stacked = jnp.stack([jnp.asarray(value, float) for value in values.values()])
    return [*values], jnp.mean(stacked.reshape(len(values), -1), axis=1)
