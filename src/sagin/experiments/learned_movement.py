"""Where UAVs are in the slots of a policy, and whom the non-terrestrial layer serves: what the
slicing paper says of its figure 7.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sagin.experiments.slicing_run import Trace
from sagin.slicing.scenario import Scenario, slice_of

NEAR = 500.0
"""m; users no farther from a UAV, horizontally, count as about it: such a disc is 9 % of the
paper's area.
"""
SLICES = "HLC"


def movement(scenario: Scenario, traces: Sequence[Trace]) -> dict[str, float]:
    """Return means over the slots of all traces: users within NEAR of a UAV, a UAV's distance from
    the nearest base station, m, and from where it was a slot before, m, and for each slice the
    share of its users whom the non-terrestrial layer serves.
    """
    found = [_numbers(scenario, one) for one in traces]
    return {name: float(f"{np.mean([one[name] for one in found]):.7g}") for name in found[0]}


def _numbers(scenario: Scenario, one: Trace) -> dict[str, float]:
    active, served = np.asarray(one.active), np.asarray(one.second) >= 0
    uavs, stations = (
        np.asarray(one.uavs, float),
        np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2),
    )
    about = _apart(uavs, np.asarray(one.users, float)) <= NEAR
    gap = _apart(uavs, np.broadcast_to(stations, (len(uavs), *stations.shape)))
    place = slice_of(scenario)
    numbers = {
        "near_uav": np.mean(np.sum(about & active[:, None], axis=2)),
        "uav_gap": np.mean(gap.min(axis=2)),
        "uav_hop": np.mean(np.linalg.norm(np.diff(uavs, axis=0), axis=2)),
    }
    access = {
        f"access_{letter}": np.mean(served[active & (place == number)])
        for number, letter in enumerate(SLICES)
    }
    return {name: float(value) for name, value in (numbers | access).items()}


def _apart(uavs: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return distances, m, (slots, UAVs, others)."""
    return np.linalg.norm(uavs[:, :, None] - others[:, None], axis=3)


def plain(one: Trace) -> dict[str, Any]:
    """Return a trace as plain data, places to 0.1 m."""
    return {
        name: np.round(values, 1).tolist() if values.dtype.kind == "f" else values.tolist()
        for name, values in one._asdict().items()
    }


def trace_of(found: dict[str, Any]) -> Trace:
    """Return the trace that plain data describes; the inverse of `plain`."""
    return Trace(**{name: np.asarray(values) for name, values in found.items()})
