"""Element files: round trips through every format, other readers as oracle, and one line for
whatever is wrong.
"""

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

ISS = """ISS (ZARYA)
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""
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
OMM = {
    "OBJECT_NAME": "TEST",
    "OBJECT_ID": "2019-074A",
    "EPOCH": "2022-11-06T08:04:17.188320",
    "MEAN_MOTION": 15.06397704,
    "ECCENTRICITY": 0.0002023,
    "INCLINATION": 53.0572,
    "RA_OF_ASC_NODE": 260.5166,
    "ARG_OF_PERICENTER": 49.2569,
    "MEAN_ANOMALY": 310.8596,
    "NORAD_CAT_ID": 44713,
    "BSTAR": -2.1003e-05,
    "MEAN_MOTION_DOT": -5.95e-06,
    "MEAN_MOTION_DDOT": 0,
}
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
    ],
)
def test_ways_to_write_an_epoch(epoch):
    (element,) = orbits.parse_elements(json.dumps([{**OMM, "EPOCH": epoch, "BSTAR": "-.21003E-4"}]))
    same(element, orbits.parse_elements(json.dumps(OMM))[0])


def test_optional_fields_and_units_may_vary():
    kvn = "".join(
        f"{key} = {value}{' [deg]' if key == 'INCLINATION' else ''}\n"
        for key, value in OMM.items()
        if key != "OBJECT_NAME"
    )
    (element,) = orbits.parse_elements(f"CCSDS_OMM_VERS = 2.0\nCOMMENT made by hand\n\n{kvn}")
    assert element.name == "44713"
    assert element.satellite.inclo == orbits.parse_elements(json.dumps(OMM))[0].satellite.inclo


def line(which, old, new):
    lines = ISS.splitlines()
    assert old in lines[which]
    lines[which] = lines[which].replace(old, new, 1)
    return "\n".join(lines)


def changed(**fields):
    return json.dumps({key: value for key, value in {**OMM, **fields}.items() if value is not None})


XML = "<ndm><omm><body><segment><data>{}</data></segment></body></omm></ndm>"
BROKEN = {
    "empty": ("", "f: empty"),
    "blank": (" \n\n", "f: empty"),
    "comments": ("# nothing\n", "f: no element sets in it"),
    "prose": ("hello\nworld\n", "no data but a message: 'hello world'; expected a TLE file"),
    "name only": ("ISS\n", "no data but a message: 'ISS'"),
    "long name": ("x" * 101 + "\n" + ISS.split("\n", 1)[1], "line 2: a name of 101 characters"),
    "drag term": (
        line(1, "-11606-4", "-11606+3"),
        "line 2: drag term '-11606+3' (columns 54 to 61); allowed: -100 to 100",
    ),
    "ephemeris type": (line(1, " 0  2927", " 4  2921"), "line 2: ephemeris type '4'"),
    "no second line": ("\n".join(ISS.splitlines()[:2]), "line 2: the file ends"),
    "no first line": (ISS.splitlines()[2], "line 1: '2 25544"),
    "lines swapped": ("\n".join(reversed(ISS.splitlines()[1:])), "line 1: '2 25544"),
    "two first lines": (
        "\n".join([*ISS.splitlines()[:2], *ISS.splitlines()[1:]]),
        "line 3: '1 25544",
    ),
    "checksum": (line(1, "2927", "2928"), "line 2: checksum '8' (column 69); expected 7"),
    "checksum letter": (
        line(2, "563537", "56353x"),
        "line 3: checksum 'x' (column 69); expected 7",
    ),
    "short": (line(1, "  2927", " 2927"), "line 2: 68 characters; expected 69"),
    "long": (line(2, "563537", "5635377"), "line 3: 70 characters; expected 69"),
    "no number": (
        line(2, "0006703", "00o6703"),
        "line 3: eccentricity '00o6703' (columns 27 to 33); expected 7 digits",
    ),
    "not ascii": (
        line(2, "51.6416", "51.641６"),
        "line 3: inclination ' 51.641６' (columns 9 to 16)",
    ),
    "inclination": (
        line(2, " 51.6416", "181.6416"),
        "line 3: inclination '181.6416' (columns 9 to 16); allowed: 0 to 180",
    ),
    "mean motion": (
        line(2, "15.7212", " 0.0012"),
        "line 3: mean motion ' 0.00125391' (columns 53 to 63); allowed: 0.01 to 20",
    ),
    "day": (
        line(1, "08264.5", "08367.5"),
        "line 2: epoch day '367.51782528' (columns 21 to 32); allowed: 1 to 367",
    ),
    "numbers differ": (
        line(2, "25544  51", "25545  51").replace("563537", "563538"),
        "catalogue number '25545' differs from '25544'",
    ),
    "catalogue letter": (line(1, "25544U", "I5544U"), "line 2: catalogue number 'I5544'"),
    "binary": ("1 \0\0\0", "character 2 is binary"),
    "json cut": ('[{"OBJECT_NAME": "A"', "line 1: not valid JSON"),
    "json empty": ("[]", "no element sets"),
    "json deep": ("[" * 100_000, "not valid JSON"),
    "json of numbers": ("[1, 2]", "record 1: 1; expected an object"),
    "json missing": (changed(MEAN_MOTION=None), "record 1: field MEAN_MOTION is missing"),
    "json message": ('{"error": "log in first", "code": 401}', "no data but a message: 'log in"),
    "json text": ('"No GP data found"', "no data but a message: 'No GP data found'"),
    "json none": ('{"data": []}', "no element sets"),
    "json twice": (changed().replace("{", '{"BSTAR": 1, '), "field 'BSTAR' is given twice"),
    "json drag": (changed(BSTAR=1e308), "record 1: BSTAR is 1e+308; allowed: -100 to 100"),
    "json dot": (changed(MEAN_MOTION_DOT=-11), "MEAN_MOTION_DOT is -11; allowed: -10 to 10"),
    "json underscore": (changed(MEAN_MOTION="1_5.0"), "MEAN_MOTION is '1_5.0'; expected a number"),
    "json digits": (changed(MEAN_MOTION="١٥"), "record 1: MEAN_MOTION is '١٥'; expected a number"),
    "json long integer": ('[{"NORAD_CAT_ID": ' + "9" * 5000 + "}]", "not valid JSON"),
    "json name": (changed(OBJECT_NAME="x" * 10**6), "a name of 1000000 characters"),
    "json long epoch": (changed(EPOCH="A" * 10**6), "… (1000000 characters)"),
    "json theory": (changed(MEAN_ELEMENT_THEORY="SGP4-XP"), "THEORY is 'SGP4-XP'; expected SGP4"),
    "json extended": (changed(EPHEMERIS_TYPE=4), "EPHEMERIS_TYPE is 4, SGP4-XP's"),
    "csv twice": ("EPOCH,MEAN_MOTION,EPOCH\n", "line 1: column 'EPOCH' is there twice"),
    "csv short": ("EPOCH,MEAN_MOTION,BSTAR\n1,2\n", "line 2: 2 columns where the first row has 3"),
    "csv cut": ('EPOCH,MEAN_MOTION\n"1', "line 2: not a row of a table"),
    "html": ("<html><body>503</body></html>", "no data but a message: '503'"),
    "xml error": ("<Error><Code>NoSuchKey</Code></Error>", "no data but a message: 'NoSuchKey'"),
    "json word": (
        changed(MEAN_MOTION="fast"),
        "record 1: MEAN_MOTION is 'fast'; expected a number",
    ),
    "json nan": (
        changed(MEAN_MOTION=float("nan")),
        "record 1: MEAN_MOTION is nan; expected a number",
    ),
    "json bool": (changed(MEAN_MOTION=True), "record 1: MEAN_MOTION is true; expected a number"),
    "json range": (
        changed(ECCENTRICITY=1.5),
        "record 1: ECCENTRICITY is 1.5; allowed: 0 to 0.9999999",
    ),
    "json fraction": (
        changed(NORAD_CAT_ID=1.5),
        "record 1: NORAD_CAT_ID is 1.5; expected an integer",
    ),
    "json epoch": (changed(EPOCH="yesterday"), "record 1: EPOCH is 'yesterday'"),
    "json no epoch": (changed(EPOCH=None), "record 1: field EPOCH is missing"),
    "json old epoch": (
        changed(EPOCH="1822-11-06T08:04:17"),
        "record 1: EPOCH is '1822-11-06T08:04:17'; allowed: 1957 to 2056",
    ),
    "json frame": (changed(REF_FRAME="EME2000"), "record 1: REF_FRAME is 'EME2000'; expected TEME"),
    "xml twice": (XML.format("<BSTAR>1</BSTAR><BSTAR>2</BSTAR>"), "field 'BSTAR' is given twice"),
    "xml cut": ("<ndm><omm>", "not valid XML"),
    "xml other": ('<?xml version="1.0"?><html/>', "no element sets"),
    "xml missing": (XML.format(""), "record 1: field NORAD_CAT_ID is missing"),
    "xml entity": (
        '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>' + XML.format("&b;"),
        "line 2: '<!DOCTYPE' is not allowed",
    ),
    "kvn missing": (
        "CCSDS_OMM_VERS = 2.0\nOBJECT_NAME = A\n",
        "message at line 1: field NORAD_CAT_ID is missing",
    ),
    "kvn no equals": (
        "CCSDS_OMM_VERS = 2.0\nOBJECT_NAME A\n",
        "line 2: 'OBJECT_NAME A'; expected KEYWORD = value",
    ),
    "kvn twice": (
        "CCSDS_OMM_VERS = 2.0\nBSTAR = 1\nBSTAR = 2\n",
        "line 3: BSTAR = '2' is given twice",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_elements_get_one_line_with_place_value_and_what_is_expected(case):
    text, said = BROKEN[case]
    with pytest.raises(ElementsError) as caught:
        orbits.parse_elements(text, source="f")
    assert said in str(caught.value)
    assert str(caught.value).startswith("f")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "not UTF-16-LE text, as its first bytes say"),
        (b"\x1f\x8b\x08\x00", "packed by gzip, and damaged"),
        (b"1 \x00", "character 2 is binary"),
        (None, "can't be read: No such file"),
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
    with pytest.raises(ElementsError, match="can't be read"):
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
    with pytest.warns(InputNotice, match=f"missing: {field} in 1 of 1"):
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
