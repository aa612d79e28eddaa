"""Staged games for Gymnasium, single or vectorised, and the registered slicing environments."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import StagedGame, check_numbers
from sagin.game.simultaneous import Simultaneous
from sagin.inputs import quote
from sagin.interop.compiled import (
    RENDER_MODES,
    Carry,
    CompiledGame,
    Step,
    check_options,
    check_process,
    check_render_mode,
    draw_key,
    draw_step,
    make_blanks,
    require_episode,
    to_numpy,
)
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import Scenario, build_scenario
from sagin.types import Array, Bool, Float

try:
    import gymnasium
    from gymnasium.utils import seeding
    from gymnasium.vector import AutoresetMode
    from gymnasium.vector.utils import batch_space
except ImportError:
    raise ImportError(
        "sagin.interop.gymnasium needs gymnasium 1.1 or newer: pip install 'sagin[rl]'"
    ) from None


def make_spaces(game: StagedGame) -> tuple[gymnasium.spaces.Box, gymnasium.spaces.Box]:
    """Return the joined observation space and the joined action space of all agents.

    The order is that of `game.agents`.
    """
    bound = np.float32(game.observation_bound)
    seen, decided = sum(game.observation_size.values()), sum(game.action_size.values())
    return gymnasium.spaces.Box(-bound, bound, (seen,), np.float32), gymnasium.spaces.Box(
        0.0, 1.0, (decided,), np.float32
    )


class System(gymnasium.Env):
    """A staged game as one agent that sees and decides everything; one step is one slot.

    Observation and action are those of all agents, joined in the order of `game.agents`
    (`sagin.interop.compiled.locate_vectors` returns each agent's slice). The reward is the sum of
    their rewards. All decisions are made at once, from what is known at the start of the slot
    (`sagin.game.Simultaneous`), so the second stage does not know the effect of the first stage's
    decisions. Episodes are truncated. The infos of a step hold the KPIs of its slot and the agents'
    rewards; the infos of a reset hold NaN and 0 in their places.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 as Gymnasium declares it
        "render_modes": list(RENDER_MODES),
        "render_fps": 4,
    }

    def __init__(self, game: StagedGame, render_mode: str | None = None):
        self.render_mode, is_drawn = render_mode, check_render_mode(game, render_mode)
        self.game = Simultaneous(game)
        self._step: Step | None = None
        self.observation_space, self.action_space = make_spaces(game)
        self._compiled = CompiledGame(self.game, is_drawn)
        self._numbers = sum(self._compiled.action_size.values())
        self._carry: Carry | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode; the same seed gives the same episode for the same actions."""
        check_options(options)
        check_process()
        super().reset(seed=seed)
        self._carry, step = self._compiled.reset(draw_key(self.np_random))
        self._step = step = self._compiled.fill(step)
        return step.observations, list_infos(step)

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Run one slot."""
        require_episode(self._carry, "step")
        joint = check_numbers(action, (self._numbers,), "action")
        self._carry, step = self._compiled.stages[0](self._carry, joint)
        self._step = step = to_numpy(step)
        return (
            step.observations,
            float(step.rewards.sum()),
            bool(step.terminated),
            bool(step.truncated),
            list_infos(step),
        )

    def render(self) -> np.ndarray | None:
        """Return a picture of the last slot; None without a render mode.

        After `reset` no user is served yet. `gymnasium.wrappers.HumanRendering` shows a live
        window.
        """
        if self.render_mode is None:
            return None
        require_episode(self._step, "render")
        return draw_step(self.game.game, self._step)


def list_infos(step: Step) -> dict[str, Any]:
    """Return the infos of a step with all KPIs; their layout is the same throughout an episode."""
    return {"relevant_actions": step.action_masks, "rewards": step.rewards, **step.kpis}


class Systems(gymnasium.vector.VectorEnv):
    """Many copies of `System`, stepped in one compiled call, like Gymnasium's vector environments.

    The autoreset mode sets what happens after the end of an episode:

    - SAME_STEP: the copy begins the next episode in the same step. Observation and infos are the
      first ones of the new episode; `info["final_obs"]` and `info["final_info"]` hold the last ones
      of the ended episode.
    - NEXT_STEP: the next call of `step` begins the episode instead of running a slot.
    - DISABLED: only `reset(options={"reset_mask": ...})` begins episodes, in the marked copies.

    The first episode of copy i under seed s is that of a `System` under seed s + i.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": [],
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        game: StagedGame,
        num_envs: int = 1,
        autoreset_mode: str | AutoresetMode = AutoresetMode.SAME_STEP,
    ):
        if num_envs < 1:
            raise InputError(f"num_envs: {num_envs} (allowed: at least 1)")
        self.game = Simultaneous(game)
        self.num_envs = num_envs
        self._mode = AutoresetMode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self._mode}
        self.single_observation_space, self.single_action_space = make_spaces(game)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._compiled = CompiledGame(self.game)
        self._numbers = sum(self._compiled.action_size.values())
        self._carry: Carry | None = None
        self._generators: list[np.random.Generator] = []
        self._ended = np.zeros(num_envs, bool)
        self._seen = np.zeros((num_envs, *self.single_observation_space.shape), np.float32)
        self._blanks: dict[str, np.ndarray] | None = None
        self._compile()

    def _compile(self) -> None:
        self._start = jax.jit(jax.vmap(self._compiled.start))
        self._merge = jax.jit(merge_copies)
        self._play = jax.jit(self._advance)

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes that pickle stores."""
        return {name: value for name, value in vars(self).items() if name not in PROGRAMS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the attributes and compile again."""
        vars(self).update(state)
        self._compile()

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode in every copy, or in those that `options["reset_mask"]` marks.

        A seed s gives copy i the seed s + i; a sequence gives one seed per copy.
        """
        selected = self._read_mask(check_options(options, "reset_mask"))
        check_process()
        carry, step = self._start(self._draw_keys(seed, selected))
        if self._carry is not None:
            carry = self._merge(selected, self._carry, carry)
        self._carry = carry
        if self._blanks is None:
            joint = jnp.zeros((self.num_envs, self._numbers))
            self._blanks = make_blanks(self._play.eval_shape(carry, joint, selected)[1].kpis)
        step = to_numpy(step)
        self._seen[selected] = step.observations[selected]
        self._ended &= ~selected
        infos = list_infos(step._replace(kpis=self._blanks))
        return self._seen.copy(), mark_infos(infos, selected)

    def _read_mask(self, options: dict[str, Any]) -> np.ndarray:
        """Return the mask of the copies to reset."""
        if "reset_mask" not in options:
            return np.ones(self.num_envs, bool)
        selected = np.asarray(options["reset_mask"])
        if selected.dtype != bool or selected.shape != (self.num_envs,) or not selected.any():
            allowed = f"{self.num_envs} truth values, one of them true"
            raise InputError(f"options: reset_mask {quote(selected.tolist())} (allowed: {allowed})")
        if self._carry is None and not selected.all():
            raise InputError("options: reset_mask before the first reset of all copies")
        return selected.copy()

    def _draw_keys(self, seed: int | Sequence[int | None] | None, selected: np.ndarray) -> Array:
        """Draw the keys of new episodes; the generators of the other copies do not change."""
        seeds = list(seed) if isinstance(seed, Sequence) else [seed] * self.num_envs
        if len(seeds) != self.num_envs:
            allowed = f"one for each of the {self.num_envs} copies"
            raise InputError(f"seed: {len(seeds)} seeds (allowed: {allowed})")
        if isinstance(seed, int):
            seeds = [seed + copy for copy in range(self.num_envs)]
        if not self._generators:
            self._generators = [seeding.np_random(number)[0] for number in seeds]
        for copy in np.flatnonzero(selected) if seed is not None else ():
            if seeds[copy] is not None:
                self._generators[copy] = seeding.np_random(seeds[copy])[0]
        return jnp.stack(
            [
                draw_key(generator) if is_chosen else jax.random.key(0)
                for generator, is_chosen in zip(self._generators, selected, strict=True)
            ]
        )

    def step(
        self, actions: Any
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Run one slot in every copy."""
        require_episode(self._carry, "step")
        joint = check_numbers(actions, (self.num_envs, self._numbers), "actions")
        if self._mode == AutoresetMode.DISABLED and self._ended.any():
            copies = quote(np.flatnonzero(self._ended).tolist())
            raise InputError(
                f"step: the episodes of copies {copies} have ended (allowed: first "
                "reset(options={'reset_mask': ...}) of them)"
            )
        self._carry, played, seen, masks, renewed = self._play(self._carry, joint, self._ended)
        played = to_numpy(played)
        self._seen, renewed = np.array(seen), np.array(renewed)
        infos = list_infos(played._replace(action_masks=np.array(masks)))
        blanks = {**(self._blanks or {}), "rewards": np.zeros_like(played.rewards)}
        for name, blank in blanks.items():
            infos[name] = np.where(_expand(renewed, blank), blank, infos[name])
        infos = mark_infos(infos, np.ones(self.num_envs, bool))
        is_begun = renewed & (self._mode == AutoresetMode.NEXT_STEP)
        rewards = np.where(is_begun, 0.0, played.rewards.sum(axis=-1)).astype(played.rewards.dtype)
        terminated, truncated = played.terminated & ~is_begun, played.truncated & ~is_begun
        ended = terminated | truncated
        if self._mode == AutoresetMode.SAME_STEP and ended.any():
            infos["final_obs"] = _to_objects(played.observations, ended)
            infos["final_info"] = mark_infos(list_infos(played), ended)
            infos["_final_obs"], infos["_final_info"] = ended.copy(), ended.copy()
        else:
            self._ended = ended
        return self._seen.copy(), rewards, terminated, truncated, infos

    def _advance(
        self, carry: Carry, joint: Float[Array, "copies actions"], ended: Bool[Array, " copies"]
    ) -> tuple[Carry, Step, Array, Array, Array]:
        """Run a slot and begin the episodes that are due.

        Returns the carry, the steps, then observations, masks and the mask of copies that began an
            episode.
        """
        following, played = jax.vmap(self._compiled.stages[0])(carry, joint)
        is_same = self._mode == AutoresetMode.SAME_STEP
        renewed = (played.terminated | played.truncated) if is_same else ended
        # the key of an ended episode is not used again
        keys = (following if is_same else carry)[0]

        def begin(*old: Any) -> Any:
            fresh, first = jax.vmap(self._compiled.start)(keys)
            new = (fresh, first.observations, first.action_masks)
            return merge_copies(renewed, old, new)

        old = (following, played.observations, played.action_masks)
        following, seen, masks = jax.lax.cond(renewed.any(), begin, lambda *old: old, *old)
        return following, played, seen, masks, renewed


PROGRAMS = ("_start", "_merge", "_play")
"""Compiled attributes of `Systems`, which pickle does not store."""


def mark_infos(infos: dict[str, Any], selected: np.ndarray) -> dict[str, Any]:
    """Return infos of many copies in Gymnasium's form: masks, and 0 for unselected copies."""
    marked: dict[str, Any] = {}
    for name, values in infos.items():
        marked[name] = np.where(_expand(selected, values), values, np.zeros_like(values))
        marked[f"_{name}"] = selected.copy()
    return marked


def merge_copies(selected: Any, old: Any, new: Any) -> Any:
    """Return new values of the selected copies and old values of the others, in the old types."""

    def choose(before: Array, after: Array) -> Array:
        same = after if after.dtype == before.dtype else after.astype(before.dtype)
        return jnp.where(_expand(selected, before), same, before)

    return jax.tree.map(choose, old, new)


def make_slicing_game(
    scenario: str | Scenario = "paper", overrides: Sequence[str] = (), layers_at_once: bool = False
) -> SlicingGame:
    """Return the game of a scenario or built-in name, after `section.field=value` overrides."""
    return SlicingGame(
        build_scenario(scenario, tuple(overrides)) if isinstance(scenario, str) else scenario,
        layers_at_once,
    )


slicing_game = make_slicing_game
"""Name of `make_slicing_game` in sagin 0.1.0."""


def make_slicing_system(render_mode: str | None = None, **settings: Any) -> System:
    """Return the environment of `sagin/Slicing-v0`; settings are those of `make_slicing_game`."""
    return System(make_slicing_game(**settings), render_mode)


def make_slicing_systems(
    num_envs: int = 1,
    render_mode: str | None = None,
    autoreset_mode: str | AutoresetMode = AutoresetMode.SAME_STEP,
    **settings: Any,
) -> Systems:
    """Return the vector environment of `sagin/Slicing-v0`."""
    del render_mode
    return Systems(make_slicing_game(**settings), num_envs, autoreset_mode)


def register() -> None:
    """Register `sagin/Slicing-v0` (layers in turn) and `sagin/SlicingOneLayer-v0` (layers at once).

    Importing this module calls this function.
    """
    for name, at_once in (("sagin/Slicing-v0", False), ("sagin/SlicingOneLayer-v0", True)):
        if name not in gymnasium.registry:
            gymnasium.register(
                name,
                make_slicing_system,
                vector_entry_point=make_slicing_systems,
                kwargs={"layers_at_once": at_once},
                disable_env_checker=True,
            )


def _expand(flags: Any, values: Any) -> Any:
    return flags.reshape(flags.shape + (1,) * (values.ndim - 1))


def _to_objects(rows: np.ndarray, ended: np.ndarray) -> np.ndarray:
    # as Gymnasium's own vector environments give it: an array of objects, None for those that go on
    objects = np.full(len(rows), None, dtype=object)
    for row in np.flatnonzero(ended):
        objects[row] = rows[row]
    return objects


register()
