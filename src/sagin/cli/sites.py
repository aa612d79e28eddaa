"""`sagin sites`: extract the cell sites of a city from a dump."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import AsJson, print_json, print_table, report_files

LIMIT = 20
"""Number of rows of the table."""

Dump = Annotated[
    Path,
    typer.Argument(
        help=(
            "Cell sites in OpenCelliD's columns, with or without a header, plain or gzipped (.gz)."
        )
    ),
]
Centre = Annotated[
    str,
    typer.Option(
        "--centre", metavar="LAT,LON", help="Latitude and longitude of the city's centre, degrees."
    ),
]
Radius = Annotated[
    float,
    typer.Option("--radius", metavar="KM", min=0.01, max=500.0, help="Radius in kilometres."),
]
Radios = Annotated[
    list[str] | None,
    typer.Option("--radio", metavar="RADIO", help="Select a radio, such as LTE. May be repeated."),
]
Operators = Annotated[
    list[str] | None,
    typer.Option(
        "--operator",
        metavar="MCC-NET",
        help="Select a country and network code, such as 242-1. May be repeated.",
    ),
]
Samples = Annotated[
    int, typer.Option("--min-samples", min=0, help="Minimum number of measurements of a site.")
]
Spacing = Annotated[
    float,
    typer.Option(
        "--spacing", metavar="M", min=0.0, help="Minimum distance between two sites in metres."
    ),
]
Count = Annotated[
    int | None,
    typer.Option(
        "--count",
        min=1,
        help="Maximum number of sites; sites with the most measurements come first.",
    ),
]
Target = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="CSV file to write.")]


def sites(
    dump: Dump,
    *,
    centre: Centre,
    radius: Radius = 2.0,
    radio: Radios = None,
    operator: Operators = None,
    min_samples: Samples = 0,
    spacing: Spacing = 0.0,
    count: Count = None,
    out: Target = None,
    as_json: AsJson = False,
) -> None:
    """Extract the cell sites of a city from a dump of millions, for `sites.file` of a scenario.

    Positions in OpenCelliD are centroids of measurements, not towers.
    """
    from sagin.files import format_csv, write_atomically
    from sagin.orbits import parse_site
    from sagin.places.dump import SiteFilter, check_operators, cut_dump

    middle = parse_site(centre)
    choice = SiteFilter(
        middle.latitude_deg,
        middle.longitude_deg,
        radius * 1e3,
        tuple(radio or ()),
        check_operators(operator or ()),
        min_samples,
        spacing,
        count,
    )
    frame = cut_dump(dump, choice)
    if out is not None:
        write_atomically(out, format_csv([frame.columns, *frame.iter_rows()]).encode())
        report_files([out])
    if as_json:
        print_json(frame.to_dicts())
        return
    print_sites(frame, f"{len(frame)} sites within {radius:g} km of {centre}")


def print_sites(frame: Any, title: str) -> None:
    """Print the number of sites per radio and operator."""
    counts = (
        frame.group_by("radio", "mcc", "net")
        .len()
        .sort(["len", "radio", "mcc", "net"], descending=True)
    )
    rows = [
        (name, f"{mcc}-{net}", str(size)) for name, mcc, net, size in counts.head(LIMIT).iter_rows()
    ]
    note = "positions are centroids of measurements, not towers (CC BY-SA 4.0 if OpenCelliD's)"
    if len(counts) > LIMIT:
        note = f"and {len(counts) - LIMIT} more rows; {note}"
    print_table(title, ("radio", "operator", "sites"), rows, note)


def register(app: typer.Typer) -> None:
    """Add the command `sites`."""
    app.command()(sites)
