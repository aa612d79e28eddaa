"""Gaps of the relaying placement rules to the best placement and to a bound."""

from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from sagin.files import write_atomically
from sagin.papers.relaying.run import Profile, make_keys
from sagin.parameters import vary_fields
from sagin.relaying.network import evaluate_drop
from sagin.relaying.placement import DECISION_RULES, Gap, compare_rules
from sagin.relaying.sampling import sample_drop
from sagin.relaying.scenario import Scenario, check_scenario
from sagin.relaying.service import build_request
from sagin.studies.statistics import Interval, mean_interval

DROPS = 200
"""Number of drops of the comparison; each tries 10 201 positions."""
GRID = ("algorithm.grid=101",)
COLUMNS = (
    "placement",
    "mean share of the best known",
    "95 % interval",
    "worst drop",
    "mean share of the bound",
)


class Share(NamedTuple):
    """Share of the best known placement's capacity that a placement rule reaches."""

    mean: Interval
    worst: float
    bound: float
    """Mean share of the bound that no placement exceeds."""


@jax.jit
def _compare_drops(keys: jax.Array, scenario: Scenario) -> dict[str, Gap]:
    def compare_drop(key: jax.Array) -> dict[str, Gap]:
        drop = sample_drop(key, scenario, scenario.users.count)
        _, detail = evaluate_drop(scenario, drop)
        return compare_rules(build_request(scenario, drop, detail.needy))

    return jax.lax.map(compare_drop, keys)


def compare_placements(scenario: Scenario, drops: int, seed: int) -> dict[str, Share]:
    """Return the share of the mean-channel capacity of relays that each rule reaches.

    Drops in which no user needs a relay, or no relay reaches a user, are left out.
    """
    gaps = _compare_drops(make_keys(seed, drops), scenario)
    shares = {}
    for name in DECISION_RULES:
        capacity, optimum, bound = (np.asarray(part, dtype=np.float64) for part in gaps[name])
        rows = optimum > 0
        ratios = capacity[rows] / optimum[rows]
        mean = mean_interval(float(ratios.mean()), float(ratios.var(ddof=1)), len(ratios))
        shares[name] = Share(
            mean, float(ratios.min()), float((capacity[rows] / bound[rows]).mean())
        )
    return shares


def list_rows(shares: dict[str, Share]) -> list[tuple[str, ...]]:
    """Return the shares as rows of text, in the order of COLUMNS."""
    return [
        (
            name,
            f"{share.mean.estimate:.4f}",
            f"{share.mean.low:.4f} to {share.mean.high:.4f}",
            f"{share.worst:.4f}",
            f"{share.bound:.4f}",
        )
        for name, share in shares.items()
    ]


def write_optimum(folder: Path, scenario: Scenario, profile: Profile) -> Path:
    """Measure each placement's distance from the optimum, write optimum.md and return its path."""
    shares = compare_placements(vary_fields(scenario, GRID, check_scenario), DROPS, profile.seed)
    rows = [COLUMNS, ["---"] * len(COLUMNS), *list_rows(shares)]
    text = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    write_atomically(folder / "optimum.md", text.encode())
    return folder / "optimum.md"
