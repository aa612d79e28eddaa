"""Network slicing with priority-based load balancing; `step.step(…)` computes one slot."""

from sagin.slicing.actions import check_actions, mask_executed
from sagin.slicing.scenario import (
    SCENARIOS,
    Scenario,
    Sizes,
    build_scenario,
    check_scenario,
    sizes,
    slice_of,
)
from sagin.slicing.state import (
    Actions,
    Kpis,
    Layer,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import (
    act_non_terrestrial,
    act_terrestrial,
    advance,
    assess_slot,
    reset,
    step_together,
)

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
    "act_non_terrestrial",
    "act_terrestrial",
    "advance",
    "assess_slot",
    "build_scenario",
    "check_actions",
    "check_scenario",
    "mask_executed",
    "reset",
    "sizes",
    "slice_of",
    "step_together",
]
