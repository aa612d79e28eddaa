"""RLlib's wrappers step agents together and in turn, over several episodes."""

import sys

import numpy as np
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv, PettingZooEnv

from sagin.game import TargetGame
from sagin.interop.pettingzoo import Parallel, Turns

for env in (ParallelPettingZooEnv(Parallel(TargetGame())), PettingZooEnv(Turns(TargetGame()))):
    seen, _ = env.reset(seed=0)
    ends, steps = [], 0
    while not ends or steps < ends[0] + 25:
        actions = {agent: np.full(2, 0.5, np.float32) for agent in seen}
        seen, _, terminated, truncated, _ = env.step(actions)
        steps += 1
        assert all(np.isfinite(one).all() for one in seen.values())
        if terminated["__all__"] or truncated["__all__"]:
            ends.append(steps)
            seen, _ = env.reset()
    sys.stdout.write(f"played {steps} steps, ends at {ends}\n")
