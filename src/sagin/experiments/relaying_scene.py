"""The relaying system as a scene: one drop's users, base station and relays, and satellites passing
over them.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.experiments.relaying_run import batches_of, keys_of
from sagin.geometry.geodetic import look_angles, to_local
from sagin.orbits.circular import elevation_over, visibility_threshold
from sagin.orbits.ephemeris import earth_fixed
from sagin.orbits.site import after, to_datetime64
from sagin.relaying.inputs import Inputs
from sagin.relaying.monte_carlo import DropView, run_drops_with_views
from sagin.relaying.sampling import Serving
from sagin.relaying.satellites import STEP, Track, build_site
from sagin.relaying.scenario import Scenario, parse_start_time
from sagin.studies.scene import Link, Scene, ScenePoint, limit_times, round_positions
from sagin.types import Bool, Float, Int

DURATION = 600.0
"""s that a scene with passing satellites lasts, from the first time at which one serves."""

PASSING = "Users and fading are those of one drop; the satellites pass over them, and links are what each serving one makes of it."
STANDING = "The circular overhead pass gives the satellite's distance at the time of the drop; that it stands in the north is for drawing alone."


class Sky(NamedTuple):
    """Satellites over the GBS at some times."""

    seconds: Float[np.ndarray, " times"]
    """After the scenario's time."""
    names: tuple[str, ...]
    places: Float[np.ndarray, "times satellites 3"]
    """East, north and up of the GBS, m; NaN while a satellite is not in view."""
    chosen: Int[np.ndarray, " times"]
    """Which one serves, −1 for none."""


def relaying_scene(inputs: Inputs, drops: int, seed: int, title: str) -> Scene:
    """Return the first drop of a run under CUD; with satellites from elements or a constellation,
    as they pass over it.

    It runs the program that `relaying_run.simulate(…, seen=True)` runs for as many drops.
    """
    scenario = inputs.scenario
    if inputs.track is None:
        views = _views(inputs, drops, seed, None, 1)
        sky, note = standing(scenario, views), STANDING
    else:
        sky, note = (
            passing(scenario, inputs.track, scenario.users.count + 1 + scenario.relay.count),
            PASSING,
        )
        reach = np.linalg.norm(sky.places[np.arange(len(sky.chosen)), sky.chosen], axis=-1)
        serving = Serving(
            jnp.asarray(np.where(sky.chosen >= 0, reach, np.inf), float),
            jnp.asarray(sky.chosen >= 0),
        )
        views = _views(inputs, drops, seed, serving, len(sky.seconds))
    users = np.flatnonzero(views.present[0])
    nodes = [
        ScenePoint("GBS", "GBS"),
        *(ScenePoint(f"relay {number + 1}", "relay") for number in range(scenario.relay.count)),
    ]
    points = [
        *(ScenePoint(f"user {number + 1}", "user") for number in range(len(users))),
        *nodes,
        *(ScenePoint(name, "LEO") for name in sky.names),
    ]
    return Scene(
        title=title,
        times_s=tuple(sky.seconds.tolist()),
        side_m=2.0 * scenario.base.cell_radius_m,
        points=tuple(points),
        places_m=round_positions(_places(scenario, views, users, sky)),
        links=tuple(
            _links(*row)
            for row in zip(
                np.asarray(views.node)[:, users],
                np.asarray(views.active),
                sky.chosen.tolist(),
                strict=True,
            )
        ),
        note=note,
    )


def passing(scenario: Scenario, track: Track, others: int) -> Sky:
    """Return the satellites of a track from the first time at which one serves; others: points in
    the scene beside them, which with them limit the number of times.
    """
    first = int(np.argmax(track.server >= 0))
    grid = np.arange(first, min(first + int(DURATION // STEP) + 1, len(track.server)))
    site, least = build_site(scenario), math.radians(scenario.satellite.least_elevation_deg)
    fixed = earth_fixed(
        track.seen, after(to_datetime64(parse_start_time(scenario)), STEP * grid)
    ).position
    places = np.moveaxis(
        to_local(fixed, math.radians(site.latitude_deg), math.radians(site.longitude_deg)), 0, 1
    )
    # the serving one is in view whatever the last digit of its elevation here
    above = (look_angles(places)[0] >= least) | (
        np.arange(len(track.seen)) == track.server[grid, None]
    )
    kept = np.flatnonzero(above.any(axis=0))
    place_in_kept = np.append(np.searchsorted(kept, np.arange(len(track.seen))), -1)
    times = np.arange(
        0, len(grid), math.ceil(len(grid) / limit_times(len(grid), others + len(kept)))
    )
    shown = np.where(above[..., None], places, np.nan)[np.ix_(times, kept)]
    return Sky(
        STEP * grid[times],
        tuple(track.names[one] for one in kept),
        shown,
        place_in_kept[track.server[grid[times]]],
    )


def standing(scenario: Scenario, views: DropView) -> Sky:
    """Return the satellite of a drop on a circular orbit, north of the GBS."""
    altitude, reach = scenario.satellite.altitude_km * 1e3, float(views.serving.slant_range[0])
    # near the zenith the angle hangs on the last digits of the distance
    with jax.enable_x64(True):
        elevation = float(
            elevation_over(jnp.arccos(visibility_threshold(altitude, reach)), altitude)
        )
    visible = bool(views.serving.visible[0])
    place = (
        np.array([0.0, reach * math.cos(elevation), reach * math.sin(elevation)])
        if visible
        else np.full(3, np.nan)
    )
    return Sky(np.zeros(1), ("LEO 1",), place[None, None], np.array([0 if visible else -1]))


def _views(inputs: Inputs, drops: int, seed: int, serving: Serving | None, times: int) -> DropView:
    """Return the first drop at each time, under that time's satellite."""
    scenario = inputs.scenario
    size = len(next(batches_of(scenario, drops)))
    keys = keys_of(seed, drops)[np.zeros(size, int)]
    parts = []
    for start in range(0, times, size):
        chosen = np.minimum(start + np.arange(size), times - 1)
        servings = None if serving is None else Serving(*(values[chosen] for values in serving))
        parts.append(
            jax.tree.map(
                np.asarray,
                run_drops_with_views(keys, scenario, scenario.users.count, inputs.layout, servings)[
                    1
                ],
            )
        )
    return jax.tree.map(lambda *values: np.concatenate(values)[:times], *parts)


def _places(
    scenario: Scenario, views: DropView, users: Int[np.ndarray, " present"], sky: Sky
) -> Float[np.ndarray, "times points 3"]:
    flat = views.users[:, users], np.where(views.active[..., None], views.nodes, np.nan)
    ground, nodes = (np.pad(places, ((0, 0), (0, 0), (0, 1))) for places in flat)
    nodes[..., 2] = [scenario.base.height_m, *[scenario.relay.altitude_m] * scenario.relay.count]
    corner = [scenario.base.cell_radius_m, scenario.base.cell_radius_m, 0.0]
    return np.concatenate([ground, nodes, sky.places], axis=1) + corner


def _links(
    node: Int[np.ndarray, " users"], there: Bool[np.ndarray, " nodes"], satellite: int
) -> tuple[Link, ...]:
    """Return a time's links: users with who serves them, then relays that go with the satellite
    that serves.
    """
    users, nodes = len(node), len(there)
    above = users + nodes + satellite
    links = [
        (user, above if one == nodes else users + one)
        for user, one in enumerate(node.tolist())
        if one >= 0
    ]
    feeders = [(users + relay, above) for relay in range(1, nodes) if there[relay]]
    return (*links, *feeders)
