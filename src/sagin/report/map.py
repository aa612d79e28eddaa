"""The map of a network at one time: users served or not, nodes, links and loads."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputError
from sagin.files import format_csv, write_atomically
from sagin.report.canvas import COLUMN_INCHES, ENDINGS, open_canvas, save_canvas
from sagin.report.looks import NODES, USERS, PointLook
from sagin.studies.scene import FAR_M, Scene

DASHES: dict[str, Any] = {"solid": "-", "dash": (0, (4, 1.5)), "dot": (0, (1, 1.5))}
"""Matplotlib's dashes by Plotly's names."""
LABELLED_BELOW = ("UAV", "relay")
"""Kinds whose labels are below and left of them, so that labels of nodes at one position do not
overlap.
"""
PLANNED = "fixed UAV"
"""Kind with a hollow marker: a fixed position at which a UAV may hover."""


def draw_map(scene: Scene, path: Path) -> Path:
    """Draw the first time of a network into a PNG, SVG or PDF file and return its path.

    Satellites are drawn on a line beside the area.

    Raises:
        InputError: the file has another ending.
    """
    check_ending(path)
    side = scene.side_m / 1e3
    positions = _find_positions(scene)
    with open_canvas((COLUMN_INCHES, 4.3)) as (canvas, (axes,)):
        _draw_links(axes, scene, positions)
        _draw_users(axes, scene, positions)
        for kind, look in NODES.items():
            _draw_nodes(axes, scene, positions, kind, look)
        axes.add_patch(_make_square(side))
        axes.set(xlim=(-0.03 * side, 1.03 * side), ylim=(-0.03 * side, 1.2 * side))
        axes.set(aspect="equal", xlabel="x (km)", ylabel="y (km)", title=scene.title)
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= side])
        axes.grid(visible=False)
        canvas.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return save_canvas(canvas, path)


def write_places(scene: Scene, path: Path) -> Path:
    """Write the first time of a network as CSV, positions and links; return the path."""
    rows: list[list[object]] = [["kind", "name", "x (m)", "y (m)", "served by"]]
    nodes = {user: scene.points[node].name for user, node in scene.links[0]}
    for number, (point, position) in enumerate(zip(scene.points, scene.places_m[0], strict=True)):
        if position is not None:
            x, y = (f"{value:.10g}" for value in position[:2])
            rows.append([point.kind, point.name, x, y, nodes.get(number, "")])
    write_atomically(path, format_csv(rows).encode())
    return path


def check_ending(path: Path, option: str = "--map") -> None:
    """Raise InputError if a map cannot be written in the format of this ending."""
    endings = [f".{ending}" for ending in ENDINGS]
    if path.suffix not in endings:
        allowed = ", ".join(endings)
        raise InputError(
            f"{option} {path}: ending {path.suffix!r} is not allowed (allowed: {allowed})"
        )


def _find_positions(scene: Scene) -> np.ndarray:
    """Return x and y of each point at the first time, km; NaN where it is absent."""
    places = [position or (np.nan,) * 3 for position in scene.places_m[0]]
    x, y, height = np.array(places, float).reshape(-1, 3).T
    far = np.flatnonzero(height > FAR_M)
    x[far] = scene.side_m * (np.arange(len(far)) + 1) / (len(far) + 1)
    y[far] = 1.1 * scene.side_m
    return np.stack([x, y], axis=1) / 1e3


def _select(scene: Scene, positions: np.ndarray, kind: str) -> list[int]:
    """Return the present points of a kind."""
    return [
        number
        for number, point in enumerate(scene.points)
        if point.kind == kind and not np.isnan(positions[number, 0])
    ]


def _make_square(side: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), side, side, fill=False, edgecolor="#000000", linewidth=0.8)


def _draw_links(axes: Any, scene: Scene, positions: np.ndarray) -> None:
    for user, node in scene.links[0]:
        look = NODES[scene.points[node].kind]
        x, y = positions[[user, node]].T
        style = {"color": look.colour, "linestyle": DASHES[look.dash], "linewidth": 0.7}
        axes.plot(x, y, alpha=0.8, zorder=1, **style)


def _draw_users(axes: Any, scene: Scene, positions: np.ndarray) -> None:
    """Draw users above all other points: a UAV may hover directly above one."""
    linked = {user for user, _ in scene.links[0]}
    for kind in (kind for kind in USERS if any(point.kind == kind for point in scene.points)):
        look, users = USERS[kind], _select(scene, positions, kind)
        for served, text in ((True, "served"), (False, "not served")):
            members = positions[[user for user in users if (user in linked) == served]]
            fill = look.colour if served else "#ffffff"
            style = {"facecolors": fill, "edgecolors": look.colour, "linewidths": 0.9}
            label = f"{kind}, {text}"
            axes.scatter(*members.T, s=20, marker=look.marker, label=label, zorder=5, **style)


def _draw_nodes(axes: Any, scene: Scene, positions: np.ndarray, kind: str, look: PointLook) -> None:
    nodes = _select(scene, positions, kind)
    if not nodes:
        return
    hollow = kind == PLANNED
    axes.scatter(
        *positions[nodes].T,
        marker=look.marker,
        s=90,
        facecolors="#ffffff" if hollow else look.colour,
        edgecolors=look.colour if hollow else "#ffffff",
        linewidths=1.0 if hollow else 0.8,
        zorder=2 if hollow else 3,
        label=kind if hollow else None,
    )
    if hollow:
        return
    style = {"color": look.colour, "linestyle": DASHES[look.dash], "marker": look.marker}
    axes.plot([], [], label=f"{kind} and its links", **style)
    loads = Counter(node for user, node in scene.links[0] if scene.points[user].kind in USERS)
    for node in nodes:
        text = f"{scene.points[node].name}: {loads[node]}"
        _write_label(axes, text, positions[node], look.colour, -1 if kind in LABELLED_BELOW else 1)


def _write_label(axes: Any, text: str, position: np.ndarray, colour: str, side: int) -> None:
    """Write a node's label above and right of it (1), or below and left (−1)."""
    box = {"boxstyle": "round,pad=0.15", "facecolor": "#ffffff", "edgecolor": colour}
    axes.annotate(
        text,
        position,
        (6 * side, 6 * side),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="bottom" if side > 0 else "top",
        fontsize=6.5,
        bbox={**box, "linewidth": 0.6, "alpha": 0.9},
        zorder=4,
    )
