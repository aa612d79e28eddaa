"""`sagin relieve` and `sagin map` on a small town: numbers, resuming, files, other readers."""

import json

import numpy as np
import pytest

from sagin.cities.raster import compute_raster
from sagin.cli.main import run
from sagin.slicing.scenario import build_scenario
from sagin.studies import collection
from sagin.studies.scene import read_scene

SMALL = (
    *("users.high_throughput=4", "users.low_delay=4", "users.wide_coverage=4"),
    *("radio.subcarriers=8", "base_stations.capacity=1", "uavs.capacity=2"),
)
CITY = ["town", *(part for field in SMALL for part in ("--set", field))]
ASKED = [*CITY, "--hours", "4,21", "--uavs", "1", "--drops", "4", "--workers", "1", "-q"]


@pytest.fixture(scope="module")
def relief(tmp_path_factory):
    """Return the folder of a comparison, which compiles four programs."""
    folder = tmp_path_factory.mktemp("relief")
    maps = ["--geojson", str(folder / "town.geojson"), "--kml", str(folder / "town.kml")]
    maps += ["--czml", str(folder / "town.czml"), "--bound"]
    assert run(["relieve", *ASKED, *maps, "--out", str(folder), "--target", "unserved<1%"]) == 0
    return folder


@pytest.mark.slow
def test_every_variant_helps_or_leaves_the_network_as_it_is(relief):
    content = json.loads((relief / "result.json").read_text())
    (method,) = content["methods"]
    night, evening = method["by_hour"]
    assert (night["hour"], evening["hour"]) == (4, 21)
    assert evening["users"] == 12
    assert night["users"] == 0
    unserved = {name: row["unserved"]["estimate"] for name, row in evening["variants"].items()}
    assert unserved["as it is"] > 0
    assert unserved["1 UAV"] < unserved["as it is"]
    assert unserved["satellites"] < unserved["as it is"]
    assert unserved["1 UAV and satellites"] <= min(unserved["1 UAV"], unserved["satellites"])
    # nobody is counted twice: each cell's capacity is 1, the UAV's 2, each satellite's 15
    loads = evening["variants"]["1 UAV"]["load"]
    assert all(value <= (2 if name == "UAV 1" else 1) for name, value in loads.items())
    assert sum(evening["offered"]) == 12
    power = {row["variant"]: row["power"]["estimate"] for row in method["day"]}
    # a UAV of the defaults hovers with 168.5 W (Zeng et al. 2019)
    assert power["1 UAV"] - power["as it is"] == pytest.approx(168.5, abs=3.0)
    assert len(method["sentences"]) >= 4


@pytest.mark.slow
def test_no_score_passes_its_bound(relief):
    (method,) = json.loads((relief / "result.json").read_text())["methods"]
    assert len(method["bounds"]) == 2 * 4
    for row in method["bounds"]:
        assert row["score"] <= row["bound"] + 1e-6
        if row["hour"] == 21:
            assert 0.0 <= row["gap"] < 0.5
    assert method["sentences"][-1].endswith("of a certified bound, which no plan exceeds.")


@pytest.mark.slow
def test_a_second_run_computes_nothing(relief, monkeypatch, capsys):
    monkeypatch.setattr(collection, "make_job", lambda *_: pytest.fail("computed again"))
    assert run(["relieve", *ASKED, "--out", str(relief), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    (again,), (before,) = (
        part["methods"] for part in (content, json.loads((relief / "result.json").read_text()))
    )
    assert again["day"] == before["day"]
    assert again["by_hour"] == before["by_hour"]


@pytest.mark.slow
def test_foreign_readers_read_the_hour(relief):
    pyogrio = pytest.importorskip("pyogrio")
    shapely = pytest.importorskip("shapely")
    content = json.loads((relief / "town.geojson").read_text())
    shapes = [shapely.geometry.shape(part["geometry"]) for part in content["features"]]
    assert all(shape.is_valid for shape in shapes)
    kinds = [part["properties"]["kind"] for part in content["features"]]
    assert kinds.count("BS") == 8
    assert kinds.count("UAV") == 1
    (flight,) = (shape for shape, kind in zip(shapes, kinds, strict=True) if kind == "flight")
    assert len(flight.coords) == 2
    cells = [
        part["properties"] for part in content["features"] if part["properties"]["kind"] == "BS"
    ]
    assert {cell["capacity"] for cell in cells} == {1.0}
    assert {"offered", "load", "overloaded"} <= set(cells[0])
    layers = [name for name, _ in pyogrio.list_layers(relief / "town.kml")]
    assert {"area", "BS", "UAV", "users"} <= set(layers)
    scene = read_scene(relief / "network.scene.json")
    assert scene.times_s == (4 * 3600.0, 21 * 3600.0)


@pytest.mark.slow
def test_an_interrupted_comparison_keeps_what_it_has(tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(collection._Filling, "run", interrupt)
    assert run(["relieve", *ASKED, "--out", str(tmp_path)]) == 130
    assert "finished results are stored" in capsys.readouterr().err


def test_the_raster_is_the_sum_written_out():
    town = build_scenario("town", (*SMALL, "orbit.handover=highest"))
    raster = compute_raster(town, "ground", np.zeros((0, 2)), 3)
    # the middle square's centre, by hand: log-distance from 1 m with exponent 3.5, 15 dBi, 8 dB(W)
    x = y = 1500.0
    places = np.array(town.base_stations.positions_m)
    distance = np.maximum(np.hypot(*(places - [x, y]).T), 1.0)
    start = 20 * np.log10(4 * np.pi * 2e9 / 299_792_458.0)
    received = 10 ** ((13.0 + 15.0 - start - 35.0 * np.log10(distance)) / 10) / 8
    noise = 20e6 / 8 * 10 ** ((-167.0 - 30.0) / 10)
    best = received.max()
    expected = 10 * np.log10(best / (received.sum() - best + noise))
    assert raster.sinr_db[1, 1] == pytest.approx(expected, abs=0.02)
    assert raster.node[1, 1] == received.argmax()


def test_the_map_is_drawn_and_its_raster_is_read(tmp_path, capsys):
    pyogrio = pytest.importorskip("pyogrio")
    streets = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[9.46, 47.65], [9.48, 47.65]]},
        "properties": {},
    }
    (tmp_path / "streets.geojson").write_text(json.dumps(streets))
    files = {name: tmp_path / f"town.{name}" for name in ("png", "geojson", "kml", "czml")}
    command = ["map", *CITY, "--out", str(files["png"]), "--cells", "12", "--layer", "air"]
    command += ["--background", str(tmp_path / "streets.geojson")]
    for name in ("geojson", "kml", "czml"):
        command += [f"--{name}", str(files[name])]
    assert run(command) == 0
    assert "% of the area has an SINR above 0 dB" in capsys.readouterr().out
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    meta = pyogrio.read_info(files["geojson"])
    assert meta["features"] == 12 * 12 + 8 + 3
    west, south, east, north = meta["total_bounds"]
    assert west < 9.47 < east
    # 3 km along the meridian
    assert north - south == pytest.approx(3000.0 / 111_200.0, rel=0.01)
    reader = pytest.importorskip("czml3.core", reason="czml3 is in the test group")
    assert len(reader.Document.load(files["czml"]).packets) == 1 + 12 * 12 + 8 + 3
    for wrong, words in (
        (["--layer", "sea"], "allowed: ground, air"),
        (["--background", str(tmp_path / "none.geojson")], "none.geojson"),
        (["--out", "town.gif"], "--out town.gif"),
    ):
        assert run([*command, *wrong]) == 2
        assert words in capsys.readouterr().err
    assert run(["map", "paper"]) == 2
    assert "no section [location]" in capsys.readouterr().err
