"""Element files: round trips through every format, other readers as oracle, and one-line errors."""

import gzip
import io
import itertools
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sgp4 import omm
from sgp4.api import Satrec

from sagin import orbits
from sagin.errors import ElementsError, InputNotice, StoreError

from orbit_samples import ISS, OMM, changed

FIELDS = (
    "inclo",
    "nodeo",
    "ecco",
    "argpo",
    "mo",
    "no_kozai",
    "bstar",
    "ndot",
    "nddot",
    "jdsatepoch",
    "jdsatepochF",
)
EPOCH = datetime(2024, 3, 1, 6, tzinfo=UTC)


def same(one, other, rel=1e-12):
    assert (one.name, one.number, one.object_id) == (other.name, other.number, other.object_id)
    for field in FIELDS:
        assert getattr(one.satellite, field) == pytest.approx(
            getattr(other.satellite, field), rel=rel, abs=1e-11
        ), field


def samples():
    return [
        *orbits.parse_elements(ISS),
        *orbits.parse_elements(json.dumps(OMM)),
        *orbits.constellation(orbits.PRESETS["iridium"], EPOCH)[:3],
    ]


def test_tle_is_read_as_sgp4_reads_it():
    (element,) = orbits.parse_elements(ISS)
    satellite = Satrec.twoline2rv(*ISS.splitlines()[1:])
    assert (element.name, element.number, element.object_id) == ("ISS (ZARYA)", 25544, "1998-067A")
    assert element.epoch == datetime(2008, 9, 20, 12, 25, 40, 104192, tzinfo=UTC)
    assert all(getattr(element.satellite, field) == getattr(satellite, field) for field in FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        ISS.split("\n", 1)[1],
        "0 " + ISS,
        "\n# comment\n" + ISS.replace("\n", "\r\n") + "\n\n",
        "\ufeff" + ISS,
        ISS + "\x1a",
        ISS.replace("\n", "\r") + "\n\x1a",
    ],
)
def test_variants_of_tle(text, tmp_path):
    path = tmp_path / "elements"
    path.write_bytes(text.encode())
    (element,) = orbits.read_elements(path)
    assert (element.number, element.name) == (25544, "ISS (ZARYA)" if "ISS" in text else "25544")


@pytest.mark.parametrize("form", ["json", "xml", "kvn"])
def test_omm_round_trip_with_the_form_told_from_the_content(form, tmp_path):
    path = tmp_path / "elements.txt"
    orbits.write_omm(samples(), path, form)
    for one, other in zip(samples(), orbits.read_elements(path), strict=True):
        same(one, other)


def test_tle_round_trip(tmp_path):
    path = tmp_path / "elements.json"
    orbits.write_tle(samples(), path)
    for one, other in zip(samples(), orbits.read_elements(path), strict=True):
        same(one, other, rel=1e-5)
    again = tmp_path / "again"
    orbits.write_tle(orbits.read_elements(path), again)
    assert again.read_text() == path.read_text()


def test_sgp4s_own_reader_takes_the_xml_and_json_written(tmp_path):
    orbits.write_omm(samples()[:2], tmp_path / "x", "xml")
    orbits.write_omm(samples()[:2], tmp_path / "j", "json")
    theirs = list(omm.parse_xml(io.StringIO((tmp_path / "x").read_text())))
    for fields, ours in zip(
        [*theirs, *json.loads((tmp_path / "j").read_text())], samples()[:2] * 2, strict=True
    ):
        satellite = Satrec()
        omm.initialize(satellite, fields)
        assert satellite.mo == pytest.approx(ours.satellite.mo, rel=1e-14)


def test_gravity_is_selectable():
    (old,), (new,) = orbits.parse_elements(ISS, "wgs72"), orbits.parse_elements(ISS, "wgs84")
    assert (old.satellite.radiusearthkm, new.satellite.radiusearthkm) == (6378.135, 6378.137)


@pytest.mark.parametrize("number", [5, 99_999, 100_000, 148_493, 339_999])
def test_numbers_beyond_five_digits_are_written_in_alpha_5(number, tmp_path):
    (element,) = orbits.parse_elements(json.dumps({**OMM, "NORAD_CAT_ID": number}))
    orbits.write_tle([element], tmp_path / "tle")
    assert orbits.read_elements(tmp_path / "tle")[0].number == number


def test_numbers_beyond_alpha_5_pass_through_omm_and_not_through_tle(tmp_path):
    (element,) = orbits.parse_elements(json.dumps({**OMM, "NORAD_CAT_ID": 799_500_123}))
    orbits.write_omm([element], tmp_path / "omm", "kvn")
    assert orbits.read_elements(tmp_path / "omm")[0].number == 799_500_123
    with pytest.raises(ElementsError, match="799500123 doesn't fit into a TLE"):
        orbits.write_tle([element], tmp_path / "tle")


@pytest.mark.parametrize(
    "epoch",
    [
        "2022-11-06T08:04:17.18832",
        "2022-11-06T08:04:17.188320Z",
        "2022-11-06T09:04:17.188320+01:00",
        "2022-310T08:04:17.188320",
        " 2022-11-06 08:04:17.18832000 ",
    ],
)
def test_ways_to_write_an_epoch(epoch):
    (element,) = orbits.parse_elements(json.dumps([{**OMM, "EPOCH": epoch, "BSTAR": "-.21003E-4"}]))
    same(element, orbits.parse_elements(json.dumps(OMM))[0])


@pytest.mark.parametrize(
    "epoch",
    [
        *(
            "2022-11-06",
            "2023-366T08:04:17",
            "2022-W44-7T08:04:17",
            "2022-11-06T08:04",
            "20221106T080417",
        ),
        *(
            "2022-11-06\x1b08:04:17",
            "2022-11-06T08:04:17+99:00",
            "2022-11-06T08:04:1٧",
            "2022-02-30T08:04:17",
        ),
    ],
)
def test_what_is_no_epoch_of_a_message(epoch):
    with pytest.raises(ElementsError, match=r"EPOCH is .*; expected a time") as caught:
        orbits.parse_elements(json.dumps([{**OMM, "EPOCH": epoch}]))
    assert str(caught.value).isprintable()


def test_fields_of_a_users_own_may_be_there_twice():
    own = "<USER_DEFINED parameter='A'>1</USER_DEFINED><USER_DEFINED parameter='B'>2</USER_DEFINED>"
    element = orbits.parse_elements(json.dumps(OMM))[0]
    text = orbits.omm_output.to_xml([element])
    wrapped = text.replace(
        "</data>", f"<userDefinedParameters>{own}</userDefinedParameters></data>"
    )
    assert wrapped != text
    same(orbits.parse_elements(wrapped)[0], element)


def test_optional_fields_and_units_may_vary():
    kvn = "".join(
        f"{key} = {value}{' [deg]' if key == 'INCLINATION' else ''}\n"
        for key, value in OMM.items()
        if key != "OBJECT_NAME"
    )
    (element,) = orbits.parse_elements(f"CCSDS_OMM_VERS = 2.0\nCOMMENT made by hand\n\n{kvn}")
    assert element.name == "44713"
    assert element.satellite.inclo == orbits.parse_elements(json.dumps(OMM))[0].satellite.inclo


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "not UTF-16-LE text, as its first bytes say"),
        (b"\x1f\x8b\x08\x00", "packed by gzip, and damaged"),
        (b"1 \x00", "character 2 is binary"),
        (None, "cannot be read: No such file"),
    ],
)
def test_unreadable_files_are_named(content, said, tmp_path):
    path = tmp_path / "elements.tle"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ElementsError, match=said) as caught:
        orbits.read_elements(path)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ElementsError, match="cannot be read"):
        orbits.read_elements(tmp_path)
    with pytest.raises(StoreError, match="can't be written"):
        orbits.write_tle(samples(), tmp_path)


@pytest.mark.parametrize("which", [1, 2])
def test_a_character_in_a_separating_column_is_an_error(which):
    blanks = {1: (2, 9, 18, 33, 44, 53, 62, 64), 2: (2, 8, 17, 26, 34, 43, 52)}[which]
    for column, sign in itertools.product(blanks, "X.(,"):
        lines = ISS.splitlines()
        lines[which] = lines[which][: column - 1] + sign + lines[which][column:]
        expected = r"found where|expected a blank|no data but"
        with pytest.raises(ElementsError, match=expected) as caught:
            orbits.parse_elements("\n".join(lines), source="f")
        assert column == 2 or f"line {which + 1}: '{sign}' in column {column};" in str(caught.value)


@pytest.mark.parametrize(
    "form",
    [
        lambda rows: "\n".join(json.dumps(row) for row in rows),
        lambda rows: json.dumps({"data": rows, "count": 2}),
        lambda rows: json.dumps({"warnings": [], "fields": ["A"], "answer": {"data": rows}}),
        lambda rows: make_table(rows, ","),
        lambda rows: make_table(rows, ";").replace("MEAN_MOTION", "Mean_Motion"),
        lambda rows: make_table(rows, ",", '"').replace("\n", "\r\n"),
    ],
)
def test_tables_lines_and_wrapped_lists_are_read_as_the_list(form):
    rows = [OMM, {**OMM, "NORAD_CAT_ID": 100_002, "OBJECT_NAME": "", "MEAN_ANOMALY": 12.5}]
    listed, read = orbits.parse_elements(json.dumps(rows)), orbits.parse_elements(form(rows))
    for one, other in zip(listed, read, strict=True):
        same(one, other)


def make_table(rows, separator, mark=""):
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "\n".join(separator.join(f"{mark}{cell}{mark}" for cell in line) for line in lines)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("TO ALL\nRADIO AMATEURS\n\n" + ISS + "/EX\n", 3),
        (ISS + "-----\n" + ISS + "-----\n", 2),
        ("-----\n" + ISS.split("\n", 1)[1], 1),
    ],
)
def test_text_around_element_sets_is_skipped_and_counted(text, count):
    plural = "s" * (count > 1)
    with pytest.warns(InputNotice, match=f"f: {count} line{plural} of text around"):
        elements = orbits.parse_elements(text, source="f")
    assert {element.number for element in elements} == {25544}
    assert elements[0].name == ("ISS (ZARYA)" if "ISS" in text else "25544")


@pytest.mark.parametrize("field", ["BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT"])
def test_missing_drag_and_derivatives_are_zero_and_told(field):
    with pytest.warns(InputNotice, match=f"missing, so read as 0: {field} in 1 of 1"):
        (element,) = orbits.parse_elements(changed(**{field: None}))
    (zero,) = orbits.parse_elements(changed(**{field: 0}))
    same(element, zero)


@pytest.mark.parametrize(
    "fields",
    [
        {"MEAN_ELEMENT_THEORY": "TLE"},
        {"REF_FRAME": "TEMEOFDATE"},
        {"REF_FRAME": "TEME of date"},
        {"MEAN_ELEMENT_THEORY": "", "REF_FRAME": None},
    ],
)
def test_other_words_for_sgp4_and_its_frame_are_taken(fields):
    same(orbits.parse_elements(changed(**fields))[0], orbits.parse_elements(changed())[0])


@pytest.mark.parametrize(
    "pack",
    [
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("latin-1"),
        lambda text: gzip.compress(text.encode()),
    ],
)
def test_encodings_and_packed_files(pack, tmp_path):
    (tmp_path / "elements").write_bytes(pack(ISS.replace("ZARYA", "ZÄRYA")))
    assert orbits.read_elements(tmp_path / "elements")[0].name == "ISS (ZÄRYA)"


def test_names_are_shown_harmlessly():
    name = "\ud800\x1b[2J\u202e\n é"
    (element,) = orbits.parse_elements(json.dumps({**OMM, "OBJECT_NAME": name}))
    assert element.name == "\\ud800\\x1b[2J\\u202e é"
    (element,) = orbits.parse_elements(ISS.replace("ISS", "\x1b[31mX"))
    assert element.name == "\\x1b[31mX (ZARYA)"


@pytest.mark.parametrize(
    ("name", "count"), [("starlink-2023-08.tle", 4587), ("starlink-2022-11-omm.json", 300)]
)
def test_real_files(name, count, tmp_path):
    if not (folder := os.environ.get("SAGIN_REAL_DATA")):
        pytest.skip("SAGIN_REAL_DATA names no folder")
    elements = orbits.read_elements(Path(folder) / name)
    assert len(elements) == count
    orbits.write_tle(elements, tmp_path / "tle")
    for one, other in zip(elements, orbits.read_elements(tmp_path / "tle"), strict=True):
        same(one, other, rel=1e-4)
