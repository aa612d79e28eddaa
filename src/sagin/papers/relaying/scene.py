"""The relaying system as a scene: one drop's users and relays, and passing satellites."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.geometry.geodetic import look_angles, to_local
from sagin.orbits.circular import elevation_over, visibility_threshold
from sagin.orbits.ephemeris import earth_fixed
from sagin.orbits.site import after, to_datetime64
from sagin.papers.relaying.run import make_keys, split_batches
from sagin.relaying.inputs import Inputs
from sagin.relaying.monte_carlo import DropView, run_drops_with_views
from sagin.relaying.sampling import Serving
from sagin.relaying.satellites import STEP, Track, build_site
from sagin.relaying.scenario import Scenario, parse_start_time
from sagin.studies.scene import Link, Scene, ScenePoint, limit_times, round_positions
from sagin.types import Bool, Float, Int

DURATION_S = 600.0
"""Duration of a scene with passing satellites, from the first time with a serving satellite."""
PASSING = (
    "Users and fading are those of one drop; the satellites pass over them, and the links "
    "are those of each serving satellite."
)
STANDING = (
    "The circular overhead pass gives the satellite's distance at the time of the drop; its "
    "position in the north is only for the drawing."
)


class Sky(NamedTuple):
    """Satellites over the base station at some times."""

    seconds: Float[np.ndarray, " times"]
    """Times after the scenario's time, s."""
    names: tuple[str, ...]
    positions: Float[np.ndarray, "times satellites 3"]
    """East, north and up of the base station, m; NaN while a satellite is not in view."""
    server: Int[np.ndarray, " times"]
    """Index of the serving satellite, −1 for none."""


def build_scene(inputs: Inputs, drops: int, seed: int, title: str) -> Scene:
    """Return the first drop of a run under CUD.

    With satellites from elements or a constellation, the drop is shown while they pass over it. The
    program is that of `run.simulate(…, with_views=True)` for as many drops.
    """
    scenario, sky, note = inputs.scenario, None, STANDING
    if inputs.track is None:
        views = _simulate_views(inputs, drops, seed, None, 1)
        sky = build_standing_sky(scenario, views)
    else:
        points = scenario.users.count + count_nodes(scenario)
        sky, note = build_passing_sky(scenario, inputs.track, points), PASSING
        serving = _measure_ranges(sky)
        views = _simulate_views(inputs, drops, seed, serving, len(sky.seconds))
    users = np.flatnonzero(views.present[0])
    nodes = np.asarray(views.node)[:, users]
    active = np.asarray(views.active)
    times, relays = range(len(sky.seconds)), scenario.relay.count
    return Scene(
        title=title,
        times_s=tuple(sky.seconds.tolist()),
        side_m=2.0 * scenario.base.cell_radius_m,
        points=tuple(_list_scene_points(scenario, len(users), sky)),
        places_m=round_positions(_join_positions(scenario, views, users, sky)),
        links=tuple(_list_links(nodes[t], active[t], relays, int(sky.server[t])) for t in times),
        note=note,
        origin_deg=find_origin(scenario),
    )


def find_origin(scenario: Scenario) -> tuple[float, float] | None:
    """Return latitude and longitude of the GBS; None without a location."""
    is_placed = scenario.sites.file is not None or scenario.satellite.source != "circular"
    site = build_site(scenario)
    return (site.latitude_deg, site.longitude_deg) if is_placed else None


def _list_scene_points(scenario: Scenario, users: int, sky: Sky) -> list[ScenePoint]:
    return [
        *(ScenePoint(f"user {number + 1}", "user") for number in range(users)),
        ScenePoint("GBS", "GBS"),
        *(ScenePoint(f"relay {number + 1}", "relay") for number in range(scenario.relay.count)),
        *(
            ScenePoint(f"BS {number + 2}", "GBS")
            for number in range(len(scenario.base.positions_m))
        ),
        *(ScenePoint(name, "LEO") for name in sky.names),
    ]


def _measure_ranges(sky: Sky) -> Serving:
    """Return the slant range of the serving satellite at each time."""
    visible = sky.server >= 0
    ranges = np.linalg.norm(sky.positions[np.arange(len(visible)), sky.server], axis=-1)
    return Serving(
        jnp.asarray(np.where(visible, ranges, np.inf), float), jnp.asarray(visible, bool)
    )


def build_passing_sky(scenario: Scenario, track: Track, points: int) -> Sky:
    """Return the satellites of a track from the first time with a serving satellite.

    Args:
        scenario: has the time, the site and the minimum elevation.
        track: has the satellites and the serving one.
        points: number of other points of the scene, which limits the number of times.
    """
    first = int(np.argmax(track.server >= 0))
    grid = np.arange(first, min(first + int(DURATION_S // STEP) + 1, len(track.server)))
    site, least = build_site(scenario), math.radians(scenario.satellite.least_elevation_deg)
    # (times, satellites, 3), east, north and up of the site
    moments = after(to_datetime64(parse_start_time(scenario)), STEP * grid)
    fixed = earth_fixed(track.seen, moments).position
    local = to_local(fixed, math.radians(site.latitude_deg), math.radians(site.longitude_deg))
    positions = np.moveaxis(local, 0, 1)
    # the serving one is in view whatever the last digit of its elevation
    satellites, servers = np.arange(len(track.seen)), track.server[grid]
    visible = (look_angles(positions)[0] >= least) | (satellites == servers[:, None])
    rows = np.flatnonzero(visible.any(axis=0))
    # index in rows of each satellite, and −1 for none, which −1 finds at the end
    new_index = np.append(np.searchsorted(rows, satellites), -1)
    count = limit_times(len(grid), points + len(rows))
    times = np.arange(0, len(grid), math.ceil(len(grid) / count))
    return Sky(
        STEP * grid[times],
        tuple(track.names[row] for row in rows),
        np.where(visible[..., None], positions, np.nan)[np.ix_(times, rows)],
        new_index[servers[times]],
    )


def build_standing_sky(scenario: Scenario, views: DropView) -> Sky:
    """Return the satellite of a drop on a circular orbit, north of the base station."""
    altitude, slant_range = scenario.satellite.altitude_km * 1e3, views.serving.slant_range[0]
    # near the zenith the angle depends on the last digits of the distance
    with jax.enable_x64(True):
        angle = jnp.arccos(visibility_threshold(altitude, float(slant_range)))
        elevation = float(elevation_over(angle, altitude))
    visible = bool(views.serving.visible[0])
    position = np.full(3, np.nan)
    if visible:
        position = float(slant_range) * np.array([0.0, math.cos(elevation), math.sin(elevation)])
    return Sky(np.zeros(1), ("LEO 1",), position[None, None], np.array([0 if visible else -1]))


def _simulate_views(
    inputs: Inputs, drops: int, seed: int, serving: Serving | None, times: int
) -> DropView:
    """Return the first drop at each time, under that time's satellite."""
    scenario = inputs.scenario
    size = len(next(split_batches(scenario, drops)))
    keys = make_keys(seed, drops)[np.zeros(size, int)]
    batches = []
    for start in range(0, times, size):
        rows = np.minimum(start + np.arange(size), times - 1)
        servings = jax.tree.map(lambda leaf, rows=rows: np.asarray(leaf)[rows], serving)
        count = scenario.users.count
        _, views = run_drops_with_views(keys, scenario, count, inputs.layout, servings)
        batches.append(jax.tree.map(np.asarray, views))
    return jax.tree.map(lambda *values: np.concatenate(values)[:times], *batches)


def _join_positions(
    scenario: Scenario, views: DropView, users: Int[np.ndarray, " present"], sky: Sky
) -> Float[np.ndarray, "times points 3"]:
    """Return the positions of users, nodes and satellites, from the corner of the area."""
    flat = (views.users[:, users], np.where(views.active[..., None], views.nodes, np.nan))
    ground, nodes = (np.pad(places, ((0, 0), (0, 0), (0, 1))) for places in flat)
    stations = [scenario.base.height_m] * len(scenario.base.positions_m)
    relays = [scenario.relay.altitude_m] * scenario.relay.count
    nodes[..., 2] = [scenario.base.height_m, *relays, *stations]
    corner = [scenario.base.cell_radius_m, scenario.base.cell_radius_m, 0.0]
    return np.concatenate([ground, nodes, sky.positions], axis=1) + corner


def count_nodes(scenario: Scenario) -> int:
    """Count base stations and relays."""
    return 1 + scenario.relay.count + len(scenario.base.positions_m)


def _list_links(
    node: Int[np.ndarray, " users"], active: Bool[np.ndarray, " nodes"], relays: int, satellite: int
) -> tuple[Link, ...]:
    """Return a time's links: users with serving nodes, then active relays with the satellite."""
    users, nodes = len(node), len(active)
    server = users + nodes + satellite
    links = [
        (user, server if index == nodes else users + index)
        for user, index in enumerate(node.tolist())
        if index >= 0
    ]
    aloft = (relay for relay in range(1, 1 + relays) if active[relay])
    return (*links, *((users + relay, server) for relay in aloft))
