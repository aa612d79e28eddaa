"""`sagin samples`: write sample data: a Walker constellation as TLE and OMM, and cell sites."""

from pathlib import Path
from typing import Annotated

import typer

from sagin.cli.common import make_folder, report_files

TOWN = (59.9139, 10.7522)
"""Latitude and longitude of the centre of the invented sites, degrees."""


def samples(
    folder: Annotated[
        Path, typer.Argument(help="Folder to write into; it is created if it does not exist.")
    ] = Path("samples"),
) -> None:
    """Generate sample data: walker.tle, walker.json and sites.csv.

    The files contain 144 satellites at 1000 km on 7 October 2024, and invented
    cell sites.
    """
    from datetime import UTC, datetime

    from sagin.files import write_atomically
    from sagin.orbits import Walker, constellation, write_omm, write_tle

    make_folder(folder)
    write_atomically(folder / "sites.csv", sites().encode())
    elements = constellation(
        Walker(1000.0, 70.0, planes=12, per_plane=12, phasing=1),
        datetime(2024, 10, 7, 12, tzinfo=UTC),
        name="WALKER",
    )
    write_tle(elements, folder / "walker.tle")
    write_omm(elements, folder / "walker.json", "json")
    report_files(folder / name for name in ("sites.csv", "walker.tle", "walker.json"))


def sites(count: int = 60) -> str:
    """Return invented cell sites, scattered around the centre of a town, as CSV."""
    import numpy as np

    from sagin.files import format_csv
    from sagin.places.records import COLUMNS

    generator = np.random.default_rng(0)
    north, east = generator.normal(0.0, 900.0, (2, count))
    latitude = TOWN[0] + north / 111_200
    longitude = TOWN[1] + east / (111_200 * np.cos(np.deg2rad(TOWN[0])))
    reach, seen = generator.integers(300, 3000, count), generator.integers(1, 400, count)
    places = zip(longitude, latitude, reach, seen, strict=True)
    rows = [
        ("LTE", 999, 1, 1, 1000 + row, 0, f"{x:.6f}", f"{y:.6f}", r, n, 1, 0, 0, 0)
        for row, (x, y, r, n) in enumerate(places)
    ]
    return format_csv([COLUMNS, *rows])


def register(app: typer.Typer) -> None:
    """Add the command `samples`."""
    app.command()(samples)
