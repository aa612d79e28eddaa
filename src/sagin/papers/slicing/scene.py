"""The slicing system as a scene: users by slice, links, and UAVs moving, from slot to slot."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from sagin.methods.indicators import list_nodes
from sagin.papers.slicing.methods import PROPOSED
from sagin.papers.slicing.points import resize
from sagin.slicing import uavs
from sagin.slicing.scenario import SLICES, Scenario, sizes, slice_of
from sagin.slicing.trace import Trace, parse_trace
from sagin.studies.figure import Figure
from sagin.studies.record import Result
from sagin.studies.scene import (
    SUFFIX,
    Link,
    PointKind,
    Scene,
    ScenePoint,
    limit_times,
    round_positions,
    write_scene,
)
from sagin.types import Float

SLICE_KINDS = cast("tuple[PointKind, ...]", tuple(SLICES))


def draw_map(
    figure: Figure, results: Sequence[Result], scenario: Scenario, folder: Path
) -> list[Path]:
    """Write the slots of figure 7 as NAME.scene.json, for the seed of the best validation.

    Nothing is written if no slots are stored.
    """
    traced = [
        result
        for result in results
        if "trace" in result.extra and result.samples[0].method == PROPOSED
    ]
    if not traced:
        return []
    best = max(traced, key=lambda result: result.extra["score"])
    trace = parse_trace(best.extra["trace"])
    sized = resize(scenario, trace.users.shape[1] // 3)
    scene = make_scene(sized, trace, f"{PROPOSED}, best seed of those stored", planned=True)
    return [write_scene(scene, folder / f"{figure.id}{SUFFIX}")]


def make_scene(scenario: Scenario, trace: Trace, title: str, *, planned: bool = False) -> Scene:
    """Return the slots of a trace as a scene, or its first ones for very many users.

    `planned` sets whether to mark the scenario's UAV positions (`uavs.positions_m`). The model's
    distance to a satellite is its altitude for every user, so it is drawn above the centre of the
    area; several satellites are drawn side by side along x.
    """
    users = [
        ScenePoint(f"user {number + 1}", SLICE_KINDS[row])
        for number, row in enumerate(slice_of(scenario))
    ]
    nodes = [ScenePoint(name, cast(PointKind, name.split()[0])) for name in list_nodes(scenario)]
    fixed = np.asarray(uavs.fixed_positions(scenario)) if planned else np.zeros((0, 2))
    marks = [ScenePoint(f"UAV {number + 1}", "fixed UAV") for number in range(len(fixed))]
    points = (*users, *nodes, *marks)
    first = slice(limit_times(len(trace.users), len(points)))
    cut = Trace(*(np.asarray(values)[first] for values in trace))
    slots = range(len(cut.users))
    return Scene(
        title=title,
        times_s=tuple(float(f"{slot * scenario.traffic.slot_s:.9g}") for slot in slots),
        side_m=scenario.area.side_m,
        points=points,
        places_m=round_positions(_list_places(scenario, cut, fixed)),
        links=_list_links(scenario, cut),
        note=_write_note(scenario),
    )


def _write_note(scenario: Scenario) -> str:
    jumps = scenario.uavs.placement == "decided" and scenario.uavs.speed_m_s is None
    notes = [
        (
            "UAVs are at the positions of each slot's decision: there is no speed limit.",
            jumps and sizes(scenario).V > 0,
        ),
        (
            (
                "The distance of each satellite from every user is its altitude; satellites are "
                "drawn side by side."
            ),
            sizes(scenario).O > 1,
        ),
    ]
    return " ".join(text for text, needed in notes if needed)


def _list_places(
    scenario: Scenario, trace: Trace, fixed: np.ndarray
) -> Float[np.ndarray, "slots points 3"]:
    """Return positions of users, base stations, UAVs, satellites and fixed UAVs per slot, m."""
    size, side = sizes(scenario), scenario.area.side_m
    users = np.where(np.asarray(trace.active)[..., None], np.asarray(trace.users), np.nan)
    stations = np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2)
    x = side * (np.arange(size.O) + 1) / (size.O + 1)
    satellites = np.stack([x, np.full(size.O, side / 2)], axis=1)
    height = scenario.uavs.altitude_m
    groups = (
        (users, 0.0),
        (stations, 0.0),
        (np.asarray(trace.uavs), height),
        (satellites, scenario.satellites.altitude_km * 1e3),
        (fixed, height),
    )
    places = []
    for flat, altitude in groups:
        full = np.broadcast_to(flat, (len(users), *flat.shape[-2:]))
        places.append(np.pad(full, ((0, 0), (0, 0), (0, 1)), constant_values=altitude))
    return np.concatenate(places, axis=1)


def _list_links(scenario: Scenario, trace: Trace) -> tuple[tuple[Link, ...], ...]:
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
