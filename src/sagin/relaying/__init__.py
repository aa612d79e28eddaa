"""Cooperative UAV relaying under a LEO satellite: scenario, links, association, frameworks, power,
energy, placement, Monte Carlo.
"""

from sagin.relaying.frameworks import FRAMEWORKS, Framework, find_framework
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import run_drop, run_drops, simulate, sweep_users
from sagin.relaying.network import Detail, Summary, build_request, evaluate_drop
from sagin.relaying.placement import PLACEMENTS, Gap, Request, compare_rules
from sagin.relaying.sampling import Layout, Realisation, Serving, sample_drop
from sagin.relaying.satellites import Track, track_satellites
from sagin.relaying.scenario import SCENARIOS, Scenario, build_scenario, check
from sagin.relaying.sites import CellSite, SiteScenario, apply_sites, read_sites

__all__ = [
    "FRAMEWORKS",
    "PLACEMENTS",
    "SCENARIOS",
    "CellSite",
    "Detail",
    "Framework",
    "Gap",
    "Inputs",
    "Layout",
    "Realisation",
    "Request",
    "Scenario",
    "Serving",
    "SiteScenario",
    "Summary",
    "Track",
    "apply_sites",
    "build_request",
    "build_scenario",
    "check",
    "compare_rules",
    "evaluate_drop",
    "find_framework",
    "prepare_inputs",
    "read_sites",
    "run_drop",
    "run_drops",
    "sample_drop",
    "simulate",
    "sweep_users",
    "track_satellites",
]
