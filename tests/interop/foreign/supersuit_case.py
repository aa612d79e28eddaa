"""SuperSuit pads the agents to one size and steps them as copies, over several episodes."""

import sys

import numpy as np
import supersuit

from sagin.game import TargetGame
from sagin.interop.pettingzoo import Parallel

padded = supersuit.pad_action_space_v0(supersuit.pad_observations_v0(Parallel(TargetGame())))
many = supersuit.pettingzoo_env_to_vec_env_v1(padded)
many.reset(seed=0)
ends, steps = [], 0
while len(ends) < 2 or steps < ends[0] + 25:
    observations, rewards, terminated, truncated, _ = many.step(
        np.full((many.num_envs, *many.action_space.shape), 0.5, np.float32)
    )
    steps += 1
    assert np.isfinite(observations).all()
    if (terminated | truncated).all():
        ends.append(steps)
sys.stdout.write(f"played {steps} steps, ends at {ends}\n")
