"""Figure 3 of the slicing paper: the rewards of the two-layer MADDPG while it learns, a cell of the
store a seed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sagin.experiments.learned import OTHERS, PROPOSED, Amount, sized, trained
from sagin.experiments.store import Store, Task, asked
from sagin.experiments.study import Figure
from sagin.learning.settings import make_settings
from sagin.slicing.scenario import Scenario
from sagin.training.curves import WINDOW, Curves, average_windows, find_rewards
from sagin.training.run import TrainingRun, parse_run
from sagin.training.seed import CHUNK

STUDY = "slicing-rewards"
FIGURE = Figure(
    "figure-3",
    "Fig. 3: rewards against iterations",
    "iteration",
    (),
    "reward",
    "iterations (slots)",
    "reward",
)
WINDOWS = 20
"""Points of a short run's curve; rewards are kept each CHUNK of slots."""


def cells(scenario: Scenario, amount: Amount) -> list[Task]:
    """Return the cells of figure 3, one a seed: the paper's flat networks at K_s = 10, with the
    default settings.
    """
    iterations, seeds = amount.curves
    plan = TrainingRun(
        sized(scenario, OTHERS), "two-layer-maddpg", make_settings(()), iterations
    ).to_plain()
    window = min(WINDOW, max(iterations // WINDOWS // CHUNK, 1) * CHUNK)
    return [asked(STUDY, plan=plan, number=number, window=window) for number in range(seeds)]


def make(task: Task, advance: Callable[[int], Any], folder: Path) -> dict[str, Any]:
    """Train a seed in its cell's folder and return the mean reward of each agent over each window
    of slots.
    """
    seed = trained(parse_run(task["plan"], "task"), task["number"], advance, folder)
    ends = np.arange(task["window"], seed.done + 1, task["window"], dtype=float)
    names = find_rewards(seed.rows[0])
    return {
        "slots": ends.tolist(),
        "rewards": {
            agent: np.round(average_windows(seed.rows, name, ends), 6).tolist()
            for agent, name in names.items()
        },
    }


def curves(store: Store, scenario: Scenario, amount: Amount) -> Curves | None:
    """Return the rewards of the stored seeds, None if there is none."""
    found = [cell for one in cells(scenario, amount) if (cell := store.find(one)) is not None]
    if not found:
        return None
    rewards = {
        agent: np.array([cell["rewards"][agent] for cell in found]) for agent in found[0]["rewards"]
    }
    return Curves(PROPOSED, len(found), np.array(found[0]["slots"]), rewards, np.zeros(0), {})
