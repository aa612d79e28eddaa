"""Train jaxnasium's multi-agent PPO, unmodified, on the slicing agents through JaxMARL's interface;
judged by the policies it starts from.

pip install -r examples/jaxnasium/requirements.txt
python examples/jaxnasium/train.py --scenario small --slots 30000
"""

import argparse
from typing import Any

import jax
import numpy as np
from jaxnasium.algorithms import PPO, RLAgent
from jaxnasium.wrappers import JaxMARLWrapper

from sagin.interop.jaxmarl import MultiAgentEnv
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario


class Centred(MultiAgentEnv):
    """Actions in [−1, 1]: PPO starts around 0, where on [0, 1] nobody would ask for a node."""

    def step_env(self, key: jax.Array, state: Any, actions: dict[str, jax.Array]) -> tuple:
        """Play one slot."""
        return super().step_env(
            key, state, {agent: (action + 1.0) / 2.0 for agent, action in actions.items()}
        )


def mean_return(env: JaxMARLWrapper, agents: RLAgent, episodes: int = 20) -> str:
    """Return mean and standard error of an episode's return of all agents, on the same episodes for
    everybody.
    """
    returns = agents.evaluate(
        jax.random.key(5000), env, num_eval_episodes=episodes, deterministic_policy=False
    )
    totals = np.sum([np.asarray(values) for values in returns.values()], axis=0)
    return f"{totals.mean():.1f} ± {totals.std(ddof=1) / np.sqrt(episodes):.1f}"


def main() -> None:
    """Evaluate the policies before and after training."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", default="small", help="a built-in scenario")
    parser.add_argument("--slots", type=int, default=30_000, help="slots to train for")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    env = JaxMARLWrapper(Centred(SlicingGame(build_scenario(arguments.scenario))))
    learner = PPO(
        total_timesteps=arguments.slots,
        num_envs=8,
        num_steps=125,
        num_minibatches=10,
        num_epochs=10,
        learning_rate_start=3e-4,
        ent_coef_start=0.0,
        ent_coef_end=None,
        # each slot stands alone: looking ahead could only add variance
        gamma=0.0,
        gae_lambda=0.0,
        log_function=None,
    )
    start_key, train_key = jax.random.split(jax.random.key(arguments.seed))
    agents = learner.init_agent(start_key, env)
    rows = [("PPO, untrained", mean_return(env, agents))]
    agents, _ = learner.train(train_key, env, agents)
    rows.append((f"PPO, {arguments.slots} slots", mean_return(env, agents)))
    for name, value in rows:
        print(f"{name}: {value} (standard error)")


if __name__ == "__main__":
    main()
