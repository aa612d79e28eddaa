"""A small training run and helpers that its tests share."""

from pathlib import Path

import polars

from sagin.learning.settings import make_settings
from sagin.slicing.scenario import build_scenario
from sagin.training.run import CHECKPOINT, METRICS, POLICY, SCORES, TrainingRun
from sagin.training.seed import Progress, SeedTraining

TINY = (
    "network.widths=[8]",
    "maddpg.warm_up=20",
    "maddpg.replay=40",
    "maddpg.batch=8",
    "mappo.rollout=50",
    "mappo.epochs=2",
    "reinforce.environments=2",
    "reinforce.samples=2",
    # choices that have a state of their own, or act in a training alone
    "reward_bounds=running",
    "maddpg.noise_stages=first",
)
TRANSFER = ("game.transfer=actions-and-rewards",)
SMALL = TrainingRun(
    build_scenario("small", TRANSFER),
    "two-layer-maddpg",
    make_settings(TINY),
    400,
    seed=5,
    evaluate_every=100,
    checkpoint_every=200,
)


def trained(plan: TrainingRun, folder: Path, number: int = 0) -> Path:
    """Train a seed, or resume it, up to the end."""
    SeedTraining(plan, number, folder).train(bool)
    return folder


def interrupt_after(number: int):
    """Return a report that requests a stop at its n-th call."""
    left = [number]

    def report(progress: Progress) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return report


def same(one: Path, two: Path) -> None:
    """Check that two seeds' folders have the same parameters, policies and tables."""
    assert (one / CHECKPOINT).read_bytes() == (two / CHECKPOINT).read_bytes()
    assert (one / POLICY).read_bytes() == (two / POLICY).read_bytes()
    for name in (METRICS, SCORES):
        assert polars.read_parquet(one / name).equals(polars.read_parquet(two / name))
