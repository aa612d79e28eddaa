"""Satellites over a site as files: rows compared with each other and polars, CZML with czml3."""

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from sagin.cli.main import run
from sagin.errors import InputError
from sagin.geometry.geodetic import to_earth_fixed
from sagin.orbits import (
    PRESETS,
    Site,
    constellation,
    handovers,
    satellites_in_view,
    track_sky,
    write_tle,
)

EPOCH = datetime(2024, 10, 7, tzinfo=UTC)
SITE = Site(59.91, 10.75, 120.0)
LIGHT = 299_792_458.0


@pytest.fixture(scope="module")
def elements():
    return constellation(PRESETS["iridium"], EPOCH)


@pytest.fixture(scope="module")
def files(elements, tmp_path_factory):
    folder = tmp_path_factory.mktemp("passes")
    write_tle(elements, folder / "walker.tle")
    command = ["passes", str(folder / "walker.tle"), "--site", "59.91,10.75,120", "--at"]
    command += ["2024-10-07T00:00:00Z", "--hours", "0.5", "--step", "20", "--carrier", "20", "-q"]
    command += ["--csv", str(folder / "a.csv"), "--czml", str(folder / "a.czml")]
    assert run([*command, "--model", "ntn-budget", "--json"]) == 0
    return folder


def test_rows_agree_with_each_other_and_with_the_view(files, elements):
    table = pl.read_csv(files / "a.csv", try_parse_dates=True)
    assert table["elevation_deg"].min() >= 10.0
    first = table.filter(pl.col("time_utc") == table["time_utc"].min()).sort("number")
    view = sorted(satellites_in_view(elements, SITE, EPOCH, 10.0, 20e9), key=lambda x: x.number)
    assert first["number"].to_list() == [row.number for row in view]
    for name, key in (("doppler_hz", "doppler"), ("azimuth_deg", "azimuth_deg")):
        expected = [getattr(row, key) for row in view]
        # a TLE rounds the elements
        np.testing.assert_allclose(first[name], expected, rtol=1e-4)
    np.testing.assert_allclose(table["delay_s"] * LIGHT, table["slant_range_m"], rtol=1e-9)
    # free space, 0.25 dB of gases over sin of the elevation, and at most 1.1 dB of scintillation
    spreading = 20.0 * np.log10(4.0 * np.pi * 20e9 / LIGHT * table["slant_range_m"].to_numpy())
    air = 0.25 / np.sin(np.deg2rad(table["elevation_deg"].to_numpy()))
    more = table["path_loss_db"].to_numpy() - spreading - air
    assert more.min() > 0.1
    assert more.max() < 1.1
    # the range rate is the slope of the range over two steps
    (row,) = table.group_by("number").len().sort("len")[-1:].iter_rows()
    one = table.filter(pl.col("number") == row[0]).sort("time_utc")
    slope = (one["slant_range_m"].to_numpy()[2:] - one["slant_range_m"].to_numpy()[:-2]) / 40.0
    np.testing.assert_allclose(slope, one["range_rate_m_s"].to_numpy()[1:-1], atol=30.0)


def test_one_satellite_serves_by_the_rule(files, elements):
    table = pl.read_csv(files / "a.csv")
    assert set(table.group_by("time_utc").agg(pl.col("serving").sum())["serving"]) == {1}
    tracks = {
        rule: track_sky(elements, SITE, EPOCH, 1800.0, 20.0, rule=rule)
        for rule in ("longest", "highest")
    }
    numbers = [one.number for one in tracks["longest"].elements]
    served = table.filter(pl.col("serving") == 1)["number"].to_list()
    assert served == [numbers[row] for row in tracks["longest"].serving]
    assert handovers(tracks["highest"].serving) > handovers(tracks["longest"].serving)
    with pytest.raises(InputError, match="allowed: at most 20000000 samples"):
        track_sky(elements, SITE, EPOCH, 1e6, 0.1)


def test_czml_is_read_by_czml3_and_lies_where_the_rows_say(files):
    reader = pytest.importorskip("czml3.core", reason="czml3 is in the test group")
    packets = {packet.id: packet for packet in reader.Document.load(files / "a.czml").packets}
    assert packets["document"].clock is not None
    table = pl.read_csv(files / "a.csv")
    numbers = set(table.filter(pl.col("serving") == 1)["number"])
    assert {f"link-{number}" for number in numbers} <= set(packets)
    assert len(packets) == 2 + table["number"].n_unique() + len(numbers)


def test_czml_positions_are_the_slant_ranges(files):
    packets = {packet["id"]: packet for packet in json.loads((files / "a.czml").read_text())}
    centre = to_earth_fixed(np.deg2rad(59.91), np.deg2rad(10.75), 120.0)
    table = pl.read_csv(files / "a.csv")
    for number, rows in table.group_by("number"):
        samples = packets[f"satellite-{number[0]}"]["position"]["cartesian"]
        position = {t: point for t, *point in np.reshape(samples, (-1, 4)).tolist()}
        for stamp, distance in rows.select("time_utc", "slant_range_m").iter_rows():
            seconds = (datetime.fromisoformat(stamp) - EPOCH).total_seconds()
            assert np.linalg.norm(position[seconds] - centre) == pytest.approx(distance, abs=0.1)
    # a link is shown just while its satellite serves
    served = table.filter(pl.col("serving") == 1)
    for number in set(served["number"]):
        _, *shown = packets[f"link-{number}"]["polyline"]["show"]
        starts = {part["interval"].split("/")[0] for part in shown}
        assert starts <= set(served.filter(pl.col("number") == number)["time_utc"])


def test_a_carrier_outside_of_the_models_range_is_refused(files, capsys):
    command = ["passes", str(files / "walker.tle"), "--site", "59.91,10.75", "--hours", "0.1"]
    command += ["--at", "2024-10-07T00:00:00Z", "--csv", str(files / "b.csv"), "--carrier", "60"]
    assert run([*command, "--model", "ntn"]) == 2
    assert "loss model ntn: frequency 60 GHz" in capsys.readouterr().err
    assert run([*command, "--model", "fog"]) == 2
    assert "fog" in capsys.readouterr().err
    assert run([*command, "--rule", "lowest"]) == 2
    assert "handover rule 'lowest'" in capsys.readouterr().err
