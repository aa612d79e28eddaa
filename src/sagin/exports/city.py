"""An hour of a city's network as features: cells with their loads, users, UAVs, the area."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from sagin.cities.raster import Raster
from sagin.exports.features import Aggregation, Feature, check_origin, list_features, to_geodetic
from sagin.places.profile import list_local_hours
from sagin.places.settings import Location
from sagin.slicing.city import find_origin
from sagin.slicing.scenario import Scenario
from sagin.studies.scene import Scene


def list_day_features(
    scenario: Scenario, day: Scene, hours: Sequence[Mapping[str, Any]], aggregation: str
) -> dict[int, list[Feature]]:
    """List the features of each hour of the day that a scene holds, by `list_city_features`."""
    clock = list_local_hours(cast(Location, scenario.location))
    rows = {row["hour"]: row for row in hours}
    shown = [clock[round(seconds / 3600.0)] for seconds in day.times_s]
    return {
        hour: list_city_features(scenario, day, time, rows[hour], aggregation)
        for time, hour in enumerate(shown)
    }


def list_city_features(
    scenario: Scenario, day: Scene, time: int, hour: Mapping[str, Any], aggregation: str
) -> list[Feature]:
    """List the features of an hour, and the UAVs' flights of the day.

    Satellites have no position, because the scene draws them beside the area.

    Args:
        scenario: the city.
        day: the scene of all hours.
        time: index of the hour's time in it.
        hour: its row: users offered to each cell, and overloaded cells.
        aggregation: form of users: grid, h3 or none.
    """
    scene = replace(
        day,
        times_s=day.times_s[time : time + 1],
        places_m=day.places_m[time : time + 1],
        links=day.links[time : time + 1],
    )
    origin = check_origin(scene.origin_deg)
    satellites = {point.name for point in scene.points if point.kind == "LEO"}
    features = []
    for feature in list_features(scene, cast(Aggregation, aggregation)):
        if satellites & {feature.name, feature.properties.get("to")}:
            continue
        if feature.kind == "BS":
            number = int(feature.name.split()[1])
            more = {
                "offered": round(hour["offered"][number - 1], 1),
                "capacity": float(scenario.base_stations.capacity),
                "overloaded": number in hour["overloaded"],
                "position": "centroid of measurements" if scenario.sites else "as given",
            }
            feature = replace(feature, properties={**feature.properties, **more})
        features.append(feature)
    return [make_square(origin, scene.side_m, "area"), *features, *_list_flights(day, origin)]


def _list_flights(day: Scene, origin_deg: tuple[float, float]) -> list[Feature]:
    """List the flight of each UAV from hour to hour; empty for a single hour."""
    flights, half = [], day.side_m / 2.0
    for row, point in enumerate(day.points):
        if point.kind != "UAV" or len(day.times_s) < 2:
            continue
        places = np.array([positions[row] for positions in day.places_m], float)
        way = tuple(to_geodetic(places - [half, half, 0.0], origin_deg))
        times = {"times_s": list(day.times_s)}
        flights.append(Feature("flight", f"flight of {point.name}", "LineString", way, times))
    return flights


def list_raster_features(scenario: Scenario, raster: Raster) -> list[Feature]:
    """List the squares of a raster with their SINR, and its nodes."""
    origin, step = check_origin(find_origin(scenario)), raster.step_m
    half, corner = raster.side_m / 2.0, np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    shapes, features = [], []
    for row, column in np.ndindex(raster.sinr_db.shape):
        shapes.append(np.pad((corner + [column, row]) * step - half, ((0, 0), (0, 1))))
    places = to_geodetic(np.concatenate(shapes), origin)
    for number, (row, column) in enumerate(np.ndindex(raster.sinr_db.shape)):
        numbers = {
            "sinr_db": round(float(raster.sinr_db[row, column]), 1),
            "node": int(raster.node[row, column]) + 1,
        }
        ring = tuple(places[5 * number : 5 * number + 5])
        features.append(Feature("coverage", f"{column} {row}", "Polygon", ring, numbers))
    base = np.array(scenario.base_stations.positions_m, float).reshape(-1, 2)
    for kind, positions, height in (
        ("BS", base, 0.0),
        ("UAV", raster.uav_positions, float(scenario.uavs.altitude_m)),
    ):
        local = np.pad(positions - half, ((0, 0), (0, 1)), constant_values=height)
        features += [
            Feature(kind, f"{kind} {row + 1}", "Point", (place,))
            for row, place in enumerate(to_geodetic(local, origin))
        ]
    return features


def make_square(origin_deg: tuple[float, float], side_m: float, name: str) -> Feature:
    """Return the square around a place, its sides along east and north, as a polygon.

    >>> make_square((60.0, 10.0), 500.0, "area").shape
    'Polygon'
    """
    half = side_m / 2.0
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0], [-1, -1, 0]]) * half
    ring = to_geodetic(corners, origin_deg)
    return Feature("area", name, "Polygon", tuple(ring), {"side_m": side_m})
