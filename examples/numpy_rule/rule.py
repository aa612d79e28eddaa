"""A NumPy rule for the slicing system that enters every command by `--method rule:Rule`.

Base stations serve slice H alone, in turn, each user on the subcarrier that the Hungarian method
gives it; slices L and C are left to the UAVs, which fly over their users.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment


def unpack(vector, layout):
    """Return the arrays that a flat vector holds, by name."""
    ends = np.cumsum([int(np.prod(shape)) for _, shape in layout])
    parts = np.split(np.asarray(vector), ends[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(layout, parts, strict=True)}


class Rule:
    """Users in turn over nodes, subcarriers by the Hungarian method on the observed fading."""

    def reset(self, game):
        """Keep the game, which knows how its agents' vectors are laid out."""
        self.game = game

    def act(self, observations):
        """Return the actions of the agents that see these vectors."""
        return {agent: self.decide(agent, vector) for agent, vector in observations.items()}

    def decide(self, agent, vector):
        """Return one agent's action as a flat vector of numbers from 0 to 1."""
        seen = unpack(vector, self.game.observation_layout(agent))
        action = {name: np.zeros(shape) for name, shape in self.game.action_layout(agent)}
        terrestrial, users = agent.endswith("_1"), len(action["power"])
        # fading as seen lies in [-1, 1], stronger is greater; of a UAV its real part is taken
        fading = seen["fading"] if terrestrial else seen["scatter"][..., 0]
        nodes = fading.shape[1]
        if nodes == 0 or (terrestrial and not agent.startswith("throughput")):
            return self.pack(agent, action)
        for node in range(nodes):
            rows = np.arange(node, users, nodes)
            chosen, subcarriers = linear_sum_assignment(-fading[rows, node])
            action["association"][rows[chosen], node] = 1.0
            action["subcarrier"][rows[chosen], subcarriers] = 1.0
        action["power"][:] = 1.0
        if "positions" in action:
            action["positions"][:] = self.place(seen["positions"], nodes)
        return self.pack(agent, action)

    def place(self, positions, uavs):
        """Return UAV positions, as shares of the side, at the means of the users in turn."""
        shares = (positions + 1.0) / 2.0
        return np.array([shares[uav::uavs].mean(axis=0) for uav in range(uavs)])

    def pack(self, agent, action):
        """Return the parts of an action as one flat vector."""
        names = [name for name, _ in self.game.action_layout(agent)]
        return np.concatenate([action[name].ravel() for name in names])
