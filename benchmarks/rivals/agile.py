"""AgileRL's MADDPG on the two-layer game (one learner per layer) and on simple_spread, with the
training loop of AgileRL's own trainer.
"""

import numpy as np
import torch
from agilerl.algorithms import MADDPG
from agilerl.components.data import MultiAgentTransition, transition_to_tensordict
from agilerl.components.replay_buffer import ReplayBuffer
from agilerl.components.sampler import Sampler
from gymnasium import spaces

from benchmarks.rivals import clock
from benchmarks.rivals import slicing_game as game

# an encoder and a head, neither of which may be without a hidden layer: the nearest to 256–128 and
# to 64–64
SLICING = {
    "encoder_config": {"hidden_size": [256]},
    "latent_dim": 128,
    "head_config": {"hidden_size": [128]},
}
SPREAD = {
    "encoder_config": {"hidden_size": [64]},
    "latent_dim": 64,
    "head_config": {"hidden_size": [64]},
}


class Layer:
    """Hold the learner of one layer's agents and its replay memory."""

    def __init__(
        self, names: list[str], seen: list, acting: list, net: dict, memory: int, **settings: float
    ) -> None:
        self.names = names
        both = [spaces.Dict(dict(zip(names, boxes, strict=True))) for boxes in (seen, acting)]
        self.learner = MADDPG(
            *both,
            names,
            O_U_noise=False,
            net_config=net,
            batch_size=game.BATCH,
            learn_step=1,
            **settings,
        )
        self.memory = ReplayBuffer(max_size=memory)
        self.sampler = Sampler(memory=self.memory)

    def add(self, *parts: dict) -> None:
        """Store observation, action, reward, next observation and end flag of one environment."""
        transition = transition_to_tensordict(MultiAgentTransition(*parts))
        transition.batch_size = torch.Size([1])
        self.memory.add(transition)

    def update(self) -> None:
        """Update the learner from a batch."""
        self.learner.learn(self.sampler.sample(game.BATCH))


class Agile:
    """Train one learner per layer on the two-layer game."""

    def __init__(self, sizes: list) -> None:
        rates = {
            "lr_actor": game.ACTOR_RATE,
            "lr_critic": game.CRITIC_RATE,
            "gamma": game.DISCOUNT,
            "tau": game.TAU,
        }
        self.layers = []
        for layer, (observation, action) in enumerate(sizes):
            names = [f"{name}{layer}_0" for name in ("throughput", "delay", "coverage")]
            seen = [spaces.Box(-10.0, 10.0, (observation,))] * game.AGENTS
            acting = [spaces.Box(0.0, 1.0, (action,))] * game.AGENTS
            self.layers.append(
                Layer(names, seen, acting, SLICING, game.MEMORY, expl_noise=game.NOISE, **rates)
            )

    def act(self, layer: int, observation: np.ndarray) -> np.ndarray:
        """Return the layer's actions with exploration noise."""
        stage = self.layers[layer]
        action, _ = stage.learner.get_action(self._named(stage, observation))
        return np.concatenate([action[name] for name in stage.names])

    def remember(self, before: tuple, actions: tuple, rewards: np.ndarray, after: tuple) -> None:
        """Store the transitions of both layers."""
        end = np.zeros((game.AGENTS, 1), np.float32)
        for stage, *parts in zip(
            self.layers, before, actions, rewards[:, :, None].astype(np.float32), after, strict=True
        ):
            stage.add(
                *(self._named(stage, part) for part in parts[:2]),
                self._flat(stage, parts[2]),
                self._named(stage, parts[3]),
                self._flat(stage, end),
            )

    def update(self) -> None:
        """Update the learners of both layers."""
        for stage in self.layers:
            stage.update()

    @staticmethod
    def _named(stage: Layer, rows: np.ndarray) -> dict:
        return {name: row[None] for name, row in zip(stage.names, rows, strict=True)}

    @staticmethod
    def _flat(stage: Layer, rows: np.ndarray) -> dict:
        return dict(zip(stage.names, rows, strict=True))


def spread(iterations: int) -> None:
    """Print the steps per second on simple_spread, with one update per step."""
    from agilerl.vector import PzDummyVecEnv
    from mpe2 import simple_spread_v3

    raw = simple_spread_v3.parallel_env(continuous_actions=True)
    raw.reset(seed=0)
    names = list(raw.agents)
    boxes = (
        [raw.observation_space(name) for name in names],
        [raw.action_space(name) for name in names],
    )
    stage = Layer(names, *boxes, SPREAD, 100_000)
    environment = PzDummyVecEnv(raw)
    seen, info = environment.reset()
    for count in range(game.BATCH + clock.SETTLE + iterations):
        if count == game.BATCH + clock.SETTLE:
            started = clock.now()
        action, raw_action = stage.learner.get_action(obs=seen, infos=info)
        then, reward, over, _, info = environment.step(action)
        stage.add(seen, raw_action, reward, then, over)
        if count >= game.BATCH:
            stage.update()
        seen = then
    clock.tell(iterations, started)


def main() -> None:
    """Print the iterations per second."""
    sizes, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    if sizes:
        game.tell_speed(Agile(sizes), iterations, sizes)
    else:
        spread(iterations)


if __name__ == "__main__":
    main()
