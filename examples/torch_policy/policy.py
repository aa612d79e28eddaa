"""A PyTorch policy for the slicing system: a network per agent, from observations to actions.

Its weights are random until `weights.pt` stands beside this file: train them as you like.
"""

from pathlib import Path

import numpy as np
import torch

WEIGHTS = Path(__file__).with_name("weights.pt")


class TorchPolicy:
    """Networks of two hidden layers; numbers from 0 to 1 by a sigmoid."""

    def reset(self, game):
        """Make the networks for the sizes of a game, the same ones each time."""
        torch.manual_seed(0)
        self.networks = torch.nn.ModuleDict(
            {
                agent: self.build(game.observation_size[agent], game.action_size[agent])
                for agent in game.agents
            }
        )
        if WEIGHTS.exists():
            self.networks.load_state_dict(torch.load(WEIGHTS, weights_only=True))

    def build(self, inputs, outputs):
        """Return a network of one agent."""
        return torch.nn.Sequential(
            torch.nn.Linear(inputs, 128),
            torch.nn.ReLU(),
            torch.nn.Linear(128, 128),
            torch.nn.ReLU(),
            torch.nn.Linear(128, outputs),
            torch.nn.Sigmoid(),
        )

    @torch.no_grad()
    def act(self, observations):
        """Return the actions of the agents that see these vectors."""
        return {
            agent: self.networks[agent](torch.as_tensor(np.array(vector, np.float32))).numpy()
            for agent, vector in observations.items()
        }
