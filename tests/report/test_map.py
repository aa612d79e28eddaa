"""The map of a slot: formats, the loads it shows, and fixed UAVs next to moved ones."""

import numpy as np
import pytest

from sagin.errors import InputError
from sagin.papers.slicing.scene import make_scene
from sagin.report.map import draw_map, write_places
from sagin.slicing.scenario import build_scenario
from sagin.slicing.trace import Trace

SLOT = Trace(
    np.array([[100, 100], [200, 900], [500, 400], [700, 700], [800, 200], [900, 900]], float),
    np.array([True, True, True, True, True, False]),
    np.array([[600.0, 600.0]]),
    np.array([0, 0, -1, -1, -1, -1]),
    np.array([-1, -1, 0, 1, -1, -1]),
)
"""Two users at the base station, one at the UAV, one at the satellite, one served nowhere, one who
takes no part.
"""


def build_scene(name="small", slot=SLOT, title="", fixed=False):
    trace = Trace(*(values[None] for values in slot))
    return make_scene(build_scenario(name), trace, title, planned=fixed)


def test_a_map_counts_who_is_served_where(tmp_path):
    text = draw_map(build_scene(title="a slot"), tmp_path / "map.svg").read_text()
    for label in ("BS 1: 2", "UAV 1: 1", "LEO 1: 1", "a slot", "C, not served"):
        assert f">{label}<" in text
    assert "fixed" not in text


def test_fixed_uavs_stand_beside_those_that_moved(tmp_path):
    nobody = np.full(30, -1)
    pair = np.array([[500.0, 500.0], [2500.0, 2000.0]])
    slot = Trace(np.zeros((30, 2)), nobody < 0, pair, nobody, nobody)
    scene = build_scene("paper", slot, fixed=True)
    text = draw_map(scene, tmp_path / "map.svg").read_text()
    rows = write_places(scene, tmp_path / "places.csv").read_text().splitlines()
    assert sum(row.startswith("fixed UAV,UAV ") for row in rows) == 2
    assert ">fixed UAV<" in text
    assert ">UAV 2: 0<" in text


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_map_is_the_same_file(tmp_path, ending, monkeypatch):
    files = []
    for name, moment in (("one", "0"), ("two", "1000000000")):
        monkeypatch.setattr("time.time", lambda moment=moment: float(moment))
        path = draw_map(build_scene(fixed=True), tmp_path / f"{name}{ending}")
        files.append(path.read_bytes())
    assert files[0] == files[1]
    assert len(files[0]) > 5000


def test_another_format_is_refused(tmp_path):
    with pytest.raises(
        InputError,
        match=r"map\.jpg: ending '\.jpg' is not allowed \(allowed: \.png, \.svg, \.pdf\)",
    ):
        draw_map(build_scene(), tmp_path / "map.jpg")


def test_places_are_kept_as_numbers_with_who_serves_whom(tmp_path):
    head, *rows = write_places(build_scene(), tmp_path / "places.csv").read_text().splitlines()
    assert head == "kind,name,x (m),y (m),served by"
    assert [row for row in rows if ",user " in row] == [
        "H,user 1,100,100,BS 1",
        "H,user 2,200,900,BS 1",
        "L,user 3,500,400,UAV 1",
        "L,user 4,700,700,LEO 1",
        "C,user 5,800,200,",
    ]
    assert "UAV,UAV 1,600,600," in rows
