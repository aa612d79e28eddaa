"""MADDPG and MAPPO on the simple_spread of PettingZoo 1.22.2 with HARL's recipe, to be held against
HARL's published curves.

    python -m benchmarks.spread_learning maddpg --seed 0 --steps 2000000 --out results/simple_spread

Every evaluation plays 1024 held-out episodes without noise; the figure is the return of the team,
summed over agents and 25 slots.
"""

import argparse
import functools
import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.simple_spread import SimpleSpread
from sagin.files import write_atomically
from sagin.learning import maddpg, mappo
from sagin.learning.models import make_arena
from sagin.learning.play import advance_slot, begin_episodes
from sagin.learning.settings import Settings, make_settings

COMMON = (
    "network.widths=[128,128]",
    "reward_scale=3",
)  # the agents' mean reward times 3 is the team's sum, which HARL learns from
RECIPES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "maddpg": (
        maddpg,
        (
            *COMMON,
            "network.last_layer_gain=1",
            "maddpg.actor_rate=5e-4",
            "maddpg.critic_rate=1e-3",
            "maddpg.discount=0.99",
            "maddpg.target_rate=0.005",
            "maddpg.batch=1000",
            "maddpg.replay=1000000",
            "maddpg.environments=20",
            "maddpg.warm_up=500",
            "maddpg.critics=team",
            "maddpg.saturation_penalty=0",
            "maddpg.noise_start=0.05",
            "maddpg.noise_end=0.05",
        ),
    ),
    "mappo": (
        mappo,
        (
            *COMMON,
            "reward_scale=0.1",
            "network.last_layer_gain=0.01",
            "mappo.discount=0.99",
            "mappo.environments=20",
            "mappo.rollout=200",
            "mappo.epochs=5",
            "mappo.minibatches=1",
        ),
    ),
}
GAME = SimpleSpread("old")
TESTS = 1024


def make_recipe(algorithm: str, overrides: tuple[str, ...] = ()) -> tuple[Any, Settings, int]:
    """Return the learner, its settings, and environment steps of one iteration."""
    learner, settings = RECIPES[algorithm][0], make_settings((*RECIPES[algorithm][1], *overrides))
    steps = (
        settings.maddpg.environments
        if algorithm == "maddpg"
        else settings.mappo.environments * settings.mappo.rollout
    )
    return learner, settings, steps


@functools.partial(jax.jit, static_argnums=(0, 1))
def evaluate_team(learner: Any, game: Any, settings: Settings, learned: Any) -> Any:
    """Return the mean return of held-out episodes without noise, and its standard error."""
    choose = learner.bind_actors(game, settings, tuple(networks.actors for networks in learned))
    arena = make_arena(game, settings)
    turn = begin_episodes(arena, choose, jax.random.key(2**31), TESTS)

    def slot(turn: Any, number: Any) -> tuple[Any, Any]:
        turn, experience = advance_slot(
            arena, choose, jax.random.fold_in(jax.random.key(2**31), number), turn
        )
        return turn, experience.kpis["team_reward"]

    returns = jax.lax.scan(slot, turn, jnp.arange(game.episode_length))[1].sum(axis=0)
    return returns.mean(), returns.std() / TESTS**0.5


@functools.partial(jax.jit, static_argnums=(0, 1, 4), donate_argnums=3)
def advance(learner: Any, game: Any, settings: Settings, state: Any, iterations: int) -> Any:
    """Return the run some iterations on."""
    return jax.lax.scan(
        lambda state, _: (learner.iterate(game, settings, state)[0], None), state, length=iterations
    )[0]


def train(algorithm: str, seed: int, steps: int, overrides: tuple[str, ...], out: Path) -> None:
    """Train, and write the curve again at each evaluation."""
    learner, settings, per_iteration = make_recipe(algorithm, overrides)
    state = jax.jit(lambda key: learner.start(key, GAME, settings))(jax.random.key(seed))
    # a whole number of iterations of either learner
    interval, started, curve = 100_000, time.perf_counter(), []
    for done in range(interval, steps + 1, interval):
        state = advance(learner, GAME, settings, state, interval // per_iteration)
        mean, error = (
            float(number) for number in evaluate_team(learner, GAME, settings, state.learned)
        )
        curve.append(
            {
                "steps": done,
                "team_return": mean,
                "standard_error": error,
                "seconds": time.perf_counter() - started,
            }
        )
        print(
            f"{algorithm} seed {seed}: {done} steps, return {mean:.2f} ± {2 * error:.2f}, "
            f"{curve[-1]['seconds']:.0f} s",
            flush=True,
        )
        report = {
            "algorithm": algorithm,
            "seed": seed,
            "settings": [*RECIPES[algorithm][1], *overrides],
            "curve": curve,
        }
        write_atomically(
            out / f"{algorithm}-{seed}.json", json.dumps(report, indent=1).encode() + b"\n"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("algorithm", choices=list(RECIPES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2_000_000)
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE")
    parser.add_argument("--out", type=Path, default=Path("results/simple_spread"))
    arguments = parser.parse_args()
    train(arguments.algorithm, arguments.seed, arguments.steps, tuple(arguments.set), arguments.out)


if __name__ == "__main__":
    main()
