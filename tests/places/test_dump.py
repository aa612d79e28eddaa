"""Cell sites of a city from a dump: compared with the csv module and the haversine; wrong input."""

import csv
import gzip
import io
import json
import math
import os

import numpy as np
import pytest

from sagin.cli.main import run
from sagin.errors import SitesError
from sagin.places import dump as dumps
from sagin.places.dump import SiteFilter, check_operators, cut_dump
from sagin.places.records import COLUMNS
from sagin.relaying.sites import read_sites

FIJI = (-17.0, 179.98)


def make_rows(centre, count=400):
    """Return invented rows within some 40 km of a centre, in OpenCelliD's columns."""
    generator = np.random.default_rng(3)
    north, east = generator.normal(0.0, 0.15, (2, count))
    return [
        (
            ("GSM", "LTE")[row % 2],
            *(242, 1 + row % 3, 7, row, 0),
            f"{(centre[1] + x + 180.0) % 360.0 - 180.0:.6f}",
            f"{centre[0] + y:.6f}",
            *(1000, int(generator.integers(1, 50)), 1, 0, 0, 0),
        )
        for row, (x, y) in enumerate(zip(east, north, strict=True))
    ]


def write(path, rows, header=True, opener=open):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows] if header else rows)
    with opener(path, "wb") as file:
        file.write(text.getvalue().encode())
    return path


def haversine(a, b):
    """Return the distance on the sphere of the Earth's mean radius, m."""
    (p, x), (q, y) = (tuple(map(math.radians, point)) for point in (a, b))
    part = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin((y - x) / 2) ** 2
    return 2 * 6_371_008.7714 * math.asin(math.sqrt(part))


@pytest.mark.parametrize("centre", [(59.91, 10.75), FIJI, (89.95, 0.0)])
@pytest.mark.parametrize("block", [2**26, 700])
def test_the_cut_is_the_disc(centre, block, tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "BLOCK", block)
    rows = [row for row in make_rows(centre) if float(row[7]) <= 90.0]
    path = write(tmp_path / "dump.csv", rows)
    found = cut_dump(path, SiteFilter(*centre, 12e3))["cell"].to_list()
    near = [row for row in rows if haversine(centre, (float(row[7]), float(row[6]))) <= 12e3]
    assert sorted(found) == [row[4] for row in near]
    assert 5 < len(near) < len(rows)


@pytest.mark.parametrize(("suffix", "header"), [(".csv", False), (".csv.gz", True)])
def test_files_of_a_country_and_gzipped_ones_are_read(suffix, header, tmp_path):
    opener = gzip.open if suffix.endswith("gz") else open
    rows = make_rows(FIJI)
    plain = cut_dump(write(tmp_path / "plain.csv", rows), SiteFilter(*FIJI, 20e3))
    path = write(tmp_path / f"dump{suffix}", rows, header, opener)
    assert cut_dump(path, SiteFilter(*FIJI, 20e3)).equals(plain)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ", "),
        lambda text: text.replace(",", ";"),
        lambda text: text.upper(),
        lambda text: text.replace("net,area,cell,unit", "mnc,lac,cid,psc"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n" + text.replace("\n", "\n\n") + "\x1a",
        lambda text: text.replace("LTE", '"LTE"'),
        lambda text: text.split("\n", 1)[1],
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_ways_to_write_a_dump(tmp_path, change, encoding):
    rows = [row for row in make_rows(FIJI) if row[0] == "LTE"]
    text = write(tmp_path / "plain.csv", rows).read_text()
    plain = cut_dump(tmp_path / "plain.csv", SiteFilter(*FIJI, 20e3))
    (tmp_path / "other").write_bytes(gzip.compress(change(text).encode(encoding)))
    assert cut_dump(tmp_path / "other", SiteFilter(*FIJI, 20e3)).equals(plain)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",-17.", ",-97.", "column 'lat': '-97."),
        (",179.", ",nan179.", "column 'lon'"),
        ("LTE,242,", "LTE,", "13 columns where the first row has 14"),
        ("LTE,242,", "LTE,١,", "column 'mcc'"),
        (",1000,", ",1_0,", "column 'range': '1_0'"),
        ("radio,mcc", "lat,mcc", "column 'lat' occurs twice"),
        ("LTE", '"LTE', "not a row of a table"),
    ],
)
def test_a_wrong_cell_of_a_dump_is_named(tmp_path, old, new, words):
    path = write(tmp_path / "dump.csv", [row for row in make_rows(FIJI) if row[0] == "LTE"])
    text = path.read_text()
    start = 0 if old.startswith("radio") else len(text) // 2
    path.write_text(text[:start] + text[start:].replace(old, new, 1))
    with pytest.raises(SitesError, match=words) as caught:
        cut_dump(path, SiteFilter(*FIJI, 60e3))
    assert "dump.csv: line " in str(caught.value)


def test_a_stream_and_a_page_are_no_dump(tmp_path):
    choice = SiteFilter(0.0, 0.0, 1e3)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "page").write_text("<html><title>Busy</title></html>")
    (tmp_path / "long").write_bytes(b"x" * 2**21)
    for name, words in (("pipe", "stream or device"), ("page", "'Busy'"), ("long", "too long")):
        with pytest.raises(SitesError, match=words):
            cut_dump(tmp_path / name, choice)


def test_filters_act_and_the_result_is_a_site_file(tmp_path, capsys):
    path = write(tmp_path / "dump.csv", make_rows((59.91, 10.75)))
    command = ["sites", str(path), "--centre", "59.91,10.75", "--radius", "20"]

    def cut(*more):
        assert run([*command, *more, "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    everything = cut()
    for more, keep in (
        (("--radio", "LTE"), lambda row: row["radio"] == "LTE"),
        (("--operator", "242-02"), lambda row: row["net"] == 2),
        (("--min-samples", "30"), lambda row: row["samples"] >= 30),
    ):
        expected = [row for row in everything if keep(row)]
        assert 0 < len(expected) < len(everything)
        assert cut(*more) == expected
    assert cut("--count", "7") == everything[:7]
    spaced = cut("--spacing", "3000")
    assert 5 < len(spaced) < len(everything)
    places = [(row["lat"], row["lon"]) for row in spaced]
    pairs = ((a, b) for number, a in enumerate(places) for b in places[:number])
    assert min(haversine(*pair) for pair in pairs) >= 3000.0
    assert run([*command, "--out", str(tmp_path / "city.csv")]) == 0
    assert "positions are centroids" in capsys.readouterr().out
    (tmp_path / "odd.csv").write_text(path.read_text().replace("LTE", "=1+1"))
    odd = [str(tmp_path / name) for name in ("odd.csv", "odd-city.csv")]
    assert run(["sites", odd[0], *command[2:], "--out", odd[1]]) == 0
    assert "\n'=1+1," in (tmp_path / "odd-city.csv").read_text()
    sites = read_sites(tmp_path / "city.csv")
    assert sites.cell.tolist() == [row["cell"] for row in everything]


def test_wrong_dumps_are_refused_in_one_line(tmp_path):
    choice = SiteFilter(0.0, 0.0, 1e3)
    with pytest.raises(SitesError, match="no such site within 1000 m of 0, 0"):
        cut_dump(write(tmp_path / "far.csv", make_rows((50.0, 5.0))), choice)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SitesError, match="line 1: column 'lon' is missing"):
        cut_dump(tmp_path / "other.csv", choice)
    rows = [list(row) for row in make_rows((0.0, 0.0), 3)]
    rows[1][6] = "east"
    with pytest.raises(SitesError, match="line 3: column 'lon': 'east' is not allowed"):
        cut_dump(write(tmp_path / "bad.csv", rows), choice)
    with pytest.raises(SitesError, match=r"missing\.csv: cannot be read"):
        cut_dump(tmp_path / "missing.csv", choice)
    with pytest.raises(SitesError, match=r"--operator 'telenor' .allowed: MCC-NET"):
        check_operators(["telenor"])


def test_an_interrupted_command_says_stored_only_if_it_is(tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dumps, "cut_dump", interrupt)
    assert run(["sites", str(tmp_path / "dump.csv"), "--centre", "0,0"]) == 130
    assert capsys.readouterr().err == "sagin: interrupted; nothing was stored\n"
