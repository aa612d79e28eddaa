"""Pictures of a network: pixels at points and links, and colours by kind."""

import numpy as np

from sagin.studies.palette import COLOURS, USER_COLOUR
from sagin.studies.picture import MARGIN, SIDE, SKY, draw_scene
from sagin.studies.scene import Scene, ScenePoint


def read_pixel(picture, x, y):
    """Return the colour at a share of the area's side from its lower left corner, in hex."""
    row, column = MARGIN + SKY + SIDE * (1 - y), MARGIN + SIDE * x
    red, green, blue = picture[round(row), round(column)].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}".upper()


def test_users_are_filled_while_served_and_lines_join_the_linked():
    scene = Scene(
        title="",
        times_s=(0.0,),
        side_m=1000.0,
        points=(ScenePoint("u", "H"), ScenePoint("v", "C"), ScenePoint("b", "BS")),
        places_m=(((250.0, 500.0, 0.0), (500.0, 250.0, 0.0), (750.0, 500.0, 0.0)),),
        links=(((0, 2),),),
    )
    picture = draw_scene(scene)
    assert picture.shape == (SKY + SIDE + 2 * MARGIN, SIDE + 2 * MARGIN, 3)
    assert read_pixel(picture, 0.25, 0.5) == USER_COLOUR.upper()
    assert read_pixel(picture, 0.5, 0.25) == "#FFFFFF"
    assert read_pixel(picture, 0.5, 0.5) == COLOURS[0]
    assert read_pixel(picture, 0.75, 0.5) == COLOURS[0]


def test_a_satellite_stands_in_the_strip_and_absent_points_nowhere():
    points = (ScenePoint("s", "LEO"), ScenePoint("t", "LEO"))
    scene = Scene("", (0.0,), 1000.0, points, (((500.0, 500.0, 6e5), None),), ((),))
    picture = draw_scene(scene)
    found = np.argwhere((picture == [0x00, 0x9E, 0x73]).all(axis=-1))
    assert np.round(found.mean(axis=0)).tolist() == [MARGIN + SKY // 2, MARGIN + SIDE // 2]
