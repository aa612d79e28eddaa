"""A variant of a city over the hours as a scene: users, cells, satellites, UAVs in flight."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from scipy.optimize import linear_sum_assignment

from sagin.cities.variants import Variant, dress_scenario
from sagin.methods.indicators import list_nodes
from sagin.places.profile import list_local_hours
from sagin.places.settings import Location
from sagin.slicing.city import find_origin
from sagin.slicing.scenario import SLICES, Scenario, sizes, slice_of
from sagin.studies.scene import PointKind, Scene, ScenePoint, limit_times, round_positions

NOTE = (
    "First drop of each hour. Satellites are drawn beside the area, not where they are. "
    "Cell sites of OpenCelliD are centroids of measurements, not towers."
)


def build_scene(
    scenario: Scenario,
    variant: Variant,
    hours: Mapping[str, Mapping[str, Any]],
    title: str,
) -> Scene:
    """Build a scene of the first drop of a variant in each hour, up to the limit of a scene.

    Args:
        scenario: the placed city.
        variant: its network.
        hours: stored first drop by hour of the day.
        title: title of the scene.
    """
    dressed = dress_scenario(scenario, variant, None)
    slices = slice_of(scenario)
    points = [
        *(
            ScenePoint(f"user {row + 1}", cast(PointKind, SLICES[kind]))
            for row, kind in enumerate(slices)
        ),
        *(ScenePoint(name, cast(PointKind, name.split()[0])) for name in list_nodes(dressed)),
    ]
    steps = list_local_hours(cast(Location, scenario.location))
    order = sorted((int(hour) for hour in hours), key=steps.index)
    order = order[: limit_times(len(order), len(points))]
    rows = follow_uavs([hours[str(hour)] for hour in order], sizes(dressed).M)
    return Scene(
        title=title,
        times_s=tuple(3600.0 * steps.index(hour) for hour in order),
        side_m=float(scenario.area.side_m),
        points=tuple(points),
        places_m=round_positions(np.stack([_list_places(dressed, row) for row in rows])),
        links=tuple(
            tuple((user, len(slices) + node) for user, node in enumerate(row["node"]) if node >= 0)
            for row in rows
        ),
        note=NOTE,
        origin_deg=find_origin(scenario),
    )


def follow_uavs(rows: Sequence[Mapping[str, Any]], stations: int) -> list[dict[str, Any]]:
    """Return hours in which the UAVs are matched from hour to hour, with the shortest total flight.

    Args:
        rows: nodes of users and positions of UAVs in each hour, with UAVs in any order.
        stations: number of base stations, which precede the UAVs among the nodes.
    """
    followed: list[dict[str, Any]] = []
    for row in rows:
        places = np.array(row["uavs"], float).reshape(-1, 2)
        if followed and len(places):
            last = np.array(followed[-1]["uavs"], float)
            way = np.linalg.norm(last[:, None] - places, axis=2)
            order = linear_sum_assignment(way)[1]
        else:
            order = np.arange(len(places))
        node = np.array(row["node"])
        is_aerial = (node >= stations) & (node < stations + len(places))
        node[is_aerial] = stations + np.argsort(order)[node[is_aerial] - stations]
        followed.append({**row, "uavs": places[order].tolist(), "node": node.tolist()})
    return followed


def _list_places(scenario: Scenario, row: Mapping[str, Any]) -> np.ndarray:
    """Return the positions of users and nodes in an hour, m; NaN for an absent user."""
    size, side = sizes(scenario), float(scenario.area.side_m)
    present = np.array(row["node"]) > -2
    users = np.where(present[:, None], np.array(row["users"], float), np.nan)
    stations = np.array(scenario.base_stations.positions_m, float).reshape(-1, 2)
    x = side * (np.arange(size.O) + 1) / (size.O + 1)
    satellites = np.stack([x, np.full(size.O, side / 2)], axis=1)
    groups = (
        (users, 0.0),
        (stations, 0.0),
        (np.array(row["uavs"], float).reshape(-1, 2), float(scenario.uavs.altitude_m)),
        (satellites, float(scenario.satellites.altitude_km) * 1e3),
    )
    return np.concatenate(
        [np.pad(flat, ((0, 0), (0, 1)), constant_values=height) for flat, height in groups]
    )
