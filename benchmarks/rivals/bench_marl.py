"""BenchMARL's MADDPG on simple_spread, from PettingZoo (mpe2) or from its own simulator (vmas), in
BenchMARL's experiment loop, with networks of 64–64 and batch 32.

It collects 100 steps (one episode), then makes 100 updates, which is the cheapest use of its
loop. Nothing is logged or evaluated.
"""

import sys
import tempfile

import mpe2.simple_spread_v3
import torch
from benchmarl.algorithms import MaddpgConfig
from benchmarl.environments import PettingZooTask, VmasTask
from benchmarl.experiment import Callback, Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig

from benchmarks.rivals import clock

EPISODE = 100


class Watch(Callback):
    """Record when the updates of each round end."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[tuple[float, float]] = []

    def on_train_end(self, training_td, group: str) -> None:  # noqa: ARG002
        """Record the time."""
        self.times.append(clock.now())


def settings(rounds: int, folder: str) -> ExperimentConfig:
    """Return settings with one update per step, separate networks for each agent, and no other work
    than learning.
    """
    arguments = ExperimentConfig.get_from_yaml()
    arguments.off_policy_collected_frames_per_batch = arguments.off_policy_n_optimizer_steps = (
        EPISODE
    )
    (
        arguments.off_policy_n_envs_per_worker,
        arguments.off_policy_train_batch_size,
        arguments.off_policy_memory_size,
    ) = 1, clock.BATCH, 100_000
    arguments.max_n_frames, arguments.max_n_iters, arguments.share_policy_params = (
        None,
        rounds,
        False,
    )
    (
        arguments.loggers,
        arguments.create_json,
        arguments.evaluation,
        arguments.render,
        arguments.save_folder,
    ) = (
        [],
        False,
        False,
        False,
        folder,
    )
    return arguments


def main() -> None:
    """Print the steps per second, with one update of all agents per step."""
    _, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    # where torchrl looks for it; PettingZoo has moved it there
    sys.modules["pettingzoo.mpe"], sys.modules["pettingzoo.mpe.simple_spread_v3"] = (
        mpe2,
        mpe2.simple_spread_v3,
    )
    task = (VmasTask if sys.argv[4] == "vmas" else PettingZooTask).SIMPLE_SPREAD.get_from_yaml()
    algorithm, model, watch = MaddpgConfig.get_from_yaml(), MlpConfig.get_from_yaml(), Watch()
    algorithm.share_param_critic = False
    model.num_cells, model.activation_class = [64, 64], torch.nn.ReLU
    rounds = 2 + -(-iterations // EPISODE)
    with tempfile.TemporaryDirectory() as folder:
        config = settings(rounds, folder)
        Experiment(
            task,
            algorithm,
            model,
            seed=0,
            config=config,
            critic_model_config=model,
            callbacks=[watch],
        ).run()
    clock.tell(EPISODE * (rounds - 2), watch.times[1], watch.times[-1])


if __name__ == "__main__":
    main()
