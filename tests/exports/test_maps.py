"""A network as GeoJSON and KML: positions compared with the sphere, counts, and other readers."""

import json
import math
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

from sagin.cli.main import run
from sagin.errors import InputError
from sagin.exports.features import list_features, list_sites, make_disc
from sagin.exports.maps import KML, format_geojson, format_kml
from sagin.geometry.geodetic import surface_distance
from sagin.relaying.sites import CellSite
from sagin.studies.scene import Scene, ScenePoint

OSLO = (59.9139, 10.7522)
USERS = [(-300.0, 120.0), (-310.0, 130.0), (240.0, -410.0), (250.0, -420.0), (5.0, 5.0)]


def make_scene(origin=OSLO) -> Scene:
    """Return five users, the GBS, a relay and a satellite; user 5 is served by nobody."""
    users = [(500.0 + east, 500.0 + north, 0.0) for east, north in USERS]
    return Scene(
        title="toy",
        times_s=(0.0,),
        side_m=1000.0,
        points=(
            *(ScenePoint(f"user {number}", "user") for number in range(1, 6)),
            ScenePoint("GBS", "GBS"),
            ScenePoint("relay 1", "relay"),
            ScenePoint("sat <1>", "LEO"),
        ),
        places_m=((*users, (500, 500, 30), (600, 450, 150), (500.0, 300_500.0, 900_000.0)),),
        links=(((0, 5), (1, 5), (2, 6), (3, 6), (6, 7)),),
        origin_deg=origin,
    )


def make_features(aggregation="grid"):
    sites = [CellSite(1, 10.7522, 59.9139, 500.0, 3), CellSite(2, 10.9, 59.9, 500.0, 3)]
    return [
        make_disc(OSLO, 500.0, "cell"),
        *list_sites(sites, OSLO, 500.0),
        *list_features(make_scene(), aggregation),
    ]


def test_positions_and_loads():
    by_name = {feature.name: feature for feature in list_features(make_scene(), "none")}
    ((longitude, latitude, height),) = by_name["relay 1"].coordinates
    reach = surface_distance(*np.deg2rad([*OSLO, latitude, longitude]))
    assert reach == pytest.approx(math.hypot(100.0, 50.0), rel=0.01)
    assert longitude > OSLO[1]
    assert latitude < OSLO[0]
    assert height == 150.0
    # over the ellipsoid, as the tangent plane falls behind the curved Earth
    assert by_name["sat <1>"].coordinates[0][2] == pytest.approx(906_200.0, abs=500.0)
    assert by_name["GBS"].properties == {"load": 2}
    assert by_name["user 3"].properties["served_by"] == "relay 1"
    assert by_name["user 5"].properties["served_by"] is None
    assert {feature.kind for feature in by_name.values()} >= {"access link", "backhaul link"}
    assert [feature.name for feature in make_features() if feature.kind == "cell site"] == [
        "cell 1"
    ]


@pytest.mark.parametrize("aggregation", ["grid", "h3"])
def test_users_are_counted_by_cell(aggregation):
    if aggregation == "h3":
        pytest.importorskip("h3", reason="h3 is in the test group")
    cells = [one for one in list_features(make_scene(), aggregation) if one.kind == "users"]
    assert sum(cell.properties["users"] for cell in cells) == 5
    assert sum(cell.properties["served"] for cell in cells) == 4
    for cell in cells:
        ring = np.array(cell.coordinates)[:, :2]
        assert (ring[0] == ring[-1]).all()
        # counter-clockwise
        x, y = (ring - ring[0]).T
        assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0.0
    assert not any(one.kind == "access link" for one in list_features(make_scene(), aggregation))


def test_a_scene_without_a_place_is_refused():
    with pytest.raises(InputError, match=r"no place on the Earth .allowed: with sites\.file"):
        list_features(make_scene(origin=None))


@pytest.mark.parametrize("form", [format_geojson, format_kml])
def test_gdal_reads_the_files(form, tmp_path):
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is in the test group")
    shapely = pytest.importorskip("shapely", reason="shapely is in the test group")
    features = make_features()
    path = tmp_path / f"a.{form.__name__.removeprefix('format_')}"
    path.write_text(form(features, "toy"), encoding="utf-8")
    names, shapes = [], []
    for layer in pyogrio.list_layers(path)[:, 0]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pyogrio, for numpy 2.5
            meta, _, geometry, values = pyogrio.raw.read(path, layer=layer)
        columns = [name.lower() for name in meta["fields"]]
        names += values[columns.index("name")].tolist()
        shapes += shapely.from_wkb(geometry).tolist()
    assert sorted(names) == sorted(feature.name for feature in features)
    for name, shape in zip(names, shapes, strict=True):
        (feature,) = (one for one in features if one.name == name)
        assert shape.geom_type == feature.shape
        assert shape.is_valid
        np.testing.assert_allclose(
            shapely.get_coordinates(shape, include_z=True), feature.coordinates
        )


def test_the_files_follow_their_standards():
    features = make_features()
    content = json.loads(format_geojson(features, "toy"))
    assert content["type"] == "FeatureCollection"
    assert len(content["features"]) == len(features)
    root = ElementTree.fromstring(format_kml(features, "toy"))
    spaces = {"k": KML}
    assert root.tag == f"{{{KML}}}kml"
    marks = root.findall(".//k:Placemark", spaces)
    # the schema's order within a placemark
    order = ["name", "styleUrl", "ExtendedData"]
    assert all([part.tag.split("}")[1] for part in mark][:3] == order for mark in marks)
    styles = {f"#{style.get('id')}" for style in root.findall(".//k:Style", spaces)}
    assert {mark.findtext("k:styleUrl", "", spaces) for mark in marks} == styles


def test_maps_that_cannot_be_written_are_refused_before_the_run(capsys, tmp_path):
    target = ("--geojson", str(tmp_path / "a.geojson"))
    real = ("--set", "satellite.source=walker")
    for more, part in (
        ((), "no place on the Earth"),
        ((*real, "--users", "hexagons"), "--users 'hexagons' (allowed: grid, h3, none)"),
        ((*real, "--method", "hotspot"), "allowed: without --method"),
    ):
        assert run(["relay", *target, *more]) == 2
        assert part in capsys.readouterr().err
