"""Damaged element files: one line for each, with place, value and expectation."""

import pytest

from sagin import orbits
from sagin.errors import ElementsError

from orbit_samples import ISS, changed, line

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
    "day of no year": (
        line(1, "08264.5", "23366.5"),
        "line 3: epoch day '366.51782528' of 2023; allowed: 1 to below 366",
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
    "csv twice": ("EPOCH,MEAN_MOTION,EPOCH\n", "line 1: column 'EPOCH' occurs twice"),
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
