"""A network over time as one moving SVG picture without a script, for example for a README."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from sagin.errors import InputError
from sagin.files import write_atomically
from sagin.report.looks import NODES, POINTS, USERS
from sagin.studies.scene import FAR_M, Position, Scene

SIDE = 560
"""Width of the area in the picture, pixels."""
SKY = 70
"""Height of the strip above the area in which satellites stand, pixels."""
MARGIN = 20
APART = 44
"""Pixels between satellites that are seen in one direction."""
LEGEND = 40
Pixel = tuple[int, int]
MARKS = {
    "o": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "s": "M-3.5,-3.5h7v7h-7z",
    "^": "M0,-4.5l4.5,8h-9z",
    "P": "M-3,-9h6v6h6v6h-6v6h-6v-6h-6v-6h6z",
    "X": "M-9,-5l4,-4l5,5l5,-5l4,4l-5,5l5,5l-4,4l-5,-5l-5,5l-4,-4l5,-5z",
    "*": "M0,-10l2.6,6.8h7.2l-5.8,4.4l2.2,7l-6.2,-4.2l-6.2,4.2l2.2,-7l-5.8,-4.4h7.2z",
}
"""Outlines of matplotlib's markers, around their centre."""
HOUR_S = 3600.0
FACE = "#ffffff"
INK = "#202020"
HALO = f'font-weight="bold" paint-order="stroke" stroke="{FACE}" stroke-width="3"'
"""Outline of numbers, which may overlap links."""


def write_animation(scene: Scene, path: Path, *, seconds: float = 0.5) -> Path:
    """Write a network over time as a moving SVG picture and return its path.

    Nodes move smoothly from time to time; links and loads change at each time. A satellite is drawn
    in the strip above the area, in the direction in which it is seen from the ground.

    Args:
        scene: the network.
        path: SVG file.
        seconds: duration of each of the scene's times.

    Raises:
        InputError: the file does not end in .svg.
    """
    if path.suffix != ".svg":
        raise InputError(f"{path}: ending {path.suffix!r} is not allowed (allowed: .svg)")
    write_atomically(path, "\n".join(list_lines(scene, seconds)).encode())
    return path


def list_lines(scene: Scene, seconds: float) -> list[str]:
    """Return the lines of a network's SVG picture."""
    width, height = SIDE + 2 * MARGIN, SKY + SIDE + 2 * MARGIN + LEGEND
    length = f'{seconds * len(scene.times_s):g}s" repeatCount="indefinite"'
    places = _find_places(scene)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="15">',
        f"<title>{escape(scene.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{FACE}"/>',
        f'<rect x="{MARGIN}" y="{MARGIN + SKY}" width="{SIDE}" height="{SIDE}" fill="none" '
        f'stroke="{INK}"/>',
    ]
    lines += _draw_links(scene, places, length)
    for number, point in enumerate(scene.points):
        lines.append(_draw_point(scene, number, point.kind, places[number], length))
    lines += _draw_loads(scene, places, length)
    return [*lines, *_draw_legend(scene), *_draw_clock(scene, length), "</svg>"]


def _find_places(scene: Scene) -> list[list[Pixel | None]]:
    """Return where each point stands at each time; satellites of one direction stand in a row."""
    places = [
        [_find_pixel(position, scene.side_m) for position in times]
        for times in zip(*scene.places_m, strict=True)
    ]
    groups: dict[tuple[Pixel | None, ...], list[int]] = {}
    for number, point in enumerate(scene.points):
        if point.kind == "LEO":
            groups.setdefault(tuple(places[number]), []).append(number)
    for group in groups.values():
        for row, number in enumerate(group):
            across = round((row - (len(group) - 1) / 2) * APART)
            places[number] = [place and (place[0] + across, place[1]) for place in places[number]]
    return places


def _fill_gaps(places: Sequence[Pixel | None]) -> list[Pixel]:
    """Return a point's places with the last one where it is absent, at first its first."""
    last = next((place for place in places if place is not None), (0, 0))
    filled = []
    for place in places:
        last = place or last
        filled.append(last)
    return filled


def _draw_clock(scene: Scene, length: str) -> list[str]:
    """Return the time in the upper right corner, in hours of a day or in seconds."""
    in_hours = scene.times_s[-1] >= 2 * HOUR_S
    texts = [f"{time / HOUR_S:.3g} h" if in_hours else f"{time:.3g} s" for time in scene.times_s]
    lines = []
    for number, text in enumerate(texts if len(texts) > 1 else []):
        states = ["inline" if other == number else "none" for other in range(len(texts))]
        change = _animate("display", states, length, smooth=False)
        lines.append(
            f'<text x="{MARGIN + SIDE}" y="{MARGIN + 14}" text-anchor="end" font-size="20" '
            f'font-weight="bold" display="{states[0]}">{text}{change}</text>'
        )
    return lines


def _find_pixel(position: Position | None, side_m: float) -> Pixel | None:
    """Return the position of a point in the picture; for a far point, by its direction."""
    if position is None:
        return None
    x, y, height = position
    across, up = x / side_m, y / side_m
    if height > FAR_M:
        # the horizon is half of the strip's width away, the zenith in its middle
        across, up = 0.5 + 0.45 * (x - side_m / 2) / (abs(x - side_m / 2) + height), 1.0
        return round(MARGIN + SIDE * across), MARGIN + SKY // 3
    return round(MARGIN + SIDE * across), round(MARGIN + SKY + SIDE * (1.0 - up))


def _animate(name: str, values: Sequence[object], length: str, *, smooth: bool) -> str:
    """Return an element that moves an attribute through its values, or nothing if all are equal."""
    if len(set(values)) == 1:
        return ""
    mode = "linear" if smooth else "discrete"
    times = _time_changes(values, smooth=smooth)
    return f'<animate attributeName="{name}" calcMode="{mode}" {times} dur="{length}/>'


def _time_changes(values: Sequence[object], *, smooth: bool) -> str:
    """Return an animation's values without repeats, and their starts as shares of its length."""
    # a smooth one returns to its first value, so that it does not jump at the end
    row = [*values, values[0]] if smooth else list(values)
    steps, last = len(values), len(row) - 1
    changes = [
        step
        for step, value in enumerate(row)
        if step in (0, last) or value != row[step - 1] or (smooth and value != row[step + 1])
    ]
    if not smooth and row[last] == row[last - 1]:
        changes.remove(last)
    shares = ";".join(f"{step / steps:.4g}" for step in changes)
    return f'values="{";".join(str(row[step]) for step in changes)}" keyTimes="{shares}"'


def _move(places: Sequence[Pixel | None], length: str) -> tuple[str, str]:
    """Return the first position of a point, and the elements that move it and hide it if absent."""
    filled = _fill_gaps(places)
    states = ["visible" if place else "hidden" for place in places]
    moves = ""
    if len(set(filled)) > 1:
        times = _time_changes([f"{x},{y}" for x, y in filled], smooth=True)
        moves = f'<animateTransform attributeName="transform" type="translate" {times} '
        moves += f'dur="{length}/>'
    moves += _animate("visibility", states, length, smooth=False)
    return f'transform="translate({filled[0][0]},{filled[0][1]})" visibility="{states[0]}"', moves


def _draw_point(
    scene: Scene,
    number: int,
    kind: str,
    places: Sequence[Pixel | None],
    length: str,
) -> str:
    """Return a user, filled while served, or a node."""
    look = POINTS[kind]
    spot, moves = _move(places, length)
    fills = [look.colour] * len(places)
    if kind in USERS:
        served = [any(user == number for user, _ in links) for links in scene.links]
        fills = [look.colour if yes else FACE for yes in served]
    moves += _animate("fill", fills, length, smooth=False)
    stroke = look.colour if kind in USERS else FACE
    return (
        f'<path d="{MARKS[look.marker]}" {spot} fill="{fills[0]}" stroke="{stroke}">{moves}</path>'
    )


def _draw_links(scene: Scene, places: Sequence[Sequence[Pixel | None]], length: str) -> list[str]:
    """Return a line for each pair that is ever linked; it follows both ends."""
    lines = []
    for pair in sorted({link for links in scene.links for link in links}):
        look = NODES[scene.points[pair[1]].kind]
        is_linked = [
            pair in links
            and places[pair[0]][time] is not None
            and places[pair[1]][time] is not None
            for time, links in enumerate(scene.links)
        ]
        ends = [_fill_gaps(places[number]) for number in pair]
        attributes, moves = (
            "",
            _animate(
                "visibility",
                ["visible" if yes else "hidden" for yes in is_linked],
                length,
                smooth=False,
            ),
        )
        for end, path in enumerate(ends, 1):
            for axis, letter in enumerate("xy"):
                values = [place[axis] for place in path]
                attributes += f' {letter}{end}="{values[0]}"'
                moves += _animate(f"{letter}{end}", values, length, smooth=True)
        visibility = "visible" if is_linked[0] else "hidden"
        lines.append(
            f'<line{attributes} stroke="{look.colour}" stroke-opacity="0.6" '
            f'visibility="{visibility}">{moves}</line>'
        )
    return lines


def _draw_loads(scene: Scene, places: Sequence[Sequence[Pixel | None]], length: str) -> list[str]:
    """Return the number of users that each node serves, beside it."""
    users = {number for number, point in enumerate(scene.points) if point.kind in USERS}
    loads = [Counter(node for user, node in links if user in users) for links in scene.links]
    lines = []
    for number, point in enumerate(scene.points):
        if point.kind in USERS or not any(load[number] for load in loads):
            continue
        spot, moves = _move(places[number], length)
        lines.append(f'<g {spot} fill="{POINTS[point.kind].colour}">{moves}')
        counts = [load[number] for load in loads]
        for count in sorted({count for count in counts if count}):
            visibility = ["inline" if value == count else "none" for value in counts]
            change = _animate("display", visibility, length, smooth=False)
            lines.append(
                f'<text x="11" y="-6" {HALO} display="{visibility[0]}">{count}{change}</text>'
            )
        lines.append("</g>")
    return lines


def _draw_legend(scene: Scene) -> list[str]:
    """Return the legend of the kinds of points, and the title."""
    kinds = list(dict.fromkeys(point.kind for point in scene.points))
    y = MARGIN + SKY + SIDE + LEGEND
    step = SIDE / max(len(kinds), 1)
    lines = []
    for place, kind in enumerate(kinds):
        look, x = POINTS[kind], MARGIN + 8 + step * place
        lines.append(
            f'<path d="{MARKS[look.marker]}" transform="translate({x:.0f},{y - 4})" '
            f'fill="{look.colour}"/><text x="{x + 14:.0f}" y="{y}">{escape(kind)}</text>'
        )
    text = f"{scene.title} (hollow: not served; numbers: users served)"
    return [*lines, f'<text x="{MARGIN}" y="{MARGIN - 5}">{escape(text)}</text>']
