"""The file of a scene: read as written, found in a folder, and refused in one line if damaged."""

import json

import pytest

from sagin.errors import StoreError
from sagin.studies.scene import (
    NETWORK_FILE,
    Scene,
    ScenePoint,
    find_scenes,
    read_scene,
    write_scene,
)

PAIR = Scene(
    "<b>two</b>",
    (0.0, 0.1),
    100.0,
    (ScenePoint("user 1", "H"), ScenePoint("BS 1", "BS")),
    (((1.5, 2, 0), (50, 50, 0)), (None, (50, 50, 0))),
    (((0, 1),), ()),
)


def test_a_scene_is_read_as_written_and_found(tmp_path):
    path = write_scene(PAIR, tmp_path / "runs" / "paper" / NETWORK_FILE)
    assert read_scene(path) == PAIR
    write_scene(PAIR, tmp_path / "figure-7.scene.json")
    (tmp_path / "cut.scene.json").write_bytes(path.read_bytes()[:-20])
    assert find_scenes(tmp_path) == {
        "cut": "network",
        "figure-7": "<b>two</b>",
        "runs/paper/network": "paper: <b>two</b>",
    }
    assert set(json.loads(path.read_text())) == {
        "title",
        "times_s",
        "side_m",
        "points",
        "places_m",
        "links",
        "note",
        "origin_deg",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"times_s": [0.1, 0.0]}, "times_s"),
        ({"times_s": []}, "times_s"),
        ({"side_m": 0}, "side_m"),
        ({"side_m": "wide"}, "side_m"),
        ({"title": None}, "title"),
        ({"points": [{"name": "user 1", "kind": "H"}]}, "places_m: not of 1 points"),
        (
            {"points": [{"name": "user 1", "kind": "tree"}, {"name": "BS 1", "kind": "BS"}]},
            "points.0.kind",
        ),
        ({"places_m": [[[0, 0, 0], None]]}, "places_m: of 1 times, not 2"),
        ({"places_m": [[[0, 0], None], [None, None]]}, "places_m.0.0"),
        ({"links": [[[0, 2]], []]}, "links"),
        ({"links": [[[-1, 0]], []]}, "links"),
        ({"links": [[], [[0, 1]]]}, "links: [0, 1] joins points that are absent"),
    ],
)
def test_a_damaged_scene_is_refused_with_one_line(tmp_path, change, says):
    path = write_scene(PAIR, tmp_path / "x.scene.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(StoreError, match="damaged") as caught:
        read_scene(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", "NaN", "[" * 100_000, '{"title": "x"', "\0"])
def test_what_is_no_scene_is_refused(tmp_path, text):
    path = tmp_path / "x.scene.json"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"x\.scene\.json: damaged"):
        read_scene(path)
    with pytest.raises(StoreError, match="cannot be read"):
        read_scene(tmp_path)
