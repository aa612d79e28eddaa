"""Coverage of a city as a raster: the SINR of its best cell or UAV at full load, without fading."""

from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np

from sagin.optimise.clustering import k_means
from sagin.slicing import links
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import State
from sagin.slicing.uavs import fixed_positions
from sagin.types import Array, Bool, Float, Int
from sagin.units import from_db, to_db

Layer = Literal["ground", "air"]
LAYERS: tuple[str, ...] = get_args(Layer)


class Raster(NamedTuple):
    """SINR over squares of the area."""

    layer: str
    sinr_db: Float[np.ndarray, "rows columns"]
    """Rows from south to north, columns from west to east."""
    node: Int[np.ndarray, "rows columns"]
    """Index of the node of the best signal."""
    uav_positions: Float[np.ndarray, "uavs 2"]
    """Positions of UAVs, m; empty in the layer ground."""
    side_m: float

    @property
    def step_m(self) -> float:
        """Side of a square, m."""
        return self.side_m / len(self.sinr_db)

    def share_above(self, threshold_db: float) -> float:
        """Return the share of the area whose SINR exceeds a threshold."""
        return float(np.mean(self.sinr_db > threshold_db))


def place_uavs(scenario: Scenario, state: State) -> Float[np.ndarray, "uavs 2"]:
    """Return the UAVs' positions, m: the fixed ones, or above the clusters of all present users."""
    if scenario.uavs.placement == "fixed" or not scenario.uavs.count:
        return np.asarray(fixed_positions(scenario))[: scenario.uavs.count]
    present: Bool[Array, " users"] = state.active
    centres = k_means(state.user_positions, present.astype(float), scenario.uavs.count).point
    return np.asarray(centres)


def compute_raster(scenario: Scenario, layer: str, uav_positions: np.ndarray, cells: int) -> Raster:
    """Compute the raster of a layer: SINR = p·g_best/(Σ_others p·g + B_N·N_0), p = P/N.

    All nodes of the layer send on all subcarriers.

    Args:
        scenario: the city.
        layer: ground for base stations, air for UAVs.
        uav_positions: positions of UAVs, m, for the layer air.
        cells: number of squares along a side.
    """
    side = float(scenario.area.side_m)
    ticks = (np.arange(cells) + 0.5) / cells * side
    points = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    ratio, node = _measure(scenario, jnp.asarray(points, float), jnp.asarray(uav_positions), layer)
    sinr_db = np.asarray(to_db(ratio), float).reshape(cells, cells)
    places = np.asarray(uav_positions, float).reshape(-1, 2)[: None if layer == "air" else 0]
    return Raster(layer, sinr_db, np.asarray(node).reshape(cells, cells), places, side)


def _measure(
    scenario: Scenario, points: Array, uav_positions: Array, layer: str
) -> tuple[Float[Array, " points"], Int[Array, " points"]]:
    """Return the SINR of the best node at points, and the index of this node."""
    if layer == "air":
        gain, power = links.uav_path_gain(scenario, points, uav_positions), scenario.uavs.power_dbw
    else:
        gain, power = links.base_path_gain(scenario, points), scenario.base_stations.power_dbw
    received = gain * from_db(power) / scenario.radio.subcarriers
    best = jnp.argmax(received, axis=1)
    own = jnp.max(received, axis=1)
    others = jnp.sum(jnp.where(jax.nn.one_hot(best, gain.shape[1]) > 0, 0.0, received), axis=1)
    return own / (others + links.noise_power(scenario)), best
