"""Solvers that know no system: an objective goes in, a result comes out together with a bound on
the optimum.
"""

from sagin.optimise.clustering import k_means
from sagin.optimise.exhaustive import best_of, best_tuple
from sagin.optimise.gradient import ascend
from sagin.optimise.ratio import maximise_ratio
from sagin.optimise.result import Result
from sagin.optimise.selection import largest, sum_of_largest
from sagin.optimise.water_filling import Box, Utility, fill

__all__ = [
    "Box",
    "Result",
    "Utility",
    "ascend",
    "best_of",
    "best_tuple",
    "fill",
    "k_means",
    "largest",
    "maximise_ratio",
    "sum_of_largest",
]
