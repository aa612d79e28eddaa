"""Curves of a stored training run as data: rewards and validations against slots, per seed."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from sagin.errors import InputError
from sagin.training.records import Row, read_rows
from sagin.training.run import METRICS, SCORES, locate_seed, read_run

WINDOW = 500
"""Number of slots over which the rewards of a curve are averaged."""
KINDS = ("throughput", "delay", "coverage")
"""First part of an agent's name: the objective of its slice."""


class Measure(NamedTuple):
    """A validation result as an axis of a figure."""

    label: str
    scale: float = 1.0
    """Factor from the SI unit."""


MEASURES = {
    "score": Measure("validation score"),
    "throughput": Measure("throughput of H, Mbit/s", 1e-6),
    "delay": Measure("delay of L, ms", 1e3),
    "coverage": Measure("coverage of C, %", 100.0),
}


class Curves(NamedTuple):
    """Rewards and validations up to the last slot that all seeds of a run have reached."""

    algorithm: str
    seeds: int
    """Seeds that have begun."""
    slots: Float[np.ndarray, " windows"]
    """End of each window, slots."""
    rewards: dict[str, Float[np.ndarray, "seeds windows"]]
    """Mean reward of each agent over each window."""
    validated: Float[np.ndarray, " validations"]
    """Slot of each validation."""
    scores: dict[str, Float[np.ndarray, "seeds validations"]]
    """Results of the validations, by the names of MEASURES, SI."""


def read_curves(folder: Path, window: int = WINDOW) -> Curves:
    """Return the curves of a folder that `sagin train` wrote, up to the end of its shortest seed.

    Raises:
        InputError: the folder has no curves, or none of one whole window; the message has one line.
    """
    run, seeds = read_run(folder)
    tables, validations = _read_tables(folder, seeds)
    steps = [np.diff([row["slot"] for row in rows], prepend=0).max() for rows in tables]
    finest, shortest = int(max(steps)), min(int(rows[-1]["slot"]) for rows in tables)
    if not finest <= window <= shortest:
        raise InputError(
            f"--window {window}: {folder} has rows of {finest} slots up to {shortest} (allowed:"
            f" {finest} to {shortest})"
        )
    slots = np.arange(window, shortest + 1, window, dtype=float)
    rewards = {
        agent: np.stack([average_windows(rows, name, slots) for rows in tables])
        for agent, name in find_rewards(tables[0][0]).items()
    }
    return Curves(run.algorithm, len(tables), slots, rewards, *_align_scores(validations))


def _read_tables(folder: Path, seeds: int) -> tuple[list[list[Row]], list[list[Row]]]:
    """Return metrics and validations of the seeds that have begun."""
    tables, validations = [], []
    for number in range(seeds):
        path = locate_seed(folder, number)
        if rows := read_rows(path / METRICS):
            tables.append(rows)
            validations.append(read_rows(path / SCORES))
    if not tables:
        raise InputError(
            f"{folder}: no seed has stored metrics yet (allowed: a run that has passed its first"
            " checkpoint)"
        )
    return tables, validations


def _align_scores(validations: list[list[Row]]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the slots at which all seeds have validated, and the results there."""
    common = sorted(set.intersection(*({row["slot"] for row in rows} for rows in validations)))
    aligned = [[row for row in rows if row["slot"] in common] for rows in validations]
    scores = {
        name: np.array([[row[name] for row in rows] for rows in aligned]) for name in MEASURES
    }
    return np.array(common, float), scores


def find_rewards(row: Row) -> dict[str, str]:
    """Return the names of the agents' rewards in a run's tables, by layer and slice."""
    agents = [f"{kind}_{layer}" for layer in (1, 2) for kind in KINDS]
    return {agent: name for agent in agents if (name := f"reward/{agent}") in row}


def average_windows(
    rows: list[Row], name: str, ends: Float[np.ndarray, " windows"]
) -> Float[np.ndarray, " windows"]:
    """Return the mean of a metric over windows with these ends.

    Each row has the weight of the slots since the previous row, and belongs to the window in which
    it ends.

    >>> rows = [{"slot": 1, "a": 4.0}, {"slot": 4, "a": 8.0}, {"slot": 8, "a": 5.0}]
    >>> average_windows(rows, "a", np.array([4.0, 8.0])).tolist()
    [7.0, 5.0]
    """
    slots = np.array([row["slot"] for row in rows], float)
    values = np.array([row[name] for row in rows], float)
    weights = np.diff(slots, prepend=0.0)
    # which rows are in which window
    masks = np.searchsorted(ends, slots)[None] == np.arange(len(ends))[:, None]
    return np.array([np.average(values[mask], weights=weights[mask]) for mask in masks])


class Ending(NamedTuple):
    """One agent's reward over the last third of a run, one number per seed."""

    mean: Float[np.ndarray, " seeds"]
    change: Float[np.ndarray, " seeds"]
    """Change along the fitted straight line (least squares), from its start to its end."""
    fluctuation: Float[np.ndarray, " seeds"]
    """Standard deviation of the windows around that line."""


def fit_endings(curves: Curves) -> dict[str, Ending]:
    """Return each agent's reward over the last third; empty if it has fewer than three windows."""
    late = curves.slots > curves.slots[-1] * 2 / 3
    if late.sum() < 3:
        return {}
    slots = curves.slots[late]
    return {agent: _fit_line(slots, values[:, late]) for agent, values in curves.rewards.items()}


def _fit_line(x: np.ndarray, values: np.ndarray) -> Ending:
    x = x - x.mean()
    slope = values @ x / (x @ x)
    mean = values.mean(axis=1)
    residual = values - mean[:, None] - slope[:, None] * x
    fluctuation = np.sqrt((residual**2).sum(axis=1) / (len(x) - 2))
    return Ending(mean, slope * (x[-1] - x[0]), fluctuation)
