"""Cooperative UAV relaying with a LEO satellite: scenario, methods, frameworks, Monte Carlo."""

from sagin.relaying.decision import Decision, DecisionRule, Request
from sagin.relaying.evaluation import Score, evaluate_method, score_drops
from sagin.relaying.fading import FADINGS, Fading
from sagin.relaying.frameworks import FRAMEWORKS, Framework, find_framework
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import run_drop, run_drops, simulate, sweep_users
from sagin.relaying.network import evaluate_drop
from sagin.relaying.placement import DECISION_RULES, Gap, compare_rules
from sagin.relaying.results import Detail, Summary
from sagin.relaying.sampling import Layout, Realisation, Serving, sample_drop
from sagin.relaying.satellites import Track, track_satellites
from sagin.relaying.scenario import SCENARIOS, Scenario, build_scenario, check_scenario
from sagin.relaying.service import build_request
from sagin.relaying.sites import CellSite, SiteScenario, apply_sites, read_sites

__all__ = [
    "DECISION_RULES",
    "FADINGS",
    "FRAMEWORKS",
    "SCENARIOS",
    "CellSite",
    "Decision",
    "DecisionRule",
    "Detail",
    "Fading",
    "Framework",
    "Gap",
    "Inputs",
    "Layout",
    "Realisation",
    "Request",
    "Scenario",
    "Score",
    "Serving",
    "SiteScenario",
    "Summary",
    "Track",
    "apply_sites",
    "build_request",
    "build_scenario",
    "check_scenario",
    "compare_rules",
    "evaluate_drop",
    "evaluate_method",
    "find_framework",
    "prepare_inputs",
    "read_sites",
    "run_drop",
    "run_drops",
    "sample_drop",
    "score_drops",
    "simulate",
    "sweep_users",
    "track_satellites",
]
