"""How far each placement rule of the relaying system is from the best placement, and from what no
placement can exceed.
"""

import jax
import numpy as np

from sagin.relaying.network import build_request, evaluate_drop
from sagin.relaying.placement import PLACEMENTS, Gap, compare_rules
from sagin.relaying.sampling import sample_drop
from sagin.relaying.scenario import Scenario
from sagin.studies.statistics import Interval, mean_interval

COLUMNS = (
    "placement",
    "mean share of the best known",
    "95 % interval",
    "worst drop",
    "mean share of the bound",
)


@jax.jit
def _gaps(keys: jax.Array, scenario: Scenario) -> dict[str, Gap]:
    def one(key: jax.Array) -> dict[str, Gap]:
        drop = sample_drop(key, scenario, scenario.users.count)
        _, detail = evaluate_drop(scenario, drop)
        return compare_rules(build_request(scenario, drop, detail.needy), scenario.relay.count)

    return jax.lax.map(one, keys)


def placement_gaps(
    scenario: Scenario, drops: int, seed: int
) -> dict[str, tuple[Interval, float, float]]:
    """Return for each rule its share of the best known worth, mean with 95 % interval and least,
    and its mean share of the bound.

    Worth is the mean-channel capacity that relays add. Drops in which nobody needs a relay, or no
    relay reaches anyone, are left out.
    """
    found = _gaps(jax.random.split(jax.random.key(seed), drops), scenario)
    shares = {}
    for name, gap in found.items():
        worth, optimum, bound = (np.asarray(values, dtype=np.float64) for values in gap)
        used = optimum > 0
        share = worth[used] / optimum[used]
        mean = mean_interval(float(share.mean()), float(share.var(ddof=1)), int(used.sum()))
        shares[name] = (mean, float(share.min()), float((worth[used] / bound[used]).mean()))
    return {name: shares[name] for name in PLACEMENTS}


def rows(scenario: Scenario, drops: int, seed: int) -> list[tuple[str, ...]]:
    """Return the gaps as rows of text, in the order of COLUMNS."""
    return [
        (
            name,
            f"{mean.estimate:.4f}",
            f"{mean.low:.4f} to {mean.high:.4f}",
            f"{worst:.4f}",
            f"{bounded:.4f}",
        )
        for name, (mean, worst, bounded) in placement_gaps(scenario, drops, seed).items()
    ]
