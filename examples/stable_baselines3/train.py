"""Train Stable-Baselines3's PPO, unmodified, on the slicing system as one agent, and judge it by
the policy it started from.

pip install -r examples/stable_baselines3/requirements.txt
python examples/stable_baselines3/train.py --scenario small --slots 30000
"""

import argparse

import gymnasium
import numpy as np
from stable_baselines3 import PPO

import sagin.interop.gymnasium  # noqa: F401 registers the environments


def mean_return(env: gymnasium.Env, learner: PPO | None, episodes: int = 20) -> str:
    """Return mean and standard error of an episode's return, on the same episodes for everybody;
    without a learner, of uniform actions.
    """
    totals = []
    for episode in range(episodes):
        seen, _ = env.reset(seed=5000 + episode)
        total, ended = 0.0, False
        while not ended:
            action = env.action_space.sample() if learner is None else learner.predict(seen)[0]
            seen, reward, terminated, truncated, _ = env.step(action)
            total, ended = total + float(reward), terminated or truncated
        totals.append(total)
    return f"{np.mean(totals):.1f} ± {np.std(totals, ddof=1) / np.sqrt(episodes):.1f}"


def environment(scenario: str) -> gymnasium.Env:
    """Return the slicing system with actions in [−1, 1]: PPO starts around 0, where on the box [0,
    1] nobody would ask for a node.
    """
    return gymnasium.wrappers.RescaleAction(
        gymnasium.make("sagin/Slicing-v0", scenario=scenario), np.float32(-1), np.float32(1)
    )


def main() -> None:
    """Evaluate random actions and the policy before and after training: only the last two tell
    whether it learnt.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", default="small", help="a built-in scenario")
    parser.add_argument("--slots", type=int, default=30_000, help="slots to train for")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    judged = environment(arguments.scenario)
    judged.action_space.seed(arguments.seed)
    # each slot stands alone: looking ahead could only add variance
    env = environment(arguments.scenario)
    learner = PPO(
        "MlpPolicy",
        env,
        gamma=0.0,
        gae_lambda=0.0,
        n_steps=1000,
        batch_size=100,
        seed=arguments.seed,
        device="cpu",
    )
    rows = [
        ("uniform actions", mean_return(judged, None)),
        ("PPO, untrained", mean_return(judged, learner)),
    ]
    learner.learn(arguments.slots)
    rows.append((f"PPO, {arguments.slots} slots", mean_return(judged, learner)))
    for name, value in rows:
        print(f"{name}: {value} (standard error)")


if __name__ == "__main__":
    main()
