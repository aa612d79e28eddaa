"""The floor: a learned method judges only if it is at least as good as the best constant action.

The score is the sum of the three normalised terms over all users, on the same slots as that of the
constant action in its scenario.
"""

import math

import numpy as np

from sagin.papers.slicing.methods import LEARNED
from sagin.slicing.scenario import Scenario
from sagin.studies.judge import Barred
from sagin.studies.record import Table
from sagin.studies.statistics import Interval, two_way_interval

MARGIN = 0.05
"""Half-width below which an interval that contains 0 is narrow enough to pass."""


def bar(table: Table, scenario: Scenario) -> Barred:
    """Return the learned methods that may not judge, by name and x, with the reason.

    A method that is barred at a K_s is also barred at the corresponding number of users of all
    slices, which is the x axis of loads; one that is barred at every K_s is barred everywhere.
    """
    del scenario
    barred: dict[tuple[str, float | None], str] = {}
    for method, row in LEARNED.items():
        sizes = table.points(method, "score")
        reasons = {size: find_reason(table, method, row.floor, size) for size in sizes}
        failed = {size: reason for size, reason in reasons.items() if reason}
        for size, reason in failed.items():
            barred[method, size] = barred[method, 3.0 * size] = reason
        if failed and len(failed) == len(sizes):
            barred[method, None] = next(iter(failed.values()))
    return barred


def find_reason(table: Table, method: str, floor: str, size: float) -> str:
    """Return why a learned method may not judge at a K_s; empty if it may."""
    seeds, runs = table.values(method, "score", size), table.values(floor, "score", size)
    if not runs:
        return (
            f"{method} cannot be compared with the constant: its score is unknown at K_s = {size:g}"
        )
    scores = np.stack(list(seeds.values()))
    constant = np.array([np.mean(runs[run]) for run in sorted(runs)])
    lead = _compare(scores, constant)
    if passes(lead):
        return ""
    owner = "the constant's" if floor.startswith("constant") else f"{floor}'s"
    return (
        f"{method} is not trained: score {scores.mean():.3f} against {owner}"
        f" {constant.mean():.3f} at K_s = {size:g}"
    )


def _compare(scores: np.ndarray, constant: np.ndarray) -> Interval:
    """Return the mean lead over the constant, paired over tests if these are the same runs."""
    if scores.shape[1] == len(constant):
        return two_way_interval(scores - constant)
    return two_way_interval(scores.mean(axis=1, keepdims=True) - constant.mean())


def passes(lead: Interval) -> bool:
    """Return whether a lead is at least 0, or its interval contains 0 and is narrow.

    >>> passes(Interval(-0.01, -0.04, 0.02)), passes(Interval(-0.01, -0.2, 0.18))
    (True, False)
    """
    if math.isnan(lead.estimate):
        return False
    half = (lead.high - lead.low) / 2.0
    return lead.estimate >= 0.0 or (lead.low <= 0.0 <= lead.high and half < MARGIN)
