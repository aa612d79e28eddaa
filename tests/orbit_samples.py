"""A sample element set as TLE and as OMM, and ways to change it."""

import json

ISS = """ISS (ZARYA)
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""
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


def line(which, old, new):
    lines = ISS.splitlines()
    assert old in lines[which]
    lines[which] = lines[which].replace(old, new, 1)
    return "\n".join(lines)


def changed(**fields):
    return json.dumps({key: value for key, value in {**OMM, **fields}.items() if value is not None})
