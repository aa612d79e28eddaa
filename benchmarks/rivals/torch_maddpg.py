"""Two-layer MADDPG in plain PyTorch, in the usual form: one module per agent, one optimiser per
network, and a loop over agents.
"""

import copy

import numpy as np
import torch
from torch import nn

from benchmarks.rivals import clock
from benchmarks.rivals import slicing_game as game


def mlp(inputs: int, outputs: int, *last: nn.Module) -> nn.Sequential:
    """Return a network of the form that all networks share."""
    first, second = game.WIDTHS
    return nn.Sequential(
        nn.Linear(inputs, first),
        nn.ReLU(),
        nn.Linear(first, second),
        nn.ReLU(),
        nn.Linear(second, outputs),
        *last,
    )


class Agent:
    """Hold an actor of the agent's observation, a critic of that observation and the layer's
    actions, and their target networks.
    """

    def __init__(self, observation: int, action: int) -> None:
        self.actor = mlp(observation, action, nn.Sigmoid())
        self.critic = mlp(observation + game.AGENTS * action, 1)
        self.target_actor, self.target_critic = (
            copy.deepcopy(self.actor),
            copy.deepcopy(self.critic),
        )
        self.actor_optimiser = torch.optim.Adam(self.actor.parameters(), game.ACTOR_RATE)
        self.critic_optimiser = torch.optim.Adam(self.critic.parameters(), game.CRITIC_RATE)

    def learn_actor(self, number: int, seen: torch.Tensor, actions: torch.Tensor) -> None:
        """Raise the critic's value; the other agents' actions come from the memory."""
        together = [*actions]
        together[number] = self.actor(seen)
        loss = -self.critic(torch.cat([seen, *together], dim=1)).mean()
        self.actor_optimiser.zero_grad()
        loss.backward()
        self.actor_optimiser.step()

    def learn_critic(
        self, batch: tuple[torch.Tensor, ...], following: torch.Tensor, discount: float
    ) -> float:
        """Update the critic to lower its squared error from the target."""
        seen, actions, reward, then = batch
        with torch.no_grad():
            target = reward[:, None] + discount * self.target_critic(
                torch.cat([then, following], dim=1)
            )
        loss = nn.functional.mse_loss(self.critic(torch.cat([seen, *actions], dim=1)), target)
        self.critic_optimiser.zero_grad()
        loss.backward()
        self.critic_optimiser.step()
        return loss.item()

    def follow(self) -> None:
        """Move the target networks towards the networks."""
        for target, source in ((self.target_actor, self.actor), (self.target_critic, self.critic)):
            for old, new in zip(target.parameters(), source.parameters(), strict=True):
                old.data.mul_(1.0 - game.TAU).add_(game.TAU * new.data)


class Memory:
    """Store a layer's joint transitions in a ring buffer."""

    def __init__(self, observation: int, action: int) -> None:
        shapes = (observation,), (action,), (), (observation,)
        self.parts = [torch.zeros(game.MEMORY, game.AGENTS, *shape) for shape in shapes]
        self.count = 0

    def add(self, *transition: np.ndarray) -> None:
        """Overwrite the oldest transition."""
        for part, value in zip(self.parts, transition, strict=True):
            part[self.count % game.MEMORY] = torch.from_numpy(value)
        self.count += 1

    def sample(self) -> list[torch.Tensor]:
        """Draw a batch, with the agents on the first axis."""
        rows = torch.randint(min(self.count, game.MEMORY), (game.BATCH,))
        return [part[rows].transpose(0, 1) for part in self.parts]


class Plain:
    """Train six agents with two memories."""

    def __init__(self, sizes: list, discount: float = game.DISCOUNT) -> None:
        self.agents = [[Agent(*size) for _ in range(game.AGENTS)] for size in sizes]
        self.memories = [Memory(*size) for size in sizes]
        self.discount, self.noise, self.losses = discount, game.NOISE, [0.0]

    @torch.no_grad()
    def act(self, layer: int, observation: np.ndarray) -> np.ndarray:
        """Return the layer's actions with exploration noise."""
        seen = torch.from_numpy(observation)
        action = torch.stack(
            [agent.actor(item) for agent, item in zip(self.agents[layer], seen, strict=True)]
        )
        return (action + self.noise * torch.randn_like(action)).clamp(0.0, 1.0).numpy()

    def remember(self, before: tuple, actions: tuple, rewards: np.ndarray, after: tuple) -> None:
        """Store the transitions of both layers."""
        for memory, *transition in zip(self.memories, before, actions, rewards, after, strict=True):
            memory.add(*transition)

    def update(self) -> None:
        """Update the six actors, then the six critics, then all target networks."""
        self.noise = max(self.noise * game.NOISE_DECAY, game.LEAST_NOISE)
        batches = [memory.sample() for memory in self.memories]
        for agents, (seen, actions, _, _) in zip(self.agents, batches, strict=True):
            for number, agent in enumerate(agents):
                agent.learn_actor(number, seen[number], actions)
        self.losses = [
            loss
            for agents, batch in zip(self.agents, batches, strict=True)
            for loss in self._critics(agents, *batch)
        ]
        for agent in (agent for agents in self.agents for agent in agents):
            agent.follow()

    def _critics(
        self,
        agents: list[Agent],
        seen: torch.Tensor,
        actions: torch.Tensor,
        rewards: torch.Tensor,
        then: torch.Tensor,
    ) -> list[float]:
        with torch.no_grad():
            following = torch.cat(
                [agent.target_actor(item) for agent, item in zip(agents, then, strict=True)], dim=1
            )
        return [
            agent.learn_critic(
                (seen[number], actions, rewards[number], then[number]), following, self.discount
            )
            for number, agent in enumerate(agents)
        ]


def main() -> None:
    """Print the iterations per second."""
    sizes, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    game.tell_speed(Plain(sizes), iterations, sizes)


if __name__ == "__main__":
    main()
