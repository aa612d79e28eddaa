"""A network at one time as an array of pixels, without a drawing library, for `env.render()`."""

import numpy as np
from jaxtyping import UInt8

from sagin.studies.palette import COLOURS, USER_COLOUR
from sagin.studies.scene import FAR_M, Position, Scene
from sagin.types import Bool, Int

SIDE = 480
"""Size of the area's side, pixels."""
SKY = 48
"""Height of the strip above the area for satellites, pixels."""
MARGIN = 12
USERS = ("H", "L", "C", "user")
NODE_COLOURS = {
    "BS": COLOURS[0],
    "GBS": COLOURS[0],
    "UAV": COLOURS[1],
    "relay": COLOURS[1],
    "fixed UAV": COLOURS[7],
    "LEO": COLOURS[2],
}
GREY = "#bbbbbb"

Picture = UInt8[np.ndarray, "height width 3"]


def draw_scene(scene: Scene, time: int = 0) -> Picture:
    """Return a network at one of its times as a picture.

    Users are discs, hollow if no node serves them; base stations are squares, UAVs and relays
    diamonds, satellites discs in the strip above the area. Lines show links.
    """
    height, width = SKY + SIDE + 2 * MARGIN, SIDE + 2 * MARGIN
    picture = np.full((height, width, 3), 255, np.uint8)
    places = [_find_pixel(place, scene.side_m) for place in scene.places_m[time]]
    # the area's outline
    corners = [(MARGIN, MARGIN + SKY), (MARGIN + SIDE, MARGIN + SKY + SIDE)]
    for x, y in corners:
        picture[corners[0][1] : corners[1][1] + 1, x] = _read_colour(GREY)
        picture[y, corners[0][0] : corners[1][0] + 1] = _read_colour(GREY)
    # links are drawn below the nodes and users that they join
    for ends in scene.links[time]:
        first, second = (places[end] for end in ends)
        if first is not None and second is not None:
            _draw_line(picture, first, second, NODE_COLOURS[scene.points[ends[1]].kind])
    served = {user for user, _ in scene.links[time]}
    for number, (point, place) in enumerate(zip(scene.points, places, strict=True)):
        if place is None:
            continue
        if point.kind in USERS:
            _fill(picture, place, 4, "disc", USER_COLOUR)
            if number not in served:
                _fill(picture, place, 2, "disc", "#ffffff")
        else:
            shape = {"BS": "square", "GBS": "square", "LEO": "disc"}.get(point.kind, "diamond")
            _fill(picture, place, 8, shape, NODE_COLOURS[point.kind])
    return picture


def _find_pixel(place: Position | None, side_m: float) -> tuple[int, int] | None:
    """Return column and row of a place; a far one stands in the strip above the area."""
    if place is None:
        return None
    x, y, height = place
    row = MARGIN + SKY // 2 if height > FAR_M else MARGIN + SKY + SIDE * (1.0 - y / side_m)
    column = MARGIN + SIDE * min(max(x / side_m, 0.0), 1.0)
    return round(column), round(row)


def _read_colour(colour: str) -> UInt8[np.ndarray, "3"]:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], np.uint8)


def _draw_line(picture: Picture, start: tuple[int, int], end: tuple[int, int], colour: str) -> None:
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1) + 1
    columns = np.linspace(start[0], end[0], steps).round().astype(int)
    rows = np.linspace(start[1], end[1], steps).round().astype(int)
    inside = _is_inside(picture, columns, rows)
    picture[rows[inside], columns[inside]] = _read_colour(colour)


def _fill(picture: Picture, place: tuple[int, int], radius: int, shape: str, colour: str) -> None:
    across, down = np.meshgrid(np.arange(-radius, radius + 1), np.arange(-radius, radius + 1))
    masks: dict[str, Bool[np.ndarray, "rows columns"]] = {
        "disc": across**2 + down**2 <= radius**2,
        "diamond": abs(across) + abs(down) <= radius,
        "square": np.maximum(abs(across), abs(down)) <= radius - 2,
    }
    columns, rows = across[masks[shape]] + place[0], down[masks[shape]] + place[1]
    inside = _is_inside(picture, columns, rows)
    picture[rows[inside], columns[inside]] = _read_colour(colour)


def _is_inside(
    picture: Picture, columns: Int[np.ndarray, " n"], rows: Int[np.ndarray, " n"]
) -> Bool[np.ndarray, " n"]:
    height, width, _ = picture.shape
    return (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
