"""Check that the PyTorch versions are fair rivals: both make the same updates, and with γ = 0 both
learn, so that the critics fit and the rewards rise.
"""

import numpy as np
import torch

from benchmarks.rivals import clock
from benchmarks.rivals import slicing_game as game
from benchmarks.rivals.torch_maddpg import Agent, Plain
from benchmarks.rivals.torch_stacked import Layer, Stacked

CRITIC = 6
"""Index of the critic's first weights among an agent's parameters."""


def in_form(agent: Agent, number: int, observation: int) -> list[torch.Tensor]:
    """Return the weights of an agent and of its target in the order of the stacked version: the
    agent's own action first, then the other agents' in turn.
    """
    tensors = []
    for networks in ((agent.actor, agent.critic), (agent.target_actor, agent.target_critic)):
        parts = [part.detach() for network in networks for part in network.parameters()]
        parts = [part.T if part.ndim == 2 else part[None] for part in parts]
        seen, acting = parts[CRITIC][:observation], parts[CRITIC][observation:]
        parts[CRITIC] = torch.cat(
            [seen, acting.reshape(game.AGENTS, -1, acting.shape[1]).roll(-number, 0).flatten(0, 1)]
        )
        tensors += parts
    return tensors


def both(agents: list[Agent], layer: Layer) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return the pairs of a layer's parameters: those of the plain version, stacked, and those of
    the stacked version.
    """
    plain = zip(
        *(in_form(agent, number, layer.ends[0]) for number, agent in enumerate(agents)), strict=True
    )
    return list(
        zip(
            (torch.stack(parts) for parts in plain),
            [*layer.actor, *layer.critic, *layer.targets],
            strict=True,
        )
    )


def agree(sizes: list, updates: int = 5) -> None:
    """Raise an error unless both versions compute the same from the same weights and memory."""
    plain, stacked, slots = Plain(sizes), Stacked(sizes), game.Game(1)
    layers = list(zip(plain.agents, stacked.layers, strict=True))
    for theirs, ours in (pair for layer in layers for pair in both(*layer)):
        ours.data.copy_(theirs)
    for _ in range(200):
        slots.play(plain)
        if slots.pending is not None and plain.memories[0].count > stacked.layers[0].count:
            row = plain.memories[0].count - 1
            parts = [[part[row].numpy() for part in memory.parts] for memory in plain.memories]
            stacked.remember(*zip(*parts, strict=True))
    for learner in (plain, stacked):
        torch.manual_seed(2)
        for _ in range(updates):
            learner.update()
    for theirs, ours in (pair for layer in layers for pair in both(*layer)):
        torch.testing.assert_close(ours.detach(), theirs, rtol=1e-3, atol=1e-5)


def learns(learner: Plain | Stacked, iterations: int) -> None:
    """Print the mean rewards and critic loss of the first and last tenth, and the variance of the
    last rewards.
    """
    slots = game.Game(2)
    for _ in range(500):
        slots.play(learner)
    rewards, losses = [], []
    for _ in range(iterations):
        rewards.append(slots.play(learner))
        learner.update()
        losses.append(np.mean(learner.losses))
    tenth = iterations // 10
    for name, part in (("first", slice(0, tenth)), ("last", slice(-tenth, None))):
        print(
            f"{name} tenth: rewards {np.mean(rewards[part], axis=0).round(3)}, "
            f"critic loss {np.mean(losses[part]):.4f}",
            end="; ",
        )
    print(f"variance of the last rewards {np.var(rewards[-tenth:], axis=0).mean():.4f}")


def main() -> None:
    """Run the check with the given sizes."""
    sizes, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    agree(sizes)
    print("plain and stacked agree")
    for learner in (Plain, Stacked):
        print(learner.__name__)
        learns(learner(sizes, discount=0.0), iterations)


if __name__ == "__main__":
    main()
