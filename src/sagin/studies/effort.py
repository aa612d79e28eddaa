"""How much a search over readings computes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchEffort:
    """How much a search computes: numbers of readings, and drops of each."""

    prior: int
    prior_drops: int
    fits: int
    """Combinations of definitions from which readings are fitted."""
    fit_drops: int
    steps: int
    polish_drops: int
    region: int
    """Readings of the prior that are moved to where all claims hold."""
    region_drops: int
    alone: int
    """Values of each number that is changed alone."""
    alone_drops: int
    fresh: int
    """Drops that confirm a reading."""
    sweep_drops: int
    """Drops at the other points of the sweep."""
    others: bool = True
    """Whether choices that need a program of their own are tried, one at a time."""


QUICK = SearchEffort(32, 16, 2, 32, 2, 64, 2, 16, 2, 16, 128, 16, others=False)
EFFORTS = {
    "quick": QUICK,
    "standard": SearchEffort(1024, 96, 6, 128, 8, 3000, 8, 128, 7, 400, 20_000, 500),
}
"""Of a paper whose readings are measured on drops."""
