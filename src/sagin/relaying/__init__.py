"""Cooperative UAV relaying under a LEO satellite: scenario, links, association, frameworks, power,
energy, placement, Monte Carlo.
"""

from sagin.relaying.frameworks import FRAMEWORKS, Framework, index
from sagin.relaying.inputs import Inputs, prepare
from sagin.relaying.monte_carlo import run_drop, run_drops, simulate, sweep
from sagin.relaying.network import Detail, Summary, evaluate, request
from sagin.relaying.placement import PLACEMENTS, Gap, Request, compare
from sagin.relaying.sampling import Layout, Realisation, Serving, sample
from sagin.relaying.satellites import Track, track
from sagin.relaying.scenario import SCENARIOS, Scenario, check, named
from sagin.relaying.sites import CellSite, Ground, on_sites, read_sites

__all__ = [
    "FRAMEWORKS",
    "PLACEMENTS",
    "SCENARIOS",
    "CellSite",
    "Detail",
    "Framework",
    "Gap",
    "Ground",
    "Inputs",
    "Layout",
    "Realisation",
    "Request",
    "Scenario",
    "Serving",
    "Summary",
    "Track",
    "check",
    "compare",
    "evaluate",
    "index",
    "named",
    "on_sites",
    "prepare",
    "read_sites",
    "request",
    "run_drop",
    "run_drops",
    "sample",
    "simulate",
    "sweep",
    "track",
]
