"""Animations: read back as XML, they contain what the scene contains."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sagin.cli.main import run
from sagin.report.animation import APART, write_animation
from sagin.studies.scene import NETWORK_FILE, Scene, ScenePoint, write_scene

SVG = "{http://www.w3.org/2000/svg}"
SCENE = Scene(
    title="a <small> network",
    times_s=(0.0, 1.0, 2.0),
    side_m=1000.0,
    points=(ScenePoint("u", "user"), ScenePoint("r", "relay"), ScenePoint("s", "LEO")),
    places_m=(
        ((100.0, 200.0, 0.0), (500.0, 500.0, 30.0), None),
        ((100.0, 200.0, 0.0), (600.0, 500.0, 30.0), (0.0, 0.0, 1e6)),
        ((100.0, 200.0, 0.0), (700.0, 500.0, 30.0), (2e6, 0.0, 1e6)),
    ),
    links=(((0, 1),), ((0, 1), (1, 2)), ()),
)


@pytest.fixture
def tree(tmp_path):
    return ElementTree.parse(write_animation(SCENE, tmp_path / "network.svg")).getroot()


def find_values(element, name):
    """Return an animated attribute at each of the scene's times, or nothing."""
    moves = [child for child in element if child.get("attributeName") == name]
    return read_values(moves[0]) if moves else []


def read_values(move):
    """Return what a browser shows at each third of an animation."""
    values = move.get("values").split(";")
    shares = [float(share) for share in move.get("keyTimes").split(";")]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    smooth = move.get("calcMode") != "discrete"
    return [
        values[max(row for row, share in enumerate(shares) if share <= step / 3 + 1e-3)]
        for step in range(4 if smooth else 3)
    ]


def test_a_link_is_seen_while_it_is_there(tree):
    lines = tree.findall(f"{SVG}line")
    shown = [find_values(line, "visibility") for line in lines]
    assert shown == [["visible", "visible", "hidden"], ["hidden", "visible", "hidden"]]


def test_a_link_follows_its_node(tree):
    (line, _), (relay,) = tree.findall(f"{SVG}line"), tree.findall(f"{SVG}path")[1:2]
    places = read_values(relay.find(f"{SVG}animateTransform"))
    assert find_values(line, "x2") == [place.split(",")[0] for place in places]
    assert places[0] == places[-1]


def test_a_user_is_hollow_while_nobody_serves_it_and_a_satellite_hidden_while_absent(tree):
    user, _, satellite, *_ = tree.findall(f"{SVG}path")
    served, *rest = find_values(user, "fill")
    assert rest[0] == served != rest[1]
    assert find_values(satellite, "visibility") == ["hidden", "visible", "visible"]


def test_the_clock_tells_each_time_once(tree):
    clock = [text for text in tree.findall(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert [text.text for text in clock] == ["0 s", "1 s", "2 s"]
    shown = [find_values(text, "display") for text in clock]
    assert [row.index("inline") for row in shown] == [0, 1, 2]
    assert [row.count("inline") for row in shown] == [1, 1, 1]


def test_loads_count_users_alone(tree):
    (group,) = tree.findall(f"{SVG}g")
    texts = {text.text: find_values(text, "display") for text in group.findall(f"{SVG}text")}
    assert texts == {"1": ["inline", "inline", "none"]}, "nothing is said of who serves nobody"


def test_the_loads_of_satellites_of_one_direction_stand_apart(tmp_path):
    satellite = (1e5, 2e5, 6e5)
    scene = replace(
        SCENE,
        points=(*SCENE.points[:1], *(ScenePoint(f"s{number}", "LEO") for number in range(2))),
        places_m=(((100.0, 200.0, 0.0), satellite, satellite),) * 3,
        links=(((0, 1),), ((0, 2),), ()),
    )
    root = ElementTree.parse(write_animation(scene, tmp_path / "network.svg")).getroot()
    places = [group.get("transform") for group in root.findall(f"{SVG}g")]
    columns = [int(place.removeprefix("translate(").split(",")[0]) for place in places]
    assert columns[1] - columns[0] == APART


def test_a_link_never_leads_to_where_nobody_is(tmp_path):
    scene = replace(
        SCENE,
        places_m=(SCENE.places_m[0], (None, *SCENE.places_m[1][1:]), SCENE.places_m[2]),
        links=(((0, 1),), ((1, 2),), ()),
    )
    root = ElementTree.parse(write_animation(scene, tmp_path / "network.svg")).getroot()
    line, _ = root.findall(f"{SVG}line")
    assert float(line.get("x1")) > 0.0
    assert find_values(line, "x1") == []


def test_the_command_draws_the_scene_of_a_run(tmp_path, capsys):
    write_scene(SCENE, tmp_path / NETWORK_FILE)
    assert run(["animate", str(tmp_path), "--out", str(tmp_path / "a.svg")]) == 0
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert run(["animate", str(tmp_path), "--out", str(tmp_path / "a.gif")]) == 2
    assert "allowed: .svg" in capsys.readouterr().err
