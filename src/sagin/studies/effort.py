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
    """Drops on which a reading is brought to where claims hold."""
    slope_drops: int
    """Drops from which the slopes on the way come, and predictions."""
    region: int
    """Readings of the prior that are moved to where all claims hold."""
    region_drops: int
    alone: int
    """Values of each number that is changed alone."""
    alone_drops: int
    fresh: int
    """Drops that confirm the reading found; a quarter of them the others."""
    sweep_drops: int
    """Drops at the other points of the sweep."""
    others: bool = True
    """Whether choices that need a program of their own are tried, one at a time."""


EFFORTS = {
    "quick": SearchEffort(16, 8, 2, 16, 2, 64, 16, 2, 8, 2, 16, 128, 8, others=False),
    "standard": SearchEffort(1024, 64, 8, 96, 12, 8000, 256, 8, 96, 5, 800, 20_000, 200),
}
"""Of a paper whose readings are measured on drops."""
