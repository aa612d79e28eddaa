"""Amount of computation of a search over readings."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchEffort:
    """Amount of computation: numbers of readings, and drops of each."""

    prior: int
    prior_drops: int
    fits: int
    """Number of combinations of definitions from which readings are fitted."""
    fit_drops: int
    steps: int
    polish_drops: int
    """Number of drops for the final steps of a fit."""
    slope_drops: int
    """Number of drops for slopes and predictions."""
    region: int
    """Number of readings of the prior that are moved to where all claims hold."""
    region_drops: int
    alone: int
    """Number of values of each number that is changed alone."""
    alone_drops: int
    fresh: int
    """Number of drops that confirm the nearest reading; a quarter of them for the others."""
    sweep_drops: int
    """Number of drops at the other points of the sweep."""
    others: bool = True
    """Whether choices that need a separate program are tried, one at a time."""


EFFORTS = {
    "quick": SearchEffort(16, 8, 2, 16, 2, 64, 16, 2, 8, 2, 16, 128, 8, others=False),
    "standard": SearchEffort(1024, 64, 8, 96, 12, 8000, 256, 8, 96, 5, 800, 20_000, 200),
}
"""Efforts for a paper whose readings are measured on drops."""
