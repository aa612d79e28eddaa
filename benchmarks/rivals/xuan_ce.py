"""XuanCe's MADDPG on simple_spread in XuanCe's training loop: networks of 64–64, batch 32, one
environment, one update per step.
"""

import os
import sys
import tempfile
from argparse import Namespace

import mpe2.simple_spread_v3
import torch
import xuance
from xuance.common import get_arguments
from xuance.environment import make_envs
from xuance.torch.agents import MADDPG_Agents

from benchmarks.rivals import clock

SETTINGS = {
    "parallels": 1,
    "batch_size": clock.BATCH,
    "training_frequency": 1,
    "start_training": clock.BATCH,
    "use_parameter_sharing": False,
    "render": False,
    "representation_hidden_size": [],
    "actor_hidden_size": [64, 64],
    "critic_hidden_size": [64, 64],
    "activation": "relu",
}


def settings(folder: str) -> Namespace:
    """Return XuanCe's settings for this task, overridden by ours."""
    config = os.path.join(
        os.path.dirname(xuance.__file__), "configs", "maddpg", "mpe", "simple_spread_v3.yaml"
    )
    arguments = get_arguments("maddpg", "mpe", "simple_spread_v3", config_path=config)
    return Namespace(**(vars(arguments) | SETTINGS | {"log_dir": folder, "model_dir": folder}))


def main() -> None:
    """Print the steps per second, with one update of all agents per step."""
    _, iterations, threads = clock.arguments()
    torch.set_num_threads(threads)
    # where it looks for it; PettingZoo has moved it there
    sys.modules["pettingzoo.mpe"], sys.modules["pettingzoo.mpe.simple_spread_v3"] = (
        mpe2,
        mpe2.simple_spread_v3,
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = settings(folder)
        agents = MADDPG_Agents(arguments, make_envs(arguments))
        agents.train(clock.BATCH + clock.SETTLE)
        started = clock.now()
        agents.train(iterations)
        clock.tell(iterations, started)
        agents.finish()


if __name__ == "__main__":
    main()
