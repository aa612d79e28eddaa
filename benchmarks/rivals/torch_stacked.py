"""Two-layer MADDPG in eager PyTorch, written for speed: stacked agents, one backward pass, one
fused Adam step, and one foreach step.

A layer's three agents are one batched product. The critic's first product is computed once for
both losses, because another own action only adds to it. The critic's weights get no gradient from
the actors' loss. The actors learn from the critics before the update, so one backward pass and
one optimiser step equal an update of the actors followed by one of the critics.
"""

import math
from itertools import pairwise

import numpy as np
import torch

from benchmarks.rivals import clock
from benchmarks.rivals import slicing_game as game

Weights = list[torch.Tensor]


def weights(inputs: int, outputs: int) -> Weights:
    """Return W and b of the three dense layers of three networks, initialised as PyTorch does."""
    ends = (inputs, *game.WIDTHS, outputs)
    drawn = []
    for rows, columns in pairwise(ends):
        bound = 1.0 / math.sqrt(rows)
        drawn += [
            torch.empty(game.AGENTS, size, columns).uniform_(-bound, bound).requires_grad_()
            for size in (rows, 1)
        ]
    return drawn


def apply_head(first: torch.Tensor, layers: Weights) -> torch.Tensor:
    """Return the network's output from the sums of its first layer."""
    _, _, two, offset, three, last = layers
    return torch.baddbmm(last, torch.baddbmm(offset, first.relu(), two).relu_(), three)


def network(inputs: torch.Tensor, layers: Weights) -> torch.Tensor:
    """Return the network's output."""
    return apply_head(torch.baddbmm(layers[1], inputs, layers[0]), layers)


class Layer:
    """Hold three agents: their weights, targets and memory, whose rows are (own observation, own
    action, the other agents' in turn, next observation, reward).
    """

    def __init__(self, observation: int, action: int) -> None:
        self.actor = weights(observation, action)
        self.critic = weights(observation + game.AGENTS * action, 1)
        self.targets = [part.detach().clone() for part in self.actor + self.critic]
        self.ends = np.cumsum([observation, action, action, action, observation]).tolist()
        self.memory = torch.zeros(game.AGENTS, game.MEMORY, self.ends[-1] + 1)
        self.count = 0

    @torch.inference_mode()
    def act(self, observation: np.ndarray, noise: float) -> np.ndarray:
        """Return the actions with exploration noise."""
        action = network(torch.from_numpy(observation)[:, None], self.actor).sigmoid_()[:, 0]
        return action.add_(torch.randn(action.shape), alpha=noise).clamp_(0.0, 1.0).numpy()

    def add(
        self, before: np.ndarray, action: np.ndarray, reward: np.ndarray, after: np.ndarray
    ) -> None:
        """Overwrite the oldest transition."""
        rotations = [np.roll(action, -turn, 0) for turn in range(game.AGENTS)]
        self.memory[:, self.count % game.MEMORY] = torch.from_numpy(
            np.concatenate([before, *rotations, after, reward[:, None]], 1, dtype=np.float32)
        )
        self.count += 1

    def loss(self, discount: float) -> torch.Tensor:
        """Return the sum of the actors' and the critics' losses."""
        seen, acting, _, joint, then = self.ends
        rows = self.memory.index_select(
            1, torch.randint(min(self.count, game.MEMORY), (game.BATCH,))
        )
        with torch.no_grad():
            target = rows[..., then:] + discount * self._following(rows[..., joint:then])
        first = torch.baddbmm(self.critic[1], rows[..., :joint], self.critic[0])
        action = network(rows[..., :seen], self.actor).sigmoid()
        fixed = [part.detach() for part in self.critic]
        moved = torch.baddbmm(
            first.detach(), action - rows[..., seen:acting], fixed[0][:, seen:acting]
        )
        self.error = (apply_head(first, self.critic) - target).square().sum()
        return (self.error - apply_head(moved, fixed).sum()) / game.BATCH

    def _following(self, then: torch.Tensor) -> torch.Tensor:
        actor, critic = self.targets[: len(self.actor)], self.targets[len(self.actor) :]
        action = network(then, actor).sigmoid_()
        return network(
            torch.cat([then, *(action.roll(-turn, 0) for turn in range(game.AGENTS))], dim=2),
            critic,
        )


class Stacked:
    """Train both layers with one optimiser."""

    def __init__(self, sizes: list, discount: float = game.DISCOUNT) -> None:
        self.layers = [Layer(*size) for size in sizes]
        self.discount, self.noise = discount, game.NOISE
        actors = [part for layer in self.layers for part in layer.actor]
        critics = [part for layer in self.layers for part in layer.critic]
        groups = [
            {"params": actors, "lr": game.ACTOR_RATE},
            {"params": critics, "lr": game.CRITIC_RATE},
        ]
        self.optimiser = torch.optim.Adam(groups, fused=True)
        self.weights = [
            part.detach() for layer in self.layers for part in layer.actor + layer.critic
        ]
        self.targets = [part for layer in self.layers for part in layer.targets]

    def act(self, layer: int, observation: np.ndarray) -> np.ndarray:
        """Return the layer's actions with exploration noise."""
        return self.layers[layer].act(observation, self.noise)

    def remember(self, before: tuple, actions: tuple, rewards: np.ndarray, after: tuple) -> None:
        """Store the transitions of both layers."""
        for layer, *transition in zip(self.layers, before, actions, rewards, after, strict=True):
            layer.add(*transition)

    def update(self) -> None:
        """Update all actors, critics and target networks."""
        self.noise = max(self.noise * game.NOISE_DECAY, game.LEAST_NOISE)
        self.optimiser.zero_grad(set_to_none=True)
        sum(layer.loss(self.discount) for layer in self.layers).backward()
        self.optimiser.step()
        torch._foreach_lerp_(self.targets, self.weights, game.TAU)

    @property
    def losses(self) -> list[float]:
        """Return the critic loss of each layer, as the mean over its agents."""
        return [layer.error.item() / game.BATCH / game.AGENTS for layer in self.layers]


def main() -> None:
    """Print the iterations per second."""
    sizes, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    game.tell_speed(Stacked(sizes), iterations, sizes)


if __name__ == "__main__":
    main()
