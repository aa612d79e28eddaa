"""Are the PyTorch versions fair rivals? Both make the same updates, and with γ = 0 they learn:
critics fit, rewards rise.
"""

import numpy as np
import torch

from benchmarks.rivals import clock
from benchmarks.rivals import slicing_game as game
from benchmarks.rivals.torch_maddpg import Agent, Plain
from benchmarks.rivals.torch_stacked import Layer, Stacked

CRITIC = 6
"""Where the critic's first weights are among an agent's parameters."""


def in_form(agent: Agent, number: int, observation: int) -> list[torch.Tensor]:
    """Return an agent's weights and its targets' as the stacked version holds them: own action
    first, then the others' in turn.
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
    """Return the pairs of a layer's parameters, plain's stacked and the stacked version's."""
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
    """Raise unless both make the same of the same weights and memory."""
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
    """Print the six rewards and the critics' mean loss, at the start and at the end, beside the
    rewards' variance.
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
    """Check with the sizes given."""
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
