"""A training in compiled pieces, for a loop that logs, shows progress and checkpoints."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.game.protocol import StagedGame
from sagin.learning.evaluation import play_slots
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.models import make_arena
from sagin.learning.play import Experience
from sagin.learning.settings import Settings
from sagin.types import Array


class Programs(NamedTuple):
    """Compiled functions of one task."""

    start: Callable[..., Any]
    """key → state."""
    advance: Callable[..., Any]
    """state (used up), iterations (static) → state, means of rewards and indicators."""
    judge: Callable[..., Any]
    """learned, keys, slots (static) → rewards and indicators of held-out slots without noise,
    [keys, slots, …].
    """


def choose_options(*, once: bool = False) -> dict[str, Any] | None:
    """Return the compiler's options of a program of a training, on a CPU; elsewhere its defaults.

    The least optimisation that costs no speed takes half the time of the default. A program that
    runs once, or now and then, is hardly optimised.
    """
    if jax.default_backend() != "cpu" or jax.config.values["jax_disable_most_optimizations"]:
        return None
    options: dict[str, Any] = {"xla_backend_optimization_level": 0 if once else 1}
    return options | ({"xla_llvm_disable_expensive_passes": True} if once else {})


def compile_programs(task: LearningTask) -> Programs:
    """Return the compiled functions of a task.

    Where its game is a pytree, tasks whose games differ in numbers alone share them.
    """
    numbers, structure = jax.tree.flatten(task.game)
    if jax.tree_util.treedef_is_leaf(structure):
        numbers, programs = [], _compile(task.learner, task.settings, lambda _: task.game)
    else:
        programs = _compile_shared(task.learner, task.settings, structure)
    return Programs(*(functools.partial(program, numbers) for program in programs))


@functools.lru_cache(maxsize=16)
def _compile_shared(learner: str, settings: Settings, structure: Any) -> Programs:
    return _compile(learner, settings, functools.partial(jax.tree.unflatten, structure))


def _compile(name: str, settings: Settings, build: Callable[[list[Any]], StagedGame]) -> Programs:
    """Return functions whose first argument is the numbers of which a game is built."""
    learner, once = (
        LEARNERS[name],
        functools.partial(jax.jit, compiler_options=choose_options(once=True)),
    )

    @once
    def start(numbers: list[Any], key: Array) -> Any:
        return learner.start(key, build(numbers), settings)

    @functools.partial(
        jax.jit, static_argnums=2, donate_argnums=1, compiler_options=choose_options()
    )
    def advance(numbers: list[Any], state: Any, iterations: int) -> tuple[Any, dict[str, Any]]:
        names: list[str] = []

        def iterate(state: Any, _: None) -> tuple[Any, Array]:
            state, experience = learner.iterate(build(numbers), settings, state)
            names[:], means = summarise_experience(build(numbers), experience)
            return state, means

        state, means = jax.lax.scan(iterate, state, length=iterations)
        return state, dict(zip(names, jnp.mean(means, axis=0), strict=True))

    @functools.partial(once, static_argnums=3)
    def judge(
        numbers: list[Any], learned: Any, keys: Array, slots: int
    ) -> tuple[dict[str, Any], Any]:
        game = build(numbers)
        choose = learner.act(game, settings, tuple(stage.actors for stage in learned))
        arena = make_arena(game, settings)
        return jax.vmap(lambda key: play_slots(key, arena, choose, slots))(keys)

    return Programs(start, advance, judge)


def summarise_experience(game: StagedGame, experience: Experience) -> tuple[list[str], Array]:
    """Return names and means of an iteration: the reward of every agent, and the indicators that
    are single numbers.
    """
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
