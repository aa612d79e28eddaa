"""General solvers, each of which returns a point with a bound on the optimum."""

from sagin.optimise.clustering import k_means
from sagin.optimise.exhaustive import find_best, find_best_tuple
from sagin.optimise.gradient import ascend
from sagin.optimise.ratio import maximise_ratio
from sagin.optimise.result import Solution
from sagin.optimise.selection import select_largest, sum_largest
from sagin.optimise.water_filling import ShareRange, Utility, fill

__all__ = [
    "ShareRange",
    "Solution",
    "Utility",
    "ascend",
    "fill",
    "find_best",
    "find_best_tuple",
    "k_means",
    "maximise_ratio",
    "select_largest",
    "sum_largest",
]
