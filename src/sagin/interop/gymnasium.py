"""Staged games for Gymnasium: the whole system as one agent, alone or many at once, and the
registered slicing environments.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.game.protocol import StagedGame, check_numbers
from sagin.game.simultaneous import Simultaneous
from sagin.interop.compiled import Carry, CompiledGame, Step, draw_key, to_numpy
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import Scenario, build_scenario
from sagin.types import Array, Float

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
    """Return the boxes of all agents' observations and of all agents' actions, joined in the order
    of `game.agents`.
    """
    bound = np.float32(game.observation_bound)
    seen, decided = sum(game.observation_size.values()), sum(game.action_size.values())
    return gymnasium.spaces.Box(-bound, bound, (seen,), np.float32), gymnasium.spaces.Box(
        0.0, 1.0, (decided,), np.float32
    )


class System(gymnasium.Env):
    """A staged game as one agent that sees and decides everything; one step is one slot.

    Observation and action are those of all agents joined in the order of `game.agents`
    (`locate_vectors` in `sagin.interop.compiled` tells where each one's lie); the reward is the sum
    of theirs. All is decided at once on what is known at the start of the slot
    (`sagin.game.Simultaneous`), so it is not known what the first stage's decisions will lead to
    when those of the second are taken. Episodes are truncated, and the infos of a step hold the
    KPIs of its slot and the agents' own rewards.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 as Gymnasium declares it

    def __init__(self, game: StagedGame):
        self.game = Simultaneous(game)
        self.observation_space, self.action_space = make_spaces(game)
        self._compiled = CompiledGame(self.game)
        self._numbers = sum(self._compiled.action_size.values())
        self._carry: Carry | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode; the same seed gives the same episode for the same actions."""
        super().reset(seed=seed)
        del options
        self._carry, step = self._compiled.reset(draw_key(self.np_random))
        step = to_numpy(step)
        return step.observations, {"relevant_actions": step.action_masks}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Play one slot."""
        if self._carry is None:
            raise InputError("step: no episode is under way (call reset first)")
        joint = check_numbers(action, (self._numbers,), "action")
        self._carry, step = self._compiled.stages[0](self._carry, joint)
        step = to_numpy(step)
        info = {"relevant_actions": step.action_masks, "rewards": step.rewards, **step.kpis}
        return (
            step.observations,
            float(step.rewards.sum()),
            bool(step.terminated),
            bool(step.truncated),
            info,
        )


class Systems(gymnasium.vector.VectorEnv):
    """Many copies of `System`, stepped in one compiled call; a copy whose episode ends begins the
    next one in the same step.

    Autoreset mode SAME_STEP: the observation of such a step is the new episode's first one, and
    `info["final_obs"]` holds the ended one's last, marked in `info["_final_obs"]`. The first
    episode of copy i under seed s is that of a `System` under seed s + i.
    """

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, game: StagedGame, num_envs: int = 1):
        if num_envs < 1:
            raise InputError(f"num_envs: {num_envs} (allowed: at least 1)")
        self.game = Simultaneous(game)
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = make_spaces(game)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._compiled = CompiledGame(self.game)
        self._numbers = sum(self._compiled.action_size.values())
        self._reset = jax.jit(jax.vmap(self._compiled.start))
        self._step = jax.jit(self._advance)
        self._carry: Carry | None = None
        self._generators: list[np.random.Generator] = []

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin an episode in every copy; a seed s gives copy i the seed s + i, a sequence one seed
        each.
        """
        del options
        if seed is not None or not self._generators:
            seeds = (
                [None if seed is None else seed + copy for copy in range(self.num_envs)]
                if not isinstance(seed, Sequence)
                else seed
            )
            if len(seeds) != self.num_envs:
                raise InputError(
                    f"seed: {len(seeds)} seeds "
                    f"(allowed: one for each of the {self.num_envs} copies)"
                )
            self._generators = [seeding.np_random(number)[0] for number in seeds]
        self._carry, step = self._reset(
            jnp.stack([draw_key(generator) for generator in self._generators])
        )
        step = to_numpy(step)
        return step.observations, {"relevant_actions": step.action_masks}

    def step(
        self, actions: Any
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Play one slot in every copy."""
        if self._carry is None:
            raise InputError("step: no episode is under way (call reset first)")
        joint = check_numbers(actions, (self.num_envs, self._numbers), "actions")
        self._carry, step, final = self._step(self._carry, joint)
        step = to_numpy(step)
        info = {"relevant_actions": step.action_masks, "rewards": step.rewards, **step.kpis}
        done = step.terminated | step.truncated
        if done.any():
            info["final_obs"] = _to_objects(np.array(final), done)
            info["_final_obs"] = done
        return step.observations, step.rewards.sum(axis=-1), step.terminated, step.truncated, info

    def _advance(
        self, carry: Carry, joint: Float[Array, "copies actions"]
    ) -> tuple[Carry, Step, Array]:
        carry, step = jax.vmap(self._compiled.stages[0])(carry, joint)
        done = step.terminated | step.truncated

        def begin(carry: Carry, step: Step) -> tuple[Carry, Array, Array]:
            # the key of an ended episode is not used again
            fresh, first = jax.vmap(self._compiled.start)(carry[0])
            old, new = (
                (carry, step.observations, step.action_masks),
                (fresh, first.observations, first.action_masks),
            )
            return jax.tree.map(lambda a, b: jnp.where(_expand_like(done, a), b, a), old, new)

        def go_on(carry: Carry, step: Step) -> tuple[Carry, Array, Array]:
            return carry, step.observations, step.action_masks

        following, observations, masks = jax.lax.cond(done.any(), begin, go_on, carry, step)
        return (
            following,
            step._replace(observations=observations, action_masks=masks),
            step.observations,
        )


def make_slicing_game(
    scenario: str | Scenario = "paper", overrides: Sequence[str] = (), layers_at_once: bool = False
) -> SlicingGame:
    """Return the game of a scenario or of a built-in one after `section.field=value` overrides."""
    return SlicingGame(
        build_scenario(scenario, tuple(overrides)) if isinstance(scenario, str) else scenario,
        layers_at_once,
    )


def make_slicing_system(render_mode: str | None = None, **settings: Any) -> System:
    """Return the environment behind `sagin/Slicing-v0`; settings as `make_slicing_game`'s."""
    del render_mode
    return System(make_slicing_game(**settings))


def make_slicing_systems(
    num_envs: int = 1, render_mode: str | None = None, **settings: Any
) -> Systems:
    """Return the vector environment behind `sagin/Slicing-v0`."""
    del render_mode
    return Systems(make_slicing_game(**settings), num_envs)


def register() -> None:
    """Make `sagin/Slicing-v0` (two layers in turn) and `sagin/SlicingOneLayer-v0` (both at once)
    known; importing this module does it.
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


def _expand_like(flags: Array, values: Array) -> Array:
    return flags.reshape(flags.shape + (1,) * (values.ndim - 1))


def _to_objects(rows: np.ndarray, ended: np.ndarray) -> np.ndarray:
    # as Gymnasium's own vector environments give it: an array of objects, None for those that go on
    objects = np.full(len(rows), None, dtype=object)
    for row in np.flatnonzero(ended):
        objects[row] = rows[row]
    return objects


register()
