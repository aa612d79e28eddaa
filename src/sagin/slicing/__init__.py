"""Network slicing with priority-based load balancing over base stations, UAVs and satellites; one
slot is `step.step(…)`.
"""

from sagin.slicing.actions import checked, executed
from sagin.slicing.scenario import SCENARIOS, Scenario, Sizes, check, named, sizes, slice_of
from sagin.slicing.state import (
    Actions,
    Kpis,
    Layer,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import advance, non_terrestrial, outcome, reset, step_together, terrestrial

__all__ = [
    "SCENARIOS",
    "Actions",
    "Kpis",
    "Layer",
    "NonTerrestrialAction",
    "Outcome",
    "Scenario",
    "Sizes",
    "State",
    "TerrestrialAction",
    "advance",
    "check",
    "checked",
    "executed",
    "named",
    "non_terrestrial",
    "outcome",
    "reset",
    "sizes",
    "slice_of",
    "step_together",
    "terrestrial",
]
