"""The map of a slot of the slicing system: users by slice and served or not, nodes, links and
loads.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.errors import InputError
from sagin.experiments.slicing_run import Trace
from sagin.files import format_csv, write_atomically
from sagin.report.plots import COLOURS, drawing, save
from sagin.slicing import uavs
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.studies.scene import Scene

ENDINGS = (".png", ".svg", ".pdf")
SLICES = (("H", "o"), ("L", "s"), ("C", "^"))
USER = "#404040"


class Kind(NamedTuple):
    """How a type of node is drawn."""

    name: str
    marker: str
    colour: str
    dash: Any
    side: int
    """Label above and right of the node (1), or below and left (−1), so that nodes at one place
    keep theirs apart.
    """


KINDS = (
    Kind("BS", "P", COLOURS[0], "-", 1),
    Kind("UAV", "X", COLOURS[1], (0, (4, 1.5)), -1),
    Kind("LEO", "*", COLOURS[2], (0, (1, 1.5)), 1),
)
"""Told apart by marker and dash too, so that colour isn't needed."""


class Nodes(NamedTuple):
    """The nodes of one type, and whom they serve."""

    kind: Kind
    places: np.ndarray
    """km; satellites, which are straight above every user, on a line beside the area."""
    serving: np.ndarray
    """Which of them serves a user, −1 for none."""


def nodes(scenario: Scenario, slot: Trace) -> list[Nodes]:
    """Return the nodes of each type with places in km."""
    size, side = sizes(scenario), scenario.area.side_m / 1e3
    first, second = np.asarray(slot.first), np.asarray(slot.second)
    stations = np.asarray(scenario.base_stations.positions_m, float).reshape(-1, 2) / 1e3
    above = np.stack(
        [side * (np.arange(size.O) + 1) / (size.O + 1), np.full(size.O, 1.1 * side)], axis=1
    )
    served = (
        first,
        np.where(second < size.V, second, -1),
        np.where(second >= size.V, second - size.V, -1),
    )
    places = (stations, np.asarray(slot.uavs) / 1e3, above)
    return [Nodes(*row) for row in zip(KINDS, places, served, strict=True)]


def draw_map(
    scenario: Scenario, slot: Trace, title: str, path: Path, *, fixed: bool = False
) -> Path:
    """Draw a slot of a trace into a PNG, SVG or PDF file and return its path; InputError if the
    ending is another.

    fixed: also mark the UAV positions that the scenario gives (`uavs.positions_m`).
    """
    check_ending(path)
    with drawing((3.5, 4.3)) as (canvas, (axes,)):
        found = nodes(scenario, slot)
        for group in found:
            _links(axes, group, slot)
        _users(axes, scenario, slot)
        for group in found:
            _nodes(axes, group)
        if fixed:
            _fixed(axes, scenario)
        side = scenario.area.side_m / 1e3
        axes.add_patch(_square(side))
        axes.set(
            xlim=(-0.03 * side, 1.03 * side),
            ylim=(-0.03 * side, 1.2 * side),
            aspect="equal",
            xlabel="x (km)",
            ylabel="y (km)",
        )
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= side])
        axes.grid(visible=False)
        axes.set_title(title, fontsize=8)
        canvas.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return save(canvas, path)


def write_places(network: Scene, fixed: Any, path: Path) -> Path:
    """Write where everything is at the first time of a network as CSV, who serves whom, and the
    given UAV positions; return its path.
    """
    table: list[list[object]] = [["kind", "name", "x (m)", "y (m)", "served by"]]
    serving = {user: network.points[node].name for user, node in network.links[0]}
    for number, (point, place) in enumerate(zip(network.points, network.places_m[0], strict=True)):
        if place is not None:
            table.append(
                [
                    point.kind,
                    point.name,
                    *(f"{value:.10g}" for value in place[:2]),
                    serving.get(number, ""),
                ]
            )
    table.extend(
        [
            ["fixed UAV", f"UAV {number}", *map(float, place), ""]
            for number, place in enumerate(np.asarray(fixed), 1)
        ]
    )
    write_atomically(path, format_csv(table).encode())
    return path


def check_ending(path: Path) -> None:
    """Raise InputError if a map can't be written in the format of this ending."""
    if path.suffix not in ENDINGS:
        raise InputError(
            f"--map {path}: ending {path.suffix!r} is not allowed (allowed: {', '.join(ENDINGS)})"
        )


def _square(side: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), side, side, fill=False, edgecolor="#000000", linewidth=0.8)


def _links(axes: Any, group: Nodes, slot: Trace) -> None:
    users = np.asarray(slot.users) / 1e3
    for user in np.flatnonzero(group.serving >= 0):
        (x, y), (far_x, far_y) = users[user], group.places[group.serving[user]]
        axes.plot(
            [x, far_x],
            [y, far_y],
            color=group.kind.colour,
            linestyle=group.kind.dash,
            linewidth=0.7,
            alpha=0.8,
            zorder=1,
        )


def _users(axes: Any, scenario: Scenario, slot: Trace) -> None:
    """Draw users above all else: a UAV may hover right over one."""
    users, active, place = np.asarray(slot.users) / 1e3, np.asarray(slot.active), slice_of(scenario)
    served = (np.asarray(slot.first) >= 0) | (np.asarray(slot.second) >= 0)
    for number, (name, marker) in enumerate(SLICES):
        for filled in (True, False):
            chosen = active & (place == number) & (served == filled)
            label = f"{name}, {'served' if filled else 'not served'}"
            look = {
                "facecolors": USER if filled else "#ffffff",
                "edgecolors": USER,
                "linewidths": 0.9,
            }
            axes.scatter(*users[chosen].T, s=20, marker=marker, label=label, zorder=5, **look)


def _nodes(axes: Any, group: Nodes) -> None:
    kind = group.kind
    style = {
        "marker": kind.marker,
        "s": 90,
        "c": kind.colour,
        "edgecolors": "#ffffff",
        "linewidths": 0.8,
        "zorder": 3,
    }
    axes.scatter(*group.places.T, **style)
    axes.plot(
        [],
        [],
        color=kind.colour,
        linestyle=kind.dash,
        marker=kind.marker,
        label=f"{kind.name} and its links",
    )
    for number, (x, y) in enumerate(group.places):
        load = int(np.sum(group.serving == number))
        text = f"{kind.name} {number + 1}: {load}"
        box = {
            "boxstyle": "round,pad=0.15",
            "facecolor": "#ffffff",
            "edgecolor": kind.colour,
            "linewidth": 0.6,
            "alpha": 0.9,
        }
        at = {
            "textcoords": "offset points",
            "ha": "left" if kind.side > 0 else "right",
            "va": "bottom" if kind.side > 0 else "top",
        }
        axes.annotate(
            text,
            (x, y),
            (6 * kind.side, 6 * kind.side),
            fontsize=6.5,
            color="#000000",
            bbox=box,
            zorder=4,
            **at,
        )


def _fixed(axes: Any, scenario: Scenario) -> None:
    """Mark given UAV positions by a hollow marker, under the UAVs that may hover there."""
    kind = KINDS[1]
    style = {
        "marker": kind.marker,
        "s": 90,
        "facecolors": "#ffffff",
        "edgecolors": kind.colour,
        "linewidths": 1.0,
        "zorder": 2,
    }
    axes.scatter(*np.asarray(uavs.fixed(scenario)).T / 1e3, label=f"fixed {kind.name}", **style)
