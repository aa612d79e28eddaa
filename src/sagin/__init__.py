"""Space-air-ground integrated networks: physics, two published systems, and their optima."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"
PUBLIC = {
    "Method": "sagin.methods.method:Method",
    "compute_link_budget": "sagin.propagation.link_budget:link_budget",
    "evaluate": "sagin.methods.evaluation:evaluate",
    "find_passes": "sagin.orbits:passes",
    "load_policy": "sagin.training.policy:load_policy",
    "load_scenario": "sagin.papers:load_scenario",
    "make_plan": "sagin.planning.planner:make_plan",
    "register": "sagin.methods.table:register",
    "train": "sagin.training.seeds:train",
}
"""Module of each public name, loaded when the name is used."""
__all__ = ["__version__", *PUBLIC]


def __getattr__(name: str) -> Any:
    """Load and return a public name."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = PUBLIC[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted({*globals(), *PUBLIC})
