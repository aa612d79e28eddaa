"""Train Stable-Baselines3's PPO, unmodified, on the slicing system as one agent, and compare it with random actions.

pip install -r examples/stable_baselines3/requirements.txt
python examples/stable_baselines3/train.py --scenario small --slots 50000
"""

import argparse

import gymnasium
import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy

import sagin.interop.gymnasium  # noqa: F401 registers the environments


def random_return(env: gymnasium.Env, episodes: int) -> float:
    """Return the mean return of uniform actions."""
    total = 0.0
    for episode in range(episodes):
        env.reset(seed=1000 + episode)
        ended = False
        while not ended:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            total, ended = total + float(reward), terminated or truncated
    return total / episodes


def main() -> None:
    """Train, then evaluate both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="small", help="a built-in scenario")
    parser.add_argument("--slots", type=int, default=50_000, help="slots to train for")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    # PPO starts from actions around 0: on the box [0, 1] nobody would ask for a node
    env = gymnasium.wrappers.RescaleAction(gymnasium.make("sagin/Slicing-v0", scenario=given.scenario), np.float32(-1), np.float32(1))
    env.action_space.seed(given.seed)
    # each slot stands alone: looking ahead could only add variance
    learner = PPO("MlpPolicy", env, gamma=0.0, gae_lambda=0.0, n_steps=1000, batch_size=100, seed=given.seed, device="cpu")
    before = random_return(env, 10)
    learner.learn(given.slots)
    after, spread = evaluate_policy(learner, learner.get_env() or env, n_eval_episodes=10)
    print(f"return of an episode: random {before:.1f}, PPO {float(np.mean(after)):.1f} (standard deviation {float(np.mean(spread)):.1f})")  # noqa: T201


if __name__ == "__main__":
    main()
