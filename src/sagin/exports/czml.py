"""Features and a city's day as CZML, for Cesium and its tools."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from sagin.exports.features import Feature, check_origin, to_geodetic
from sagin.studies.scene import Scene

Packet = dict[str, Any]
HOUR_S = 3600.0
COLOURS = {
    "BS": (64, 128, 208),
    "GBS": (64, 128, 208),
    "UAV": (240, 160, 32),
    "relay": (240, 160, 32),
    "area": (128, 128, 128),
}
"""Red, green and blue of each kind; grey for others."""
SINR_DB = (-10.0, 25.0)
"""Range over which the colour of coverage squares changes."""
WEAK, STRONG = (48, 32, 112), (253, 231, 37)
SERVED, UNSERVED = (46, 140, 87), (200, 48, 48)


def format_czml(features: Sequence[Feature], title: str) -> str:
    """Format features without motion as a CZML document, one packet per feature."""
    packets = [
        describe_feature(feature, f"{feature.kind} {number}")
        for number, feature in enumerate(features)
    ]
    return _write([{"id": "document", "name": title, "version": "1.0"}, *packets])


def format_day(
    day: Scene, hours: Mapping[int, Sequence[Feature]], start: datetime, title: str
) -> str:
    """Format a city's day as a CZML document.

    The area and the cells are always present, each cell with its load of the hour. Users are
    present in the hour in which they are counted. UAVs fly from their position in one hour to that
    in the next.

    Args:
        day: the scene of all hours.
        hours: the features of each, in the scene's order.
        start: time 0 of the scene.
        title: title of the document.
    """
    stamps = [_write_time(start, seconds) for seconds in day.times_s]
    ends = [_write_time(start, seconds + HOUR_S) for seconds in day.times_s]
    whole = f"{stamps[0]}/{ends[-1]}"
    clock = {"interval": whole, "currentTime": stamps[0], "multiplier": 600}
    packets: dict[str, Packet] = {
        "document": {"id": "document", "name": title, "version": "1.0", "clock": clock}
    }
    for (hour, features), *ends_of in zip(hours.items(), stamps, ends, strict=True):
        interval = "/".join(ends_of)
        for feature in features:
            if feature.kind == "BS":
                packet = packets.setdefault(feature.name, describe_feature(feature, feature.name))
                _add_load(packet, feature, interval)
            elif feature.kind == "area":
                packets.setdefault(feature.name, describe_feature(feature, feature.name))
            elif feature.kind in ("users", "user"):
                name = f"{hour} h, {feature.name}"
                packets[name] = {**describe_feature(feature, name), "availability": interval}
    return _write([*packets.values(), *_list_flights(day, stamps[0], whole)])


def describe_feature(feature: Feature, name: str) -> Packet:
    """Describe a feature as a packet: a point with a label, a line, or an area on the ground."""
    text = ", ".join(f"{key}: {value}" for key, value in feature.properties.items())
    packet: Packet = {"id": name, "name": feature.name, "description": text}
    colour = _find_colour(feature)
    degrees = [float(number) for point in feature.coordinates for number in point]
    if feature.shape == "Point":
        packet["position"] = {"cartographicDegrees": degrees}
        packet["point"] = _describe_point(colour)
        if feature.kind != "user":
            packet["label"] = _describe_label(feature.name)
    elif feature.shape == "LineString":
        material = {"solidColor": {"color": {"rgba": [*colour, 255]}}}
        positions = {"cartographicDegrees": degrees}
        packet["polyline"] = {"positions": positions, "width": 2, "material": material}
    else:
        opacity = 40 if feature.kind == "area" else 130
        packet["polygon"] = {
            "positions": {"cartographicDegrees": degrees},
            "material": {"solidColor": {"color": {"rgba": [*colour, opacity]}}},
        }
    return packet


def _find_colour(feature: Feature) -> tuple[int, int, int]:
    """Return a feature's colour: by its kind, the share of served users, or the SINR."""
    numbers = feature.properties
    if feature.kind == "users":
        share, ends = numbers["served"] / max(numbers["users"], 1), (UNSERVED, SERVED)
    elif feature.kind == "user":
        return UNSERVED if numbers["served_by"] is None else SERVED
    elif feature.kind == "coverage":
        share, ends = np.interp(numbers["sinr_db"], SINR_DB, (0.0, 1.0)), (WEAK, STRONG)
    else:
        return COLOURS.get(feature.kind, (160, 160, 160))
    red, green, blue = (
        round((1.0 - share) * low + share * high) for low, high in zip(*ends, strict=True)
    )
    return red, green, blue


def _describe_point(colour: tuple[int, int, int]) -> Packet:
    return {"pixelSize": 10, "color": {"rgba": [*colour, 255]}}


def _describe_label(text: Any) -> Packet:
    offset = {"cartesian2": [0, -18]}
    return {"text": text, "font": "13px sans-serif", "pixelOffset": offset}


def _add_load(packet: Packet, feature: Feature, interval: str) -> None:
    """Add a cell's load in an hour to its label."""
    load, capacity, offered = (feature.properties[name] for name in ("load", "capacity", "offered"))
    text = f"{feature.name}: {load} of {capacity:g}, offered {offered:g}"
    if not isinstance(packet["label"]["text"], list):
        packet["label"]["text"] = []
    packet["label"]["text"].append({"interval": interval, "string": text})


def _list_flights(day: Scene, epoch: str, whole: str) -> list[Packet]:
    """List the UAVs, each on straight lines between its positions in the hours."""
    packets, half = [], day.side_m / 2.0
    origin = check_origin(day.origin_deg)
    for row, point in enumerate(day.points):
        if point.kind != "UAV":
            continue
        places = np.array([positions[row] for positions in day.places_m], float)
        way = to_geodetic(places - [half, half, 0.0], origin)
        seconds = np.array(day.times_s) - day.times_s[0]
        samples = np.column_stack([seconds, np.array(way)])
        position = {
            "epoch": epoch,
            "interpolationAlgorithm": "LINEAR",
            "cartographicDegrees": samples.ravel().tolist(),
            "forwardExtrapolationType": "HOLD",
        }
        packets.append(
            {
                "id": point.name,
                "name": point.name,
                "availability": whole,
                "position": position,
                "point": _describe_point(COLOURS["UAV"]),
                "label": _describe_label(point.name),
                "path": {"width": 2, "leadTime": 0, "trailTime": HOUR_S},
            }
        )
    return packets


def _write_time(start: datetime, seconds: float) -> str:
    moment = (start + timedelta(seconds=seconds)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(packets: Sequence[Packet]) -> str:
    return json.dumps(packets, ensure_ascii=False, allow_nan=False)
