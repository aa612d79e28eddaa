"""The computation of a task on sessions under satellites: the costs of every rule and service."""

from sagin.relaying.handover import compare_handovers
from sagin.relaying.scenario import Scenario
from sagin.relaying.sessions import SessionCosts
from sagin.studies.record import Result, make_sample

SESSION_RUNS = 12
"""Number of independent runs of requests under one sky; each has the place of a seed."""
ARRIVALS = "sessions.arrivals_per_s"
"""Swept field of figures of handover."""


def evaluate_sessions(scenario: Scenario, seed: int) -> Result:
    """Return the costs of every rule and service of handover, one number per run of requests."""
    return Result(
        [
            make_sample(
                f"{cost.rule}, {cost.service}",
                metric,
                [getattr(outcome, metric) for outcome in cost.runs],
            )
            for cost in compare_handovers(scenario, seed, runs=SESSION_RUNS)
            for metric in SessionCosts._fields
        ]
    )
