"""Key performance indicators (KPIs) of the slicing system as table rows, and the numbers stored per
run.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np

from sagin.slicing.objectives import score
from sagin.slicing.scenario import SLICES, Scenario, sizes
from sagin.slicing.state import Kpis

Samples = dict[str, np.ndarray]
"""One number per run, by metric."""


class Indicator(NamedTuple):
    """A KPI with its label, unit and digits for tables."""

    name: str
    label: str
    unit: str
    scale: float = 1.0
    """Factor from the KPI's SI unit to the unit of the tables."""


MAIN = (
    Indicator("throughput", "throughput of H", "Mbit/s", 1e-6),
    Indicator("delay", "delay of L, mean", "ms", 1e3),
    Indicator("delay_median", "delay of L, median", "ms", 1e3),
    Indicator("delay_95", "delay of L, 95th percentile", "ms", 1e3),
    Indicator("coverage", "coverage of C", "%", 100.0),
    Indicator("score", "score, sum of three terms", ""),
)
ENERGY = (
    Indicator("power", "power of flight and radio", "W"),
    Indicator("efficiency", "energy efficiency, all users' bits", "kbit/J", 1e-3),
)
SHARES = (
    Indicator("offloaded", "users offloaded", "%", 100.0),
    Indicator("unserved", "users unserved", "%", 100.0),
    Indicator("collided", "users collided", "%", 100.0),
)
SUMS = (
    Indicator("delay_sum", "delay of L, both layers' added (36)", "ms", 1e3),
    Indicator("coverage_sum", "coverage of C, both layers' added (36)", "%", 100.0),
)
ACCESS = tuple(
    Indicator(f"access_{letter}", f"access of {letter} to UAVs and satellites", "%", 100.0)
    for letter in SLICES
)
COPIED = (
    "throughput",
    "delay",
    "coverage",
    "offloaded",
    "unserved",
    "collided",
    "total_rate",
    "power",
)


def list_nodes(scenario: Scenario) -> list[str]:
    """Return the names of the nodes, as tables and figures show them.

    >>> from sagin.slicing.scenario import build_scenario
    >>> list_nodes(build_scenario("paper"))
    ['BS 1', 'BS 2', 'UAV 1', 'UAV 2', 'LEO 1']
    """
    size = sizes(scenario)
    return [
        f"{kind} {number + 1}"
        for kind, count in (("BS", size.M), ("UAV", size.V), ("LEO", size.O))
        for number in range(count)
    ]


def list_indicators(scenario: Scenario) -> list[Indicator]:
    """Return the KPIs of a scenario: the slices', the load of every node, and shares of users.

    The layers' sums (36) and the slices' access to UAVs and satellites follow, then energy.
    """
    loads = [Indicator(name, f"load of {name}", "users") for name in list_nodes(scenario)]
    return [*MAIN, *loads, *SHARES, *SUMS, *ACCESS, *ENERGY]


compute_score = jax.jit(score)


def extract_values(kpis: Kpis, scenario: Scenario, counts: Sequence[int]) -> dict[str, np.ndarray]:
    """Return the stored values of slots, (runs, slots, …): every KPI, and the delays of slice L.

    `counts` are the numbers of users of H, L and C who take part.
    """
    first = scenario.users.high_throughput
    loads = np.concatenate([kpis.load_base, kpis.load_uav, kpis.load_satellite], axis=2)
    values = {name: np.asarray(getattr(kpis, name)) for name in COPIED}
    values |= {name: loads[:, :, row] for row, name in enumerate(list_nodes(scenario))}
    values["delay_sum"] = np.sum(kpis.layer_delays, axis=2)
    values["coverage_sum"] = np.sum(kpis.layer_coverages, axis=2)
    access = np.asarray(kpis.access)
    values |= {part.name: access[:, :, row] for row, part in enumerate(ACCESS)}
    values["score"] = np.asarray(compute_score(scenario, kpis))
    values["delays"] = np.asarray(kpis.delays)[:, :, first : first + counts[1]]
    return values


def average_slots(pieces: Sequence[dict[str, np.ndarray]]) -> Samples:
    """Return one number per run and KPI; a percentile over no delays is NaN.

    The efficiency is all bits of a run over all its energy. Users of L who are absent in a slot
    have the delay 0 there.
    """
    joined = {
        name: np.concatenate([piece[name] for piece in pieces], axis=1).astype(np.float64)
        for name in pieces[0]
    }
    delays = joined.pop("delays")
    flat = delays.reshape(len(delays), -1)
    samples = {name: values.mean(axis=1) for name, values in joined.items()}
    power = samples["power"]
    samples["efficiency"] = np.divide(
        samples.pop("total_rate"), power, out=np.zeros_like(power), where=power > 0
    )
    for name, share in (("delay_median", 50.0), ("delay_95", 95.0)):
        samples[name] = np.array([_find_percentile(row[row > 0], share) for row in flat])
    return samples


def _find_percentile(delays: np.ndarray, share: float) -> float:
    return float(np.percentile(delays, share)) if delays.size else np.nan
