"""A staged game as compiled functions of joined vectors, for the adapters that step in Python."""

import functools
import os
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import StagedGame
from sagin.inputs import quote
from sagin.slicing.game import SlicingGame, Turn
from sagin.slicing.trace import Trace
from sagin.types import Array, Float, PRNGKeyArray

RENDER_MODES = ("rgb_array",)
"""Modes of `render`; wrap the environment in Gymnasium's `HumanRendering` for a live window."""


class Step(NamedTuple):
    """Result of one stage, with all agents' vectors joined in the order of `game.agents`.

    The arrays are JAX's, and NumPy's after `to_numpy`.
    """

    observations: Any
    """Present observations of all agents."""
    action_masks: Any
    """Mask of the numbers of the next actions that have an effect."""
    rewards: Any
    """Rewards of all agents; 0 unless the slot ended."""
    terminated: Any
    """Whether the game has ended."""
    truncated: Any
    """Whether the episode was cut."""
    kpis: Mapping[str, Any]
    """KPIs of the slot; NaN (0 for whole numbers and flags) unless the slot ended."""
    view: Any = None
    """Positions and links of the slot, if the game is drawn."""


Carry = tuple[Array, Any]
"""Key and state of the present episode."""


class CompiledGame:
    """Reset and stages of a game, each as one compiled call.

    Pickling stores the game; loading compiles it again.
    """

    is_forked: ClassVar[bool] = False
    """Whether this process is a fork of a process in which JAX had started; JAX would hang in it.
    """

    def __init__(self, game: StagedGame, is_drawn: bool = False):
        self.game, self.is_drawn = game, is_drawn
        # read once: a game may work these out anew each time
        self.agents, self.turns = game.agents, game.stages
        self.observation_size, self.action_size = (
            dict(game.observation_size),
            dict(game.action_size),
        )
        self.observation_places = locate_vectors(game.observation_size, game.agents)
        self.action_places = locate_vectors(game.action_size, game.agents)
        self._begin = jax.jit(self.start)
        self._blanks: dict[str, np.ndarray] | None = None
        self.stages = [
            jax.jit(functools.partial(self.take, stage)) for stage in range(len(game.stages))
        ]
        self.global_state = jax.jit(lambda carry: game.global_state(carry[1]).astype(jnp.float32))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the data from which pickle rebuilds the object."""
        return CompiledGame, (self.game, self.is_drawn), {"_blanks": self._blanks}

    def reset(self, key: PRNGKeyArray) -> tuple[Carry, Step]:
        """Begin an episode; the first call also determines the KPIs of a slot."""
        carry, step = self._begin(key)
        if self._blanks is None:
            shape: Any = carry
            played: Any = step
            for stage, agents in zip(self.stages, self.game.stages, strict=True):
                joint = jnp.zeros(sum(self.action_size[agent] for agent in agents))
                shape, played = stage.eval_shape(shape, joint)
            self._blanks = make_blanks(played.kpis)
        return carry, step

    def fill(self, step: Step) -> Step:
        """Return a step as NumPy arrays that the caller owns, with all KPIs."""
        step = to_numpy(step)
        return step if step.kpis else step._replace(kpis=jax.tree.map(np.copy, self._blanks))

    def start(self, key: PRNGKeyArray) -> tuple[Carry, Step]:
        """Begin an episode."""
        key, now = jax.random.split(key)
        state = self.game.reset(now)
        never = jnp.asarray(False)
        return (key, state), Step(
            *self._seen(state),
            jnp.zeros(len(self.game.agents)),
            never,
            never,
            {},
            self._view(state),
        )

    def take(self, stage: int, carry: Carry, joint: Float[Array, " actions"]) -> tuple[Carry, Step]:
        """Let the agents of a stage act with joined actions; the last stage ends the slot."""
        key, state = carry
        game, agents = self.game, self.game.stages[stage]
        vectors = {
            agent: joint[part] for agent, part in locate_vectors(game.action_size, agents).items()
        }
        state = game.act(state, stage, vectors)
        if stage + 1 < len(game.stages):
            never = jnp.asarray(False)
            unpaid = jnp.zeros(len(game.agents))
            return (key, state), Step(
                *self._seen(state), unpaid, never, never, {}, self._view(state)
            )
        key, now = jax.random.split(key)
        done = game.finish(now, state)
        rewards = jnp.stack([done.rewards[agent] for agent in game.agents])
        return (key, done.state), Step(
            *self._seen(done.state),
            rewards,
            done.terminated,
            done.truncated,
            to_dict(done.kpis),
            self._view(state),
        )

    def _view(self, state: Any) -> Trace | None:
        """Return the view of the present slot for a picture."""
        return view_slot(state) if self.is_drawn else None

    def _seen(self, state: Any) -> tuple[Array, Array]:
        stages = range(len(self.game.stages))
        seen = [self.game.observe(state, stage) for stage in stages]
        masks = [self.game.action_masks(state, stage) for stage in stages]
        return self._joined(seen).astype(jnp.float32), self._joined(masks)

    def _joined(self, parts: list[dict[str, Array]]) -> Array:
        whole = {agent: vector for part in parts for agent, vector in part.items()}
        return jnp.concatenate([whole[agent] for agent in self.game.agents])


def view_slot(turn: Turn) -> Trace:
    """Return the positions of users and nodes and the links between them in the present slot."""
    nobody = jnp.full(turn.state.active.shape, -1)
    # a layer that has not acted serves no users, and UAVs keep their positions
    nodes = [layer.node for layer in turn.layers] + [nobody] * (2 - len(turn.layers))
    positions = turn.state.uav_positions if turn.positions is None else turn.positions
    return Trace(turn.state.user_positions, turn.state.active, positions, *nodes)


def check_render_mode(game: StagedGame, render_mode: str | None) -> bool:
    """Return whether the game is drawn.

    Raises:
        InputError: the mode is unknown, or the game has no picture; the message has one line.
    """
    if render_mode not in (None, *RENDER_MODES):
        allowed = ", ".join(RENDER_MODES)
        raise InputError(f"render_mode: {quote(render_mode)} (allowed: {allowed})")
    if render_mode is not None and not isinstance(game, SlicingGame):
        raise InputError("render_mode: this game has no picture (allowed: None)")
    return render_mode is not None


def draw_step(game: StagedGame, step: Any) -> np.ndarray:
    """Return the picture of a slot: users, nodes and the links between them."""
    from sagin.papers.slicing.scene import make_scene
    from sagin.studies.picture import draw_scene

    if not isinstance(game, SlicingGame):
        raise InputError("render: this game has no picture")
    slots = Trace(*(np.asarray(values)[None] for values in step.view))
    return draw_scene(make_scene(game.scenario, slots, ""))


def locate_vectors(sizes: Mapping[str, int], agents: tuple[str, ...]) -> dict[str, slice]:
    """Return the slice of each agent's numbers in the joined vector."""
    ends = np.cumsum([sizes[agent] for agent in agents]).tolist()
    return {agent: slice(end - sizes[agent], end) for agent, end in zip(agents, ends, strict=True)}


def to_dict(kpis: Any) -> dict[str, Any]:
    """Return a mapping or a named tuple of numbers as a dictionary."""
    return dict(kpis) if isinstance(kpis, Mapping) else kpis._asdict()


def to_numpy(step: Step) -> Step:
    """Return the step as NumPy arrays that the caller owns."""
    return jax.tree.map(np.array, step)


def make_blanks(kpis: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return placeholders of the shapes of the KPIs, for use before a slot has ended."""
    blanks = {}
    for name, kpi in kpis.items():
        is_real = jnp.issubdtype(kpi.dtype, jnp.inexact)
        blanks[name] = np.full(kpi.shape, np.nan if is_real else 0, kpi.dtype)
    return blanks


def check_process() -> None:
    """Refuse a process that was forked after JAX had started.

    Raises:
        InputError: the process is such a fork; the message has one line.
    """
    if CompiledGame.is_forked:
        raise InputError(
            "this process was forked from one that uses JAX, in which JAX would hang "
            "(allowed: processes started by spawn or forkserver, such as context='spawn' of "
            "AsyncVectorEnv)"
        )


def _note_fork() -> None:
    from jax._src import xla_bridge

    # before JAX has a backend, nothing of it is lost in a fork
    CompiledGame.is_forked = CompiledGame.is_forked or bool(getattr(xla_bridge, "_backends", True))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def check_options(options: Mapping[str, Any] | None, *known: str) -> dict[str, Any]:
    """Check and return the options of a reset.

    Raises:
        InputError: an option is unknown; the message has one line.
    """
    for name in options or {}:
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise InputError(f"options: {quote(name)} is unknown (allowed: {allowed})")
    return dict(options or {})


def require_episode(step: Any, call: str) -> None:
    """Refuse a call before the first `reset`.

    Raises:
        InputError: there is no step yet; the message has one line.
    """
    if step is None:
        raise InputError(f"{call}: no episode has begun (call reset first)")


def draw_key(generator: np.random.Generator) -> PRNGKeyArray:
    """Draw the key of an episode from the generator that the library seeds."""
    return jax.random.key(int(generator.integers(2**31)))
