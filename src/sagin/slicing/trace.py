"""Consecutive slots of a run as data: positions of users and UAVs, and the serving nodes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sagin.slicing.scenario import SLICES, Scenario, slice_of
from sagin.slicing.state import Layer, State
from sagin.types import Array, Bool, Float, Int

NEAR = 500.0
"""Largest horizontal distance from a UAV of a user near it, m; such a disc is 9 % of the paper's
area.
"""


class Trace(NamedTuple):
    """Consecutive slots of one run: positions and serving nodes."""

    users: Float[Array | np.ndarray, "*slots users 2"]
    """Positions of the users, m."""
    active: Bool[Array | np.ndarray, "*slots users"]
    uavs: Float[Array | np.ndarray, "*slots uavs 2"]
    """Positions of the UAVs, m."""
    first: Int[Array | np.ndarray, "*slots users"]
    """Base station that serves a user, −1 if none."""
    second: Int[Array | np.ndarray, "*slots users"]
    """UAV, or after the UAVs satellite, that serves a user, −1 if none."""

    def at(self, slot: int) -> "Trace":
        """Return one slot of several."""
        return Trace(*(values[slot] for values in self))

    def to_plain(self) -> dict[str, Any]:
        """Return the trace as plain data, with positions to 0.1 m."""
        return {
            name: np.round(values, 1).tolist() if values.dtype.kind == "f" else values.tolist()
            for name, values in self._asdict().items()
        }


def parse_trace(content: Mapping[str, Any]) -> Trace:
    """Return the trace that plain data describes: the inverse of `Trace.to_plain`."""
    return Trace(**{name: np.asarray(values) for name, values in content.items()})


def make_trace(state: State, layers: Sequence[Layer], positions: Any) -> Trace:
    """Return a slot as a trace; `positions` are those of the UAVs, m."""
    return Trace(state.user_positions, state.active, positions, *(layer.node for layer in layers))


def measure_movement(scenario: Scenario, trace: Trace) -> dict[str, float]:
    """Return means over the slots of a trace.

    near_uav: users within NEAR of a UAV. uav_gap: distance of a UAV from the nearest base station,
    m. uav_hop: distance of a UAV from its position one slot before, m. access_H, access_L,
    access_C: share of the slice's users whom the non-terrestrial layer serves.
    """
    # arrays of (slots, users) and (slots, nodes, 2)
    active, served = np.asarray(trace.active), np.asarray(trace.second) >= 0
    uavs = np.asarray(trace.uavs, float)
    stations = np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2)
    near = _compute_distances(uavs, np.asarray(trace.users, float)) <= NEAR
    gap = _compute_distances(uavs, np.broadcast_to(stations, (len(uavs), *stations.shape)))
    # users near each UAV, then the mean over UAVs and slots; gaps and hops likewise
    means = {
        "near_uav": np.mean(np.sum(near & active[:, None], axis=2)),
        "uav_gap": np.mean(gap.min(axis=2)),
        "uav_hop": np.mean(np.linalg.norm(np.diff(uavs, axis=0), axis=2)),
    }
    # share of each slice in the second layer
    for number, letter in enumerate(SLICES):
        users = active & (slice_of(scenario) == number)
        means[f"access_{letter}"] = np.mean(served[users])
    return {name: float(value) for name, value in means.items()}


def _compute_distances(uavs: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Compute distances, m, (slots, UAVs, points)."""
    return np.linalg.norm(uavs[:, :, None] - points[:, None], axis=3)
