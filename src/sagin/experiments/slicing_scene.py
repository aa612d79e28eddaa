"""The slicing system as a scene: users by slice, links, and UAVs moving, from slot to slot."""

from typing import cast

import numpy as np

from sagin.experiments.slicing_run import Trace, nodes
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.studies.scene import Link, PointKind, Scene, ScenePoint, limit_times, round_positions
from sagin.types import Float

SLICES: tuple[PointKind, ...] = ("H", "L", "C")


def slicing_scene(scenario: Scenario, trace: Trace, title: str, *, fixed: bool = False) -> Scene:
    """Return the slots of a trace, or their first ones where there are very many users.

    The model's distance to a satellite is its altitude for every user, so it stands above the
    middle of the area; several stand side by side along x. With `fixed`, the UAV positions that the
    scenario gives are marked too.
    """
    given = np.asarray(scenario.uavs.positions_m if fixed else (), float).reshape(-1, 2)
    points = [
        *(
            ScenePoint(f"user {number + 1}", SLICES[place])
            for number, place in enumerate(slice_of(scenario))
        ),
        *(ScenePoint(name, cast(PointKind, name.split()[0])) for name in nodes(scenario)),
        *(ScenePoint(f"UAV {number + 1}", "fixed UAV") for number in range(len(given))),
    ]
    kept = slice(limit_times(len(trace.users), len(points)))
    shown = Trace(*(np.asarray(values)[kept] for values in trace))
    return Scene(
        title=title,
        times_s=tuple(
            float(f"{number * scenario.traffic.slot_s:.9g}") for number in range(len(shown.users))
        ),
        side_m=scenario.area.side_m,
        points=tuple(points),
        places_m=round_positions(_places(scenario, shown, given)),
        links=_links(scenario, shown),
        note=_note(scenario),
    )


def _note(scenario: Scenario) -> str:
    jumps = scenario.uavs.placement == "decided" and scenario.uavs.speed_m_s is None
    notes = [
        (
            "UAVs are where each slot's decision puts them: nothing limits their speed.",
            jumps and sizes(scenario).V > 0,
        ),
        (
            "Each satellite is as far from every user as it is high; they are drawn side by side.",
            sizes(scenario).O > 1,
        ),
    ]
    return " ".join(text for text, needed in notes if needed)


def _places(
    scenario: Scenario, trace: Trace, given: Float[np.ndarray, "fixed 2"]
) -> Float[np.ndarray, "slots points 3"]:
    size, side = sizes(scenario), scenario.area.side_m
    users = np.where(np.asarray(trace.active)[..., None], np.asarray(trace.users), np.nan)
    stations = np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2)
    above = np.stack(
        [side * (np.arange(size.O) + 1) / (size.O + 1), np.full(size.O, side / 2)], axis=1
    )
    altitude = scenario.uavs.altitude_m
    heights = (0.0, 0.0, altitude, scenario.satellites.altitude_km * 1e3, altitude)
    groups = [
        np.pad(
            np.broadcast_to(places, (len(users), *places.shape[-2:])),
            ((0, 0), (0, 0), (0, 1)),
            constant_values=height,
        )
        for places, height in zip(
            (users, stations, np.asarray(trace.uavs), above, given), heights, strict=True
        )
    ]
    return np.concatenate(groups, axis=1)


def _links(scenario: Scenario, trace: Trace) -> tuple[tuple[Link, ...], ...]:
    size = sizes(scenario)
    slots = []
    for first, second in zip(np.asarray(trace.first), np.asarray(trace.second), strict=True):
        ends = [
            (user, start + int(node[user]))
            for node, start in ((first, size.K), (second, size.K + size.M))
            for user in np.flatnonzero(node >= 0).tolist()
        ]
        slots.append(tuple(sorted(ends)))
    return tuple(slots)
