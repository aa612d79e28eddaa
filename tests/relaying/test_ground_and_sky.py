"""Cell sites and satellites as inputs of a run, generated and real."""

import gzip
import os
import re
from pathlib import Path

import jax
import numpy as np
import pytest

from sagin.errors import InputError, InputNotice, SitesError
from sagin.orbits.files import write_tle
from sagin.orbits.passes import satellites_in_view
from sagin.orbits.site import Site
from sagin.relaying.inputs import prepare_inputs
from sagin.relaying.monte_carlo import simulate
from sagin.relaying.satellites import load_elements, track_satellites
from sagin.relaying.scenario import build_scenario, parse_start_time
from sagin.relaying.sites import apply_sites, locate_sites, read_sites

HEADER = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
)
ROWS = [
    "LTE,242,1,1,11,0,10.7500,59.9100,1000,30,1,0,0,0",
    "LTE,242,1,1,12,0,10.7518,59.9100,1000,10,1,0,0,0",
    "GSM,242,1,1,13,0,10.7500,59.9500,2000,5,1,0,0,0",
]


@pytest.fixture
def csv_file(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "sites.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return write


def test_sites_become_base_station_and_places(csv_file):
    scenario = build_scenario(
        "paper",
        (
            f"sites.file={csv_file(*ROWS)}",
            "sites.pick=cell",
            "sites.cell=11",
            "sites.density_per_km2=100",
        ),
    )
    ground = apply_sites(scenario, read_sites(scenario.sites.file))
    assert ground.base.cell == 11
    # 0.0018° of longitude at 59.91° is 0.0018·111.32 km·cos 59.91° = 100.5 m east, and on the
    # ellipsoid 0.3 % more
    np.testing.assert_allclose(ground.layout.centres, [[0.0, 0.0], [100.7, 0.0]], atol=0.5)
    np.testing.assert_allclose(ground.layout.weights, [30.0, 10.0])
    assert ground.scenario.users.count == round(100 * np.pi * 0.25)
    assert (ground.scenario.orbit.latitude_deg, ground.scenario.orbit.longitude_deg) == (
        59.91,
        10.75,
    )
    assert (
        abs(locate_sites(read_sites(scenario.sites.file), ground.base)[2, 1] - 0.04 * 111_400) < 60
    )


def test_picking_the_nearest_and_reaching_as_far_as_the_site(csv_file):
    scenario = build_scenario(
        "paper",
        (
            f"sites.file={csv_file(*ROWS)}",
            "sites.pick=orbit",
            "orbit.latitude_deg=59.96",
            "sites.reach=range",
        ),
    )
    ground = apply_sites(scenario, read_sites(scenario.sites.file))
    assert ground.base.cell == 13
    assert ground.scenario.base.cell_radius_m == 2000.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("LTE,242,1,1,11,0,10.75,91.0,1000,30,1,0,0,0", ["line 3", "'lat'", "'91.0'", "-90 to 90"]),
        ("LTE,242,1,1,11,0,ten,59.9,1000,30,1,0,0,0", ["line 3", "'lon'", "'ten'"]),
        ("LTE,242,1,1,11,0,10.7,59.9,nan,30,1,0,0,0", ["line 3", "'range'", "'nan'"]),
        ("LTE,242", ["line 3", "2 columns where the first row has 14"]),
        (ROWS[0] + ",9", ["line 3", "15 columns"]),
        ("LTE,242,1,1,1_1,0,10.75,59.9,1000,30,1,0,0,0", ["line 3", "'cell'", "'1_1'"]),
        ("LTE,242,1,1,11,0,١٠,59.9,1000,30,1,0,0,0", ["line 3", "'lon'", "'١٠'"]),
        ("LTE,242,1,1,11,0,10.75,59.9,1000,1.5,1,0,0,0", ["line 3", "'samples'", "a whole number"]),
    ],
)
def test_a_wrong_row_is_one_line(csv_file, row, words):
    with pytest.raises(SitesError) as caught:
        read_sites(csv_file(ROWS[0], row))
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in ["sites.csv", *words])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.split("\n", 1)[1],
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", ", ", 13),
        lambda text: "\n" + text.upper() + "\n\x1a",
        lambda text: text.replace("net,area,cell,unit", "mnc,lac,cid,psc"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: "\n".join(line.split(",", 4)[4] for line in text.split("\n") if line),
    ],
)
def test_ways_to_write_a_table_of_sites(csv_file, change):
    path = csv_file(*ROWS)
    plain = read_sites(path)
    changed = change(path.read_text())
    for data in (changed.encode(), gzip.compress(changed.encode()), changed.encode("utf-16")):
        path.write_bytes(data)
        for one, other in zip(plain, read_sites(path), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html><title>Busy</title></html>", "no data but a message: 'Busy'"),
        ("RATE_LIMITED", "no data but a message: 'RATE_LIMITED'"),
        ('{"status":"error","message":"Invalid token"}', "no data but a message"),
        (HEADER.replace("area", "cid"), "line 1: column 'cell' occurs twice: 'cid' and 'cell'"),
        ("LTE,242,1,1,11,0,10.75,59.9", "line 1: column 'cell' is missing"),
        (HEADER + '\n"LTE', "line 2: not a row of a table"),
    ],
)
def test_what_is_no_table_of_sites(tmp_path, text, words):
    (tmp_path / "sites.csv").write_text(text)
    with pytest.raises(SitesError, match=re.escape(words)):
        read_sites(tmp_path / "sites.csv")


def make_rows(latitude, longitude):
    cells = enumerate(zip(latitude, longitude, strict=True), start=100)
    return [f"LTE,1,1,1,{n},0,{lon:.6f},{lat:.6f},1000,9,1,0,0,0" for n, (lat, lon) in cells]


def test_the_base_is_in_the_middle_of_the_sites_wherever_they_are(csv_file):
    # three rings about a site, whose middle it is by symmetry
    turn = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    for latitude, longitude in ((60.0, 10.0), (-17.0, 180.0), (0.0, -179.995), (89.0, 40.0)):
        north, east = [0.0], [0.0]
        for size in (0.004, 0.007, 0.009):
            north, east = [*north, *(size * np.sin(turn))], [*east, *(size * np.cos(turn))]
        lat = np.clip(latitude + np.array(north), -90.0, 90.0)
        lon = longitude + np.array(east) / np.cos(np.radians(latitude))
        rows = make_rows(lat, (lon + 180.0) % 360.0 - 180.0)
        scenario = build_scenario("paper", (f"sites.file={csv_file(*rows)}",))
        plain = apply_sites(scenario, read_sites(scenario.sites.file))
        assert plain.base.cell == 100
        # a few rows that nobody meant change nothing, and are told
        wrong = make_rows([0.0, -latitude], [0.0, 55.0])
        scenario = build_scenario("paper", (f"sites.file={csv_file(*wrong, *rows)}",))
        with pytest.warns(InputNotice, match="2 of 39 sites lie far from the others"):
            moved = apply_sites(scenario, read_sites(scenario.sites.file))
        assert (moved.base.latitude_deg, moved.base.longitude_deg) == pytest.approx(
            (plain.base.latitude_deg, plain.base.longitude_deg)
        )
        np.testing.assert_allclose(moved.layout.centres, plain.layout.centres, atol=0.5)


def test_other_wrong_site_input(csv_file, tmp_path):
    with pytest.raises(SitesError, match="column 'lon' is missing"):
        read_sites(csv_file("1,2", header="cell,lat"))
    with pytest.raises(SitesError, match="no site"):
        read_sites(csv_file())
    with pytest.raises(SitesError, match="No such file"):
        read_sites(tmp_path / "none.csv")
    scenario = build_scenario(
        "paper", (f"sites.file={csv_file(*ROWS)}", "sites.density_per_km2=1e5")
    )
    with pytest.raises(SitesError, match="at most 5000"):
        prepare_inputs(scenario, 4)
    with pytest.raises(SitesError, match="no site with cell 99"):
        prepare_inputs(
            build_scenario(
                "paper", (f"sites.file={scenario.sites.file}", "sites.pick=cell", "sites.cell=99")
            ),
            4,
        )


def test_the_serving_satellite_is_one_in_view_and_they_hand_over():
    scenario = build_scenario("walker", ("orbit.handover=highest",))
    found = track_satellites(scenario, 100)
    assert bool(np.all(found.serving.visible))
    assert found.handovers >= 4
    assert found.seconds[0] == 0.0
    assert found.seconds[-1] <= 3600.0
    best = satellites_in_view(
        load_elements(scenario), Site(59.9139, 10.7522), parse_start_time(scenario), 10.0
    )[0]
    assert found.names[found.satellite[0]] == best.name
    assert float(found.serving.slant_range[0]) == pytest.approx(best.slant_range, abs=100.0)
    assert track_satellites(build_scenario("walker"), 100).handovers <= found.handovers


@pytest.mark.parametrize("rule", ["longest", "highest"])
def test_who_serves_at_a_time_does_not_depend_on_the_number_of_drops(rule):
    scenario = build_scenario("walker", (f"orbit.handover={rule}",))
    elements = load_elements(scenario)
    full = track_satellites(scenario, 361, elements)
    np.testing.assert_array_equal(full.seconds, 10.0 * np.arange(361))
    at = dict(
        zip(
            full.seconds,
            zip(full.satellite, np.asarray(full.serving.slant_range), strict=True),
            strict=True,
        )
    )
    for drops in (1, 7, 60, 1000):
        found = track_satellites(scenario, drops, elements)
        assert (found.names, found.handovers) == (full.names, full.handovers)
        assert len(set(found.seconds)) == min(drops, 361)
        served = zip(
            found.seconds, found.satellite, np.asarray(found.serving.slant_range), strict=True
        )
        assert all(at[second] == (satellite, reach) for second, satellite, reach in served)


def test_gaps_are_values_and_an_empty_sky_is_an_error():
    sparse = ("orbit.planes=3", "orbit.per_plane=2", "orbit.duration_s=43200", "orbit.phasing=1")
    found = track_satellites(build_scenario("walker", sparse), 200)
    dark = ~np.asarray(found.serving.visible)
    assert 0 < dark.sum() < 200
    result = simulate(
        jax.random.key(0), build_scenario("walker", sparse), 200, servings=found.serving
    )
    np.testing.assert_array_equal(result.visible, ~dark)
    assert not np.any(np.asarray(result.relayed)[dark, 0])
    with pytest.raises(
        InputError,
        match=r"no satellite of 1 .* from 2024-10-07T12:00:00Z; the nearest pass is WALKER",
    ) as caught:
        track_satellites(
            build_scenario(
                "walker",
                ("orbit.planes=1", "orbit.per_plane=1", "orbit.phasing=0", "orbit.duration_s=60"),
            ),
            5,
        )
    assert "\n" not in str(caught.value)


def test_elements_from_a_file_are_those_generated(tmp_path):
    write_tle(load_elements(build_scenario("walker")), tmp_path / "walker.tle")
    real = build_scenario(
        "paper", ("satellite.source=elements", f"orbit.elements={tmp_path / 'walker.tle'}")
    )
    np.testing.assert_allclose(
        track_satellites(real, 50).serving.slant_range,
        track_satellites(build_scenario("walker"), 50).serving.slant_range,
        atol=2000.0,
    )
    with pytest.raises(InputError, match="days"):
        track_satellites(
            build_scenario(
                "paper",
                (
                    "satellite.source=elements",
                    f"orbit.elements={tmp_path / 'walker.tle'}",
                    "orbit.time=2424-01-01T00:00:00Z",
                ),
            ),
            5,
        )


def test_real_satellites_over_real_sites():
    if "SAGIN_REAL_DATA" not in os.environ:
        pytest.skip(
            "SAGIN_REAL_DATA names no folder with starlink-2023-08.tle and opencellid-oslo.csv"
        )
    data = Path(os.environ["SAGIN_REAL_DATA"])
    asked = (
        "satellite.source=elements",
        f"orbit.elements={data / 'starlink-2023-08.tle'}",
        "orbit.time=2023-08-20T12:00:00Z",
    )
    sites = f"sites.file={data / 'opencellid-oslo.csv'}"
    with pytest.warns(InputNotice, match="3 of 4587 satellites left out"):
        inputs = prepare_inputs(
            build_scenario("paper", (*asked, sites, "orbit.duration_s=1200")), 50
        )
    assert inputs.track is not None
    assert inputs.layout is not None
    result = simulate(
        jax.random.key(0), inputs.scenario, 50, layout=inputs.layout, servings=inputs.servings
    )
    assert bool(np.all(result.visible))
    assert np.all(
        np.asarray(result.capacity)[:, 0] >= np.asarray(result.base_capacity) * (1 - 1e-6)
    )
    assert float(inputs.track.serving.slant_range.min()) > 5e5


def test_further_sites_become_base_stations(csv_file):
    near = "LTE,242,1,1,14,0,10.7545,59.9100,1000,9,1,0,0,0"
    file = f"sites.file={csv_file(*ROWS, near)}"
    scenario = build_scenario(
        "paper", (file, "sites.base_stations=3", "sites.pick=cell", "sites.cell=11")
    )
    ground = apply_sites(scenario, read_sites(scenario.sites.file))
    # 0.0018° of longitude is 101 m there, less than the spacing; 0.0045° is 252 m; 40' is outside
    ((east, north),) = ground.scenario.base.positions_m
    assert east == pytest.approx(0.0045 * 111_320 * np.cos(np.deg2rad(59.91)), rel=0.01)
    assert abs(north) < 1.0
    with pytest.raises(InputError, match=r"sites\.base_stations decides"):
        build_scenario("paper", (file, "base.positions_m=[[300, 0]]"))
    with pytest.raises(InputError, match="places that differ"):
        build_scenario("paper", ("base.positions_m=[[0.0, 0.0]]",))
    with pytest.raises(InputError, match="within 50 km"):
        build_scenario("paper", ("base.positions_m=[[60000, 0]]",))
