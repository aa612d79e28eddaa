"""The plan view of a city: coverage, cells, users, streets, graticule, scale, legend, sources."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.cities.raster import Raster
from sagin.geometry.geodetic import from_earth_fixed, from_local
from sagin.report.canvas import PAGE_INCHES, open_canvas, save_canvas
from sagin.report.looks import NODES, USER_COLOUR
from sagin.types import Float

SINR_DB = (-10.0, 25.0)
"""Ends of the colour scale."""
LINES = 4
"""Approximate number of lines of the graticule in each direction."""


class CityView(NamedTuple):
    """Content of a map."""

    title: str
    origin_deg: tuple[float, float]
    raster: Raster
    base_positions: Float[np.ndarray, "base_stations 2"]
    """Positions of base stations, m from the square's south-west corner, like all positions here.
    """
    user_positions: Float[np.ndarray, "users 2"]
    """m, of those who are present."""
    streets: Sequence[Float[np.ndarray, "points 2"]]
    """Lines of the background, m."""
    threshold_db: float
    """SINR of covered users."""
    sources: str


def draw_city(view: CityView, path: Path) -> Path:
    """Draw a city into a PNG, SVG or PDF file and return its path."""
    side = view.raster.side_m / 1e3
    with open_canvas((PAGE_INCHES, 6.4)) as (canvas, (axes,)):
        shade = axes.imshow(
            view.raster.sinr_db,
            origin="lower",
            extent=(0, side, 0, side),
            cmap="viridis",
            vmin=SINR_DB[0],
            vmax=SINR_DB[1],
            alpha=0.75,
            interpolation="nearest",
        )
        _draw_edge(axes, view)
        for line in view.streets:
            axes.plot(*(line.T / 1e3), color="#ffffff", linewidth=0.6, alpha=0.9, zorder=2)
        _draw_points(axes, view)
        _draw_graticule(axes, view.origin_deg, side)
        _draw_scale(axes, side)
        axes.set(xlim=(0, side), ylim=(0, side), aspect="equal")
        axes.set_title(view.title, fontsize=9)
        canvas.colorbar(shade, ax=axes, label="SINR at full load, without fading (dB)", shrink=0.8)
        canvas.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4)
        axes.set_xlabel(view.sources, fontsize=6, loc="left")
        return save_canvas(canvas, path)


def _draw_edge(axes: Any, view: CityView) -> None:
    """Draw the line on which the SINR equals the threshold."""
    levels = [view.threshold_db]
    sinr, side = view.raster.sinr_db, view.raster.side_m / 1e3
    if not sinr.min() < view.threshold_db < sinr.max():
        return
    ticks = (np.arange(len(sinr)) + 0.5) / len(sinr) * side
    axes.contour(ticks, ticks, sinr, levels=levels, colors="#000000", linewidths=0.7, zorder=3)
    label = f"SINR of {view.threshold_db:g} dB, that counts as covered"
    axes.plot([], [], color="#000000", linewidth=0.7, label=label)


def _draw_points(axes: Any, view: CityView) -> None:
    users, base = view.user_positions / 1e3, view.base_positions / 1e3
    axes.scatter(
        *users.T, s=5, c=USER_COLOUR, edgecolors="#ffffff", linewidths=0.3, zorder=4, label="users"
    )
    uavs = view.raster.uav_positions / 1e3
    for kind, name, places in (("BS", "base stations", base), ("UAV", "UAVs", uavs)):
        if not len(places):
            continue
        look = NODES[kind]
        style = {"edgecolors": "#ffffff", "linewidths": 0.8, "zorder": 5}
        axes.scatter(*places.T, marker=look.marker, s=80, c=look.colour, label=name, **style)
        for label, place in label_places(kind, places):
            axes.annotate(
                label,
                place,
                (5, 5),
                textcoords="offset points",
                fontsize=6.5,
                zorder=6,
                bbox={"boxstyle": "round,pad=0.12", "facecolor": "#ffffff", "linewidth": 0.4},
            )


def label_places(
    kind: str, places: Float[np.ndarray, "nodes 2"]
) -> list[tuple[str, tuple[float, float]]]:
    """Return a label for each position; consecutive sectors of a site share one label.

    >>> label_places("BS", np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 2.0]]))
    [('BS 1–2', (1.0, 2.0)), ('BS 3', (3.0, 2.0))]
    """
    numbers: dict[tuple[float, float], list[int]] = {}
    for number, (x, y) in enumerate(places.tolist(), 1):
        numbers.setdefault((x, y), []).append(number)
    return [
        (f"{kind} {rows[0]}" + (f"–{rows[-1]}" if len(rows) > 1 else ""), spot)
        for spot, rows in numbers.items()
    ]


def _draw_graticule(axes: Any, origin_deg: tuple[float, float], side: float) -> None:
    """Label the axes in degrees, with a line of the graticule at each label."""
    half = side / 2.0
    for number, letters in enumerate(("NS", "EW")):
        # of the area's middle lines: the curvature over a city is less than a line's width
        along = np.linspace(-half, half, 201) * 1e3
        local = np.zeros((len(along), 3))
        local[:, 1 - number] = along
        angles = [math.radians(angle) for angle in origin_deg]
        degrees = np.rad2deg(from_earth_fixed(from_local(local, *angles))[number])
        ticks = find_ticks(float(degrees[0]), float(degrees[-1]))
        spots = np.interp(ticks, degrees, along / 1e3 + half)
        digits = max(-math.floor(math.log10(ticks[1] - ticks[0])), 0) if len(ticks) > 1 else 3
        labels = [f"{abs(tick):.{digits}f}° {letters[int(tick < 0)]}" for tick in ticks]
        if number == 0:
            axes.set_yticks(spots, labels, rotation=90, va="center")
        else:
            axes.set_xticks(spots, labels)
    axes.grid(visible=True, color="#000000", alpha=0.35, linewidth=0.5, linestyle=(0, (3, 3)))


def find_ticks(low: float, high: float) -> Float[np.ndarray, "ticks"]:
    """Return round numbers within a range, about LINES of them: 1, 2 or 5 times a power of ten.

    >>> find_ticks(9.45, 9.49).round(2).tolist()
    [9.45, 9.46, 9.47, 9.48, 9.49]
    """
    raw = (high - low) / LINES
    decade = 10.0 ** math.floor(math.log10(raw))
    step = decade * min((1, 2, 5, 10), key=lambda factor: abs(factor * decade - raw))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.arange(first, last + 1) * step


def _draw_scale(axes: Any, side: float) -> None:
    """Draw a bar of a round length in the lower left corner."""
    length = float(find_ticks(0.0, side)[1])
    x, y = 0.04 * side, 0.04 * side
    text = f"{length:g} km" if length >= 1 else f"{1e3 * length:g} m"
    axes.plot([x, x + length], [y, y], color="#000000", linewidth=3, zorder=7)
    axes.text(
        x + length / 2,
        y + 0.012 * side,
        text,
        ha="center",
        va="bottom",
        fontsize=7,
        zorder=7,
        bbox={"facecolor": "#ffffff", "alpha": 0.8, "linewidth": 0, "pad": 1},
    )
