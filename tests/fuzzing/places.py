"""Targets for the inputs of a city: dumps, GeoJSON, tables, and options that name parts."""

import json
from pathlib import Path
from typing import Any

from sagin.cities.background import read_lines
from sagin.cities.target import parse_target
from sagin.cities.variants import parse_hours
from sagin.cli.gaps import parse_sizes
from sagin.cli.plan import parse_weights
from sagin.places.columns import read_columns
from sagin.places.dump import SiteFilter, check_operators, cut_dump
from sagin.places.sites import read_points

from fuzzing import oracle
from fuzzing.oracle import require
from fuzzing.target import Target

CENTRE = (60.0, 10.0)
NAMES = {"lat": ("latitude",), "lon": ("longitude", "lng"), "weight": ("density", "users")}
RANGES = {"lat": (-90.0, 90.0), "lon": (-180.0, 180.0), "weight": (0.0, 1e12)}


def make_dumps(sites: str) -> Target:
    """Return the target of dumps of cell sites."""

    def read(path: Path) -> Any:
        return cut_dump(path, SiteFilter(*CENTRE, 50e3))

    return Target([sites, sites.split("\n", 1)[1]], read, oracle.check_sites_of_dump)


def make_geojson() -> Target:
    """Return the target of points and lines in GeoJSON."""
    shapes = [
        ("Point", [9.99, 60.01], {"samples": 5, "radio": "LTE"}),
        ("LineString", [[9.98, 60.0], [10.0, 60.02, 5.0]], None),
        ("MultiPolygon", [[[[9.9, 60], [10, 60], [10, 60.1], [9.9, 60]]]], {"density": 2.5}),
    ]
    features = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": place}, "properties": about}
        for kind, place, about in shapes
    ]
    sample = json.dumps({"type": "FeatureCollection", "features": features}, indent=1)

    def read(path: Path) -> Any:
        return read_points(path), read_lines(path, CENTRE, 3000.0)

    def check(found: Any, data: bytes) -> None:
        frame, lines = found
        oracle.check_sites_of_dump(frame.sort("samples", descending=True), data)
        places = [place for line in lines for row in line.tolist() for place in row]
        # the Earth's diameter
        require(all(abs(place) < 1.3e7 for place in places), "a line beyond the Earth")

    return Target([sample], read, check)


def make_tables() -> Target:
    """Return the target of tables of points with weights."""
    sample = "lat,lon,weight,note\n60.01,9.99,3,a\n59.99,10.01,1.5e2,b\n"

    def check(table: Any, data: bytes) -> None:
        numbers = oracle.list_numbers(oracle.decode(data))
        require(len({len(column) for column in table.values()}) <= 1, "columns of several lengths")
        for name, column in table.items():
            low, high = RANGES[name]
            require(all(low <= value <= high for value in column), f"{name} out of range")
            require(set(column.tolist()) <= numbers, f"{name} is not in the file")

    return Target([sample], lambda path: read_columns(str(path), NAMES, RANGES), check)


PARSERS = {
    "target": parse_target,
    "hours": parse_hours,
    "users": parse_sizes,
    "weights": parse_weights,
    "operator": lambda text: check_operators([text]),
}


def make_options() -> Target:
    """Return the target of options with their own syntax."""
    samples = ["target unserved<1.5%", "hours 17-22,8", "users 8,10,12", "weights 1,0.5,2"]

    def read(text: str) -> Any:
        name, _, rest = text.partition(" ")
        return PARSERS[name](rest) if name in PARSERS else None

    def check(found: Any, data: bytes) -> None:
        text = data.decode("utf-8", "surrogatepass")
        require(text.isascii(), f"{text!r} as {found}")
        numbers = oracle.list_numbers(text) | oracle.list_numbers(text.replace("-", " "))
        if text.startswith("hours"):
            require(all(0 <= hour < 24 for hour in found), f"{text!r} as {found}")
        else:
            require(oracle.walk_numbers(found) <= numbers, f"{text!r} as {found}")

    return Target([*samples, "operator 242-01"], read, check, is_text=True)


def list_places(sites: str) -> dict[str, Target]:
    """List the targets of this file by name."""
    return {
        "dumps of sites": make_dumps(sites),
        "GeoJSON": make_geojson(),
        "tables of points": make_tables(),
        "options": make_options(),
    }
