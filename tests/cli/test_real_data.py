"""The commands on real satellites and cell sites, read from the folder in SAGIN_REAL_DATA."""

import json
import os
from pathlib import Path

import pytest

from sagin.cli.main import run

FOLDER = os.environ.get("SAGIN_REAL_DATA")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="SAGIN_REAL_DATA names no folder with real elements and cell sites"
)


def found(capsys, *arguments: str):
    assert run([*arguments, "--json", "-q"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def test_starlink_over_oslo(capsys):
    asked = ("--site", "59.91,10.75", "--at", "2023-08-20T12:00:00Z", "--hours", "0.1")
    seen = found(capsys, "passes", str(Path(FOLDER or "") / "starlink-2023-08.tle"), *asked)
    assert len(seen["in_view"]) > 10
    assert all(
        one["elevation_deg"] >= 10 and 500e3 < one["slant_range"] < 2000e3
        for one in seen["in_view"]
    )


def test_omm_elements_are_read(capsys):
    asked = ("--site", "59.91,10.75", "--at", "2022-11-06T12:00:00Z", "--hours", "0.5")
    assert "passes" in found(
        capsys, "passes", str(Path(FOLDER or "") / "starlink-2022-11-omm.json"), *asked
    )


@pytest.mark.parametrize("town", ["oslo", pytest.param("tokyo", marks=pytest.mark.slow)])
def test_relaying_on_real_satellites_and_sites(capsys, town):
    fields = (
        "satellite.source=elements",
        f"orbit.elements={Path(FOLDER or '') / 'starlink-2023-08.tle'}",
        "orbit.time=2023-08-20T12:00:00Z",
        "orbit.duration_s=600",
        f"sites.file={Path(FOLDER or '') / f'opencellid-{town}.csv'}",
        "sites.density_per_km2=200",
    )
    report = found(
        capsys, "relay", "--drops", "64", *(part for field in fields for part in ("--set", field))
    )
    capacity = {row["name"]: row["capacity"]["mean"] for row in report["frameworks"]}
    assert report["common"]["visible"] == 1.0
    assert report["common"]["users"] == 157
    assert capacity["cud"] >= capacity["gbs-only"] > 0


def test_a_real_city_is_cut(capsys):
    path = Path(FOLDER or "") / "opencellid-oslo.csv"
    assert run(["sites", str(path), "--centre", "59.91,10.75", "--radius", "1", "--json"]) == 0
    cut = json.loads(capsys.readouterr().out)
    assert 10 < len(cut) < len(path.read_text().splitlines()) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("town", "place", "side"),
    [("oslo", (59.9139, 10.7522), 3000), ("tokyo", (35.6812, 139.7671), 6000)],
)
def test_relief_of_a_real_city(town, place, side, capsys, tmp_path):
    data = Path(FOLDER or "")
    fields = (
        f"sites.file={data / f'opencellid-{town}.csv'}",
        f"orbit.elements={data / 'starlink-2023-08.tle'}",
        *(
            f"location.{name}_deg={x}"
            for name, x in zip(("latitude", "longitude"), place, strict=True)
        ),
        *("users.high_throughput=4", "users.low_delay=4", "users.wide_coverage=4"),
        *("radio.subcarriers=8", "base_stations.capacity=1", "uavs.capacity=2"),
        *("sites.operators=[]", f"area.side_m={side}"),
    )
    path = Path(__file__).parents[2] / "examples" / "cities" / "oslo.toml"
    asked = ("--hours", "21", "--uavs", "1", "--drops", "2", "--out", str(tmp_path))
    more = (part for field in fields for part in ("--set", field))
    report = found(capsys, "relieve", str(path), *asked, "--workers", "1", *more)
    (method,) = report["methods"]
    unserved = {row["variant"]: row["peak"] for row in method["day"]}
    assert unserved["as it is"] > unserved["satellites"] > 0 or unserved["satellites"] == 0
    assert unserved["1 UAV"] < unserved["as it is"]
    assert len(method["by_hour"][0]["offered"]) == 8
