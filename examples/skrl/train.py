"""Train skrl's MAPPO, unmodified, on the slicing agents through PettingZoo's parallel interface;
judged by the policies it starts from.

pip install -r examples/skrl/requirements.txt
python examples/skrl/train.py --scenario small --slots 20000
"""

import argparse

import numpy as np
import torch
from gymnasium.spaces import Box
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.models.torch import DeterministicMixin, GaussianMixin, Model
from skrl.multi_agents.torch.mappo import MAPPO, MAPPO_CFG
from skrl.trainers.torch import SequentialTrainer
from skrl.utils import set_seed

from sagin.game import Simultaneous
from sagin.interop.pettingzoo import Parallel
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario


def layers(seen: int, numbers: int) -> torch.nn.Sequential:
    """Return two hidden layers of 64."""
    sizes = (
        torch.nn.Linear(seen, 64),
        torch.nn.Tanh(),
        torch.nn.Linear(64, 64),
        torch.nn.Tanh(),
        torch.nn.Linear(64, numbers),
    )
    return torch.nn.Sequential(*sizes)


class Policy(GaussianMixin, Model):
    """Decides on what the agent sees; starts around 1/2, the middle of the box of actions."""

    def __init__(self, observation_space: Box, action_space: Box):
        Model.__init__(self, observation_space=observation_space, action_space=action_space)
        GaussianMixin.__init__(self, clip_actions=True)
        self.net = layers(self.num_observations, self.num_actions)
        self.log_std = torch.nn.Parameter(torch.full((self.num_actions,), -1.0))

    def compute(self, inputs: dict, role: str = "") -> tuple[torch.Tensor, dict]:
        """Return the mean action and the logarithm of its deviation."""
        del role
        return torch.sigmoid(self.net(inputs["observations"])), {"log_std": self.log_std}


class Critic(DeterministicMixin, Model):
    """Judges by the global state, which the agents do not see."""

    def __init__(self, state_space: Box, action_space: Box):
        Model.__init__(self, state_space=state_space, action_space=action_space)
        DeterministicMixin.__init__(self)
        self.net = layers(self.num_states, 1)

    def compute(self, inputs: dict, role: str = "") -> tuple[torch.Tensor, dict]:
        """Return the value."""
        del role
        return self.net(inputs["states"]), {}


def mean_return(env: Parallel, learner: MAPPO | None, episodes: int = 20) -> str:
    """Return mean and standard error of all agents' return, on the same episodes for everybody;
    without a learner, of uniform actions.
    """
    totals = []
    for episode in range(episodes):
        seen, _ = env.reset(seed=5000 + episode)
        total = 0.0
        while env.agents:
            if learner is None:
                actions = {agent: env.action_space(agent).sample() for agent in env.agents}
            else:
                with torch.no_grad():
                    rows = {agent: torch.from_numpy(vector)[None] for agent, vector in seen.items()}
                    drawn, _ = learner.act(rows, dict.fromkeys(rows), timestep=0, timesteps=0)
                actions = {agent: row[0].numpy() for agent, row in drawn.items()}
            seen, rewards, _, _, _ = env.step(actions)
            total += sum(rewards.values())
        totals.append(total)
    return f"{np.mean(totals):.1f} ± {np.std(totals, ddof=1) / np.sqrt(episodes):.1f}"


def new_learner(table: Parallel) -> MAPPO:
    """Return MAPPO with networks of its own for each agent."""
    agents, seen, decided = table.possible_agents, table.observation_spaces, table.action_spaces
    # each slot stands alone: looking ahead could only add variance
    settings = MAPPO_CFG(
        rollouts=1000,
        learning_epochs=10,
        mini_batches=10,
        discount_factor=0.0,
        gae_lambda=0.0,
        learning_rate=3e-4,
    )
    settings.experiment.write_interval = settings.experiment.checkpoint_interval = 0
    for part in (
        "learning_rate_scheduler",
        "observation_preprocessor",
        "state_preprocessor",
        "value_preprocessor",
    ):
        # skrl 2.1 takes its own default, no arguments at all, for arguments of no agent
        setattr(settings, f"{part}_kwargs", {agent: {} for agent in agents})
    return MAPPO(
        possible_agents=agents,
        models={
            a: {
                "policy": Policy(seen[a], decided[a]),
                "value": Critic(table.state_space, decided[a]),
            }
            for a in agents
        },
        memories={agent: RandomMemory(memory_size=settings.rollouts) for agent in agents},
        observation_spaces=seen,
        state_spaces=dict.fromkeys(agents, table.state_space),
        action_spaces=decided,
        device="cpu",
        cfg=settings,
    )


def main() -> None:
    """Evaluate random actions and the policies before and after training: only the last two tell
    whether they learnt.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", default="small", help="a built-in scenario")
    parser.add_argument("--slots", type=int, default=20_000, help="slots to train for")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    set_seed(arguments.seed)
    # one step a slot: in two stages, half of what MAPPO learns from would be actions that had no
    # effect
    game = Simultaneous(SlicingGame(build_scenario(arguments.scenario)))
    judged, table = Parallel(game), Parallel(game)
    for number, agent in enumerate(judged.possible_agents):
        judged.action_space(agent).seed(arguments.seed + number)
    learner = new_learner(table)
    trainer = SequentialTrainer(
        env=wrap_env(table, wrapper="pettingzoo"),
        agents=learner,
        cfg={"timesteps": arguments.slots, "headless": True, "disable_progressbar": None},
    )
    learner.enable_training_mode(False)
    rows = [
        ("uniform actions", mean_return(judged, None)),
        ("MAPPO, untrained", mean_return(judged, learner)),
    ]
    trainer.train()
    learner.enable_training_mode(False)
    rows.append((f"MAPPO, {arguments.slots} slots", mean_return(judged, learner)))
    for name, value in rows:
        print(f"{name}: {value} (standard error)")


if __name__ == "__main__":
    main()
