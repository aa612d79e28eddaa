"""Stable-Baselines3 checks the environment and steps several copies, which it resets itself."""

import sys

import numpy as np
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.vec_env import DummyVecEnv

from sagin.game import TargetGame
from sagin.interop.gymnasium import System

check_env(System(TargetGame()))
many = DummyVecEnv([lambda: System(TargetGame())] * 2)
many.seed(0)
many.reset()
ends, steps = [], 0
while not ends or steps < ends[0] + 25:
    observations, rewards, done, infos = many.step(np.full((2, *many.action_space.shape), 0.5))
    steps += 1
    assert np.isfinite(observations).all()
    if done.all():
        ends.append(steps)
        assert all(info["terminal_observation"].shape == observations[0].shape for info in infos)
sys.stdout.write(f"played {steps} steps, ends at {ends}\n")
